import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TEMP_PATTERN, tempName } from '../../../src/ledger/atomic-file.ts';
import { excludeFiles } from '../../../src/ledger/git/exclude.ts';
import { statusOf, temporaryLedger } from '../../support/ledger-dir.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A git folder with this `info/exclude`, and what stands in it. */
function folderWith(text?: string) {
  const folder = temporaryFolder();
  const file = path.join(folder, 'info', 'exclude');
  if (text !== undefined) {
    mkdirSync(path.dirname(file));
    writeFileSync(file, text);
  }
  return { folder, file, read: () => readFileSync(file, 'utf8') };
}

test('git overlooks what a pass has half written, whatever is added', () => {
  const ledger = temporaryLedger({ 'sessions/a/raw.jsonl': '{}\n' });
  excludeFiles(path.join(ledger.root, '.git'), TEMP_PATTERN);
  writeFileSync(tempName(path.join(ledger.root, 'sessions', 'a', 'session.md')), '# half');
  writeFileSync(path.join(ledger.root, 'notes.txt'), 'mine\n');
  ledger.git('add', '--all');
  expect(statusOf(ledger)).toEqual(['A  notes.txt']);
});

test.each([
  ['empty', '', '*.x\n'],
  ['with lines', 'mine\n', 'mine\n*.x\n'],
  ['without an end of its last line', 'mine', 'mine\n*.x\n'],
  ['that has it', '*.x\nmine\n', '*.x\nmine\n'],
  ['that is not there', undefined, '*.x\n'],
])('a file %s gets the line once', (_, before, after) => {
  const { folder, read } = folderWith(before);
  excludeFiles(folder, '*.x');
  excludeFiles(folder, '*.x');
  expect(read()).toBe(after);
});

test('where something else is in its place, nothing is written, and nobody is kept from anything', () => {
  const { folder, file } = folderWith('');
  const elsewhere = path.join(folder, 'elsewhere');
  rmSync(file);
  symlinkSync(elsewhere, file);
  excludeFiles(folder, '*.x');
  expect(existsSync(elsewhere)).toBe(false);
  writeFileSync(elsewhere, '');
  excludeFiles(path.join(folder, 'elsewhere'), '*.x');
  expect(readFileSync(elsewhere, 'utf8')).toBe('');
});
