import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runJson, startCli } from '../support/cli.ts';
import { isAlive } from '../support/living.ts';
import { addMachine, createFleet, gitIn, outcomeOf } from '../support/machines.ts';
import { type StandInAct, standInCalls, standInEvents, writeStandInClaude } from '../support/stand-in-claude.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isLong, shortOrLong } from '../support/torture.ts';

/**
 * A `claude` that does what no program should, each in its way and all of them in one pass: it ends in bounded time and
 * memory, leaves no process and no file behind, and what was answered all the same is used. Afterwards, with one that does
 * as it should, the next pass asks once more about the others, and is done.
 */
const ACTS: readonly (readonly [what: string, act: StandInAct, became: 'done' | 'failed'])[] = [
  [
    'talks on after its answer',
    { trailing: `${'more '.repeat(1000)}\n{"type":"result","is_error":true}`.slice(0, 5000) },
    'done',
  ],
  ['complains at length', { stderrMegabytes: shortOrLong(20, 200) }, 'done'],
  ['leaves files in its folder', { litter: true }, 'done'],
  ['leaves a child that holds stdout', { grandchild: true }, 'done'],
  ['closes stdout and stays', { closeStdout: true }, 'failed'],
  ['says nothing', { hang: true }, 'failed'],
  ['prints lines for ever', { forever: 'lines' }, 'failed'],
  ['prints one line for ever', { forever: 'line' }, 'failed'],
];
const MOST_MEGABYTES = 400;

interface PassJson {
  readonly results: readonly { readonly session: string; readonly success: boolean }[];
}

describe('a claude that does as it likes', () => {
  test('costs no more than one further run', async () => {
    const fleet = await createFleet(temporaryFolder(), ACTS.length);
    const { cwd, ...machine } = addMachine(fleet, 'mia');
    const whenPromptHas = ACTS.map(([, act], index) => ({ text: fleet.sessions[index] ?? '', act }));
    await writeStandInClaude(fleet.claudeFolder, { whenPromptHas });
    const words = ['finalize', '--json', '--timeout', `${shortOrLong(8, 20)}s`, '--concurrency', '8'];
    const pass = startCli(words, { cwd, ...machine });
    const memory = watchMemory(pass.pid);
    const { exitCode, stdout } = await pass;
    expect(exitCode).toBe(3);
    expect(memory.most()).toBeLessThan(MOST_MEGABYTES);
    const { results } = JSON.parse(String(stdout)) as PassJson;
    const became = ACTS.map(([what], index) => [
      what,
      results.find(({ session }) => session === fleet.sessions[index])?.success,
    ]);
    expect(became).toEqual(ACTS.map(([what, , became]) => [what, became === 'done']));
    for (const event of await standInEvents(fleet.claudeFolder)) {
      if (event.event !== 'probe') expect(isAlive(event.pid), JSON.stringify(event)).toBe(false);
    }
    expect(readdirSync(path.join(path.dirname(cwd), 'tmp'))).toEqual([]);
    await writeStandInClaude(fleet.claudeFolder);
    expect((await runJson(['finalize'], { cwd, ...machine })).status).toBe(0);
    const asked = ACTS.length + ACTS.filter(([, , became]) => became === 'failed').length;
    expect(await standInCalls(fleet.claudeFolder)).toHaveLength(asked);
    expect(outcomeOf(fleet)).toMatchObject({ finished: fleet.sessions, finishings: fleet.sessions, claims: 0 });
    expect(gitIn(cwd, 'status', '--porcelain')).toBe('');
  });

  test.runIf(isLong).each([
    ['is taken away', (program: string) => rmSync(program)],
    ['may not be started any more', (program: string) => chmodSync(program, 0o644)],
    ['is no program any more', (program: string) => writeFileSync(program, 'half a file')],
  ])('that %s while the pass goes on burns no attempt', async (_, change) => {
    const fleet = await createFleet(temporaryFolder(), 3, { calls: [{ delayMs: 1000 }] });
    const machine = addMachine(fleet, 'mia');
    const pass = startCli(['finalize', '--concurrency', '1'], machine);
    const calls = () => standInCalls(fleet.claudeFolder);
    await vi.waitFor(async () => expect(await calls()).toHaveLength(1), { timeout: 60_000, interval: 10 });
    change(path.join(fleet.claudeFolder, 'claude'));
    const { exitCode, stdout } = await pass;
    expect(exitCode).toBe(12);
    expect(String(stdout)).toContain('1 done');
    await writeStandInClaude(fleet.claudeFolder);
    expect((await runJson(['finalize'], machine)).status).toBe(0);
    expect(await calls()).toHaveLength(3);
    expect(outcomeOf(fleet)).toMatchObject({ finished: fleet.sessions, finishings: fleet.sessions, claims: 0 });
  });
});

/** What a process took at most, in megabytes, where the system tells. */
function watchMemory(pid: number | undefined): { most(): number } {
  let most = 0;
  const look = () => {
    try {
      const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      most = Math.max(most, Number(kilobytes) / 1024);
    } catch {
      // It is over, or this system has no such file.
    }
  };
  const timer = setInterval(look, 50);
  return {
    most: () => {
      clearInterval(timer);
      return most;
    },
  };
}
