import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RemoteBranch } from '../../../src/ledger/git/followed.ts';
import { LedgerGit } from '../../../src/ledger/git/ledger-git.ts';
import { LedgerRemote } from '../../../src/ledger/git/remote.ts';
import { type GitLedger, gitLedger, gitOf, pushFromElsewhere, runGit, writeScript } from '../../support/ledger-dir.ts';

const NOTE = 'refs/agentwork/notes';

/** As one who asks for the first time is told. */
async function branchOf({ root, environment }: GitLedger): Promise<RemoteBranch> {
  return (await new LedgerRemote(new LedgerGit(root, environment)).branch()) as RemoteBranch;
}

describe('the branch that is followed', () => {
  test('is known by its name there and here, and whether a plain push would go to it', async () => {
    const ledger = gitLedger();
    const known = {
      remote: 'origin',
      ref: 'refs/heads/main',
      tracking: 'refs/remotes/origin/main',
      name: 'origin/main',
    };
    expect(await branchOf(ledger)).toEqual({ ...known, isPlainTarget: true });
    ledger.git('config', 'push.default', 'nothing');
    expect(await branchOf(ledger)).toEqual({ ...known, isPlainTarget: false });
    expect(await branchOf(gitLedger({}))).toEqual({ ...known, isPlainTarget: true });
  });

  test('is none on a detached HEAD, without an upstream, or where that is of this very clone', async () => {
    const ledger = gitLedger();
    ledger.git('switch', '--quiet', '--create', 'topic', '--track', 'main');
    expect(await ledger.there.branch()).toBeUndefined();
    ledger.git('branch', '--unset-upstream');
    expect(await ledger.there.branch()).toBeUndefined();
    ledger.git('checkout', '--quiet', '--detach', 'main');
    expect(await ledger.there.branch()).toBeUndefined();
  });
});

describe('a fetch', () => {
  test('brings the branch and what else is named, and forgets what is gone there', async () => {
    const ledger = gitLedger();
    pushFromElsewhere(ledger, { 'other/x': '' });
    runGit(ledger.remote, ledger.environment, 'update-ref', `${NOTE}/a`, 'main');
    ledger.git('update-ref', `${NOTE}/b`, 'HEAD');
    expect(await ledger.there.fetch(await branchOf(ledger), [`+${NOTE}/*:${NOTE}/*`])).toBeUndefined();
    expect(ledger.git('log', '-1', '--format=%s', 'origin/main')).toBe('theirs');
    expect(ledger.git('for-each-ref', '--format=%(refname)', NOTE)).toBe(`${NOTE}/a`);
    expect(ledger.git('tag')).toBe('');
  });

  test('of an empty remote brings what else is named', async () => {
    const ledger = gitLedger({});
    const branch = await branchOf(ledger);
    expect(await ledger.there.fetch(branch)).toBeUndefined();
    expect(await ledger.there.fetch(branch, [`+${NOTE}/*:${NOTE}/*`])).toBeUndefined();
  });

  test('from a remote that is gone is refused', async () => {
    const ledger = gitLedger();
    rmSync(ledger.remote, { recursive: true });
    expect(await ledger.there.fetch(await branchOf(ledger))).toMatchObject({ kind: 'gone' });
  });

  test('from a remote that never answers ends in bounded time', async () => {
    const ledger = gitLedger();
    ledger.git('config', 'remote.origin.uploadpack', writeScript(path.join(ledger.scratch, 'hang'), 'cat >/dev/null'));
    const { there } = gitOf(ledger, { fetchMs: 300, pushMs: 300, smallPushMs: 300 });
    expect(await there.fetch(await branchOf(ledger))).toMatchObject({ kind: 'hung' });
  });
});

describe('wishes for refs of the remote', () => {
  test('are taken each for itself, and what was said of the others is told', async () => {
    const ledger = gitLedger();
    const to = ledger.git('rev-parse', 'HEAD');
    pushFromElsewhere(ledger, { 'other/x': '' });
    runGit(ledger.remote, ledger.environment, 'update-ref', `${NOTE}/taken`, 'main');
    const wish = (name: string, from: string | null) => ({ ref: `${NOTE}/${name}`, to, from });
    const answer = await ledger.there.push('origin', [wish('free', null), wish('taken', '1'.repeat(40))]);
    expect([...answer.done]).toEqual([`${NOTE}/free`]);
    expect([...answer.rejected]).toEqual([[`${NOTE}/taken`, '[rejected] (stale info)']]);
    expect(answer.refusal).toMatchObject({ kind: 'behind' });
  });

  test('to be the first are not granted to who comes second with the same', async () => {
    const ledger = gitLedger();
    const wish = { ref: NOTE, to: ledger.git('rev-parse', 'HEAD'), from: null };
    expect([...(await ledger.there.push('origin', [wish])).done]).toEqual([NOTE]);
    expect([...(await ledger.there.push('origin', [wish])).done]).toEqual([]);
  });

  test('are all or none where that is asked for', async () => {
    const ledger = gitLedger();
    const to = ledger.git('rev-parse', 'HEAD');
    const wishes = [
      { ref: `${NOTE}/a`, to, from: null },
      { ref: `${NOTE}/b`, to, from: '1'.repeat(40) },
    ];
    const answer = await ledger.there.push('origin', wishes, { isAtomic: true });
    expect([answer.done.size, answer.rejected.size]).toEqual([0, 2]);
    expect(runGit(ledger.remote, ledger.environment, 'for-each-ref', NOTE)).toBe('');
  });
});
