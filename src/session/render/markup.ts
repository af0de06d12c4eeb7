import { escapeHtml } from './escape.ts';

const MARKUP = Symbol('markup');

/** HTML that is safe to put into a page. Only `html` and `trusted` make it, so no JSON value can pass for it. */
export interface Markup {
  readonly [MARKUP]: string;
}

export type Part = Markup | string | number | undefined | readonly Part[];

/** HTML from a template: what is filled in is escaped, unless it is markup already. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = literals[0] ?? '';
  for (let index = 0; index < parts.length; index += 1) text += partText(parts[index]) + literals[index + 1];
  return trusted(text);
}

/** Marks text as HTML. For what this program wrote itself or a renderer escaped, never for content. */
export function trusted(text: string): Markup {
  return { [MARKUP]: text };
}

export function markupText(markup: Markup): string {
  return markup[MARKUP];
}

/** The markup, unless there is nothing to show in it. */
export function when(condition: boolean, markup: () => Markup): Part {
  return condition ? markup() : undefined;
}

function partText(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part);
  if (part === undefined) return '';
  if (isList(part)) return part.map(partText).join('');
  return typeof part === 'object' ? markupText(part) : String(part);
}

const isList = (part: Part): part is readonly Part[] => Array.isArray(part);
