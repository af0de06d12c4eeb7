import type { Nodes, PhrasingContent, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/** Markdown as a parser other than ours reads it, with everything that GitHub adds: tables, footnotes, bare addresses. */
export function parseGithub(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: AS_WRITTEN });
}

/** Without the second look for addresses, at the text as it is shown: GitHub has it for mail only. */
const AS_WRITTEN = gfmFromMarkdown().map(({ transforms: _, ...extension }) => extension);

/** A node and everything in it, in the order of the text. */
export function* nodesOf(node: Nodes): Generator<Nodes> {
  yield node;
  if ('children' in node) for (const child of node.children) yield* nodesOf(child);
}

/** The text that a reader sees: breaks are line ends, tags are nothing. */
export function shownText(node: Nodes): string {
  if (node.type === 'break') return '\n';
  if (node.type === 'html') return '';
  if ('value' in node) return node.value;
  if (!('children' in node)) return '';
  const separator = node.children.some(({ type }) => type === 'paragraph') ? '\n\n' : '';
  return node.children.map(shownText).join(separator);
}

export interface ReadEntry {
  readonly anchor: string;
  readonly heading: string;
  readonly body: readonly RootContent[];
}

export interface ReadSession {
  readonly head: readonly RootContent[];
  readonly entries: readonly ReadEntry[];
}

/** `session.md` as it reads: an entry begins with a paragraph that is nothing but an anchor, and a heading of level 3. */
export function readSession(markdown: string): ReadSession {
  const { children } = parseGithub(markdown);
  const starts = children.flatMap((node, index) => (anchorOf(node) === undefined ? [] : [index]));
  const entries = starts.map((start, index) => {
    const [anchor, heading, ...body] = children.slice(start, starts[index + 1]);
    if (!anchor || heading?.type !== 'heading' || heading.depth !== 3) throw new Error('an anchor without its heading');
    return { anchor: anchorOf(anchor) ?? '', heading: shownText(heading), body };
  });
  return { head: children.slice(0, starts[0]), entries };
}

const ANCHOR = /^<a id="(msg-\d+)">$/;

function anchorOf(node: RootContent): string | undefined {
  if (node.type !== 'paragraph' || node.children.length !== 2) return undefined;
  const [open, close] = node.children as readonly PhrasingContent[];
  return open?.type === 'html' && close?.type === 'html' && close.value === '</a>'
    ? ANCHOR.exec(open.value)?.[1]
    : undefined;
}

/** The cells of every table, row by row. */
export function tablesOf(root: Root): readonly (readonly (readonly string[])[])[] {
  return [...nodesOf(root)].flatMap((node) =>
    node.type === 'table' ? [node.children.map((row) => row.children.map(shownText))] : [],
  );
}

export function linksOf(root: Root): readonly string[] {
  return [...nodesOf(root)].flatMap((node) => (node.type === 'link' ? [node.url] : []));
}

/** How deep the folds go, node by node; throws at one that is closed and was not open, or left open. */
export function foldDepth(root: Root): number {
  let [depth, deepest] = [0, 0];
  for (const node of nodesOf(root)) {
    if (node.type !== 'html') continue;
    if (/^<details\b/.test(node.value)) depth += 1;
    if (node.value === '</details>') depth -= 1;
    if (depth < 0) throw new Error('a fold is closed that was not open');
    deepest = Math.max(deepest, depth);
  }
  if (depth !== 0) throw new Error('a fold is left open');
  return deepest;
}
