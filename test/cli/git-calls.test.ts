import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { GitRelay } from '../support/git-relay.ts';
import { addMachine, createFleet, type Machine } from '../support/machines.ts';
import { finishedArtifacts, loginEntries, recording } from '../support/sample-ledger.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

/** What one commit takes, and a pass that is slow makes one more. */
const CALLS_PER_COMMIT = 7;
/** Which clone, how it is set up, what its branch follows, what is there, what has changed there, and what is in HEAD. */
const CALLS_WITHOUT_WORK = 5;
const FINALIZE = ['finalize', '--agent', 'offline'];
const START = Date.UTC(2026, 2, 6, 10);

// With claims, each batch of them has calls of its own.
test('a pass asks git as often for twenty sessions as for two', async () => {
  await expectSame(unfinished(2), unfinished(20), 24);
});

test('a pass asks git as often for twenty sessions that only lack the commit as for two', async () => {
  await expectSame(uncommitted(2), uncommitted(20), 25);
});

test('a pass with nothing to do asks git five times', async () => {
  const machine = await unfinished(1);
  await callsOf(machine);
  const calls = await callsOf(machine);
  expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(CALLS_WITHOUT_WORK);
});

test.each(['status', 'detect'])('%s asks git for nothing twice', async (command) => {
  const calls = await callsOf(await unfinished(2), [command]);
  const asked = calls.map((words) => /rev-parse|config|for-each-ref/.exec(words)?.[0]);
  expect(asked.sort(), calls.join('\n')).toEqual(['config', 'for-each-ref', 'rev-parse']);
});

async function expectSame(two: Promise<Machine>, twenty: Promise<Machine>, most: number): Promise<void> {
  const few = await callsOf(await two);
  const many = await callsOf(await twenty);
  const commits = many.filter((words) => words.includes(' add ')).length;
  expect(many.length - CALLS_PER_COMMIT * (commits - 1), many.join('\n')).toBeLessThanOrEqual(few.length);
  expect(few.length, few.join('\n')).toBeLessThanOrEqual(most);
}

async function unfinished(sessions: number): Promise<Machine> {
  return addMachine(await createFleet(path.join(temporaryFolder(), 'fleet'), sessions), 'mia');
}

async function uncommitted(sessions: number): Promise<Machine> {
  const machine = await unfinished(1);
  for (let index = 0; index < sessions; index += 1) {
    const folder = path.join(machine.cwd, 'sessions', `2026-03-06T10-00-mia-OxC${index}`);
    mkdirSync(folder, { recursive: true });
    const raw = recording(START, 'mia', `OxC${index}`, loginEntries(START));
    writeFiles(folder, { 'raw.jsonl': raw, ...finishedArtifacts() });
  }
  return machine;
}

async function callsOf(machine: Machine, words = FINALIZE): Promise<readonly string[]> {
  const relay = new GitRelay(machine.claudeFolder);
  relay.disarm();
  const { status, stderr } = await runCli(words, machine);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return relay.calls();
}
