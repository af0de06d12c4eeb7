import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { replaceGrowing } from '../../src/ledger/growing-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What somebody does right before the new file gets its name. */
let beforeRename: (() => void) | undefined;

vi.mock('node:fs/promises', async (actual) => {
  const real = await actual<typeof import('node:fs/promises')>();

  const rename = async (from: string, to: string) => {
    beforeRename?.();
    await real.rename(from, to);
  };
  return { ...real, default: real, rename };
});

afterEach(() => {
  beforeRename = undefined;
});

function fileOf(text: string): string {
  const file = path.join(temporaryFolder(), 'raw.jsonl');
  writeFileSync(file, text);
  return file;
}

const shout = (file: string) => () => readFileSync(file, 'utf8').toUpperCase();

test('a file that nobody writes to gets its new content', async () => {
  const file = fileOf('one\n');
  await replaceGrowing(file, shout(file));
  expect([readFileSync(file, 'utf8'), readdirSync(path.dirname(file))]).toEqual(['ONE\n', ['raw.jsonl']]);
});

test('what is appended while it is read is read, too', async () => {
  const file = fileOf('one\n');
  let reads = 0;
  await replaceGrowing(file, () => {
    const text = shout(file)();
    reads += 1;
    if (reads === 1) appendFileSync(file, 'two\n');
    return text;
  });
  expect(readFileSync(file, 'utf8')).toBe('ONE\nTWO\n');
});

test('a file that is appended to all the time stays as it is, and that is told', async () => {
  const file = fileOf('one\n');
  const write = replaceGrowing(file, () => {
    const text = shout(file)();
    appendFileSync(file, 'more\n');
    return text;
  });
  await expect(write).rejects.toMatchObject({ code: 'STILL_RECORDED' });
  expect([readFileSync(file, 'utf8'), readdirSync(path.dirname(file))]).toEqual([
    'one\nmore\nmore\nmore\n',
    ['raw.jsonl'],
  ]);
});

test('what is appended at the last moment is in the new file, and that is told', async () => {
  const file = fileOf('one\n');
  beforeRename = () => appendFileSync(file, 'two\n');
  await expect(replaceGrowing(file, shout(file))).rejects.toMatchObject({ code: 'STILL_RECORDED' });
  expect(readFileSync(file, 'utf8')).toBe('ONE\ntwo\n');
});

test('what the content throws is thrown, and changes nothing', async () => {
  const file = fileOf('one\n');
  const write = replaceGrowing(file, () => {
    throw new Error('too long');
  });
  await expect(write).rejects.toThrow('too long');
  expect(readFileSync(file, 'utf8')).toBe('one\n');
});
