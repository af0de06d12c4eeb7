/** Lines of ours in a text of others, such as a hook or a crontab: between two markers, by which they are found again. */

const begin = (name: string): string => `# >>> ${name} >>>`;
const end = (name: string): string => `# <<< ${name} <<<`;

/**
 * The text with these lines in it: in the place of those of the same name, else as the first ones (but for `#!`) or the
 * last.
 */
export function withBlock(text: string, name: string, lines: readonly string[], place: 'first' | 'last'): string {
  const block = [begin(name), ...lines, end(name)];
  const { before, found, after } = split(text, name);
  if (found) return joined([...before, ...block, ...after]);
  if (place === 'last') return joined([...before, ...block]);
  const head = before[0]?.startsWith('#!') ? before.slice(0, 1) : [];
  return joined([...head, ...block, ...before.slice(head.length)]);
}

/** The text as it was without the lines of this name. */
export function withoutBlock(text: string, name: string): string {
  const { before, found, after } = split(text, name);
  return found ? joined([...before, ...after]) : text;
}

/** The lines of this name; undefined where there are none. */
export function blockIn(text: string, name: string): readonly string[] | undefined {
  return split(text, name).found;
}

/** The names of all blocks in it that have an end. */
export function blockNames(text: string): readonly string[] {
  const names = [...text.matchAll(/^# >>> (.+) >>>$/gm)].map(([, name = '']) => name);
  return names.filter((name) => blockIn(text, name));
}

/** A block without its end is none: nobody knows how far it went. */
function split(text: string, name: string) {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const first = lines.indexOf(begin(name));
  const last = first < 0 ? -1 : lines.indexOf(end(name), first);
  if (last < 0) return { before: lines, after: [] };
  return { before: lines.slice(0, first), found: lines.slice(first + 1, last), after: lines.slice(last + 1) };
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
