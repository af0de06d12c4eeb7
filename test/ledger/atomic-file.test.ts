import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ExpectedError } from '../../src/errors.ts';
import { isTempName, tempName, writeFileAtomic } from '../../src/ledger/atomic-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function* chunks(count: number, size: number): Generator<string> {
  for (let index = 0; index < count; index += 1) yield `${index}`.padEnd(size, '日');
}

describe('a file', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['a string', 'äöü\n', 'äöü\n'],
    ['nothing', '', ''],
    ['bytes', new Uint8Array([104, 105]), 'hi'],
  ])('is written from %s, and nothing stays beside it', async (_, content, expected) => {
    const folder = temporaryFolder();
    await writeFileAtomic(path.join(folder, 'a'), content);
    expect(readdirSync(folder)).toEqual(['a']);
    expect(readFileSync(path.join(folder, 'a'), 'utf8')).toBe(expected);
  });

  test.each([
    [0, 0],
    [3, 2],
    [1000, 1000],
    [3, 400_000],
  ])('is written from %i pieces of %i characters, in order', async (count, size) => {
    const file = path.join(temporaryFolder(), 'a');
    await writeFileAtomic(file, chunks(count, size));
    expect(readFileSync(file, 'utf8')).toBe([...chunks(count, size)].join(''));
  });

  test('is replaced as a whole', async () => {
    const file = path.join(temporaryFolder(), 'a');
    writeFileSync(file, 'a long old content');
    await writeFileAtomic(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  test('is for all to read, or for its owner alone', async () => {
    const folder = temporaryFolder();
    await writeFileAtomic(path.join(folder, 'open'), '');
    await writeFileAtomic(path.join(folder, 'private'), '', { mode: 0o600 });
    const modes = ['open', 'private'].map((name) => statSync(path.join(folder, name)).mode & 0o777);
    expect(modes).toEqual([0o644 & ~process.umask(), 0o600]);
  });

  test('takes the place of a link, and what the link leads to stays', async () => {
    const folder = temporaryFolder();
    const [victim, link] = [path.join(folder, 'victim'), path.join(folder, 'link')];
    writeFileSync(victim, 'precious');
    symlinkSync(victim, link);
    await writeFileAtomic(link, 'ours');
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(lstatSync(link).isFile()).toBe(true);
    expect(readFileSync(link, 'utf8')).toBe('ours');
  });
});

describe('a write that fails', () => {
  test('while its content is made leaves the old file, and nothing beside it', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'a');
    writeFileSync(file, 'old');
    const broken = function* () {
      yield 'x'.repeat(600_000);
      throw new ExpectedError('UNREADABLE', 'cannot read raw.jsonl');
    };
    await expect(writeFileAtomic(file, broken())).rejects.toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
    expect(readdirSync(folder)).toEqual(['a']);
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  test('because it is called off leaves the old file, and says why', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'a'), 'old');
    const beforeRename = () => {
      throw new ExpectedError('NOT_RECOVERABLE', 'the recording went on');
    };
    await expect(writeFileAtomic(path.join(folder, 'a'), 'new', { beforeRename })).rejects.toThrow(
      'the recording went on',
    );
    expect(readdirSync(folder)).toEqual(['a']);
    expect(readFileSync(path.join(folder, 'a'), 'utf8')).toBe('old');
  });

  test('is called off only when all of it is on disk', async () => {
    const folder = temporaryFolder();
    let seen = '';
    const beforeRename = () => {
      const [temp = ''] = readdirSync(folder);
      seen = readFileSync(path.join(folder, temp), 'utf8');
    };
    await writeFileAtomic(path.join(folder, 'a'), ['one', 'two'], { beforeRename });
    expect(seen).toBe('onetwo');
  });

  test('because a folder stands in its place says so, and leaves both', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'a', 'b'), { recursive: true });
    await expect(writeFileAtomic(path.join(folder, 'a'), 'new')).rejects.toThrow(
      expect.objectContaining({ code: 'UNWRITABLE', message: expect.stringContaining(path.join(folder, 'a')) }),
    );
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('because its folder is not there says so', async () => {
    const file = path.join(temporaryFolder(), 'nowhere', 'a');
    await expect(writeFileAtomic(file, '')).rejects.toThrow(expect.objectContaining({ code: 'UNWRITABLE' }));
  });

  const isRoot = process.getuid?.() === 0;
  if (isRoot) console.warn('a read-only folder is not tested: root, who runs this, may write anywhere');
  test.skipIf(isRoot)('because its folder is read-only says so', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    await expect(writeFileAtomic(path.join(folder, 'a'), '')).rejects.toThrow(
      expect.objectContaining({ code: 'UNWRITABLE' }),
    );
    chmodSync(folder, 0o700);
  });
});

test('temporary names lie beside the file, are hidden, differ, and are known again', () => {
  const names = Array.from({ length: 100 }, () => tempName('/x/summary.json'));
  expect(new Set(names).size).toBe(100);
  expect(names[0]).toMatch(/^\/x\/\.summary\.json\.[0-9a-f]{12}\.agentwork-tmp$/);
  expect(names.every((name) => isTempName(path.basename(name)))).toBe(true);
  expect(['raw.jsonl.tmp', 'meta.json.tmp', 'agentwork-tmp', '.tmp-1'].filter(isTempName)).toEqual([]);
});
