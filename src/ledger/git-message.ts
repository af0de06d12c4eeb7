import { messageOf } from '../errors.ts';

/** Whether git refused because another git holds the index. */
export function isIndexLocked(error: unknown): boolean {
  return /index\.lock/.test(messageOf(error));
}

/** What git itself said, in one line, without its prefix. */
export function gitMessage(error: unknown): string {
  if (isIndexLocked(error)) return 'another git process is at work in this clone (index.lock is there)';
  const lines = messageOf(error)
    .split('\n')
    .map((line) => line.replace(/^(fatal|error|warning): /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  return lines.join('; ').slice(0, 500);
}

/** The lines of a refused push that say why, with the next step where there is one. */
export function refusalReason(message: string): string {
  const reason = gitMessage(message.replace(/^git push: /, ''));
  if (/\((fetch first|non-fast-forward)\)|fetch first|non-fast-forward/.test(message)) {
    return 'the remote has commits that this clone lacks (run `git pull --rebase`; the next pass pushes)';
  }
  if (/has no upstream branch/.test(message)) {
    return 'the branch has no upstream (run `git push --set-upstream origin HEAD` once)';
  }
  return reason;
}

/** An unchanged tree is the wished-for state, not a failure. */
export function unlessNothingToCommit(error: unknown): void {
  if (!/nothing (added )?to commit|no changes added to commit/.test(messageOf(error))) throw error;
}
