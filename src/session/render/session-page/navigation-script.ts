/** Views and filters, folds, links to entries, and the keys that walk through them. */
export const NAVIGATION_SCRIPT = String.raw`
const VIEW_KEY = 'agentwork-view';

function showView(view) {
  byId('timeline').classList.toggle('only-talk', view === 'conversation');
  for (const button of all('[data-view]')) button.setAttribute('aria-pressed', String(button.dataset.view === view));
  try { localStorage.setItem(VIEW_KEY, view); } catch { /* private mode: the view lasts as long as the page */ }
  checkNothing();
}

function toggleFilter(button, pressed = button.getAttribute('aria-pressed') !== 'true') {
  button.setAttribute('aria-pressed', String(pressed));
  const { filter } = button.dataset;
  if (filter === 'errors') {
    byId('timeline').classList.toggle('only-errors', pressed);
    if (pressed) showView('full');
  }
  else byId('timeline').classList.toggle('hide-' + filter, !pressed);
  checkNothing();
}

/** A filter that leaves nothing says so. */
function checkNothing() {
  byId('nothing').hidden = all('.entry, details.work', byId('timeline')).some((entry) => entry.checkVisibility());
}

function showEverything() {
  showView('full');
  for (const button of all('[data-filter]')) toggleFilter(button, button.dataset.filter !== 'errors');
}

addEventListener('DOMContentLoaded', () => {
  const timeline = byId('timeline');
  const help = byId('help');
  const stops = { entry: all('.entry, details.work', timeline), chapter: all('.chapter', timeline) };
  const places = { entry: new Map(stops.entry.map((stop, place) => [stop, place])), chapter: new Map(stops.chapter.map((stop, place) => [stop, place])) };

  function expandAll() {
    const folds = all('details', timeline);
    const open = folds.some((fold) => !fold.open);
    for (const fold of folds) fold.open = open;
    byId('expand').textContent = open ? 'Collapse' : 'Expand';
  }

  function openTarget() {
    // Links into session.md say msg-12.
    const name = location.hash.slice(1).replace(/^msg-/, 'entry-');
    const target = /^(entry|chapter)-\d+$/.test(name) && byId(name);
    if (target) reveal(target, 'start');
  }

  /** Where a reader is: at what has the focus, or at what lies just below the tool bar. */
  function currentPlace(kind, by) {
    const known = places[kind];
    const around = (element) => {
      for (let at = element; at && at !== timeline; at = at.parentElement) if (known.has(at)) return known.get(at);
    };
    const focused = timeline.contains(document.activeElement) ? document.activeElement : undefined;
    if (focused) return around(focused) ?? stops[kind].findIndex((stop) => focused.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING) - (by > 0 ? 1 : 0);
    const { left, width, top } = timeline.getBoundingClientRect();
    if (top > innerHeight / 2) return -1;
    for (let y = byId('toolbar').getBoundingClientRect().bottom + 24; y > 0 && y < innerHeight; y += 24) {
      const place = around(document.elementFromPoint(left + width / 2, y));
      if (place !== undefined) return place;
    }
    return -1;
  }

  function step(kind, by) {
    const list = stops[kind];
    let place = currentPlace(kind, by) + by;
    while (list[place] && !list[place].checkVisibility()) place += by;
    const next = list[place];
    if (!next) return;
    const target = next.querySelector(':scope > summary') ?? next;
    if (target.tabIndex < 0) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    reveal(target, 'start');
  }

  const KEYS = {
    j: () => step('entry', 1),
    k: () => step('entry', -1),
    ']': () => step('chapter', 1),
    '[': () => step('chapter', -1),
    e: expandAll,
    v: () => showView(timeline.classList.contains('only-talk') ? 'full' : 'conversation'),
    c: () => copyEntry(document.activeElement),
    '/': () => byId('search').focus(),
    '?': () => help.showModal(),
  };

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || event.target === byId('search')) return;
    const run = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });

  /** The chapter that is being read is marked in the list of chapters. */
  function followChapters() {
    const links = new Map(all('.chapters a').map((link) => [link.hash.slice(1), link]));
    const seen = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) {
        const link = links.get(target.id);
        if (!isIntersecting || !link) { link?.removeAttribute('aria-current'); continue; }
        link.setAttribute('aria-current', 'true');
        keepInSight(link);
      }
    }, { rootMargin: '-20% 0px -79% 0px' });
    for (const chapter of stops.chapter) seen.observe(chapter);
  }

  /** In a list that scrolls by itself, without moving the page. */
  function keepInSight(link) {
    const list = link.closest('.chapters');
    if (getComputedStyle(list).position !== 'sticky' || list.matches(':hover')) return;
    const top = link.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top > list.scrollTop + list.clientHeight - 3 * link.clientHeight) list.scrollTop = top - list.clientHeight / 3;
  }

  byId('more').addEventListener('click', ({ currentTarget }) => {
    currentTarget.setAttribute('aria-expanded', String(currentTarget.getAttribute('aria-expanded') !== 'true'));
  });
  for (const button of all('[data-filter]')) button.addEventListener('click', () => toggleFilter(button));
  for (const button of all('[data-view]')) button.addEventListener('click', () => showView(button.dataset.view));
  byId('show-everything').addEventListener('click', showEverything);
  byId('expand').addEventListener('click', expandAll);
  byId('show-help').addEventListener('click', () => help.showModal());
  try { if (localStorage.getItem(VIEW_KEY) === 'conversation' && stops.entry.some((stop) => stop.matches('.user, .assistant'))) showView('conversation'); } catch { /* as above */ }
  addEventListener('hashchange', openTarget);
  followChapters();
  openTarget();
});
`;
