import { THEME_SCRIPT } from '../page/theme-script.ts';

/**
 * The one script of the page; its hash stands in the page's policy. It only adds comfort: without it every word is
 * there and every fold opens. It never makes HTML from text.
 */
export const PAGE_SCRIPT =
  THEME_SCRIPT +
  String.raw`
addEventListener('DOMContentLoaded', () => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const timeline = byId('timeline');
  const search = byId('search');

  function expandAll() {
    const folds = all('details', timeline);
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open;
    byId('expand').textContent = open ? 'Collapse all' : 'Expand all';
  }

  function openAround(element) {
    for (let fold = element.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
  }

  function openTarget() {
    const target = /^#(entry|chapter)-\d+$/.test(location.hash) && byId(location.hash.slice(1));
    if (!target) return;
    openAround(target);
    target.scrollIntoView();
  }

  function step(selector, by) {
    const stops = all(selector, timeline).filter((stop) => stop.checkVisibility());
    const line = 90; // the tool bar ends about here
    const focused = stops.findIndex((stop) => stop === document.activeElement || stop.querySelector(':scope > summary') === document.activeElement);
    const reached = stops.findLastIndex((stop) => stop.getBoundingClientRect().top <= line);
    const from = focused !== -1 ? focused : by > 0 ? reached : reached + 1;
    const next = stops[Math.max(0, Math.min(stops.length - 1, from + by))];
    if (!next) return;
    (next.querySelector(':scope > summary') ?? next).focus({ preventScroll: true });
    next.scrollIntoView({ block: 'start' });
  }

  function toggleFilter(button) {
    const pressed = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(pressed));
    if (button.dataset.filter === 'errors') timeline.classList.toggle('only-errors', pressed);
    else timeline.classList.toggle('hide-' + button.dataset.filter, !pressed);
  }

  const LIMIT = 2000;
  const highlights = globalThis.CSS && CSS.highlights;
  let found = [];
  let current = -1;
  let opened = [];

  function clearSearch() {
    if (highlights) highlights.clear();
    for (const mark of all('mark', timeline)) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    }
    for (const fold of opened) fold.open = false;
    found = [];
    current = -1;
    opened = [];
  }

  function findRanges(words) {
    const pattern = new RegExp(words.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&'), 'giu');
    const walker = document.createTreeWalker(timeline, NodeFilter.SHOW_TEXT);
    const ranges = [];
    for (let node = walker.nextNode(); node && ranges.length < LIMIT; node = walker.nextNode()) {
      for (const match of node.data.matchAll(pattern)) {
        const range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        ranges.push(range);
      }
    }
    return ranges;
  }

  function paint(ranges) {
    if (highlights) return highlights.set('found', new Highlight(...ranges));
    for (const range of ranges.toReversed()) range.surroundContents(document.createElement('mark'));
  }

  function runSearch() {
    clearSearch();
    const words = search.value.trim();
    if (words.length < 2) return showCount();
    found = findRanges(words);
    const places = new Set(found.map((range) => range.startContainer.parentElement));
    const folds = new Set([...places].flatMap(closedAround));
    for (const fold of folds) fold.open = true;
    opened = [...folds];
    paint(found);
    showCount();
    if (found.length > 0) showMatch(0);
  }

  function closedAround(element) {
    const folds = [];
    for (let fold = element.closest('details'); fold; fold = fold.parentElement.closest('details')) {
      const isTitle = fold.querySelector(':scope > summary').contains(element);
      if (!fold.open && !isTitle) folds.push(fold);
    }
    return folds;
  }

  function showMatch(index) {
    current = (index + found.length) % found.length;
    const range = found[current];
    if (highlights) highlights.set('current', new Highlight(range));
    const place = range.startContainer.parentElement ?? range.startContainer;
    place.scrollIntoView({ block: 'center' });
    showCount();
  }

  function showCount() {
    const total = found.length >= LIMIT ? LIMIT + '+' : found.length;
    byId('matches').textContent = search.value.trim().length < 2 ? '' : found.length === 0 ? 'no match' : current + 1 + ' of ' + total;
  }

  const help = byId('help');
  const KEYS = {
    j: () => step('.entry', 1),
    k: () => step('.entry', -1),
    ']': () => step('.chapter', 1),
    '[': () => step('.chapter', -1),
    e: expandAll,
    '/': () => search.focus(),
    '?': () => help.showModal(),
  };

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || event.target === search) return;
    const run = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });

  let waiting;
  search.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(runSearch, 150); });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && found.length > 0) showMatch(current + (event.shiftKey ? -1 : 1));
    if (event.key === 'Escape') { search.value = ''; runSearch(); search.blur(); }
  });
  for (const button of all('[data-filter]')) button.addEventListener('click', () => toggleFilter(button));
  byId('expand').addEventListener('click', expandAll);
  byId('show-help').addEventListener('click', () => help.showModal());
  addEventListener('hashchange', openTarget);
  openTarget();
});
`;
