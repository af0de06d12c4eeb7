import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/ledger/fingerprint.ts';
import { glanceAt } from '../../src/ledger/glance.ts';
import { startCli } from '../support/cli.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { finishedArtifacts, loginEntries, recording } from '../support/sample-ledger.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const START = Date.UTC(2026, 2, 6, 10);
/** From so many names on, threads are started. */
const MANY = 4000;

const FINISHED = { 'raw.jsonl': recording(START, 'mia', 'OxA1', loginEntries(START)), ...finishedArtifacts() };
const nameOf = (number: number) => `2026-03-06T10-00-mia-Ox${(0xa000 + number).toString(16)}`;

/** A folder of so many sessions, all finished by their files, and the names of more. */
function scene(count: number, more = 0) {
  const sessionsDir = temporaryFolder();
  const names = Array.from({ length: count + more }, (_, number) => nameOf(number));
  for (const name of names.slice(0, count)) writeFiles(path.join(sessionsDir, name), FINISHED);
  const judge = { now: Date.now(), places: [sessionsDir] };
  return { sessionsDir, names, judge, at: (number: number, file = '') => path.join(sessionsDir, nameOf(number), file) };
}

describe('a look at many sessions', () => {
  test('sees the fingerprint of each folder, whatever is in it, as long as nothing is judged', async () => {
    const { sessionsDir, names, at } = scene(3, 1);
    rmSync(at(1, 'summary.md'));
    writeFileSync(path.join(sessionsDir, 'a file'), '');
    const seen = await glanceAt({ sessionsDir, names: [...names, 'a file'] });
    expect([0, 1, 2, 3, 4].map(seen)).toEqual(
      [0, 1, 2].map((number) => fingerprintOf(at(number))).concat([undefined, undefined]),
    );
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['an artifact without content', { 'summary.md': '' }],
    ['a summary that is cut off', { 'summary.json': '{"title":' }],
    ['a marker', { '.recording.json': '{}' }],
    ['a hold', { '.held': '' }],
    ['a draft', { 'meta.json': '{"draft":true}' }],
    ['a file that a killed pass left', { '.raw.jsonl.0123456789ab.agentwork-tmp': '' }],
  ])('takes no session for finished that has %s', async (_, files) => {
    const { sessionsDir, names, judge, at } = scene(2);
    writeFiles(at(0), files);
    const seen = await glanceAt({ sessionsDir, names, judge });
    expect([seen(0), seen(1)]).toEqual([undefined, fingerprintOf(at(1))]);
  });

  test('takes no session for finished that is held elsewhere', async () => {
    const { sessionsDir, names, judge } = scene(2);
    const cache = temporaryFolder();
    writeFiles(path.join(cache, nameOf(1)), { '.held': '' });
    const seen = await glanceAt({ sessionsDir, names, judge: { ...judge, places: [sessionsDir, cache] } });
    expect([seen(0), seen(1)]).toEqual([expect.anything(), undefined]);
  });

  test('is done by one thread where no other can be started', async () => {
    // Here, among the sources, is no file for it.
    const { sessionsDir, names, judge, at } = scene(2, MANY);
    names.reverse();
    const seen = await glanceAt({ sessionsDir, names, judge });
    const found = names.filter((_, place) => seen(place) !== undefined);
    expect(found).toEqual([nameOf(1), nameOf(0)]);
    expect(seen(names.indexOf(nameOf(0)))).toEqual(fingerprintOf(at(0)));
  });

  const isAlone = availableParallelism() < 2;
  test.skipIf(isAlone)(`is shared by the threads of the program${isAlone ? ' (skipped: one core)' : ''}`, async () => {
    const files = Array.from({ length: MANY + 9 }, (_, number) =>
      Object.entries(FINISHED).map(([file, text]) => [`sessions/${nameOf(number)}/${file}`, text]),
    );
    const ledger = temporaryLedger(Object.fromEntries(files.flat()));
    const at = (number: number, file: string) => path.join(ledger.root, 'sessions', nameOf(number), file);
    rmSync(at(7, 'session.md'));
    const tellThreads = `process.on('worker', (thread) => thread.on('exit', (code) => console.error('thread', code)))`;
    const look = async (words: readonly string[] = [], hook = tellThreads) => {
      const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
      const options = { cwd: ledger.root, nodeOptions };
      const { stderr, exitCode } = await startCli(
        ['finalize', '--agent', 'offline', '--limit', '1', ...words],
        options,
      );
      const threads = stderr.split('\n').filter((line) => line.startsWith('thread'));
      return { exitCode, ends: [...new Set(threads)] };
    };
    expect(await look()).toEqual({ exitCode: 0, ends: ['thread 0'] });
    expect(ledger.git('log', '-1', '--format=%s')).toBe(`finalize session ${nameOf(7)}`);
    rmSync(at(MANY - 1, 'summary.md'));
    expect(await look(), 'nothing tells of it').toEqual({ exitCode: 0, ends: [] });
    expect(await look(['--full'])).toEqual({ exitCode: 0, ends: ['thread 0'] });
    expect(ledger.git('log', '-1', '--format=%s')).toBe(`finalize session ${nameOf(MANY - 1)}`);
    rmSync(at(5, 'summary.md'));
    const refuseThreads = `import threads from 'node:worker_threads'; threads.Worker = class { constructor() { throw new Error('thread'); } }`;
    expect(await look(['--full'], refuseThreads)).toEqual({ exitCode: 0, ends: [] });
    expect(ledger.git('log', '-1', '--format=%s')).toBe(`finalize session ${nameOf(5)}`);
  });
});
