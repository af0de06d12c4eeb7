import type { Emitter } from 'highlight.js';
import { escapeText } from '../escape.ts';

/** The elements of the colours, as short as there are: a page of two thousand entries has twenty thousand of them. */
const TAGS = {
  keyword: ['<i>', '</i>'],
  name: ['<u>', '</u>'],
  title: ['<b>', '</b>'],
  string: ['<em>', '</em>'],
  comment: ['<i class=c>', '</i>'],
  deletion: ['<i class=d>', '</i>'],
} as const;

type Colour = keyof typeof TAGS;

const SCOPES: Readonly<Record<Colour, string>> = {
  keyword: 'keyword selector-tag literal type built_in',
  name: 'number symbol variable template-variable attr',
  string: 'string regexp addition attribute',
  title: 'title section name',
  comment: 'comment quote meta',
  deletion: 'deletion',
};

const COLOUR_OF_SCOPE: ReadonlyMap<string, Colour> = new Map(
  Object.entries(SCOPES).flatMap(([colour, scopes]) => scopes.split(' ').map((scope) => [scope, colour as Colour])),
);

export const CODE_STYLE = `:root code > :is(i, u, b, em) { font: inherit; text-decoration: none; }
:root code > i { color: light-dark(#7a3ea8, #d2a8ff); }
:root code > u { color: light-dark(#8a4b08, #f0b676); }
:root code > b { color: light-dark(#2c4fb8, #9fb4ff); }
:root code > em { color: light-dark(#1d6b3f, #8fd8ac); }
:root code > i.c { color: light-dark(#62656c, #979ca6); font-style: italic; }
:root code > i.d { color: var(--bad); }
`;

/**
 * Writes what the highlighter finds: neighbours of one colour become one element, and no element stands within another.
 * The text must have been made visible before.
 */
export class ColourWriter implements Emitter {
  readonly #colours: (Colour | undefined)[] = [];
  #written: Colour | undefined;
  #html = '';

  startScope(scope: string): void {
    this.#colours.push(COLOUR_OF_SCOPE.get(scope.split('.', 1)[0] ?? '') ?? this.#colours.at(-1));
  }

  endScope(): void {
    this.#colours.pop();
  }

  /** The highlighter's own names for the two above. */
  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  addText(text: string): void {
    if (text === '') return;
    this.#switchTo(text.trim() === '' ? this.#written : this.#colours.at(-1));
    this.#html += escapeText(text);
  }

  /** Another language within this one, as a script within a page. */
  __addSublanguage(emitter: Emitter): void {
    this.#switchTo(undefined);
    this.#html += emitter.toHTML();
  }

  finalize(): void {
    this.#switchTo(undefined);
  }

  toHTML(): string {
    return this.#html;
  }

  #switchTo(colour: Colour | undefined): void {
    if (colour === this.#written) return;
    if (this.#written !== undefined) this.#html += TAGS[this.#written][1];
    if (colour !== undefined) this.#html += TAGS[colour][0];
    this.#written = colour;
  }
}
