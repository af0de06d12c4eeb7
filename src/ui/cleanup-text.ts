import type { Removal } from '../cleanup.ts';
import type { Restored } from '../restore.ts';
import { plural } from './format.ts';
import { printable } from './style.ts';

/** Every row that was removed, or would be. */
export function formatCleanup(removed: readonly Removal[], isDryRun: boolean): string {
  if (removed.length === 0) return 'nothing to clean up';
  const verb = isDryRun ? 'would remove' : 'removed';
  const rows = removed.map((entry) => formatRemoval(entry, verb));
  return [...rows, `${verb} ${plural(removed.length, 'item')}`].join('\n');
}

export function formatRemoval({ kind, path, reason }: Removal, verb = 'removed'): string {
  return `${verb} ${kind} ${printable(path)}: ${printable(reason)}`;
}

/** What came back, and what that means for the passes to come. */
export function formatRestored({ name, path, session }: Restored, isDryRun: boolean): string {
  const head = `${isDryRun ? 'would restore' : 'restored'} ${printable(name)} to ${printable(path)}`;
  if (session === undefined) return head;
  const command = `agentwork finalize --again ${printable(session)}`;
  return `${head}\nit stays on this machine, and no pass touches it; ${command} summarises it anew`;
}
