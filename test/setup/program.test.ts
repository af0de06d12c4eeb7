import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord, shellWords } from '../../src/setup/program.ts';

const STRANGE = ['a b', "it's", '$HOME', '100%', '"', '\\', '', "''", '|| true', 'ü\t;&<>*?#!'];

test('a shell reads a word as what it was', () => {
  const command = `printf '%s\\0' ${STRANGE.map(shellWord).join(' ')}`;
  const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  expect(stdout.split('\0').slice(0, -1)).toEqual(STRANGE);
});

test('and so do we', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom(...STRANGE));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(shellWords(words.map(shellWord).join(' '))).toEqual(words);
    }),
  );
});
