import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/clock.ts';
import { claimRef } from '../../src/ledger/claims/claim.ts';
import { runCli, runJson, startCli } from '../support/cli.ts';
import { isAlive } from '../support/living.ts';
import {
  addMachine,
  claimAt,
  createFleet,
  type Fleet,
  gitIn,
  installHook,
  type Machine,
  outcomeOf,
  plantClaim,
} from '../support/machines.ts';
import { PATIENCE } from '../support/patience.ts';
import { type StandInScenario, standInCalls, writeStandInClaude } from '../support/stand-in-claude.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface PassJson {
  results: { session: string; success: boolean; agent: string }[];
  remaining: string[];
  claimed?: { session: string; by: string }[];
  pushed: unknown;
  stopped?: string;
  stopped_by?: string;
  advice?: string;
}

const fleetOf = (sessions: number, scenario: StandInScenario = {}) =>
  createFleet(temporaryFolder(), sessions, scenario);

/** One clone of a remote with so many sessions. */
async function machineOf(sessions: number, scenario?: StandInScenario) {
  const fleet = await fleetOf(sessions, scenario);
  const [first = '', ...others] = fleet.sessions;
  return { fleet, first, others, machine: addMachine(fleet, 'mia') };
}

const finalize = (machine: Machine, ...words: readonly string[]) => runJson<PassJson>(['finalize', ...words], machine);
const callsOf = async ({ claudeFolder }: Fleet) => (await standInCalls(claudeFolder)).length;
const statusOf = ({ cwd }: Machine) => gitIn(cwd, 'status', '--porcelain');

describe('three machines at once', () => {
  test('ask about each session once, and all of their work arrives', async () => {
    const fleet = await fleetOf(15, { calls: [{ delayMs: 200 }] });
    const machines = ['mia', 'tom', 'lena'].map((name) => addMachine(fleet, name));
    const passes = await Promise.all(machines.map((machine) => finalize(machine)));
    expect(passes.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(await callsOf(fleet)).toBe(15);
    expect(outcomeOf(fleet)).toEqual({
      finished: fleet.sessions,
      finishings: fleet.sessions,
      isLinear: true,
      claims: 0,
    });
    expect(machines.map(statusOf)).toEqual(['', '', '']);
    const done = passes.flatMap(({ json }) => json.results.map(({ session }) => session));
    expect(done.sort()).toEqual(fleet.sessions);
  });
});

describe('a session that another machine has claimed', () => {
  test('is left alone, which is no failure', async () => {
    const { fleet, first, machine } = await machineOf(1);
    plantClaim(fleet, first);
    expect(await runCli(['finalize'], machine)).toEqual({ status: 0, stdout: '', stderr: '' });
    const named = await runCli(['finalize', first], machine);
    expect(named).toMatchObject({ status: 0, stdout: expect.stringContaining(`${first} claimed by tom on far-away`) });
    expect(await callsOf(fleet)).toBe(0);
  });

  test('is counted for whoever reads what came of the others', async () => {
    const { fleet, first, machine } = await machineOf(2);
    plantClaim(fleet, first);
    expect((await runCli(['finalize'], machine)).stdout).toMatch(/^1 done · 1 with other machines · /m);
  });

  test('is named together with its holder, and all others are done', async () => {
    const { fleet, first, others, machine } = await machineOf(3);
    plantClaim(fleet, first);
    const { status, json } = await finalize(machine);
    expect(status).toBe(0);
    expect(json.claimed).toEqual([
      { session: first, by: expect.stringContaining('claimed by tom on far-away until ') },
    ]);
    expect(json.remaining).toEqual([]);
    expect(await callsOf(fleet)).toBe(2);
    expect(outcomeOf(fleet)).toMatchObject({ finished: others, claims: 1 });
  });

  test('does not count where only so many are to be done', async () => {
    const { fleet, first, others, machine } = await machineOf(2);
    plantClaim(fleet, first);
    const { json } = await finalize(machine, '--limit', '1');
    expect(json.results.map(({ session }) => session)).toEqual(others);
  });

  test('is free again when claude never got as far as to ask about it', async () => {
    const fleet = await fleetOf(3, { calls: [{ stdout: '', stderr: 'boom', exitCode: 1 }] });
    const { json } = await finalize(addMachine(fleet, 'mia'));
    expect(json.results.filter(({ success }) => success)).toEqual([]);
    expect(json.results.length).toBeGreaterThan(0);
    expect(outcomeOf(fleet)).toMatchObject({ finished: [], claims: 0 });
  });

  test('is taken over when the claim is over', async () => {
    const { fleet, first, machine } = await machineOf(1);
    plantClaim(fleet, first, { atMs: Date.now() - DAY_MS });
    expect((await finalize(machine)).status).toBe(0);
    expect(outcomeOf(fleet)).toMatchObject({ finished: [first], claims: 0 });
  });

  test('is left where it is finished and not yet pushed', async () => {
    const { fleet, first, machine } = await machineOf(1);
    plantClaim(fleet, first, { state: 'unpushed' });
    const { json } = await finalize(machine);
    expect(json.claimed).toEqual([{ session: first, by: 'finished by tom on far-away, whose push is still to come' }]);
    expect(await callsOf(fleet)).toBe(0);
  });

  test('is left for a day where the claim cannot be read', async () => {
    const { fleet, first, machine } = await machineOf(1);
    plantClaim(fleet, first, { message: 'of the year 2100' });
    const { json } = await finalize(machine);
    expect(json.claimed).toEqual([{ session: first, by: 'claimed by another version of agentwork' }]);
    plantClaim(fleet, first, { message: 'of the year 2100', atMs: Date.now() - DAY_MS - MINUTE_MS });
    await finalize(machine);
    expect(await callsOf(fleet)).toBe(1);
    expect(outcomeOf(fleet).finished).toEqual([first]);
  });

  test.each([
    ['--no-claim', ['--no-claim'], {}],
    ['the configuration', [], { AGENTWORK_CLAIM: 'false' }],
  ])('is done all the same where %s says so', async (_, words, env) => {
    const { fleet, first, machine } = await machineOf(1);
    plantClaim(fleet, first);
    const { json } = await finalize({ ...machine, env: { ...machine.env, ...env } }, ...words);
    expect(json).toMatchObject({ pushed: 'done', results: [{ session: first, agent: 'claude' }] });
    expect(outcomeOf(fleet)).toMatchObject({ finished: [first], claims: 1 });
  });

  test('is done all the same where no agent is asked', async () => {
    const { fleet, first, machine } = await machineOf(1);
    plantClaim(fleet, first);
    expect((await finalize(machine, '--agent', 'offline')).status).toBe(0);
    expect(outcomeOf(fleet).finished).toEqual([first]);
  });
});

describe('a pass that is killed while claude works', () => {
  /** Two agents are at work, and the pass is dead. */
  async function killed() {
    const setup = await machineOf(2, { calls: [{ hang: true }] });
    const pass = startCli(['finalize', '--json'], setup.machine);
    await vi.waitFor(async () => expect(await callsOf(setup.fleet)).toBe(2), PATIENCE);
    const agents = (await standInCalls(setup.fleet.claudeFolder)).map(({ pid }) => pid);
    pass.kill('SIGKILL');
    await pass;
    for (const pid of agents.filter(isAlive)) process.kill(pid, 'SIGKILL');
    rmSync(path.join(setup.fleet.claudeFolder, 'calls.jsonl'));
    await writeStandInClaude(setup.fleet.claudeFolder);
    return setup;
  }

  test('leaves its claims to the next one of the same clone', async () => {
    const { fleet, machine } = await killed();
    expect(outcomeOf(fleet).claims).toBe(2);
    const { status, json } = await finalize(machine);
    expect([status, json.claimed]).toEqual([0, undefined]);
    expect(await callsOf(fleet)).toBe(2);
    expect(outcomeOf(fleet)).toMatchObject({ finished: fleet.sessions, claims: 0 });
  });

  test('leaves them to no copy of the clone, and to no other machine', async () => {
    const { fleet, machine } = await killed();
    const copy = { ...machine, cwd: path.join(fleet.folder, 'copy', 'ledger') };
    cpSync(machine.cwd, copy.cwd, { recursive: true });
    for (const stranger of [copy, addMachine(fleet, 'lena')]) {
      const { status, json } = await finalize(stranger);
      expect([status, json.claimed?.map(({ session }) => session).sort()]).toEqual([0, fleet.sessions]);
    }
    expect(await callsOf(fleet)).toBe(0);
  });
});

describe('a remote that takes no claims', () => {
  test('is named once, and everything is done', async () => {
    const { fleet, first, machine } = await machineOf(3);
    installHook(fleet, 'update', 'case $1 in refs/agentwork/*) exit 1;; esac');
    const earlier = await runCli(['finalize', first], machine);
    expect(earlier.stderr).toContain('origin takes no claims ([remote rejected] (hook declined))');
    expect(earlier.stderr).toContain('other machines may work on the same sessions at the same time');
    const later = await runCli(['finalize'], machine);
    expect([earlier.status, later.status]).toEqual([0, 0]);
    expect(later.stderr).not.toContain('claims');
    expect(await callsOf(fleet)).toBe(3);
    expect(outcomeOf(fleet).finished).toEqual(fleet.sessions);
  });
});

describe('a remote that refuses the commits', () => {
  const NO_COMMITS = 'grep -q refs/heads/ && { echo "the branch is frozen" >&2; exit 1; }; exit 0';

  test('has their sessions kept for the machine that finished them, which only has to push later', async () => {
    const { fleet, machine } = await machineOf(2);
    const hook = installHook(fleet, 'pre-receive', NO_COMMITS);
    const refused = await finalize(machine);
    expect([refused.status, refused.json.pushed]).toEqual([3, expect.objectContaining({ kind: 'hook' })]);
    expect(fleet.sessions.map((session) => claimAt(fleet, session)?.state)).toEqual(['unpushed', 'unpushed']);
    const other = await finalize(addMachine(fleet, 'tom'));
    expect(other.json.claimed).toHaveLength(2);
    expect((await finalize(machine)).status, 'still frozen').toBe(3);
    rmSync(hook);
    const next = await finalize(machine);
    expect([next.status, next.json.pushed, next.json.results]).toEqual([0, 'done', []]);
    expect(await callsOf(fleet)).toBe(2);
    expect(outcomeOf(fleet)).toMatchObject({ finished: fleet.sessions, finishings: fleet.sessions, claims: 0 });
  });

  test('has nothing kept that was pushed by hand meanwhile', async () => {
    const { fleet, machine } = await machineOf(1);
    const hook = installHook(fleet, 'pre-receive', NO_COMMITS);
    await finalize(machine);
    rmSync(hook);
    gitIn(machine.cwd, 'push', '--quiet');
    expect((await finalize(machine)).status).toBe(0);
    expect(outcomeOf(fleet)).toMatchObject({ finished: fleet.sessions, claims: 0 });
  });
});

describe('a remote that cannot be reached', () => {
  test('has no agent asked, and the sentence says what to do', async () => {
    const { fleet, first, machine } = await machineOf(1);
    renameSync(fleet.remote, `${fleet.remote}.away`);
    const text = await runCli(['finalize'], machine);
    expect(text.status).toBe(3);
    expect(text.stdout).toContain('stopped: no session can be claimed: ');
    expect(text.stdout).toContain('agentwork finalize --no-claim goes on');
    const { json } = await finalize(machine);
    expect(json).toMatchObject({ remaining: [first], results: [], stopped_by: 'unclaimed' });
    expect(await callsOf(fleet)).toBe(0);
  });

  test.each([[['--agent', 'offline']], [['--no-claim']], [['--no-push']]])('is no matter for %j', async (words) => {
    const { fleet, first, machine } = await machineOf(1);
    renameSync(fleet.remote, `${fleet.remote}.away`);
    const { json } = await finalize(machine, ...words);
    expect(json.results).toMatchObject([{ session: first, success: true }]);
    expect(existsSync(path.join(machine.cwd, 'sessions', first, 'summary.json'))).toBe(true);
  });
});

describe('a session that a colleague finishes', () => {
  /** The colleague's commit is at the remote, under another name. */
  async function withColleague(sessions: number) {
    const setup = await machineOf(sessions);
    const tom = addMachine(setup.fleet, 'tom');
    await finalize(tom, setup.first, '--agent', 'offline', '--no-push');
    gitIn(tom.cwd, 'push', '--quiet', 'origin', 'HEAD:refs/heads/prepared');
    return setup;
  }

  test('before our fetch is not asked about', async () => {
    const { fleet, others, machine } = await withColleague(2);
    gitIn(fleet.remote, 'update-ref', 'refs/heads/main', 'prepared');
    const { status, json } = await finalize(machine);
    expect([status, json.results.map(({ session }) => session)]).toEqual([0, others]);
    expect(await callsOf(fleet)).toBe(1);
    expect(outcomeOf(fleet)).toMatchObject({ finished: fleet.sessions, finishings: fleet.sessions, isLinear: true });
  });

  test('between our fetch and our claim is not asked about', async () => {
    const { fleet, first, machine } = await withColleague(1);
    installHook(
      fleet,
      'update',
      `[ "$1" != ${claimRef(first)} ] || env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main prepared`,
    );
    const { status, json } = await finalize(machine);
    expect([status, json.claimed?.map(({ session }) => session)]).toEqual([0, [first]]);
    expect(await callsOf(fleet)).toBe(0);
    expect(outcomeOf(fleet)).toMatchObject({ finished: [first], claims: 0 });
  });

  test.each([[['--no-claim']], [['--no-push']]])('is not asked about with %j either', async (words) => {
    const { fleet, machine } = await withColleague(1);
    gitIn(fleet.remote, 'update-ref', 'refs/heads/main', 'prepared');
    expect((await finalize(machine, ...words)).json.results).toEqual([]);
    expect(await callsOf(fleet)).toBe(0);
  });
});

test('a session that failed, and that the next pass tries again, stays claimed; all others are given back', async () => {
  const begun = `${JSON.stringify({ type: 'system', subtype: 'init', session_id: 's' })}\n`;
  const { fleet, machine } = await machineOf(3, {
    calls: [{ exitCode: 1, stdout: begun, stderr: 'out of memory\n' }, {}],
  });
  const { json } = await finalize(machine);
  const failed = json.results.filter(({ success }) => !success).map(({ session }) => session);
  expect(failed).toHaveLength(1);
  expect(fleet.sessions.filter((session) => claimAt(fleet, session) !== undefined)).toEqual(failed);
  expect((await finalize(addMachine(fleet, 'tom'))).json.results).toEqual([]);
  expect((await finalize(machine)).json.results).toMatchObject([{ session: failed[0], success: true }]);
  expect(outcomeOf(fleet)).toMatchObject({ finished: fleet.sessions, claims: 0 });
});
