import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BIN, isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { addMachine, createFleet } from '../support/machines.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface PassJson {
  readonly results: readonly { session: string; error: { code: string; message: string; advice: string } }[];
}

/** Four sessions, and a claude that breaks down over each. */
async function scene() {
  const fleet = await createFleet(path.join(temporaryFolder(), 'fleet'), 4, {
    calls: [{ stderr: 'boom\n', exitCode: 137 }],
  });
  return addMachine(fleet, 'mia');
}

const GROUP =
  /^failed 4 sessions: .* exit status 137 without an answer: boom\n {2}(?:\S+, ){2}\S+ and 1 more\n {2}→ the next pass asks again; .*$/m;

test('a cause is told once where stdout and stderr are one, and to either of two', async () => {
  const machine = await scene();
  const options = { cwd: machine.cwd, env: isolatedEnvironment(machine), encoding: 'utf8' } as const;
  const mail = spawnSync('sh', ['-c', `'${process.execPath}' '${BIN}' finalize 2>&1`], options);
  expect(mail.stdout).toMatch(GROUP);
  expect(mail.stdout.match(/boom/g)).toHaveLength(1);
  const apart = await runCli(['finalize'], machine);
  expect(apart).toMatchObject({
    status: 3,
    stdout: expect.stringMatching(GROUP),
    stderr: expect.stringMatching(GROUP),
  });
});

test('machines get each of them, and who asked for quiet the cause alone', async () => {
  const machine = await scene();
  const quiet = await runCli(['finalize', '--quiet'], machine);
  expect(quiet).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(GROUP) });
  const { json, stderr } = await runJson<PassJson>(['finalize'], machine);
  expect(json.results.map(({ error }) => error.code)).toEqual(Array(4).fill('AGENT_CRASHED'));
  expect(json.results[0]?.error.advice).toBe(
    'the next pass asks again; agentwork setup check says whether claude is well',
  );
  expect(stderr).toMatch(GROUP);
});
