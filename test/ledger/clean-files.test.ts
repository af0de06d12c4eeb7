import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cleanSidecars } from '../../src/ledger/clean-files.ts';
import { LedgerGit } from '../../src/ledger/git/ledger-git.ts';
import { BUILT_IN, extendPolicy, literalRule } from '../../src/session/redaction/policy.ts';
import { gitLedger } from '../support/ledger-dir.ts';
import { writeFiles } from '../support/temporary-folder.ts';

const MEGABYTE = 1024 * 1024;
const SECRET = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;

test.each([
  ['at the seam of two parts', MEGABYTE - 20],
  ['right behind the seam', MEGABYTE],
  ['at the end of many', 5 * MEGABYTE + 12_345],
])('a secret %s of a large page beside a recording is found', async (_name, at) => {
  const { root, environment } = gitLedger();
  const page = `${'é words\n'.repeat(at / 9).padEnd(at - at / 9)} ${SECRET} and more\n${'x\n'.repeat(MEGABYTE)}`;
  writeFiles(root, { 'sessions/a/session.html': page, 'sessions/a/session.md': 'nothing secret\n' });
  const folder = path.join(root, 'sessions', 'a');
  const originals = { ledgerPath: root, stateDir: path.join(root, '.git', 'agentwork'), clock: () => 0 };
  const search = { policy: BUILT_IN, made: [], leftOut: [] };
  await cleanSidecars(folder, search, new LedgerGit(root, environment), originals);
  const clean = readFileSync(path.join(folder, 'session.html'), 'utf8');
  expect(clean).not.toContain(SECRET);
  expect(clean.replace(/\[REDACTED[^\]]*\]/, SECRET)).toBe(page);
});

test('what no commit takes is neither searched nor changed, however large it is', async () => {
  const { root, environment } = gitLedger();
  writeFiles(root, { 'sessions/a/session.html': SECRET, 'sessions/a/session.md': SECRET });
  const folder = path.join(root, 'sessions', 'a');
  const leftOut = [{ file: 'session.html', reason: 'it is too large' }];
  const originals = { ledgerPath: root, stateDir: path.join(root, '.git', 'agentwork'), clock: () => 0 };
  await cleanSidecars(folder, { policy: BUILT_IN, made: [], leftOut }, new LedgerGit(root, environment), originals);
  const isClean = (file: string) => !readFileSync(path.join(folder, file), 'utf8').includes(SECRET);
  expect([isClean('session.html'), isClean('session.md')]).toEqual([false, true]);
});

test('a page that was just made keeps the words that a team has rules for, as they are those of the page', async () => {
  const { root, environment } = gitLedger();
  const page = '<p class="assistant">assistant</p>';
  writeFiles(root, { 'sessions/a/session.html': page, 'sessions/a/session.md': page });
  const folder = path.join(root, 'sessions', 'a');
  const policy = extendPolicy(BUILT_IN, [literalRule('team', '[TEAM]', 'assistant')]);
  const search = { policy, made: ['session.html'], leftOut: [] };
  await cleanSidecars(folder, search, new LedgerGit(root, environment), { ledgerPath: root });
  expect(readFileSync(path.join(folder, 'session.html'), 'utf8')).toBe(page);
  expect(readFileSync(path.join(folder, 'session.md'), 'utf8')).toBe('<p class="[TEAM]">[TEAM]</p>');
});

test('JSON beside a recording is searched string by string, and stays JSON', async () => {
  const { root, environment } = gitLedger();
  const text = JSON.stringify({ title: `x "${SECRET}" y`, password: 'hun"ter\\2x', n: 1 }, undefined, 2);
  writeFiles(root, { 'sessions/a/meta.json': `${text}\n` });
  const folder = path.join(root, 'sessions', 'a');
  const search = { policy: BUILT_IN, made: [], leftOut: [] };
  await cleanSidecars(folder, search, new LedgerGit(root, environment), { ledgerPath: root });
  const clean = readFileSync(path.join(folder, 'meta.json'), 'utf8');
  const expected = { title: 'x "[REDACTED_GITHUB_TOKEN]" y', password: '[REDACTED_PASSWORD]', n: 1 };
  expect(clean).toBe(`${JSON.stringify(expected, undefined, 2)}\n`);
});
