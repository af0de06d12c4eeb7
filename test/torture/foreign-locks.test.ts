import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { addMachine, createFleet, gitIn, outcomeOf } from '../support/machines.ts';
import { standInCalls } from '../support/stand-in-claude.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';
import { isLong } from '../support/torture.ts';

/**
 * A git of the user's was killed and left a lock. Whose it is, nobody can know: it stays as it is, is named where it is
 * in the way, and once the user has removed it, the next pass goes on, with what was paid for meanwhile.
 */
const IN_THE_WAY = ['HEAD.lock', 'index.lock', 'packed-refs.lock', 'refs/heads/main.lock'];
const NOT_IN_THE_WAY = ['config.lock', 'shallow.lock', 'refs/remotes/origin/main.lock'];

describe('a lock that was left behind', () => {
  test.each(isLong ? IN_THE_WAY : IN_THE_WAY.slice(0, 1))(
    'is named, and keeps what is done for later: %s',
    async (name) => {
      const { fleet, machine, lock } = await locked(name);
      for (const _ of isLong ? ['at first', 'and again'] : ['at first']) {
        const { status, stdout, stderr } = await runCli(['finalize'], machine);
        expect(status).toBe(3);
        const sentence = `another git process is at work in this clone (${name} is there; if none is, it was left behind`;
        expect(stdout).toContain(sentence);
        expect(stdout + stderr).not.toMatch(/\n\s+at /);
        expect(await standInCalls(fleet.claudeFolder)).toHaveLength(fleet.sessions.length);
      }
      expect(readFileSync(lock, 'utf8')).toBe('');
      rmSync(lock);
      expect((await runCli(['finalize'], machine)).status).toBe(0);
      await expectDone(fleet, machine.cwd);
    },
  );

  test.runIf(isLong).each(NOT_IN_THE_WAY)('is no matter to a pass: %s', async (name) => {
    const { fleet, machine, lock } = await locked(name);
    expect((await runCli(['finalize'], machine)).status).toBe(0);
    expect(readFileSync(lock, 'utf8')).toBe('');
    await expectDone(fleet, machine.cwd);
  });
});

async function locked(name: string) {
  const fleet = await createFleet(temporaryFolder(), 2);
  const machine = addMachine(fleet, 'mia');
  const gitDir = path.join(machine.cwd, '.git');
  writeFiles(gitDir, { [name]: '' });
  return { fleet, machine, lock: path.join(gitDir, name) };
}

async function expectDone(fleet: Awaited<ReturnType<typeof createFleet>>, cwd: string): Promise<void> {
  expect(await standInCalls(fleet.claudeFolder)).toHaveLength(fleet.sessions.length);
  const { sessions } = fleet;
  expect(outcomeOf(fleet)).toEqual({ finished: sessions, finishings: sessions, isLinear: true, claims: 0 });
  expect(gitIn(cwd, 'status', '--porcelain')).toBe('');
}
