/** More than this is no longer seen at a glance; the source says it better. */
const MAX_ARROWS = 40;
const MAX_WIDTH = 100;
const MAX_STATEMENT = 500;

interface Arrow {
  readonly from: string;
  readonly to: string;
  /** `-->`, or `-- yes -->` with its label. */
  readonly mark: string;
}

interface Flowchart {
  /** Label by id, in the order of the source. */
  readonly labels: ReadonlyMap<string, string>;
  readonly arrows: readonly Arrow[];
}

/**
 * A simple Mermaid flowchart as a tree of plain text that has each of its arrows once. Undefined where that cannot be had:
 * of another kind of diagram, of one with groups or with anything else that is not known here, of a big one.
 */
export function flowchartText(source: string): string | undefined {
  const chart = parseFlowchart(source);
  if (chart === undefined || chart.arrows.length === 0 || chart.arrows.length > MAX_ARROWS) return undefined;
  const drawing = drawTrees(chart);
  return drawing.some((line) => line.length > MAX_WIDTH) ? undefined : drawing.join('\n');
}

function parseFlowchart(source: string): Flowchart | undefined {
  const [head = '', ...statements] = source
    .replace(/^\s*---\n[\s\S]*?\n---\n/, '')
    .split(/[\n;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('%%'));
  if (!/^(?:graph|flowchart)(?:\s+(?:TD|TB|BT|LR|RL))?$/.test(head)) return undefined;
  if (statements.some(({ length }) => length > MAX_STATEMENT)) return undefined;
  const labels = new Map<string, string>();
  const arrows: Arrow[] = [];
  for (const statement of statements.filter((line) => !ONLY_LOOKS.test(line)))
    if (!readStatement(statement, labels, arrows)) return undefined;
  return { labels, arrows };
}

const ONLY_LOOKS = /^(?:style|classDef|class|linkStyle|click)\s/;
const KEYWORD = /^(?:subgraph|end|direction)$/;

const NODE =
  /\s*([\p{L}\p{N}_]+(?:-[\p{L}\p{N}_]+)*)(?:(\[\[|\[\(|\[\/|\[|\(\(|\(\[|\(|\{\{|\{|>)(?:\s*"([^"]*)"\s*|([^"[\](){}|<>]*(?:<br\s?\/?>[^"[\](){}|<>]*)*))(?:\]\]|\)\]|\/\]|\]\)|\]|\)\)|\)|\}\}|\}))?(?::::\w+)?\s*/uy;
const ARROW =
  /(-->|---|-\.->|-\.-|==>|===)(?:\s*\|([^|]*)\|)?|(--|==|-\.)\s+([^\s|"<>-][^|"<>]*?)\s+(-->|---|==>|===|\.->)/y;

/** `a --> b[Label] --> c`; false when there is more in it than that. */
function readStatement(statement: string, labels: Map<string, string>, arrows: Arrow[]): boolean {
  let [at, from, mark] = [0, undefined as string | undefined, ''];
  for (;;) {
    const node = matchAt(NODE, statement, at);
    const id = node?.[1];
    if (node === undefined || id === undefined || KEYWORD.test(id)) return false;
    const label = plainLabel(node[3] ?? node[4] ?? '');
    if (label !== '' || !labels.has(id)) labels.set(id, label || id);
    if (from !== undefined) arrows.push({ from, to: id, mark });
    at += node[0].length;
    if (at === statement.length) return true;
    const arrow = matchAt(ARROW, statement, at);
    if (arrow === undefined) return false;
    [from, mark] = [id, arrowMark(arrow)];
    at += arrow[0].length;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function arrowMark([, arrow = '', label = '', begin = '', text = '', end = '']: RegExpExecArray): string {
  const words = plainLabel(label || text);
  const [tail, head] = begin === '' ? [arrow.slice(0, 2), arrow] : [begin, end.startsWith('.') ? `-${end}` : end];
  return words === '' ? head : `${tail} ${words} ${head}`;
}

const plainLabel = (label: string): string =>
  label
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/<\/?\w+>/g, '')
    .replace(/^"|"$/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** A tree from every node that no arrow leads to, then from those that only a circle leads to. */
function drawTrees(chart: Flowchart): readonly string[] {
  const targets = new Set(chart.arrows.map(({ to }) => to));
  const sources = new Set(chart.arrows.map(({ from }) => from));
  const ids = [...chart.labels.keys()];
  const isRoot = (id: string): boolean => !targets.has(id);
  const inOrder = [
    ...ids.filter((id) => isRoot(id) && sources.has(id)),
    ...ids.filter((id) => sources.has(id)),
    ...ids.filter(isRoot),
  ];
  const drawn = new Set<string>();
  const lines: string[] = [];
  for (const id of inOrder) {
    if (drawn.has(id)) continue;
    lines.push(...(lines.length > 0 ? [''] : []), chart.labels.get(id) ?? id, ...drawArrows(chart, id, '', drawn));
  }
  return lines;
}

function drawArrows(chart: Flowchart, from: string, indent: string, drawn: Set<string>): readonly string[] {
  drawn.add(from);
  const arrows = chart.arrows.filter((arrow) => arrow.from === from);
  return arrows.flatMap(({ to, mark }, index) => {
    const isLast = index === arrows.length - 1;
    const line = `${indent}${isLast ? '`' : '|'}${mark} ${chart.labels.get(to)}`;
    if (drawn.has(to)) return [`${line} (above)`];
    return [line, ...drawArrows(chart, to, `${indent}${isLast ? ' ' : '|'}   `, drawn)];
  });
}
