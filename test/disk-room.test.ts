import path from 'node:path';
import { expect, test } from 'vitest';
import { whyNoRoom } from '../src/disk-room.ts';
import { describeOnSmallDisk, mountSmallDisk } from './support/small-disk.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

test('nothing is known against a disk with room, a folder that is not there, or one that counts nothing', () => {
  const folder = temporaryFolder();
  expect(whyNoRoom([folder, path.join(folder, 'gone'), '/proc'])).toBeUndefined();
});

describeOnSmallDisk('a disk without room', () => {
  test('is named with what is left, whichever of the folders lies on it', () => {
    const disk = mountSmallDisk();
    expect(whyNoRoom([disk.folder])).toBeUndefined();
    disk.leave({ kilobytes: 3 * 1024 });
    const least = 'an agent is asked while there are 16.0 MB';
    expect(whyNoRoom([temporaryFolder(), disk.folder])).toBe(
      `the disk is full: 3.0 MB are left at ${disk.folder}, and ${least}`,
    );
    disk.leave({ files: 7 });
    expect(whyNoRoom([disk.folder])).toContain('the disk is full: 7 more files can be made at ');
    disk.makeRoom();
    expect(whyNoRoom([disk.folder])).toBeUndefined();
  });
});
