import { setTimeout } from 'node:timers/promises';
import { systemErrorCode } from './errors.ts';

/** What Windows says of a file that somebody has open, a virus scanner often: it passes within moments. Elsewhere it lasts. */
const HELD: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY']);
/** Milliseconds before each further try. */
const PAUSES: readonly number[] = [10, 20, 50, 100, 200, 400];

/** How to tell of this machine, and to wait on it. */
export interface Patience {
  readonly platform?: NodeJS.Platform;
  readonly wait?: (milliseconds: number) => unknown;
}

/** Replaces a file, or moves it, and on Windows tries again while somebody has it open. Throws what `replace` throws. */
export async function patiently(
  replace: () => Promise<void>,
  { platform = process.platform, wait = setTimeout }: Patience = {},
): Promise<void> {
  for (const pause of PAUSES) {
    try {
      return await replace();
    } catch (error) {
      if (platform !== 'win32' || !HELD.has(systemErrorCode(error))) throw error;
    }
    await wait(pause);
  }
  return replace();
}

/** The same where nothing else may happen meanwhile. */
export function patientlySync(
  replace: () => void,
  { platform = process.platform, wait = standStill }: Patience = {},
): void {
  for (const pause of PAUSES) {
    try {
      replace();
      return;
    } catch (error) {
      if (platform !== 'win32' || !HELD.has(systemErrorCode(error))) throw error;
    }
    wait(pause);
  }
  replace();
}

function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
