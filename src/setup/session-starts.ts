import {
  applyEdits,
  type FormattingOptions,
  type JSONPath,
  modify,
  type Node,
  type ParseError,
  parseTree,
} from 'jsonc-parser';
import { ExpectedError } from '../errors.ts';
import { isObject, type JsonObject, parseJson } from '../session/json-object.ts';

/** What Claude Code starts with a session: each entry has hooks of its own. */
export interface Start {
  readonly hooks: readonly unknown[];
}

/** Settings of Claude Code, which lie at `file`, and what starts with a session by them. */
export interface SessionStarts {
  readonly settings: JsonObject;
  readonly starts: readonly Start[];
}

const HOOKS = 'hooks';
const STARTS = [HOOKS, 'SessionStart'];

/**
 * No text, or none with something in it, is settings without an entry. Throws BAD_CONFIG for what is none; `wanted`: what
 * people then may put there by hand.
 */
export function parseStarts(file: string, text = '', wanted?: Start): SessionStarts {
  const settings = text.trim() === '' ? {} : parseJson(text);
  const hooks = isObject(settings) ? (settings[HOOKS] ?? {}) : undefined;
  const starts = isObject(hooks) ? (hooks.SessionStart ?? []) : undefined;
  const isSound = Array.isArray(starts) && starts.every(isStart) && !hasTwins(parseTree(text));
  if (isObject(settings) && isSound) return { settings, starts };
  const paste = wanted && `or put this into its hooks yourself: ${JSON.stringify({ SessionStart: [wanted] })}`;
  const [why, mend] =
    settings === undefined
      ? [
          `, line ${lineOfError(text)}, is no JSON`,
          'mend it (comments and commas too many are no JSON), then try again',
        ]
      : [' is not what Claude Code expects of hooks', 'mend its hooks, then try again'];
  throw new ExpectedError('BAD_CONFIG', `${file}${why}: nothing is changed in it`, {
    suggestions: [mend, ...(paste ? [paste] : [])],
  });
}

function lineOfError(text: string): number {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true });
  return text.slice(0, errors[0]?.offset ?? 0).split('\n').length;
}

function isStart(value: unknown): value is Start {
  return isObject(value) && Array.isArray(value.hooks);
}

/** Of two members of one name JSON takes the last, and an edit would meet the first: of those on the way to our place. */
function hasTwins(root: Node | undefined): boolean {
  const membersOf = (object: Node | undefined) => (object?.children ?? []).map(({ children = [] }) => children);
  const hooks = membersOf(root).filter(([name]) => name?.value === HOOKS);
  const starts = membersOf(hooks[0]?.[1]).filter(([name]) => name?.value === STARTS[1]);
  return hooks.length > 1 || starts.length > 1;
}

/** The text with one more entry at its end; every other sign of it stays. */
export function withStart(text: string, start: Start): string {
  const { starts } = parseStarts('', text);
  const isList = starts.length > 0;
  const place = isList ? [...STARTS, starts.length] : STARTS;
  const after = edited(text.trim() === '' ? '{}' : text, place, isList ? start : [start]);
  return after.endsWith('\n') ? after : `${after}\n`;
}

/** The text without these hooks, the entries that they leave empty, and what is empty then around those. */
export function withoutHooks(text: string, isMeant: (hook: unknown) => boolean): string {
  const { settings, starts } = parseStarts('', text);
  const places = starts.flatMap(({ hooks }, at): readonly JSONPath[] => {
    const meant = [...hooks.keys()].filter((index) => isMeant(hooks[index]));
    const entry = [...STARTS, at];
    return meant.length > 0 && meant.length === hooks.length ? [entry] : meant.map((index) => [...entry, HOOKS, index]);
  });
  if (places.length === 0) return text;
  const isLast = places.length === starts.length && places.every(({ length }) => length === STARTS.length + 1);
  const others = isObject(settings[HOOKS]) ? Object.keys(settings[HOOKS]) : [];
  if (isLast) return edited(text, others.length > 1 ? STARTS : [HOOKS], undefined);
  // From behind, so that what is yet to go keeps its number.
  return places.reduceRight((rest, place) => edited(rest, place, undefined), text);
}

function edited(text: string, place: JSONPath, value: unknown): string {
  const isInsertion = typeof place.at(-1) === 'number' && value !== undefined;
  const options = { isArrayInsertion: isInsertion, formattingOptions: mannerOf(text) };
  return applyEdits(text, modify(text, place, value, options));
}

/** As the rest is written. */
function mannerOf(text: string): FormattingOptions {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol };
}
