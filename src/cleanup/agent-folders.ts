import { type Dirent, lstatSync, readdirSync, rmSync, type Stats } from 'node:fs';
import path from 'node:path';
import { MINUTE_MS } from '../clock.ts';
import { isProcessAlive, processStartedAt } from '../process-facts.ts';
import { makerOf, privateFolderParent } from '../work/claude/private-folder.ts';
import type { PlannedRemoval } from './removal.ts';

const YOUNG_MS = 10 * MINUTE_MS;
/** Two clocks of one machine differ by less. */
const REUSE_MARGIN_MS = MINUTE_MS;

/** The empty folders of agents whose pass was killed: ours, and of a process that is gone. */
export async function planAgentFolders(now: number, parent?: string): Promise<PlannedRemoval[]> {
  const folder = parent ?? (await whereTheyLie());
  if (folder === undefined) return [];
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() && makerOf(entry.name) !== undefined)
    .map(({ name }) => path.join(folder, name))
    .filter((file) => isOrphan(file, now))
    .map((file) => ({
      row: { path: file, kind: 'agent-folder' as const, reason: 'the pass that made it was killed' },
      remove: () => {
        if (!isOrphan(file, now)) return false;
        rmSync(file, { recursive: true });
        return true;
      },
    }));
}

function isOrphan(folder: string, now: number): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  const maker = makerOf(path.basename(folder));
  if (!stat?.isDirectory() || maker === undefined || now - stat.mtimeMs <= YOUNG_MS) return false;
  const isOurs = process.getuid === undefined || stat.uid === process.getuid();
  return isOurs && !isRunning(maker, stat);
}

/** A process that started after the folder last changed is another one with the same id. */
function isRunning(pid: number, { mtimeMs }: Stats): boolean {
  return isProcessAlive(pid) && (processStartedAt(pid) ?? 0) <= mtimeMs + REUSE_MARGIN_MS;
}

async function whereTheyLie(): Promise<string | undefined> {
  try {
    return await privateFolderParent();
  } catch {
    // Where none can be made, none was left.
    return undefined;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A temporary folder that cannot be listed is nobody's trouble but its owner's.
    return [];
  }
}
