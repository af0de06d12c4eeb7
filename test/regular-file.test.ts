import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readIfThere } from '../src/regular-file.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const fileIn = (folder: string) => path.join(folder, 'file');

test.each([
  ['nothing', ''],
  ['text', 'ä and more'],
  ['as much as may be', 'x'.repeat(20)],
])('a file of %s is read whole', (_, content) => {
  const file = fileIn(temporaryFolder());
  writeFileSync(file, content);
  expect(readIfThere(file, 20)?.toString('utf8')).toBe(content);
});

test('where there is no file there is nothing', () => {
  expect(readIfThere(fileIn(temporaryFolder()), 20)).toBeUndefined();
});

test.each<[string, (file: string) => void, RegExp]>([
  ['a link', (file) => symlinkSync('/etc/hostname', file), /it is a symbolic link$/],
  ['a link to a device', (file) => symlinkSync('/dev/zero', file), /it is a symbolic link$/],
  ['a folder', (file) => mkdirSync(file), /not a regular file$/],
  ['a pipe', (file) => execFileSync('mkfifo', [file]), /not a regular file$/],
  ['more than was asked for', (file) => writeFileSync(file, 'x'.repeat(21)), /21 bytes are more than the 20 expected$/],
  [
    'more than memory has',
    (file) => {
      writeFileSync(file, '');
      truncateSync(file, 2 ** 42);
    },
    /more than the 20 expected$/,
  ],
])('%s is not read, and named', (_, make, why) => {
  const file = fileIn(temporaryFolder());
  make(file);
  const message = expect.stringMatching(why);
  expect(() => readIfThere(file, 20)).toThrow(expect.objectContaining({ code: 'UNREADABLE', message }));
});
