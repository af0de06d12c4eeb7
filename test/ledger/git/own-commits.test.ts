import { describe, expect, test } from 'vitest';
import {
  commitMessage,
  type LocalCommit,
  localCommits,
  OWN_TRAILER,
  planReplay,
} from '../../../src/ledger/git/own-commits.ts';
import { gitLedger } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

test.each<[readonly string[], string]>([
  [['2026-03-06T10-00-ryan-Ox7f3a'], 'finalize session 2026-03-06T10-00-ryan-Ox7f3a\n\nFinalized-by: agentwork\n'],
  [['a', 'b'], 'finalize 2 sessions\n\na\nb\n\nFinalized-by: agentwork\n'],
])('the message for %j', (sessions, message) => {
  expect(commitMessage(sessions)).toBe(message);
});

describe('commits that the remote lacks', () => {
  test('are ours by their last line, and by what is in them', async () => {
    const ledger = gitLedger();
    const commit = (name: string, message: string) => {
      writeFiles(ledger.root, { [name]: message });
      ledger.git('add', '--all');
      ledger.git('commit', '--quiet', '--cleanup=verbatim', '-m', message);
    };
    commit('sessions/a/raw.jsonl', commitMessage(['a']));
    commit('sessions/a/raw.jsonl', `redo\n\n${OWN_TRAILER}\nSigned-off-by: x`);
    commit('notes.txt', commitMessage(['a']));
    commit('sessions/b/ü "q"\n.md', `\u0001 \u0002\n\n${OWN_TRAILER}`);
    const commits = await localCommits(ledger.ours.process, ledger.git('rev-parse', 'origin/main'));
    expect(commits.map(({ isOwn }) => isOwn)).toEqual([true, false, false, true]);
    expect(commits[0]?.draft.message).toBe(commitMessage(['a']));
    expect(commits[3]?.draft.changes.map(({ path }) => path)).toEqual(['sessions/b/ü "q"\n.md']);
    expect(commits.map(({ id }) => id).join('\n')).toBe(ledger.git('rev-list', '--reverse', 'origin/main..HEAD'));
  });
});

describe('of our commits', () => {
  const author = { name: 'Test', email: 'test@example.com', date: '1700000000 +0000' };
  const ours = (files: Readonly<Record<string, string>>, message = 'ours'): LocalCommit => {
    const changes = Object.entries(files).map(([name, oid]) => ({
      path: `sessions/${name}`,
      mode: oid === '' ? '000000' : '100644',
      oid,
    }));
    return { id: message, isOwn: true, draft: { message, author, changes } };
  };
  const sessions = (files: Readonly<Record<string, string>>) =>
    new Map(Object.entries(files).map(([name, oid]) => [`sessions/${name}`, oid]));

  /** What goes there: file=object, or file= where it is taken away. */
  function replayOf(
    commits: readonly LocalCommit[],
    there: Readonly<Record<string, string>>,
    changed: readonly string[],
    withheld: readonly string[] = [],
  ) {
    const changedByOthers = new Set(changed.map((name) => `sessions/${name}`));
    const { drafts, superseded } = planReplay({
      commits,
      there: sessions(there),
      changedByOthers,
      withheld: new Set(withheld),
    });
    const goes = drafts.map(({ changes }) =>
      changes.map(({ path, oid }) => `${path.slice('sessions/'.length)}=${oid}`).join(' '),
    );
    return { goes, superseded, messages: drafts.map(({ message }) => message) };
  }

  const FINISHED = { 'a/raw.jsonl': '2', 'a/summary.json': '3' };

  test.each<[string, Parameters<typeof replayOf>, readonly string[], readonly string[]]>([
    ['all go where nobody did anything', [[ours(FINISHED)], {}, []], ['a/raw.jsonl=2 a/summary.json=3'], []],
    ['none go that are there already', [[ours(FINISHED)], FINISHED, Object.keys(FINISHED)], [], []],
    [
      'a session that others finished does not go',
      [[ours(FINISHED)], { 'a/raw.jsonl': '1', 'a/summary.json': '9' }, ['a/summary.json']],
      [],
      ['a'],
    ],
    ['a session that others took away does not go', [[ours(FINISHED)], {}, ['a/raw.jsonl']], [], ['a']],
    [
      'a session that others took away does not go, not even what they never had',
      [[ours({ 'a/summary.json': '3' })], {}, ['a/raw.jsonl']],
      [],
      ['a'],
    ],
    [
      'what others changed otherwise stays theirs',
      [[ours({ ...FINISHED, 'a/meta.json': '4' })], { 'a/meta.json': '9' }, ['a/meta.json']],
      ['a/raw.jsonl=2 a/summary.json=3'],
      [],
    ],
    [
      'a session that others recorded otherwise is theirs',
      [[ours(FINISHED)], { 'a/raw.jsonl': '9' }, ['a/raw.jsonl']],
      [],
      ['a'],
    ],
    [
      'a marker that is gone on both sides is no matter',
      [[ours({ ...FINISHED, 'a/.recording.json': '' })], { 'a/raw.jsonl': '1' }, ['a/.recording.json']],
      ['a/raw.jsonl=2 a/summary.json=3'],
      [],
    ],
    ['a session that is held back does not go', [[ours(FINISHED)], {}, [], ['a']], [], []],
    [
      'one after the other goes, but for what comes to the same in the end',
      [[ours({ 'a/raw.jsonl': '2' }), ours({ 'a/raw.jsonl': '' }), ours({ 'a/raw.jsonl': '' })], {}, []],
      ['a/raw.jsonl=2', 'a/raw.jsonl='],
      [],
    ],
    ['those of the user’s own stay', [[{ ...ours(FINISHED), isOwn: false }], {}, []], [], []],
  ])('%s', (_, sources, goes, superseded) => {
    expect(replayOf(...sources)).toMatchObject({ goes, superseded });
  });

  test('one that goes in part names what is in it', () => {
    const commit = ours({ 'a/raw.jsonl': '1', 'b/raw.jsonl': '1' }, 'whole');
    expect(replayOf([commit], {}, []).messages).toEqual(['whole']);
    expect(replayOf([commit], {}, [], ['a']).messages).toEqual([commitMessage(['b'])]);
  });
});
