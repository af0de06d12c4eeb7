import { ELEMENT_SCRIPT } from '../page/element-script.ts';
import { THEME_SCRIPT } from '../page/theme-script.ts';
import { ROW_SCRIPT } from './row-script.ts';
import { VIEW_SCRIPT } from './view-script.ts';

/** What moves on the page: the tool bar, the headings, the charts, the keys. */
const CONTROLS_SCRIPT = `
  const FIRST = 60;
  const STEP = 100;
  let shown = [];
  let limit = FIRST;

  function listMore() {
    const next = shown.slice(byId('rows').rows.length, limit);
    byId('rows').append(...next.map((session) => renderRow(session, pattern)));
    const left = shown.length - byId('rows').rows.length;
    byId('more').hidden = left <= 0;
    byId('more').textContent = 'Show ' + count(Math.min(STEP, left)) + ' more of ' + count(left);
  }

  function list() {
    readSearch();
    shown = sorted(sessions.filter(isWanted));
    limit = FIRST;
    byId('rows').replaceChildren();
    listMore();
    byId('nothing').hidden = shown.length > 0;
    showView();
  }

  function showView() {
    byId('found').textContent = describeFound(shown);
    byId('clear').hidden = !FILTERS.some((key) => view[key] !== '');
    for (const key of FILTERS) {
      const control = byId(key === 'q' ? 'search' : key);
      if (control.tagName === 'SELECT' && ![...control.options].some((option) => option.value === view[key])) addOption(control, view[key], view[key]);
      if (control.value !== view[key]) control.value = view[key];
      control.classList.toggle('set', view[key] !== '');
    }
    for (const button of all('[data-sort]')) {
      const heading = button.parentElement;
      if (button.dataset.sort === view.sort) heading.setAttribute('aria-sort', view.dir === 'asc' ? 'ascending' : 'descending');
      else heading.removeAttribute('aria-sort');
    }
    for (const chart of all('[data-chart]')) markChart(chart);
  }

  function markChart(chart) {
    let isAny = false;
    for (const link of all('a.by', chart)) {
      const isOn = isCurrent(link.params ??= paramsOf(link));
      if (isOn) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
      isAny ||= isOn;
    }
    chart.classList.toggle('narrowed', isAny);
  }

  function addOption(select, value, text) {
    const option = make('option', '', text);
    option.value = value;
    select.append(option);
  }

  function change(changes, isStep) {
    Object.assign(view, changes);
    remember(isStep);
    list();
  }

  function follow(link) {
    const params = link.params ??= paramsOf(link);
    const wanted = Object.fromEntries(params);
    const isOn = isCurrent(params);
    change(Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, isOn ? '' : value])), true);
  }

  function sortBy(key) {
    const first = key === 'session' || key === 'who' || key === 'outcome' ? 'asc' : 'desc';
    const dir = view.sort !== key ? first : view.dir === 'asc' ? 'desc' : 'asc';
    change({ sort: key, dir }, true);
  }

  function step(by) {
    const titles = all('#rows a.title');
    const row = document.activeElement.closest('#rows tr');
    const at = row ? titles.indexOf(row.querySelector('a.title')) + by : 0;
    titles[Math.max(0, Math.min(titles.length - 1, at))]?.focus();
  }

  for (const name of people.filter(Boolean).toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))) addOption(byId('who'), name, name);
  for (const state of states.filter((state) => sessions.some(({ outcome }) => outcome === state))) addOption(byId('outcome'), state, stateName(state));
  for (const topic of frequentTopics()) addOption(byId('topic'), topic, topic);

  let waiting;
  byId('search').addEventListener('input', (event) => {
    // What is found has to be seen: at first the charts stand above it.
    const bar = event.target.closest('.toolbar');
    if (bar.getBoundingClientRect().top > innerHeight / 3) bar.scrollIntoView({ block: 'start' });
    clearTimeout(waiting);
    waiting = setTimeout(() => change({ q: event.target.value.trim() }), 60);
  });
  for (const key of ['who', 'outcome', 'topic', 'from', 'to']) byId(key).addEventListener('change', (event) => change({ [key]: event.target.value }, true));
  byId('clear').addEventListener('click', () => { change(Object.fromEntries(FILTERS.map((key) => [key, ''])), true); byId('search').focus(); });
  byId('more').addEventListener('click', () => {
    const before = byId('rows').rows.length;
    limit += STEP;
    listMore();
    byId('rows').rows[before]?.querySelector('a.title')?.focus({ preventScroll: true });
  });
  for (const button of all('[data-sort]')) button.addEventListener('click', () => sortBy(button.dataset.sort));
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a.by');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow(link);
  });

  // One stop of the Tab key for all columns of the chart; the arrows go on from there.
  const columns = all('.bars a.by');
  columns.forEach((link, index) => link.setAttribute('tabindex', index === columns.length - 1 ? '0' : '-1'));
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = columns.indexOf(document.activeElement);
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (at !== -1 && by) {
      event.preventDefault();
      const next = columns[Math.max(0, Math.min(columns.length - 1, at + by))];
      columns[at].setAttribute('tabindex', '-1');
      next.setAttribute('tabindex', '0');
      next.focus();
    }
    if (event.key === 'Escape' && event.target === byId('search')) { byId('search').value = ''; change({ q: '' }); }
    if (event.target.closest?.('input, select')) return;
    if (event.key === 'j' || event.key === 'k') step(event.key === 'j' ? 1 : -1);
    if (event.key === '/') { event.preventDefault(); byId('search').focus(); }
  });
  addEventListener('hashchange', () => { if (readView()) list(); });
  readView();
  list();
`;

/**
 * The one script of the page; its hash stands in the page's policy. It lists, sorts and searches what stands in the
 * data block, and makes elements and texts of it, never HTML.
 */
export const LEDGER_SCRIPT = `${THEME_SCRIPT}${ELEMENT_SCRIPT}
addEventListener('DOMContentLoaded', () => {${ROW_SCRIPT}${VIEW_SCRIPT}${CONTROLS_SCRIPT}});
`;
