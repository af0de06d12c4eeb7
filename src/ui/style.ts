import { Chalk, type ChalkInstance, chalkStderr, supportsColor } from 'chalk';

const isPlain = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';

/** Colours for stdout; none off a terminal, with NO_COLOR, or on a dumb terminal. */
export const paint: ChalkInstance = new Chalk({ level: isPlain || !supportsColor ? 0 : supportsColor.level });

/** The same for stderr. */
export const paintError: ChalkInstance = new Chalk({ level: isPlain ? 0 : chalkStderr.level });

/** Signs that a terminal obeys, or that nobody sees. */
const UNSHOWN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Whatever a name or a title holds, on a terminal it is text: no escape sequence, no line break, no bidi override. */
export function printable(text: string): string {
  return text.replace(UNSHOWN, '\ufffd');
}

/** A value as JSON that is the same to a program, and to a terminal nothing but text. */
export function printableJson(value: unknown): string {
  const escaped = (sign: string) => (sign === '\n' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return JSON.stringify(value, undefined, 2).replace(UNSHOWN, escaped);
}
