import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../../src/clock.ts';
import { type Claim, claimRef } from '../../../src/ledger/claims/claim.ts';
import { Claims, type ClaimsWorld } from '../../../src/ledger/claims/claims.ts';
import { LedgerBranch } from '../../../src/ledger/git/branch.ts';
import type { RemoteBranch } from '../../../src/ledger/git/followed.ts';
import { LedgerGit } from '../../../src/ledger/git/ledger-git.ts';
import { LedgerRemote } from '../../../src/ledger/git/remote.ts';
import { secondClone, type TemporaryLedger, temporaryLedger } from '../../support/ledger-dir.ts';
import { claimAt, gitIn, installHook, plantClaim } from '../../support/machines.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const NOW = Date.now();
const TIMEOUT_MS = 5 * MINUTE_MS;
const LATER = isoTime(NOW + HOUR_MS);

const wanted = (...sessions: readonly string[]) => sessions.map((session) => ({ session, input: `${session} B` }));
const sharedLedger = () => temporaryLedger({ 'README.md': 'a ledger\n' });

interface Machine {
  readonly claims: Claims;
  readonly target: RemoteBranch;
  /** What was said of a remote that takes no claims. */
  readonly complaints: string[];
  readonly time: { now: number };
}

/** A clone as a pass has it that has just asked the remote. */
async function machineOn(
  { root, environment }: Pick<TemporaryLedger, 'root' | 'environment'>,
  user: string,
  more: Partial<ClaimsWorld> = {},
): Promise<Machine> {
  gitIn(root, 'config', 'user.name', user);
  const git = new LedgerGit(root, environment);
  const remote = new LedgerRemote(git);
  const target = (await remote.branch()) as RemoteBranch;
  const scratch = path.join(root, '.git', 'agentwork');
  mkdirSync(scratch, { recursive: true });
  const time = { now: NOW };
  const complaints: string[] = [];
  const claims = new Claims(target, {
    git,
    remote,
    branch: new LedgerBranch(git, scratch),
    clock: () => time.now,
    timeoutMs: TIMEOUT_MS,
    claimant: { cloneId: `clone of ${user}`, host: `host of ${user}` },
    onTaken: () => {},
    isUnsupported: (why) => complaints.push(why) > 0,
    onTrouble: (message) => complaints.push(message),
    ...more,
  });
  await claims.refresh();
  return { claims, target, complaints, time };
}

/** Two machines that have both asked the remote, and know nothing of each other yet. */
async function twoMachines() {
  const ledger = sharedLedger();
  const second = { ...ledger, ...secondClone(ledger) };
  return { ledger, second, mia: await machineOn(ledger, 'mia'), tom: await machineOn(second, 'tom') };
}

/** What another machine has pushed meanwhile. */
function pushFrom({ root, git }: Pick<TemporaryLedger, 'root' | 'git'>, files: Readonly<Record<string, string>>): void {
  writeFiles(root, files);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'finalize');
  git('push', '--quiet');
}

const oidAt = ({ remote }: TemporaryLedger, session: string) => gitIn(remote, 'rev-parse', claimRef(session));
/** The remote is away while something is done. */
async function whileAway({ remote }: TemporaryLedger, work: () => Promise<void>): Promise<void> {
  renameSync(remote, `${remote}.away`);
  await work();
  renameSync(`${remote}.away`, remote);
}

describe('a session that nobody has', () => {
  test('is taken, and the remote says by whom and until when', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    expect(await claims.take(wanted('a', 'b'))).toEqual(new Map());
    expect(claims.held).toEqual(['a', 'b']);
    expect(claimAt(ledger, 'a')).toEqual({
      claim_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      clone_id: 'clone of mia',
      session: 'a',
      host: 'host of mia',
      user: 'mia',
      started_at: isoTime(NOW),
      expires_at: isoTime(NOW + TIMEOUT_MS + 30 * MINUTE_MS),
      input: 'a B',
      state: 'working',
    } satisfies Record<keyof Claim, unknown>);
    expect(gitIn(ledger.remote, 'ls-tree', claimRef('a'))).toBe('');
    expect(gitIn(ledger.remote, 'rev-list', '--parents', claimRef('a'))).toBe(oidAt(ledger, 'a'));
  });

  test('is asked for once: what is in hand stays as it is', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a'));
    const before = oidAt(ledger, 'a');
    expect(await claims.take(wanted('a', 'b'))).toEqual(new Map());
    expect(oidAt(ledger, 'a')).toBe(before);
    expect(claims.held).toEqual(['a', 'b']);
  });

  test('leaves no trace in the history, the work tree or the index of the clone', async () => {
    const ledger = sharedLedger();
    const head = ledger.git('rev-parse', 'HEAD');
    const { claims } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a'));
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
    expect(ledger.git('status', '--porcelain')).toBe('');
  });
});

describe('a session that somebody else has', () => {
  test('is known by the last look, and nothing is pushed for it', async () => {
    const ledger = sharedLedger();
    plantClaim(ledger, 'a', { expires_at: LATER });
    const { claims } = await machineOn(ledger, 'mia');
    const until = `${LATER.slice(0, 10)} ${LATER.slice(11, 16)} UTC`;
    expect(await claims.take(wanted('a'))).toEqual(new Map([['a', `claimed by tom on far-away until ${until}`]]));
    expect(claims.held).toEqual([]);
  });

  test('is theirs who were faster, and the others of the same push are ours', async () => {
    const { ledger, mia, tom } = await twoMachines();
    await tom.claims.take(wanted('b'));
    const theirs = oidAt(ledger, 'b');
    const holders = await mia.claims.take(wanted('a', 'b', 'c'));
    expect([...holders]).toEqual([['b', expect.stringContaining('claimed by tom on host of tom until ')]]);
    expect(mia.claims.held).toEqual(['a', 'c']);
    expect(oidAt(ledger, 'b')).toBe(theirs);
    expect(mia.complaints).toEqual([]);
  });

  test('goes to exactly one of two that ask at the same moment', async () => {
    const { mia, tom } = await twoMachines();
    const sessions = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all([mia.claims.take(wanted(...sessions)), tom.claims.take(wanted(...sessions.toReversed()))]);
    expect([...mia.claims.held, ...tom.claims.held].sort()).toEqual(sessions);
  });

  test('stays theirs when they give it back after our last look: it may be done', async () => {
    const { mia, tom } = await twoMachines();
    await tom.claims.take(wanted('a'));
    await mia.claims.refresh();
    await tom.claims.settle(['a']);
    expect([...(await mia.claims.take(wanted('a'))).keys()]).toEqual(['a']);
  });

  test('is left for a day where nobody here can read the claim', async () => {
    const ledger = sharedLedger();
    plantClaim(ledger, 'a', { message: '{"version":2}' });
    plantClaim(ledger, 'b', { message: 'gibberish', atMs: NOW - DAY_MS - MINUTE_MS });
    const { claims } = await machineOn(ledger, 'mia');
    expect([...(await claims.take(wanted('a', 'b')))]).toEqual([['a', 'claimed by another version of agentwork']]);
    expect(claims.held).toEqual(['b']);
  });
});

describe('a claim that is over', () => {
  test('is taken over', async () => {
    const ledger = sharedLedger();
    plantClaim(ledger, 'a', { expires_at: isoTime(NOW - 1) });
    const { claims } = await machineOn(ledger, 'mia');
    expect(await claims.take(wanted('a'))).toEqual(new Map());
    expect(claimAt(ledger, 'a')?.user).toBe('mia');
  });

  test('is not taken over when its owner renews it after all', async () => {
    const { ledger, mia, tom } = await twoMachines();
    await tom.claims.take(wanted('a'));
    await mia.claims.refresh();
    mia.time.now = NOW + HOUR_MS;
    tom.time.now = NOW + 40 * MINUTE_MS;
    await tom.claims.renew();
    expect([...(await mia.claims.take(wanted('a'))).values()]).toEqual([expect.stringContaining('claimed by tom')]);
    expect(claimAt(ledger, 'a')?.user).toBe('tom');
  });

  test('is our own again at once, whichever pass of this clone made it', async () => {
    const { ledger, tom } = await twoMachines();
    await (await machineOn(ledger, 'mia')).claims.take(wanted('a'));
    const next = await machineOn(ledger, 'mia');
    expect(await next.claims.take(wanted('a'))).toEqual(new Map());
    expect(next.claims.held).toEqual(['a']);
    await tom.claims.refresh();
    expect([...(await tom.claims.take(wanted('a'))).keys()]).toEqual(['a']);
  });
});

describe('a renewal', () => {
  test('puts off the end of everything in hand', async () => {
    const ledger = sharedLedger();
    const { claims, time } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a', 'b'));
    const before = claimAt(ledger, 'a');
    time.now = NOW + 10 * MINUTE_MS;
    await claims.renew();
    expect(claimAt(ledger, 'a')).toEqual({ ...before, expires_at: isoTime(NOW + 45 * MINUTE_MS) });
    expect(claimAt(ledger, 'b')?.expires_at).toBe(isoTime(NOW + 45 * MINUTE_MS));
  });

  test('does not take back what somebody took over', async () => {
    const { ledger, mia, tom } = await twoMachines();
    await mia.claims.take(wanted('a', 'b'));
    await tom.claims.refresh();
    tom.time.now = NOW + HOUR_MS;
    await tom.claims.take(wanted('a'));
    await mia.claims.renew();
    expect(mia.claims.held).toEqual(['b']);
    expect(claimAt(ledger, 'a')?.user).toBe('tom');
  });

  test('that comes too late, as after a sleep, leaves nothing that is surely ours', async () => {
    const ledger = sharedLedger();
    const { claims, time } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a'));
    time.now = NOW + 35 * MINUTE_MS;
    expect([claims.isLost('a'), claims.isLost('never taken')]).toEqual([false, true]);
    time.now += 1;
    expect(claims.isLost('a')).toBe(true);
    await claims.renew();
    expect(claims.isLost('a')).toBe(false);
  });

  test('that the remote does not hear leaves everything in hand for the next', async () => {
    const ledger = sharedLedger();
    const { claims, time } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a'));
    await whileAway(ledger, () => claims.renew());
    expect(claims.held).toEqual(['a']);
    time.now = NOW + HOUR_MS;
    await claims.renew();
    expect(claimAt(ledger, 'a')?.expires_at).toBe(isoTime(NOW + 95 * MINUTE_MS));
  });

  test('of nothing asks nobody', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    await whileAway(ledger, () => claims.renew());
    expect(claims.held).toEqual([]);
  });

  test('says of what is finished that it waits for its push, once', async () => {
    const ledger = sharedLedger();
    const { claims, time } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a'));
    claims.noteFinished(['a']);
    await claims.renew();
    expect(claimAt(ledger, 'a')).toMatchObject({ state: 'unpushed', expires_at: isoTime(NOW + 7 * DAY_MS) });
    time.now = NOW + DAY_MS;
    await claims.renew();
    expect(claimAt(ledger, 'a')?.expires_at).toBe(isoTime(NOW + 7 * DAY_MS));
  });
});

describe('what is finished', () => {
  test('is told to others with the next claim', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a'));
    claims.noteFinished(['a']);
    await claims.take(wanted('b'));
    expect([claimAt(ledger, 'a')?.state, claimAt(ledger, 'b')?.state]).toEqual(['unpushed', 'working']);
  });

  test('is given back by the push that brings it, and forgotten when that went through', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    await claims.take(wanted('a', 'b'));
    const release = { session: 'a', ref: claimRef('a'), to: undefined, from: oidAt(ledger, 'a') };
    expect(claims.releases(['a', 'unheard-of'])).toEqual([release]);
    claims.forget(['a']);
    expect(claims.held).toEqual(['b']);
  });

  test('stays claimed when its push was refused, and the rest is given back', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    await claims.take(wanted('done', 'left', 'failed'));
    claims.noteFinished(['done']);
    await claims.settle(['done', 'left']);
    expect(claimAt(ledger, 'done')?.state).toBe('unpushed');
    expect(claimAt(ledger, 'left')).toBeUndefined();
    expect(claimAt(ledger, 'failed')?.state).toBe('working');
    expect(claims.held).toEqual(['done', 'failed']);
  });

  test('by an earlier pass of this clone goes with the next push', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    await claims.take(wanted('told', 'committed', 'begun'));
    claims.noteFinished(['told']);
    await claims.settle(['told']);
    writeFiles(ledger.root, { 'sessions/committed/summary.json': '{}\n' });
    ledger.git('add', '--all');
    ledger.git('commit', '--quiet', '--message', 'finalize');
    plantClaim(ledger, 'theirs', { state: 'unpushed' });
    const next = await machineOn(ledger, 'mia');
    await next.claims.adopt();
    expect([...next.claims.held].sort()).toEqual(['committed', 'told']);
    await next.claims.settle(next.claims.held);
    expect(claimAt(ledger, 'committed')?.state).toBe('unpushed');
  });

  test('by an earlier pass, and whose commit is gone, is claimed anew', async () => {
    const ledger = sharedLedger();
    plantClaim(ledger, 'a', { state: 'unpushed', clone_id: 'clone of mia' });
    const { claims } = await machineOn(ledger, 'mia');
    await claims.adopt();
    expect(await claims.take(wanted('a'))).toEqual(new Map());
    expect(claimAt(ledger, 'a')).toMatchObject({ state: 'working', user: 'mia' });
    await claims.settle(['a']);
    expect(claimAt(ledger, 'a')).toBeUndefined();
  });

  test.each(['../../etc', 'a\nb', ':(top)x', '-x', ''])(
    'is not sought outside of the ledger, whatever name is claimed: %j',
    async (session) => {
      const ledger = sharedLedger();
      plantClaim(ledger, session, { clone_id: 'clone of mia' });
      const { claims } = await machineOn(ledger, 'mia');
      await claims.adopt();
      expect(claims.held).toEqual([]);
    },
  );
});

describe('what others have finished', () => {
  const SUMMARY = { 'sessions/a/summary.json': '{}\n' };
  const THERE = 'finished at origin/main; git pull brings it here';

  test('is not asked about', async () => {
    const { second, mia } = await twoMachines();
    pushFrom(second, { ...SUMMARY, 'sessions/b/raw.jsonl': '{}\n' });
    await mia.claims.refresh();
    expect(await mia.claims.take(wanted('a', 'b'))).toEqual(new Map([['a', THERE]]));
    expect(mia.claims.held).toEqual(['b']);
  });

  test('is not asked about either when the news comes with the claim, which is given back later', async () => {
    const { ledger, second, mia } = await twoMachines();
    pushFrom(second, SUMMARY);
    expect(await mia.claims.take(wanted('a', 'b'))).toEqual(new Map([['a', THERE]]));
    await mia.claims.settle(mia.claims.held);
    expect(claimAt(ledger, 'a')).toBeUndefined();
  });

  test('is not asked about where the remote takes no claims either', async () => {
    const { ledger, second, mia } = await twoMachines();
    installHook(ledger, 'update', 'case $1 in refs/agentwork/*) exit 1;; esac');
    pushFrom(second, SUMMARY);
    expect(await mia.claims.take(wanted('c'))).toEqual(new Map());
    expect(await mia.claims.take(wanted('a', 'b'))).toEqual(new Map([['a', THERE]]));
  });

  test('is given back where a pass was killed that had claimed it too late', async () => {
    const { ledger, second, mia } = await twoMachines();
    pushFrom(second, SUMMARY);
    await mia.claims.take(wanted('a'));
    const next = await machineOn(ledger, 'mia');
    await next.claims.adopt();
    expect(next.claims.held).toEqual(['a']);
  });

  test('is work again when this clone has pulled it and goes on from there', async () => {
    const { ledger, second, mia } = await twoMachines();
    pushFrom(second, SUMMARY);
    ledger.git('pull', '--quiet', '--ff-only');
    await mia.claims.refresh();
    expect(await mia.claims.take(wanted('a'))).toEqual(new Map());
  });
});

test('a session whose claim is locked at the remote for good is named, and keeps nobody from the others', async () => {
  const ledger = sharedLedger();
  const { claims, complaints } = await machineOn(ledger, 'mia');
  writeFiles(ledger.remote, { [`${claimRef('a')}.lock`]: '' });
  expect(await claims.take(wanted('a', 'b'))).toEqual(
    new Map([['a', expect.stringContaining('cannot be claimed: [remote rejected]')]]),
  );
  expect([claims.held, complaints]).toEqual([['b'], [expect.stringContaining('a cannot be claimed')]]);
});

describe('a remote that takes no claims', () => {
  const REFUSALS: readonly (readonly [string, string, string])[] = [
    ['of such names', 'update', 'case $1 in refs/agentwork/*) exit 1;; esac'],
    ['with a word', 'pre-receive', 'grep -q refs/agentwork/ && { echo "only branches here" >&2; exit 1; }; exit 0'],
  ];

  test.each(REFUSALS)('%s leaves all work to us, and is named once', async (_, hook, script) => {
    const ledger = sharedLedger();
    installHook(ledger, hook, script);
    const { claims, complaints } = await machineOn(ledger, 'mia');
    expect(await claims.take(wanted('a', 'b'))).toEqual(new Map());
    expect(await claims.take(wanted('c'))).toEqual(new Map());
    expect([claims.held, claims.isLost('a')]).toEqual([[], false]);
    expect(complaints).toEqual([expect.stringContaining('hook declined')]);
  });

  test('as it keeps the names to itself', async () => {
    const ledger = sharedLedger();
    gitIn(ledger.remote, 'config', 'receive.hideRefs', 'refs/agentwork');
    const { claims, complaints } = await machineOn(ledger, 'mia');
    expect(await claims.take(wanted('a'))).toEqual(new Map());
    expect(complaints).toEqual(['[remote rejected] (deny updating a hidden ref)']);
  });

  test('is another one than that which refuses single claims', async () => {
    const ledger = sharedLedger();
    installHook(ledger, 'update', `[ "$1" != ${claimRef('a')} ]`);
    const { claims, complaints } = await machineOn(ledger, 'mia');
    expect([...(await claims.take(wanted('a', 'b'))).keys()]).toEqual(['a']);
    expect([claims.held, complaints]).toEqual([['b'], []]);
  });
});

describe('a remote that is silent', () => {
  test('lets nobody claim, and the sentence says what to do', async () => {
    const ledger = sharedLedger();
    await whileAway(ledger, async () => {
      const { claims } = await machineOn(ledger, 'mia');
      await expect(claims.take(wanted('a'))).rejects.toMatchObject({
        code: 'UNCLAIMED',
        message: expect.stringMatching(/^no session can be claimed: .*does not appear to be a git repository/),
        suggestions: [expect.stringContaining('--no-claim')],
      });
    });
  });

  test('lets nobody claim either when it falls silent after it was asked', async () => {
    const ledger = sharedLedger();
    const { claims } = await machineOn(ledger, 'mia');
    await whileAway(ledger, () => expect(claims.take(wanted('a'))).rejects.toMatchObject({ code: 'UNCLAIMED' }));
    expect(claims.held).toEqual([]);
  });

  test('is not one that takes no claims: who may read and not write is told so', async () => {
    const ledger = sharedLedger();
    const { claims, complaints } = await machineOn(ledger, 'mia');
    ledger.git('config', 'remote.origin.receivepack', 'echo "ERROR: Permission to x denied" >&2; false');
    await expect(claims.take(wanted('a'))).rejects.toThrow(/no session can be claimed: .*Permission to x denied/);
    expect(complaints).toEqual([]);
  });
});

test('a push that went through and did not seem so is known by what the remote has', async () => {
  const ledger = sharedLedger();
  const remote = new LedgerRemote(new LedgerGit(ledger.root, ledger.environment));
  const push = remote.push.bind(remote);
  remote.push = async (name, wishes) => {
    await push(name, wishes);
    const refusal = { kind: 'hung', message: 'took too long', sessions: [] } as const;
    return { done: new Set(), rejected: new Map(), refusal };
  };
  const { claims, complaints } = await machineOn(ledger, 'mia', { remote });
  expect(await claims.take(wanted('a', 'b'))).toEqual(new Map());
  expect(claims.held).toEqual(['a', 'b']);
  expect(claims.releases(['a'])).toMatchObject([{ from: oidAt(ledger, 'a') }]);
  expect(complaints).toEqual([]);
});
