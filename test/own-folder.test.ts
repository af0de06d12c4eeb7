import { chmodSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeOwnFolder, requireOwnFolder } from '../src/own-folder.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const modeOf = (folder: string) => statSync(folder).mode & 0o777;

describe('a folder of our own', () => {
  test.each([0o000, 0o022, 0o077])('is made with all that it lies in, for its owner alone, under umask %o', (mask) => {
    const folder = path.join(temporaryFolder(), 'a', 'b');
    const before = process.umask(mask);
    try {
      makeOwnFolder(folder);
      makeOwnFolder(folder);
    } finally {
      process.umask(before);
    }
    expect([modeOf(path.dirname(folder)), modeOf(folder)]).toEqual([0o700, 0o700]);
  });

  test('that others could enter is closed, and what it lies in stays as it is', () => {
    const outer = path.join(temporaryFolder(), 'a');
    const folder = path.join(outer, 'b');
    mkdirSync(folder, { recursive: true });
    for (const each of [outer, folder]) chmodSync(each, 0o755);
    makeOwnFolder(folder);
    expect([modeOf(outer), modeOf(folder)]).toEqual([0o755, 0o700]);
  });

  test('cannot be made where a file is, and is named', () => {
    const file = path.join(temporaryFolder(), 'file');
    symlinkSync('/dev/null', file);
    expect(() => makeOwnFolder(path.join(file, 'b'))).toThrow(expect.objectContaining({ code: 'UNWRITABLE' }));
    expect(readlinkSync(file)).toBe('/dev/null');
  });

  test('cannot be made where nothing can be made, and is named', () => {
    const folder = path.join(temporaryFolder(), 'x'.repeat(300));
    expect(() => makeOwnFolder(folder)).toThrow(expect.objectContaining({ message: expect.stringContaining(folder) }));
  });
});

describe('in the place of a folder of our own', () => {
  test('a link is refused, and what it leads to stays as it was', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'real'));
    chmodSync(path.join(folder, 'real'), 0o755);
    symlinkSync('real', path.join(folder, 'link'));
    const refusal = expect.objectContaining({
      code: 'UNREADABLE',
      message: expect.stringContaining('a symbolic link'),
    });
    expect(() => requireOwnFolder(path.join(folder, 'link'))).toThrow(refusal);
    expect(() => makeOwnFolder(path.join(folder, 'link'))).toThrow(refusal);
    expect([modeOf(path.join(folder, 'real')), readdirSync(path.join(folder, 'real'))]).toEqual([0o755, []]);
  });

  test('a link that leads nowhere is refused, and nothing is made there', () => {
    const folder = temporaryFolder();
    symlinkSync('nowhere', path.join(folder, 'link'));
    expect(() => makeOwnFolder(path.join(folder, 'link'))).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
    expect(readdirSync(folder)).toEqual(['link']);
  });

  test('a file is refused; nothing, and a folder, are not', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    expect(() => requireOwnFolder(path.join(folder, 'file'))).toThrow(/it is no folder$/);
    requireOwnFolder(path.join(folder, 'nothing'));
    requireOwnFolder(folder);
  });
});
