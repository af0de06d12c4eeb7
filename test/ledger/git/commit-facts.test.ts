import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { askCommitFacts } from '../../../src/ledger/git/commit-facts.ts';
import { gitLedger } from '../../support/ledger-dir.ts';

describe('whether commits are signed', () => {
  test.each([
    [[], false],
    [['true'], true],
    [['Yes'], true],
    [['on'], true],
    [['1'], true],
    [['-2'], true],
    [['0'], false],
    [['off'], false],
    [['nonsense'], false],
    [['true', 'false'], false],
    [['false', 'true'], true],
  ])('of the values %j: %s', async (values, isSigned) => {
    const ledger = gitLedger();
    for (const value of values) ledger.git('config', '--add', 'commit.gpgSign', value);
    expect((await askCommitFacts(ledger.ours.process)).isSigned).toBe(isSigned);
  });

  test('of a key without a value, as git has it', async () => {
    const ledger = gitLedger();
    ledger.git('config', 'include.path', 'more');
    appendFileSync(path.join(ledger.root, '.git', 'more'), '[commit]\n\tgpgSign\n');
    expect((await askCommitFacts(ledger.ours.process)).isSigned).toBe(true);
  });
});

test('who commits is what git makes of it, whatever a value of several lines says', async () => {
  const ledger = gitLedger();
  ledger.git('config', 'user.name', 'Mía  <the> Great');
  ledger.git('config', 'alias.x', 'one\nGIT_AUTHOR_IDENT=Eve <eve@example.com> 1700000000 +0000');
  const { identity } = await askCommitFacts(ledger.ours.process);
  const [, name = '', email = ''] =
    /^(.*) <(.*)> \d+ [-+]\d{4}$/.exec(ledger.git('var', 'GIT_AUTHOR_IDENT').trim()) ?? [];
  expect(identity).toMatchObject({ author: { name, email }, committer: { name, email } });
});
