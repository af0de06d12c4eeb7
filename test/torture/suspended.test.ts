import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../../src/clock.ts';
import { type LockRecord, lockPath } from '../../src/lock.ts';
import { runCli, startCli } from '../support/cli.ts';
import { isAlive } from '../support/living.ts';
import { addMachine, createFleet, gitIn, outcomeOf } from '../support/machines.ts';
import { type StandInScenario, standInCalls } from '../support/stand-in-claude.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isLong } from '../support/torture.ts';

/**
 * A machine that falls asleep, a process that somebody stops. However long the pass, its `claude` or both stand still,
 * and whatever another pass does meanwhile, the pass ends in bounded time after it was let go on; nothing is lost, nothing
 * is finished twice, and an agent is asked once more at most.
 */
const TIMEOUT_MS = 1 * SECOND_MS;
/** Past the time limit of an agent run, and the grace that its process gets. */
const ASLEEP_MS = TIMEOUT_MS + 6 * SECOND_MS;
const LONGEST_END_MS = 60 * SECOND_MS;

interface PassJson {
  readonly results: readonly { readonly success: boolean; readonly error?: { readonly code: string } }[];
  readonly pushed: unknown;
  readonly stopped_by?: string;
}

describe('a pass that is stopped while its agent works', () => {
  test.runIf(isLong)('uses the answer that came meanwhile, however late it is', async () => {
    const scene = await started({ calls: [{ delayMs: 300 }] });
    scene.stop(scene.pass.pid);
    await setTimeout(ASLEEP_MS);
    expect(isAlive(scene.agent)).toBe(false);
    expect(await scene.finalize()).toMatchObject({ status: 11 });
    expect(await scene.goOn()).toMatchObject({ status: 0, json: { results: [{ success: true }], pushed: 'done' } });
    await scene.expectDone(1);
  });

  test.runIf(isLong)('ends an agent that has nothing to say, and the next pass asks once more', async () => {
    const scene = await started({ calls: [{ hang: true }, {}] });
    scene.stop(scene.pass.pid, scene.agent);
    await setTimeout(ASLEEP_MS);
    const { status, json } = await scene.goOn();
    expect([status, json.results[0]?.error?.code]).toEqual([3, 'AGENT_TIMED_OUT']);
    expect(isAlive(scene.agent)).toBe(false);
    expect((await scene.finalize()).status).toBe(0);
    await scene.expectDone(2);
  });

  test('makes way for the one that took its work over, and undoes nothing of it', async () => {
    const scene = await started({ calls: [{ delayMs: 300 }, {}] });
    scene.stop(scene.pass.pid);
    await vi.waitFor(() => expect(isAlive(scene.agent)).toBe(false), { timeout: LONGEST_END_MS, interval: 20 });
    scene.letLockAge(7 * HOUR_MS);
    expect(await scene.finalize()).toMatchObject({ status: 0, stdout: expect.stringContaining('1 done') });
    const before = gitIn(scene.cwd, 'rev-parse', 'HEAD');
    const { status } = await scene.goOn();
    expect([0, 11]).toContain(status);
    expect(gitIn(scene.cwd, 'rev-parse', 'HEAD')).toBe(before);
    await scene.expectDone(2);
  });
});

test.runIf(isLong)('an agent that is stopped is ended at its limit, and the next pass asks once more', async () => {
  const scene = await started({ calls: [{ delayMs: 300 }, {}] });
  scene.stop(scene.agent);
  const { status, json } = await scene.end();
  expect([status, json.results[0]?.error?.code]).toEqual([3, 'AGENT_TIMED_OUT']);
  expect(isAlive(scene.agent)).toBe(false);
  expect((await scene.finalize()).status).toBe(0);
  await scene.expectDone(2);
});

/** A pass over one session whose agent has just begun. */
async function started(scenario: StandInScenario) {
  const fleet = await createFleet(temporaryFolder(), 1, scenario);
  const machine = addMachine(fleet, 'mia');
  const { cwd } = machine;
  const pass = startCli(['finalize', '--json', '--timeout', `${TIMEOUT_MS / SECOND_MS}s`], machine);
  const calls = () => standInCalls(fleet.claudeFolder);
  await vi.waitFor(async () => expect(await calls()).toHaveLength(1), { timeout: LONGEST_END_MS, interval: 5 });
  const agent = (await calls())[0]?.pid ?? 0;
  const stopped: number[] = [];
  const end = async () => {
    const startedAt = performance.now();
    const { exitCode, stdout } = await pass;
    expect(performance.now() - startedAt).toBeLessThan(LONGEST_END_MS);
    return { status: exitCode, json: JSON.parse(String(stdout)) as PassJson };
  };
  return {
    ...{ cwd, pass, agent },
    stop: (...pids: readonly (number | undefined)[]) => {
      for (const pid of pids) {
        if (pid !== undefined) process.kill(pid, 'SIGSTOP');
        stopped.push(pid ?? 0);
      }
    },
    /** By the time of the machine, and by the clock. */
    letLockAge: (ms: number) => {
      const file = lockPath(path.join(cwd, '.git', 'agentwork'));
      const record = JSON.parse(readFileSync(file, 'utf8')) as LockRecord;
      const heartbeat_uptime_ms = (record.heartbeat_uptime_ms ?? 0) - ms;
      writeFileSync(file, JSON.stringify({ ...record, heartbeat_uptime_ms }));
    },
    end,
    goOn: () => {
      for (const pid of stopped) if (isAlive(pid)) process.kill(pid, 'SIGCONT');
      return end();
    },
    finalize: () => runCli(['finalize'], machine),
    expectDone: async (mostCalls: number) => {
      expect((await calls()).length).toBeLessThanOrEqual(mostCalls);
      expect(outcomeOf(fleet)).toEqual({
        finished: fleet.sessions,
        finishings: fleet.sessions,
        isLinear: true,
        claims: 0,
      });
      expect(gitIn(cwd, 'status', '--porcelain')).toBe('');
      expect(await runCli(['finalize'], machine)).toEqual({ status: 0, stdout: '', stderr: '' });
    },
  };
}
