/** Which sessions are wanted and in which order, and how that is kept in the address of the page. */
export const VIEW_SCRIPT = String.raw`
  const FILTERS = ['q', 'who', 'outcome', 'topic', 'from', 'to'];
  const DEFAULTS = { q: '', who: '', outcome: '', topic: '', from: '', to: '', sort: 'when', dir: 'desc' };
  const view = { ...DEFAULTS };

  const SORT_KEYS = {
    session: (session) => session.title.toLowerCase(),
    who: (session) => session.who.toLowerCase() || null,
    when: (session) => session.time || null,
    outcome: (session) => session.rank,
    tokens: (session) => session.tokens,
    cost: (session) => session.cost,
  };

  const paramsOf = (link) => new URLSearchParams(link.getAttribute('href').slice(1));

  function readView() {
    const params = new URLSearchParams(location.hash.slice(1));
    const isView = Object.keys(DEFAULTS).some((key) => params.has(key));
    if (location.hash.length > 1 && !isView) return false;
    for (const key of Object.keys(DEFAULTS)) view[key] = params.get(key) ?? DEFAULTS[key];
    for (const key of ['from', 'to']) if (!/^\d{4}-\d\d-\d\d$/.test(view[key])) view[key] = '';
    if (!Object.hasOwn(SORT_KEYS, view.sort)) view.sort = DEFAULTS.sort;
    if (view.dir !== 'asc') view.dir = 'desc';
    return true;
  }

  // A step can be gone back to; while somebody types, the address only follows.
  function remember(isStep) {
    const isSorted = view.sort !== DEFAULTS.sort || view.dir !== DEFAULTS.dir;
    const kept = Object.entries(view).filter(([key, value]) => (key === 'sort' || key === 'dir' ? isSorted : value !== ''));
    const address = location.href.split('#')[0] + '#' + new URLSearchParams(kept);
    if (isStep) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  }

  function isCurrent(params) {
    if (!params.has('from')) return [...params].every(([key, value]) => view[key] === value);
    if (view.from === '' && view.to === '') return false;
    return (view.from === '' || params.get('from') >= view.from) && (view.to === '' || params.get('to') <= view.to);
  }

  let words = [];
  let pattern;

  function readSearch() {
    words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
    const literal = words.map((word) => word.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&'));
    pattern = words.length > 0 ? new RegExp(literal.join('|'), 'giu') : undefined;
  }

  const haystack = (session) => (session.text ??= [session.title, session.summary, session.who, session.name, ...session.topics, ...session.files].join('\n').toLowerCase());

  function isWanted(session) {
    if (view.who !== '' && session.who !== view.who) return false;
    if (view.outcome !== '' && session.outcome !== view.outcome) return false;
    if (view.topic !== '' && !session.topics.includes(view.topic)) return false;
    const day = session.time.slice(0, 10);
    if (view.from !== '' && (day === '' || day < view.from)) return false;
    if (view.to !== '' && (day === '' || day > view.to)) return false;
    return words.every((word) => haystack(session).includes(word));
  }

  function sorted(wanted) {
    if (view.sort === 'when' && view.dir === 'desc') return wanted;
    const keyed = wanted.map((session) => [SORT_KEYS[view.sort](session), session]);
    const sign = view.dir === 'asc' ? 1 : -1;
    keyed.sort(([a], [b]) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -sign : sign));
    return keyed.map(([, session]) => session);
  }

  function countHits(found) {
    let hits = 0;
    for (const session of found) {
      for (const word of words) for (let at = haystack(session).indexOf(word); at !== -1; at = haystack(session).indexOf(word, at + word.length)) hits += 1;
    }
    return hits;
  }

  const total = (found, key) => found.reduce((sum, session) => sum + (session[key] ?? 0), 0);
  const plural = (number, noun) => count(number) + ' ' + noun + (number === 1 ? '' : 's');

  function describeFound(found) {
    const isAll = found.length === sessions.length;
    const parts = [isAll ? plural(found.length, 'session') : count(found.length) + ' of ' + plural(sessions.length, 'session')];
    if (words.length > 0) parts.push(plural(countHits(found), 'hit'));
    const [tokens, cost] = [total(found, 'tokens'), total(found, 'cost')];
    if (!isAll && tokens > 0) parts.push(shortTokens(tokens) + ' tokens');
    if (!isAll && cost > 0) parts.push(shortCost(cost));
    return parts.join(' · ');
  }

  const MOST_TOPICS = 300;

  function frequentTopics() {
    const counts = new Map();
    for (const session of sessions) for (const topic of session.topics) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_TOPICS).map(([topic]) => topic);
    return most.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  }
`;
