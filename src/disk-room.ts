import { statfsSync } from 'node:fs';

/** What the pages of a session, its commit and the state of the clone take, for as many agents as run at a time. */
const LEAST_BYTES = 16 * 1024 * 1024;
const LEAST_FILES = 100;

const MEGABYTE = 1024 * 1024;

/** Why what an agent is paid for could not be written into these folders; undefined while nothing is known against it. */
export function whyNoRoom(folders: readonly string[]): string | undefined {
  return folders.map(whyNoRoomIn).find((why) => why !== undefined);
}

function whyNoRoomIn(folder: string): string | undefined {
  const room = roomIn(folder);
  if (!room) return undefined;
  const { bytes, files } = room;
  if (bytes < LEAST_BYTES) {
    const [left, least] = [bytes, LEAST_BYTES].map((size) => (size / MEGABYTE).toFixed(1));
    return `the disk is full: ${left} MB are left at ${folder}, and an agent is asked while there are ${least} MB`;
  }
  if (files >= LEAST_FILES) return undefined;
  return `the disk is full: ${files} more files can be made at ${folder}, and an agent is asked while ${LEAST_FILES} can`;
}

/** What is left for this user; a file system that does not count its bytes, or its files, has room for more. */
function roomIn(folder: string): { readonly bytes: number; readonly files: number } | undefined {
  try {
    const { blocks, bavail, bsize, files, ffree } = statfsSync(folder);
    const counted = (isCounted: boolean, left: number) => (isCounted ? left : Number.POSITIVE_INFINITY);
    return { bytes: counted(blocks > 0, bavail * bsize), files: counted(files > 0, ffree) };
  } catch {
    // A system that does not tell, or a folder that is not there: writing will.
    return undefined;
  }
}
