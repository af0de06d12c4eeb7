/**
 * Search over all that the timeline says, also what is folded. The text is read once, when the browser has nothing else to do, as one string
 * in which a place is found by its offset; only the matches around the current one are painted.
 */
export const SEARCH_SCRIPT = String.raw`
addEventListener('DOMContentLoaded', () => {
  const INLINE = new Set(['A', 'B', 'CODE', 'DEL', 'EM', 'I', 'INS', 'Q', 'S', 'SPAN', 'STRONG', 'TIME', 'U']);
  const SHORTEST = 2;
  const PAINTED = 300;
  const WAIT_MS = 60;
  const search = byId('search');
  const highlights = globalThis.CSS && CSS.highlights;
  let index;
  let length = 0;
  let found = [];
  let current = -1;
  let opened = [];
  let waiting;

  /** As many letters as before: one that would become two stays as it is. */
  function lowered(text) {
    const lower = text.toLowerCase();
    if (lower.length === text.length) return lower;
    return text.replace(/./gsu, (letter) => letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter);
  }

  function blockOf(node) {
    let block = node.parentElement;
    while (INLINE.has(block.tagName)) block = block.parentElement;
    return block;
  }

  /** Words do not run from one block into the next; a letter that changes its length is found as it is written. */
  function readText() {
    const nodes = [], starts = [], parts = [];
    let size = 0, last;
    const walker = document.createTreeWalker(byId('entries'), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.className === 'copy') continue;
      const block = blockOf(node);
      if (last && block !== last) { parts.push('\n'); size += 1; }
      last = block;
      nodes.push(node);
      starts.push(size);
      parts.push(lowered(node.data));
      size += node.data.length;
    }
    return { nodes, starts, text: parts.join('') };
  }

  function findAll(words) {
    const places = [];
    for (let at = index.text.indexOf(words); at !== -1; at = index.text.indexOf(words, at + words.length)) places.push(at);
    return places;
  }

  function nodeAt(offset) {
    let low = 0, high = index.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (index.starts[middle] <= offset) low = middle; else high = middle - 1;
    }
    return low;
  }

  function rangeAt(offset) {
    const range = new Range();
    const [from, to] = [nodeAt(offset), nodeAt(offset + length - 1)];
    range.setStart(index.nodes[from], offset - index.starts[from]);
    range.setEnd(index.nodes[to], offset + length - index.starts[to]);
    return range;
  }

  function clearSearch() {
    if (highlights) highlights.clear();
    for (const fold of all('details.found')) fold.classList.remove('found');
    for (const fold of opened) if (!fold.contains(document.activeElement)) fold.open = false;
    [found, current, opened] = [[], -1, []];
  }

  function runSearch() {
    clearSearch();
    const words = lowered(search.value.trim());
    length = words.length;
    index ??= readText();
    if (length >= SHORTEST) found = findAll(words);
    if (found.length > 0) showMatch(0);
    else showCount();
  }

  function showMatch(place) {
    current = (place + found.length) % found.length;
    const range = rangeAt(found[current]);
    const element = range.startContainer.parentElement;
    opened.push(...reveal(element, 'center'));
    paint(range);
    showCount();
  }

  /** Where a browser cannot paint ranges, it can at least select the one that is meant. */
  function paint(range) {
    const near = found.slice(Math.max(0, current - PAINTED), current + PAINTED).map(rangeAt);
    for (const { startContainer } of near) closedAround(startContainer.parentElement).at(-1)?.classList.add('found');
    if (!highlights) return getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    highlights.set('found', new Highlight(...near));
    highlights.set('current', new Highlight(range));
  }

  function showCount() {
    const said = found.length === 0 ? 'no match' + (index.text.includes('in raw.jsonl') ? ' in what is shown' : '') : count(current + 1) + ' of ' + count(found.length);
    byId('matches').textContent = length < SHORTEST ? '' : said;
    for (const name of ['previous', 'next']) byId(name).disabled = found.length === 0;
  }

  const goOn = (by) => { if (found.length > 0) showMatch(current + by); };
  const prepare = () => { index ??= readText(); };
  search.addEventListener('focus', prepare);
  addEventListener('load', () => (globalThis.requestIdleCallback ?? setTimeout)(prepare));
  search.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(runSearch, WAIT_MS); });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') goOn(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') { search.value = ''; runSearch(); search.blur(); }
  });
  byId('previous').addEventListener('click', () => goOn(-1));
  byId('next').addEventListener('click', () => goOn(1));
});
`;
