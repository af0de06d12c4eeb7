import { messageOf } from '../../errors.ts';

/** What is said of an index that another git holds. */
export const INDEX_LOCKED = 'another git process is at work in this clone (index.lock is there)';

/** Whether git refused because another git holds the index. */
export function isIndexLocked(error: unknown): boolean {
  return /index\.lock/.test(messageOf(error));
}

/** What git itself said, in one line, without its prefix. */
export function gitMessage(error: unknown): string {
  if (isIndexLocked(error)) return INDEX_LOCKED;
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.replace(/^(fatal|error|warning): /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  return lines.join('; ').slice(0, 500);
}
