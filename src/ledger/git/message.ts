import { messageOf } from '../../errors.ts';
import { BUILT_IN } from '../../session/redaction/policy.ts';
import { createRedactor } from '../../session/redaction/redactor.ts';

/** What is said of an index that another git holds. */
export const INDEX_LOCKED = lockedWords('index.lock');

/** A git that was killed leaves its lock behind; whose it is, nobody but the user can know. */
function lockedWords(lock: string): string {
  return `another git process is at work in this clone (${lock} is there; if none is, it was left behind: remove it)`;
}

/** git's own way to say that, which takes many lines. */
const LOCKED = /Unable to create '(?:[^'\n]*\/\.git\/)?([^'\n]+\.lock)': File exists\.?[\s\S]*/;

/** Whether git refused because another git holds the index. */
export function isIndexLocked(error: unknown): boolean {
  return /index\.lock/.test(messageOf(error));
}

/** What git itself said, in one line, without its prefix; it repeats addresses, which may hold a password. */
export function gitMessage(error: unknown): string {
  if (isIndexLocked(error)) return INDEX_LOCKED;
  const lines = messageOf(error)
    .replace(LOCKED, (_, lock: string) => lockedWords(lock))
    .split('\n')
    .map((line) => line.replace(/^(fatal|error|warning): /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  return createRedactor(BUILT_IN).text(lines.join('; ')).slice(0, 500);
}
