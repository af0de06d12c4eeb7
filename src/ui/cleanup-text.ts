import type { Removal } from '../cleanup.ts';
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
