import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS, isoTime } from '../../src/clock.ts';
import { runCli, runJson } from '../support/cli.ts';
import { addMachine, createFleet, gitIn, type Machine, record } from '../support/machines.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { SEED, shortOrLong, tellFigures } from '../support/torture.ts';

/**
 * Recorders that go on recording while passes look, again and again: files and markers are seen half written, and none
 * of that is taken for the end. The recorders are processes of their own.
 */

const RECORDER = fileURLToPath(new URL('../support/busy-recorder.cjs', import.meta.url));
const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const TOKEN_GONE = '[REDACTED_GITHUB_TOKEN]';
/** All was said long ago, so that nobody waits for a recorder that is gone. */
const SPOKEN_AT = isoTime(Date.now() - 3 * DAY_MS);
const ROUNDS = shortOrLong(2, 60);

interface Recorded {
  readonly sha256: string;
  readonly bytes: number;
  readonly entries: number;
}

/** A recorder at work in `<base>/<name>`. */
async function startRecorder(base: string, agentId: string, more: object = {}) {
  const name = `${SPOKEN_AT.slice(0, 16).replace(':', '-')}-mia-${agentId}`;
  const folder = path.join(base, name);
  const seed = SEED + agentId.charCodeAt(agentId.length - 1);
  const order = { folder, agentId, seed, hasMarker: true, pauseMs: 5, spokenAt: SPOKEN_AT, ...more };
  const child = execa(process.execPath, [RECORDER, JSON.stringify(order)], { reject: false });
  onTestFinished(() => void child.kill('SIGKILL'));
  const raw = path.join(folder, 'raw.jsonl');
  await expect.poll(() => existsSync(raw), { timeout: 20_000 }).toBe(true);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return String((await child).stdout);
  };
  return {
    name,
    folder,
    raw,
    stop: async () => JSON.parse(await end('SIGTERM')) as Recorded,
    die: () => end('SIGUSR1'),
  };
}

async function machineOf(): Promise<{ machine: Machine; sessions: string; cache: string }> {
  const machine = addMachine(await createFleet(temporaryFolder(), 0), 'mia');
  const cache = path.join(machine.cwd, '..', 'cache');
  const env = { ...machine.env, AGENTWORK_SESSION_CACHE: cache };
  return { machine: { ...machine, env }, sessions: path.join(machine.cwd, 'sessions'), cache };
}

const finalize = (machine: Machine, ...words: readonly string[]) =>
  runJson<{ results: { session: string; success: boolean }[] }>(['finalize', '--agent', 'offline', ...words], machine);
const detect = (machine: Machine) => runJson<{ items: { payload: { session_dir: string } }[] }>(['detect'], machine);
const digestOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const summaryIn = (folder: string) => JSON.parse(readFileSync(path.join(folder, 'summary.json'), 'utf8'));
const entriesIn = (text: string) => text.split('\n').filter((line) => /^\{.*"ENTRY-.*\}$/.test(line)).length;

test('who still records is never taken for work, and is finished whole once it is over', async () => {
  const { machine, sessions, cache } = await machineOf();
  const recorders = [
    await startRecorder(sessions, 'OxLiveA'),
    await startRecorder(sessions, 'OxLiveB'),
    await startRecorder(cache, 'OxLiveC'),
  ];
  for (let round = 0; round < ROUNDS; round += 1) {
    const other = record(machine.cwd, round);
    const [seen, done] = [await detect(machine), await finalize(machine)];
    expect([seen.status, done.status]).toEqual([0, 0]);
    expect(seen.json.items.map(({ payload }) => path.basename(payload.session_dir))).toEqual([other]);
    expect(done.json.results.map(({ session }) => session)).toEqual([other]);
    expect((await runCli(['cleanup'], machine)).status).toBe(0);
  }
  for (const { folder } of recorders) {
    expect(readdirSync(folder).filter((name) => !name.startsWith('.recording.json'))).toEqual(['raw.jsonl']);
  }
  expect(gitIn(machine.cwd, 'log', '--all', '--format=', '--name-only')).not.toContain('OxLive');
  const [stopped, killed, cached] = recorders as [Recorder, Recorder, Recorder];
  const told = [await stopped.stop(), await cached.stop()];
  await killed.die();
  expect([stopped, cached].map(({ raw }) => digestOf(raw))).toEqual(told.map(({ sha256 }) => sha256));
  const left = readFileSync(killed.raw, 'utf8');
  expect(left.endsWith('\n')).toBe(false);
  expect((await finalize(machine)).json.results.map(({ session }) => session).sort()).not.toContain(killed.name);
  // Ten minutes have gone by.
  const marker = path.join(killed.folder, '.recording.json');
  writeFileSync(marker, readFileSync(marker, 'utf8').replace(/"started_at": "[^"]*"/, `"started_at": "${SPOKEN_AT}"`));
  expect((await finalize(machine)).json.results).toEqual([
    expect.objectContaining({ session: killed.name, success: true }),
  ]);
  expect(digestOf(stopped.raw)).toBe(told[0]?.sha256);
  expect(readFileSync(killed.raw, 'utf8')).toBe(left);
  expect(summaryIn(stopped.folder).agentwork.input).toEqual(told[0]);
  expect(summaryIn(killed.folder).agentwork.input.entries).toBe(entriesIn(left));
  expect(digestOf(cached.raw)).toBe(told[1]?.sha256);
  expect((await detect(machine)).json.items).toEqual([]);
  const entries = told.reduce((sum, each) => sum + each.entries, 0);
  tellFigures('live recordings', { rounds: ROUNDS, entries });
});

type Recorder = Awaited<ReturnType<typeof startRecorder>>;

test('what is recorded without a marker while it is finished and cleaned of secrets is all there in the end', async () => {
  const { machine, sessions } = await machineOf();
  const recorder = await startRecorder(sessions, 'OxBareD', { hasMarker: false, secret: TOKEN, pauseMs: 60 });
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    expect([0, 3]).toContain((await finalize(machine)).status);
  }
  const { entries } = await recorder.stop();
  expect((await finalize(machine)).status).toBe(0);
  const text = readFileSync(recorder.raw, 'utf8');
  const numbers = [...text.matchAll(/ENTRY-OxBareD-(\d+) /g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: entries }, (_, number) => number));
  expect(text).not.toContain(TOKEN);
  expect(text).toContain(TOKEN_GONE);
  expect((await detect(machine)).json.items).toEqual([]);
  tellFigures('a recording without a marker', { passes: 2 * ROUNDS, entries });
});
