import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { GitRelay } from '../support/git-relay.ts';
import { addMachine, createFleet } from '../support/machines.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What one commit takes, and a pass that is slow makes one more. */
const CALLS_PER_COMMIT = 8;

// With claims, each batch of them has calls of its own.
test('a pass asks git as often for twenty sessions as for two', async () => {
  const few = await callsOf(2);
  const many = await callsOf(20);
  const commits = many.filter((words) => words.includes(' add ')).length;
  expect(many.length - CALLS_PER_COMMIT * (commits - 1), many.join('\n')).toBeLessThanOrEqual(few.length);
  expect(few.length, few.join('\n')).toBeLessThanOrEqual(40);
});

async function callsOf(sessions: number): Promise<readonly string[]> {
  const fleet = await createFleet(path.join(temporaryFolder(), 'fleet'), sessions);
  const machine = addMachine(fleet, 'mia');
  const relay = new GitRelay(fleet.claudeFolder);
  relay.disarm();
  const { status, stderr } = await runCli(['finalize', '--agent', 'offline'], machine);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return relay.calls();
}
