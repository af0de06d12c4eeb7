import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_PUSH } from '../../../src/ledger/git/push.ts';
import {
  changesOf,
  type GitLedger,
  gitLedger,
  gitOf,
  pushFromElsewhere,
  runGit,
  statusOf,
  type TemporaryLedger,
  writeScript,
} from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const RAW = 'sessions/a/raw.jsonl';
const SUMMARY = 'sessions/a/summary.json';

/** A ledger with commits of ours that the remote lacks, one for each session. */
async function ahead({ files, sessions = ['a'] }: { files?: Record<string, string>; sessions?: string[] } = {}) {
  const ledger = gitLedger(files);
  for (const session of sessions) await finish(ledger, session);
  return ledger;
}

async function finish({ root, commit }: GitLedger, session: string, summary = 'ours\n'): Promise<void> {
  const files = { [`sessions/${session}/raw.jsonl`]: '{}\n', [`sessions/${session}/summary.json`]: summary };
  writeFiles(root, files);
  await commit(...Object.keys(files));
}

function commitOfTheUser({ root, git }: GitLedger, name: string): void {
  writeFiles(root, { [name]: 'mine\n' });
  git('add', name);
  git('commit', '--quiet', '-m', `mine: ${name}`);
}

const remoteHead = (ledger: TemporaryLedger) => runGit(ledger.remote, ledger.environment, 'rev-parse', 'main');
const remoteFiles = (ledger: TemporaryLedger) =>
  runGit(ledger.remote, ledger.environment, 'ls-tree', '-r', '--name-only', 'main').split('\n');
const remoteLog = (ledger: TemporaryLedger) =>
  runGit(ledger.remote, ledger.environment, 'log', '--format=%s', 'main').split('\n').slice(0, -1);
const remoteText = (ledger: TemporaryLedger, name: string) =>
  runGit(ledger.remote, ledger.environment, 'show', `main:${name}`);
const head = (ledger: GitLedger) => ledger.git('rev-parse', 'HEAD');
const onDisk = (ledger: GitLedger, name: string) => readFileSync(path.join(ledger.root, name), 'utf8');

describe('a push', () => {
  test('brings the commits to the remote', async () => {
    const ledger = await ahead();
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.push()).toEqual({ outcome: 'done', others: 0, superseded: [], withheld: [] });
    expect(remoteHead(ledger)).toBe(head(ledger));
    expect(await ledger.ours.unpushed('sessions')).toBe(0);
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
  });

  test('counts only commits below the folder', async () => {
    const ledger = await ahead();
    writeFiles(ledger.root, { 'README.md': 'mine\n' });
    ledger.git('commit', '--quiet', '--all', '-m', 'mine');
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.ours.unpushed('nowhere')).toBe(0);
  });

  test('that a hook of the remote refuses is told in the hook’s words', async () => {
    const ledger = await ahead();
    writeScript(path.join(ledger.remote, 'hooks', 'pre-receive'), 'echo "no pushes on fridays" >&2; exit 1');
    expect(await ledger.push()).toMatchObject({
      outcome: { refused: 'no pushes on fridays; [remote rejected] (pre-receive hook declined)', kind: 'hook' },
    });
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
  });

  test('that a hook of the clone refuses is told, too', async () => {
    const ledger = await ahead();
    writeScript(path.join(ledger.root, '.git', 'hooks', 'pre-push'), 'echo "run the checks first" >&2; exit 1');
    expect(await ledger.push()).toMatchObject({ outcome: { refused: 'run the checks first', kind: 'hook' } });
  });

  test('to a remote that is gone says so', async () => {
    const ledger = await ahead();
    rmSync(ledger.remote, { recursive: true });
    expect(await ledger.push()).toMatchObject({
      outcome: { refused: expect.stringContaining('does not appear to be a git repository'), kind: 'gone' },
    });
  });

  test('has nowhere to go without a remote', async () => {
    const ledger = await ahead();
    ledger.git('remote', 'remove', 'origin');
    expect(await ledger.ours.hasRemote()).toBe(false);
    expect(await ledger.push()).toMatchObject({ outcome: 'off' });
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
  });

  test('of a branch without upstream says how to give it one', async () => {
    const ledger = await ahead();
    ledger.git('branch', '--unset-upstream');
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    expect(await ledger.push()).toMatchObject({
      outcome: { refused: 'the branch has no upstream (run `git push --set-upstream origin HEAD` once)' },
    });
  });

  test('of a detached HEAD is refused with git’s words', async () => {
    const ledger = await ahead();
    ledger.git('checkout', '--quiet', '--detach');
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    expect(await gitOf(ledger).push()).toMatchObject({
      outcome: { refused: expect.stringContaining('not currently on a branch') },
    });
  });

  test('is the first to a remote that is empty', async () => {
    const ledger = gitLedger({});
    expect(await ledger.ours.unpushed('sessions')).toBeUndefined();
    await finish(ledger, 'a');
    expect(await ledger.ours.unpushed('sessions')).toBe(1);
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(remoteHead(ledger)).toBe(head(ledger));
  });

  test('to a remote that never answers ends in bounded time', async () => {
    const ledger = await ahead();
    ledger.git('config', 'remote.origin.receivepack', writeScript(path.join(ledger.scratch, 'hang'), 'cat >/dev/null'));
    const { push } = gitOf(ledger, { fetchMs: 300, pushMs: 300, smallPushMs: 300 });
    expect(await push()).toMatchObject({ outcome: { kind: 'hung' } });
  });

  test('that arrived although the way back broke is known to have arrived the next time', async () => {
    const ledger = await ahead();
    const hook = path.join(ledger.remote, 'hooks', 'reference-transaction');
    writeScript(hook, 'if test "$1" = committed; then kill -9 $PPID; fi');
    expect(await ledger.push()).toMatchObject({ outcome: { kind: 'network' } });
    rmSync(hook);
    expect(remoteHead(ledger)).toBe(head(ledger));
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(remoteHead(ledger)).toBe(ledger.git('rev-parse', 'origin/main'));
  });
});

describe('a push of a branch that is behind', () => {
  test('goes on top of what others pushed, and the branch follows with its files', async () => {
    const ledger = await ahead({
      files: { 'README.md': '', 'dirty.txt': '1', 'staged.txt': '1' },
      sessions: ['a', 'b'],
    });
    const message = ledger.git('log', '-1', '--format=%B%an %ae %at');
    writeFiles(ledger.root, { 'dirty.txt': '2', 'staged.txt': '2', 'new.txt': '' });
    ledger.git('add', 'staged.txt');
    pushFromElsewhere(ledger, { 'README.md': 'theirs\n', 'other/x': 'x' });
    const theirs = remoteHead(ledger);
    expect(await ledger.push()).toEqual({ outcome: 'done', others: 0, superseded: [], withheld: [] });
    expect(ledger.git('rev-parse', 'HEAD', 'HEAD~2')).toBe(`${remoteHead(ledger)}\n${theirs}`);
    expect(remoteLog(ledger)).toEqual(['finalize session b', 'finalize session a', 'theirs']);
    expect(ledger.git('log', '-1', '--format=%B%an %ae %at')).toBe(message);
    expect([onDisk(ledger, 'README.md'), onDisk(ledger, 'other/x')]).toEqual(['theirs\n', 'x']);
    expect(statusOf(ledger)).toEqual([' M dirty.txt', 'M  staged.txt', '?? new.txt']);
    expect(ledger.git('for-each-ref', 'refs/agentwork')).toBe('');
  });

  test.each([
    ['changed', (ledger: GitLedger) => writeFiles(ledger.root, { 'README.md': 'dirty\n' }), ' M README.md'],
    ['new', (ledger: GitLedger) => writeFiles(ledger.root, { 'other/x': 'mine' }), '?? other/'],
  ])('leaves a branch in whose way a %s file is, and brings it forward the next time', async (_, change, line) => {
    const ledger = await ahead();
    change(ledger);
    pushFromElsewhere(ledger, { 'README.md': 'theirs\n', 'other/x': 'x' });
    const mine = head(ledger);
    expect(await ledger.push()).toMatchObject({
      outcome: 'done',
      branchLeft: expect.stringContaining('local changes are in the way'),
    });
    expect([head(ledger), statusOf(ledger)]).toEqual([mine, [line]]);
    expect(remoteLog(ledger)).toEqual(['finalize session a', 'theirs']);
    expect(await ledger.ours.unpushed('sessions')).toBe(0);
    expect(await ledger.push()).toEqual(NO_PUSH);
    ledger.git('checkout', '--quiet', '.');
    ledger.git('clean', '--quiet', '--force', '-d');
    expect(await ledger.push()).toEqual({ outcome: 'nothing', others: 0, superseded: [], withheld: [] });
    expect([head(ledger), statusOf(ledger)]).toEqual([remoteHead(ledger), []]);
    expect(existsSync(path.join(ledger.scratch, 'branch-move-.git'))).toBe(false);
  });

  test('leaves a branch that was moved by somebody else meanwhile, and its files', async () => {
    const ledger = await ahead();
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    ledger.git('fetch', '--quiet');
    const before = await ledger.branch.head();
    commitOfTheUser(ledger, 'mine.txt');
    const left = await ledger.branch.moveTo(before, ledger.git('rev-parse', 'origin/main'));
    expect(left).toContain('the branch is not where it was');
    expect(statusOf(ledger)).toEqual([]);
    expect(ledger.git('log', '-1', '--format=%s')).toBe('mine: mine.txt');
  });

  test('leaves a branch that is not checked out any more', async () => {
    const ledger = await ahead();
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    ledger.git('fetch', '--quiet');
    const before = await ledger.branch.head();
    ledger.git('switch', '--quiet', '--create', 'topic');
    expect(await ledger.branch.moveTo(before, ledger.git('rev-parse', 'origin/main'))).toContain('not where it was');
    expect(ledger.git('rev-parse', 'main', 'topic')).toBe(`${before.commit}\n${before.commit}`);
    expect(statusOf(ledger)).toEqual([]);
  });

  test('is none of what somebody has checked out since the commit', async () => {
    const ledger = await ahead();
    ledger.git('config', 'push.default', 'current');
    ledger.git('switch', '--quiet', '--create', 'topic', 'origin/main', '--no-track');
    const before = remoteHead(ledger);
    await expect(ledger.push()).rejects.toThrow('topic was checked out while the pass worked on main');
    expect([remoteHead(ledger), runGit(ledger.remote, ledger.environment, 'branch', '--list', 'topic')]).toEqual([
      before,
      '',
    ]);
  });

  test('takes everything back when the branch cannot be moved in the end', async () => {
    const ledger = await ahead();
    pushFromElsewhere(ledger, { 'other/x': 'x', 'README.md': 'theirs\n' });
    writeFiles(ledger.root, { '.git/refs/heads/main.lock': '' });
    const before = head(ledger);
    expect(await ledger.push()).toMatchObject({ branchLeft: expect.stringContaining('cannot lock ref') });
    expect([head(ledger), statusOf(ledger), onDisk(ledger, 'README.md')]).toEqual([before, [], 'a ledger\n']);
    rmSync(path.join(ledger.root, '.git/refs/heads/main.lock'));
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
    expect([head(ledger), statusOf(ledger)]).toEqual([remoteHead(ledger), []]);
  });

  test('reads its own commits under any configuration', async () => {
    const ledger = await ahead();
    for (const [key, value] of Object.entries({
      'log.showSignature': 'true',
      'color.ui': 'always',
      'log.date': 'relative',
      'i18n.logOutputEncoding': 'latin1',
      'diff.renames': 'copies',
      'push.followTags': 'true',
      'core.quotePath': 'true',
    })) {
      ledger.git('config', key, value);
    }
    await finish(ledger, 'ü');
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    expect(await ledger.push()).toMatchObject({ outcome: 'done' });
    expect(remoteLog(ledger)).toEqual(['finalize session ü', 'finalize session a', 'theirs']);
    expect(head(ledger)).toBe(remoteHead(ledger));
  });
});

describe('commits of the user’s own', () => {
  test('below ours go along where a plain push would push them, and are counted', async () => {
    const ledger = gitLedger();
    commitOfTheUser(ledger, 'mine.txt');
    await finish(ledger, 'a');
    expect(await ledger.push()).toMatchObject({ outcome: 'done', others: 1 });
    expect(remoteLog(ledger)).toEqual(['finalize session a', 'mine: mine.txt']);
  });

  test('above ours stay', async () => {
    const ledger = await ahead();
    commitOfTheUser(ledger, 'mine.txt');
    expect(await ledger.push()).toMatchObject({ outcome: 'done', others: 0 });
    expect(remoteLog(ledger)).toEqual(['finalize session a']);
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
  });

  test.each([
    ['pushes nothing', ['push.default=nothing'], 'main'],
    ['knows no branch of another name', ['push.default=simple'], 'trunk'],
    ['pushes to another branch', ['push.default=current'], 'trunk'],
    ['pushes to another remote', ['remote.pushDefault=elsewhere', 'remote.elsewhere.url=/nowhere'], 'main'],
  ])('below ours stay where a plain push %s', async (_, settings, name) => {
    const ledger = gitLedger();
    if (name !== 'main') ledger.git('push', '--quiet', '--set-upstream', 'origin', `main:${name}`);
    for (const setting of settings) ledger.git('config', ...(setting.split('=') as [string, string]));
    commitOfTheUser(ledger, 'mine.txt');
    await finish(ledger, 'a');
    const mine = head(ledger);
    expect(await ledger.push()).toMatchObject({
      outcome: 'done',
      others: 0,
      branchLeft: expect.stringContaining('commits of your own are below ours'),
    });
    const pushed = runGit(ledger.remote, ledger.environment, 'log', '-1', '--format=%s', '--name-only', name);
    expect(pushed.split('\n').filter(Boolean)).toEqual(['finalize session a', RAW, SUMMARY]);
    expect([head(ledger), statusOf(ledger)]).toEqual([mine, []]);
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
    ledger.git('pull', '--quiet', '--rebase');
    expect(ledger.git('log', '-2', '--format=%s')).toBe('mine: mine.txt\nfinalize session a');
  });

  test('go along to an upstream of another name where push.default says so', async () => {
    const ledger = gitLedger();
    ledger.git('push', '--quiet', '--set-upstream', 'origin', 'main:trunk');
    ledger.git('config', 'push.default', 'upstream');
    commitOfTheUser(ledger, 'mine.txt');
    await finish(ledger, 'a');
    expect(await ledger.push()).toMatchObject({ outcome: 'done', others: 1 });
    expect(runGit(ledger.remote, ledger.environment, 'rev-parse', 'trunk')).toBe(head(ledger));
  });

  test('below ours are neither rewritten nor pushed when the branch is behind', async () => {
    const ledger = gitLedger();
    commitOfTheUser(ledger, 'mine.txt');
    await finish(ledger, 'a');
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    const mine = head(ledger);
    expect(await ledger.push()).toMatchObject({ outcome: 'done', others: 0, branchLeft: expect.any(String) });
    expect(remoteLog(ledger)).toEqual(['finalize session a', 'theirs']);
    expect([head(ledger), statusOf(ledger)]).toEqual([mine, []]);
  });

  test('that bring both together go along', async () => {
    const ledger = await ahead();
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    ledger.git('pull', '--quiet', '--no-rebase');
    commitOfTheUser(ledger, 'mine.txt');
    expect(await ledger.push()).toMatchObject({ outcome: 'done', others: 1 });
    expect(remoteHead(ledger)).toBe(ledger.git('rev-parse', 'HEAD~1'));
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
  });

  test('that bring both together stay where a plain push pushes nothing', async () => {
    const ledger = await ahead();
    ledger.git('config', 'push.default', 'nothing');
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    ledger.git('pull', '--quiet', '--no-rebase');
    expect(await ledger.push()).toMatchObject({ outcome: 'done', others: 0, branchLeft: expect.any(String) });
    expect(remoteLog(ledger)).toEqual(['finalize session a', 'theirs']);
  });

  test('are not taken for ours because they bear our words', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { 'mine.txt': '' });
    ledger.git('add', '.');
    ledger.git('commit', '--quiet', '-m', 'finalize session a\n\nFinalized-by: agentwork');
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
  });
});

describe('a session that others have changed, too', () => {
  test('and finished stays as they finished it, and ours is kept before it is replaced', async () => {
    const ledger = await ahead({ sessions: ['a', 'b'] });
    pushFromElsewhere(ledger, { [RAW]: '{}\n', [SUMMARY]: 'theirs\n' });
    const kept: string[] = [];
    const keep = async (sessions: readonly string[]) => {
      kept.push(...sessions.map((session) => onDisk(ledger, `sessions/${session}/summary.json`)));
    };
    expect(await ledger.push({ keep })).toMatchObject({ outcome: 'done', superseded: ['a'] });
    expect(kept).toEqual(['ours\n']);
    expect([remoteText(ledger, SUMMARY), onDisk(ledger, SUMMARY)]).toEqual(['theirs', 'theirs\n']);
    expect(remoteLog(ledger)).toEqual(['finalize session b', 'theirs']);
    expect([head(ledger), statusOf(ledger)]).toEqual([remoteHead(ledger), []]);
  });

  test('and finished alike is no conflict', async () => {
    const ledger = await ahead();
    pushFromElsewhere(ledger, { [RAW]: '{}\n', [SUMMARY]: 'ours\n' });
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing', superseded: [] });
    expect([head(ledger), statusOf(ledger)]).toEqual([remoteHead(ledger), []]);
  });

  test('and taken away stays away', async () => {
    const ledger = gitLedger({ [RAW]: '{}\n' });
    writeFiles(ledger.root, { [RAW]: '{}\n{}\n', [SUMMARY]: 'ours\n' });
    await ledger.commit(RAW, SUMMARY);
    pushFromElsewhere(ledger, { [RAW]: undefined, 'other/x': '' });
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing', superseded: ['a'] });
    expect(remoteFiles(ledger)).toEqual(['other/x']);
    expect(head(ledger)).toBe(remoteHead(ledger));
  });

  test('and recorded on is theirs, and what we made of less is kept', async () => {
    const ledger = gitLedger({ [RAW]: '{}\n' });
    writeFiles(ledger.root, { [RAW]: '{"redacted":true}\n', [SUMMARY]: 'ours\n' });
    await ledger.commit(RAW, SUMMARY);
    pushFromElsewhere(ledger, { [RAW]: '{}\n{}\n' });
    const kept: string[] = [];
    const keep = async (sessions: readonly string[]) => void kept.push(...sessions);
    expect(await ledger.push({ keep })).toMatchObject({ outcome: 'nothing', superseded: ['a'] });
    expect([kept, remoteText(ledger, RAW)]).toEqual([['a'], '{}\n{}']);
    expect([head(ledger), statusOf(ledger)]).toEqual([remoteHead(ledger), []]);
  });

  test('is theirs where they put a file in the place of its folder', async () => {
    const ledger = await ahead();
    pushFromElsewhere(ledger, { 'sessions/a': 'theirs\n' });
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing', superseded: ['a'] });
    expect(remoteText(ledger, 'sessions/a')).toBe('theirs');
  });
});

describe('a remote whose history was rewritten', () => {
  test('gets nothing back that was taken out of it, and only what is new', async () => {
    const ledger = await ahead();
    const before = ledger.git('rev-parse', 'HEAD~1');
    await ledger.push();
    runGit(ledger.remote, ledger.environment, 'update-ref', 'refs/heads/main', before);
    await finish(ledger, 'b');
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    expect(await ledger.push()).toMatchObject({
      outcome: 'done',
      branchLeft: expect.stringContaining('the history of the remote was rewritten'),
    });
    expect(remoteLog(ledger)).toEqual(['finalize session b', 'theirs']);
    expect(existsSync(path.join(ledger.root, RAW))).toBe(true);
  });
});

describe('what was pushed, and is at the remote no more', () => {
  test('is told as long as it is so, and is the user’s to push or to let go', async () => {
    const ledger = await ahead();
    const before = ledger.git('rev-parse', 'origin/main');
    await ledger.push();
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
    runGit(ledger.remote, ledger.environment, 'update-ref', 'refs/heads/main', before);
    for (const _ of ['once', 'again']) {
      ledger.git('fetch', '--quiet');
      const refused = expect.stringContaining('lacks what was pushed before: a (git push brings it there again');
      expect(await ledger.push()).toMatchObject({ outcome: { refused, kind: 'rewritten' }, withheld: [] });
    }
    ledger.git('push', '--quiet');
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
  });

  test('is no matter where others brought the same, or where it may not be there', async () => {
    const ledger = await ahead();
    const before = ledger.git('rev-parse', 'origin/main');
    await ledger.push();
    runGit(ledger.remote, ledger.environment, 'update-ref', 'refs/heads/main', before);
    ledger.git('fetch', '--quiet');
    expect(await ledger.push({ withheld: ['a'] })).toMatchObject({ outcome: 'nothing' });
    pushFromElsewhere(ledger, Object.fromEntries([RAW, SUMMARY].map((name) => [name, onDisk(ledger, name)])));
    ledger.git('fetch', '--quiet');
    expect(await ledger.push()).toMatchObject({ outcome: 'nothing' });
  });
});

test('what a remote says of sessions that it was not sent counts for nothing', async () => {
  const ledger = await ahead();
  const text = 'GH013: push protection: path: sessions/other/raw.jsonl:4';
  writeScript(path.join(ledger.remote, 'hooks', 'pre-receive'), `echo '${text}' >&2; exit 1`);
  expect(await ledger.push()).toMatchObject({ outcome: { kind: 'secret' }, withheld: [] });
});

const PUSH_PROTECTION = `
remote: error: GH013: Repository rule violations found for refs/heads/main.
remote:
remote: - GITHUB PUSH PROTECTION
remote:   —————————————————————————————————————————
remote:     Resolve the following violations before pushing again
remote:
remote:     - Push cannot contain secrets
remote:
remote:       —— GitHub Personal Access Token ——————————————————————
remote:        locations:
remote:          - commit: 8728dbe67
remote:            path: sessions/a/raw.jsonl:4
`;

/** A remote that refuses whatever has such a file. */
function refuseFile({ remote }: TemporaryLedger, name: string, words: string): void {
  const lines = words.trim().replaceAll(/^remote: ?/gm, '');
  const isThere = `git ls-tree -r --name-only "$new" | grep -q '^${name}$'`;
  const script = `while read old new ref; do if ${isThere}; then cat >&2 <<'END'\n${lines}\nEND\nexit 1; fi; done`;
  writeScript(path.join(remote, 'hooks', 'pre-receive'), script);
}

describe('a session that the remote will not have', () => {
  test('because of a secret is taken out of the way of the others, and stays on disk', async () => {
    const ledger = await ahead({ sessions: ['b', 'a', 'c'] });
    refuseFile(ledger, RAW, PUSH_PROTECTION);
    const reason = expect.stringContaining('the remote found a secret in sessions/a/');
    expect(await ledger.push()).toMatchObject({ outcome: 'done', withheld: [{ session: 'a', reason }] });
    expect(remoteLog(ledger)).toEqual(['finalize session c', 'finalize session b']);
    expect([head(ledger), statusOf(ledger)]).toEqual([remoteHead(ledger), ['?? sessions/a/']]);
    expect(onDisk(ledger, RAW)).toBe('{}\n');
  });

  test('because of its size is taken out of a commit of several', async () => {
    const ledger = gitLedger();
    const [one, other] = [RAW, 'sessions/b/raw.jsonl'];
    writeFiles(ledger.root, { [one]: '{}\n', [other]: '{}\n' });
    await ledger.commit(one, other);
    const file = `File ${one} is 141.02 MB; this exceeds GitHub's file size limit of 100.00 MB`;
    refuseFile(ledger, one, `remote: error: GH001: Large files detected.\nremote: error: ${file}`);
    expect(await ledger.push()).toMatchObject({ outcome: 'done', withheld: [{ session: 'a' }] });
    expect(remoteLog(ledger)).toEqual(['finalize session b']);
    expect(statusOf(ledger)).toEqual(['?? sessions/a/']);
  });

  test('is not offered again', async () => {
    const ledger = await ahead({ sessions: ['a', 'b'] });
    refuseFile(ledger, RAW, 'this was offered again');
    expect(await ledger.push({ withheld: ['a'] })).toMatchObject({ outcome: 'done', withheld: [] });
    expect(remoteLog(ledger)).toEqual(['finalize session b']);
    expect(statusOf(ledger)).toEqual(['?? sessions/a/']);
    expect(await ledger.push({ withheld: ['a'] })).toMatchObject({ outcome: 'nothing' });
  });

  test('does not go along with others in a commit of the user’s own, below ours or between them', async () => {
    const ledger = await ahead({ sessions: ['b'] });
    commitOfTheUser(ledger, RAW);
    await finish(ledger, 'c');
    const mine = head(ledger);
    expect(await ledger.push({ withheld: ['a'] })).toMatchObject({ outcome: 'done', others: 0 });
    expect(remoteLog(ledger)).toEqual(['finalize session c', 'finalize session b']);
    expect([head(ledger), statusOf(ledger)]).toEqual([mine, []]);
  });

  test('stays on disk as it is when others have pushed it, too', async () => {
    const ledger = gitLedger({ [RAW]: '{}\n' });
    writeFiles(ledger.root, { [RAW]: '{}\nsecret\n', [SUMMARY]: 'ours\n' });
    await ledger.commit(RAW, SUMMARY);
    await finish(ledger, 'b');
    pushFromElsewhere(ledger, { [RAW]: '{}\n{}\n' });
    expect(await ledger.push({ withheld: ['a'] })).toMatchObject({ outcome: 'done' });
    expect(onDisk(ledger, RAW)).toBe('{}\nsecret\n');
    expect([head(ledger), statusOf(ledger)]).toEqual([remoteHead(ledger), [` M ${RAW}`, `?? ${SUMMARY}`]]);
  });

  test('in a commit of the user’s own stays there, and stops no other', async () => {
    const ledger = gitLedger();
    commitOfTheUser(ledger, RAW);
    await finish(ledger, 'b');
    const mine = head(ledger);
    refuseFile(ledger, RAW, PUSH_PROTECTION);
    expect(await ledger.push()).toMatchObject({
      ...{ outcome: 'done', others: 0, withheld: [{ session: 'a' }] },
      branchLeft: expect.stringContaining('commits of your own are below ours'),
    });
    expect(remoteLog(ledger)).toEqual(['finalize session b']);
    expect([head(ledger), statusOf(ledger)]).toEqual([mine, []]);
  });
});

describe('refs beside the branch', () => {
  const NOTE = 'refs/agentwork/notes';
  const noteThere = (ledger: TemporaryLedger) =>
    runGit(ledger.remote, ledger.environment, 'for-each-ref', '--format=%(objectname)', NOTE);

  test('arrive with the commits', async () => {
    const ledger = await ahead();
    const to = ledger.git('rev-parse', 'HEAD~1');
    expect(await ledger.push({ alongside: () => [{ ref: NOTE, to, from: null }] })).toMatchObject({ outcome: 'done' });
    expect([remoteHead(ledger), noteThere(ledger)]).toEqual([head(ledger), to]);
    await finish(ledger, 'b');
    expect(await ledger.push({ alongside: () => [{ ref: NOTE, to: undefined, from: to }] })).toMatchObject({
      outcome: 'done',
    });
    expect([remoteHead(ledger), noteThere(ledger)]).toEqual([head(ledger), '']);
  });

  test('do not arrive without the commits', async () => {
    const ledger = await ahead();
    refuseFile(ledger, RAW, 'no pushes on fridays');
    const alongside = [{ ref: NOTE, to: ledger.git('rev-parse', 'HEAD~1'), from: null }];
    expect(await ledger.push({ alongside: () => alongside })).toMatchObject({ outcome: { kind: 'hook' } });
    expect(noteThere(ledger)).toBe('');
  });

  test('that are not what they were thought to be keep nothing from going', async () => {
    const ledger = await ahead();
    const alongside = [{ ref: NOTE, to: undefined, from: ledger.git('rev-parse', 'HEAD~1') }];
    ledger.git('push', '--quiet', 'origin', `HEAD:${NOTE}`);
    const there = noteThere(ledger);
    expect(await ledger.push({ alongside: () => alongside })).toMatchObject({ outcome: 'done' });
    expect([remoteHead(ledger), noteThere(ledger)]).toEqual([head(ledger), there]);
    expect(await ledger.push({ alongside: () => alongside })).toMatchObject({ outcome: 'nothing' });
  });

  test('go after the commits to a remote that takes nothing together', async () => {
    const ledger = await ahead();
    runGit(ledger.remote, ledger.environment, 'config', 'receive.advertiseAtomic', 'false');
    const to = ledger.git('rev-parse', 'HEAD~1');
    expect(await ledger.push({ alongside: () => [{ ref: NOTE, to, from: null }] })).toMatchObject({ outcome: 'done' });
    expect([remoteHead(ledger), noteThere(ledger)]).toEqual([head(ledger), to]);
  });

  test('go alone when there is no commit to go with', async () => {
    const ledger = gitLedger();
    const alongside = [{ ref: NOTE, to: head(ledger), from: null }];
    expect(await ledger.push({ alongside: () => alongside })).toMatchObject({ outcome: 'nothing' });
    expect(noteThere(ledger)).toBe(head(ledger));
  });

  test('arrive on top of others’ commits, too', async () => {
    const ledger = await ahead();
    pushFromElsewhere(ledger, { 'other/x': 'x' });
    const to = ledger.git('rev-parse', 'HEAD~1');
    expect(await ledger.push({ alongside: () => [{ ref: NOTE, to, from: null }] })).toMatchObject({ outcome: 'done' });
    expect([changesOf(ledger, 'origin/main'), noteThere(ledger)]).toEqual([`A ${RAW} A ${SUMMARY}`, to]);
  });
});
