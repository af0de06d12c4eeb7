import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type CliOptions, runCli } from '../support/cli.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';
import { writeFiles } from '../support/temporary-folder.ts';

// What a pass keeps for itself holds transcripts and answers; the machine may have other users.

const START = Date.parse('2026-03-06T10:00:00Z');
const SECRET = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const RAW = recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), { type: 'user', content: SECRET }]);
const UMASK = process.umask();

afterEach(() => {
  process.umask(UMASK);
});

/** `600 state.json`, for everything below a folder. */
function modesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.map((name) => `${(statSync(path.join(folder, name)).mode & 0o777).toString(8)} ${name}`);
}

async function passUnder(mask: number) {
  const ledger = temporaryLedger({ 'README.md': 'a ledger\n' });
  writeFiles(ledger.root, { 'sessions/a/raw.jsonl': RAW });
  const stateDir = path.join(ledger.root, '.git', 'agentwork');
  mkdirSync(stateDir);
  for (const folder of [stateDir, ledger.root]) chmodSync(folder, 0o755);
  const options: CliOptions = { cwd: ledger.root, env: { AGENTWORK_AGENT: 'offline' } };
  const page = path.join(ledger.scratch, 'page.html');
  process.umask(mask);
  for (const words of [['finalize'], ['status', '--html'], ['status', '--html', page]]) {
    expect(await runCli(words, options)).toMatchObject({ status: 0 });
  }
  return { ledger, stateDir, page };
}

test.each([0o000, 0o022, 0o077])('what we keep is its owner’s alone under umask %o', async (mask) => {
  const { ledger, stateDir, page } = await passUnder(mask);
  const kept = modesIn(stateDir);
  expect(kept.filter((line) => !/^(600|700) /.test(line))).toEqual([]);
  expect(kept).toEqual(expect.arrayContaining(['600 state.json', '600 ledger.html', '600 trash/a.raw.jsonl']));
  expect([stateDir, page].map((file) => statSync(file).mode & 0o777)).toEqual([0o700, 0o600]);
  // What is committed is as open as the user's umask says, and nothing of the user's is opened or closed.
  const inTree = modesIn(path.join(ledger.root, 'sessions', 'a')).map((line) => line.split(' ')[0]);
  expect(new Set(inTree)).toEqual(new Set([(0o644 & ~mask).toString(8)]));
  expect(statSync(ledger.root).mode & 0o777).toBe(0o755);
});
