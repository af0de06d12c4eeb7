/** The data of the page, and a row of the list made of it: the same that `renderRow` makes where there are no scripts. */
export const ROW_SCRIPT = `
  const stateName = (state) => state[0].toUpperCase() + state.slice(1);

  const { base, states, rows, people, topics, files } = JSON.parse(byId('data').textContent);
  byId('data').remove();
  const sessions = rows.map(readRow);

  function readRow([name, link, title, summary, state, who, time, topicNumbers, fileNumbers, moreFiles, tokens, cost, notes]) {
    return {
      name, summary, moreFiles, tokens, cost,
      href: link === 0 ? '' : base + (link === 1 ? name : link) + '/session.html',
      title: title === 0 ? name : title,
      outcome: states[state],
      rank: state,
      who: people[who],
      time: time || '',
      topics: topicNumbers.map((number) => topics[number]),
      files: fileNumbers.map((number) => files[number]),
      notes: notes || [],
    };
  }

  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  function marked(text, pattern) {
    const parts = [];
    let from = 0;
    for (const match of pattern ? text.matchAll(pattern) : []) {
      parts.push(text.slice(from, match.index), make('mark', '', match[0]));
      from = match.index + match[0].length;
    }
    return [...parts, text.slice(from)].filter((part) => part !== '');
  }

  function filterLink(key, value, pattern) {
    const link = make('a', 'by', ...marked(value, pattern));
    link.href = '#' + key + '=' + encodeURIComponent(value);
    link.tabIndex = -1;
    return link;
  }

  const GIST = 260;
  const BEFORE_HIT = 90;

  function gistOf(text, pattern) {
    const hit = pattern ? text.search(pattern) : -1;
    const from = hit > GIST - 60 ? text.indexOf(' ', hit - BEFORE_HIT) + 1 : 0;
    return (from > 0 ? '… ' : '') + text.slice(from, from + GIST) + (from + GIST < text.length ? '…' : '');
  }

  function renderPlaces(session, pattern) {
    if (!pattern) return [];
    const places = [session.name, ...session.files].filter((place) => place !== session.title && place.search(pattern) !== -1);
    if (places.length === 0) return [];
    const more = places.length - 3;
    return [make('p', 'places', ...places.slice(0, 3).map((place) => make('code', '', ...marked(place, pattern))), ...(more > 0 ? ['and ' + count(more) + ' more'] : []))];
  }

  function renderTopics(session, pattern) {
    if (session.topics.length === 0) return [];
    const isHit = (topic) => pattern !== undefined && topic.search(pattern) !== -1;
    const hits = session.topics.filter(isHit);
    const shown = [...hits, ...session.topics.filter((topic) => !isHit(topic))].slice(0, 5);
    return [make('ul', 'topics', ...shown.map((topic) => make('li', '', filterLink('topic', topic, pattern))))];
  }

  function renderRow(session, pattern) {
    const title = make(session.href ? 'a' : 'span', 'title', ...marked(session.title, pattern));
    if (session.href) title.href = session.href;
    const heading = make('th', 'of-session', title);
    heading.scope = 'row';
    heading.setAttribute('role', 'rowheader');
    if (session.summary) heading.append(make('p', 'gist', ...marked(gistOf(session.summary, pattern), pattern)));
    heading.append(...renderPlaces(session, pattern), ...session.notes.map((note) => make('p', 'trouble', note)), ...renderTopics(session, pattern));
    const time = make('time', '', session.time);
    time.dateTime = session.time.replace(' ', 'T') + 'Z';
    const cells = [
      ['who', session.who && filterLink('who', session.who, pattern)],
      ['when', session.time && time],
      ['outcome', make('span', 'badge ' + session.outcome, stateName(session.outcome))],
      ['tokens', session.tokens !== null && shortTokens(session.tokens)],
      ['cost', session.cost !== null && shortCost(session.cost)],
    ].map(([kind, content]) => {
      const cell = make('td', 'of-' + kind, ...(content ? [content] : []));
      cell.setAttribute('role', 'cell');
      return cell;
    });
    if (session.tokens !== null) cells[3].append(make('span', 'unit', ' tokens'));
    const row = make('tr', '', heading, ...cells);
    row.setAttribute('role', 'row');
    return row;
  }

  function shortTokens(number) {
    const unit = number < 999.5 ? 0 : number < 999.5e3 ? 1 : number < 999.5e6 ? 2 : 3;
    const value = number / 1000 ** unit;
    return unit === 0 ? count(Math.round(value)) : value.toFixed(value < 99.95 ? 1 : 0) + ' kMG'[unit];
  }

  const shortCost = (usd) => '$' + (usd >= 1000 ? count(Math.round(usd)) : usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2));
`;
