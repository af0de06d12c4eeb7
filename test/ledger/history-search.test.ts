import { expect, test } from 'vitest';
import { writeCommits } from '../../src/ledger/git/commit-objects.ts';
import { searchHistory } from '../../src/ledger/history-search.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { pointerTo } from '../support/git-lfs.ts';
import { type GitLedger, gitLedger } from '../support/ledger-dir.ts';
import { writeFiles } from '../support/temporary-folder.ts';

const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const RAW = 'sessions/a/raw.jsonl';

const search = async ({ root, environment }: GitLedger, file = 'sessions/a') =>
  searchHistory(await openLedger(root, { cwd: root, environment }), [file], BUILT_IN);

/** Commits these texts of the recording one after the other, the way a pass writes commits. */
async function record(ledger: GitLedger, texts: readonly string[]): Promise<void> {
  const drafts = texts.map((text, index) => {
    writeFiles(ledger.root, { [RAW]: text });
    const oid = ledger.git('hash-object', '-w', RAW);
    const author = { name: 'Test', email: 'test@example.com', date: `${1_700_000_000 + index} +0000` };
    return { message: `record ${index}`, changes: [{ path: RAW, mode: '100644', oid }], author };
  });
  const head = ledger.git('rev-parse', 'HEAD');
  const commits = await writeCommits(ledger.ours.process, head, drafts, await ledger.branch.style());
  ledger.git('update-ref', 'refs/heads/main', commits.at(-1) ?? '');
}

test('the commits of all branches and tags that hold a secret are named, and where they are', async () => {
  const ledger = gitLedger({ 'README.md': 'a ledger\n', 'sessions/ab/raw.jsonl': TOKEN });
  await record(ledger, [`{"a":"${TOKEN}"}\n`]);
  const pushed = ledger.git('rev-parse', 'main');
  ledger.git('push', '--quiet');
  await record(ledger, ['{"a":1}\n', `{"a":"${TOKEN}","b":"${TOKEN}"}\n`]);
  const local = ledger.git('rev-parse', 'main');
  ledger.git('branch', 'aside');
  ledger.git('update-ref', 'refs/heads/main', pushed);
  const { commits, unsearched } = await search(ledger);
  expect(unsearched).toEqual([]);
  expect([...commits].sort((a, b) => Number(a.pushed) - Number(b.pushed))).toEqual([
    { commit: local, pushed: false, findings: { github_token: 2 } },
    { commit: pushed, pushed: true, findings: { github_token: 1 } },
  ]);
});

test('what a name of a session means to git is not meant', async () => {
  const ledger = gitLedger({ 'sessions/ab/raw.jsonl': TOKEN });
  expect((await search(ledger, 'sessions/*')).commits).toEqual([]);
});

test('two hundred commits are looked into, and the rest is named', async () => {
  const ledger = gitLedger();
  const texts = [TOKEN, TOKEN, 'a', 'b'].map((text) => `${text}\n`);
  await record(ledger, [...texts, ...Array.from({ length: 199 }, (_, index) => (index % 2 === 0 ? 'c\n' : 'd\n'))]);
  const { commits, unsearched } = await search(ledger);
  expect(commits).toEqual([]);
  expect(unsearched).toEqual(['the 2 oldest commits of its files']);
});

test('a version that is too large to be held is named', async () => {
  const ledger = gitLedger();
  await record(ledger, ['x\n'.repeat(33 * 1024 * 1024), 'small\n']);
  expect((await search(ledger)).unsearched).toEqual([
    expect.stringMatching(/^sessions\/a\/raw\.jsonl as \w{12}: larger than 64 MB$/),
  ]);
});

test('whether all was looked into that only this clone has is told, clean objects left out', async () => {
  const ledger = gitLedger({ [RAW]: `${TOKEN}\n` });
  expect(await search(ledger)).toMatchObject({ isUnpushedKnown: true });
  await record(ledger, [pointerTo('not here')]);
  expect(await search(ledger)).toMatchObject({ isUnpushedKnown: false, unsearched: [expect.any(String)] });
  const opened = await openLedger(ledger.root, { cwd: ledger.root, environment: ledger.environment });
  const clean = new Set([ledger.git('rev-parse', `main:${RAW}`)]);
  const known = await searchHistory(opened, ['sessions/a'], BUILT_IN, clean);
  expect(known).toMatchObject({ isUnpushedKnown: true, unsearched: [], commits: [{ pushed: true }] });
  ledger.git('push', '--quiet', 'origin', 'main');
  expect(await search(ledger)).toMatchObject({ isUnpushedKnown: true });
});
