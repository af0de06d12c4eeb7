import { Chalk, type ChalkInstance, chalkStderr, supportsColor } from 'chalk';

const isPlain = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';

/** Colours for stdout; none off a terminal, with NO_COLOR, or on a dumb terminal. */
export const paint: ChalkInstance = new Chalk({ level: isPlain || !supportsColor ? 0 : supportsColor.level });

/** The same for stderr. */
export const paintError: ChalkInstance = new Chalk({ level: isPlain ? 0 : chalkStderr.level });

/** Whatever a name or a title holds, on a terminal it is text: no escape sequence, no line break, no bidi override. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '\ufffd');
}
