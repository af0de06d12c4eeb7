import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildConfig } from '../src/config.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { listTrash } from '../src/ledger/trash/trash.ts';
import { type PassEvent, runPass } from '../src/pass.ts';
import { MockRunner } from '../src/work/mock-runner.ts';
import { runGit, type TemporaryLedger, temporaryLedger } from './support/ledger-dir.ts';
import { loginEntries, marker, recording } from './support/sample-ledger.ts';
import { writeFiles } from './support/temporary-folder.ts';

// What a hostile tester found: each of these once lost, leaked, was paid twice, or stopped everybody else.

const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 48 * 3_600_000;
const SECRET = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const RAW = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
const WITH_SECRET = recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), { type: 'user', content: SECRET }]);

/** A pass with the offline agent, or with one that answers `answer`. */
async function pass(ledger: TemporaryLedger, answer?: object) {
  const runner = new MockRunner(true);
  runner.runFunc = async () => ({ output: JSON.stringify(answer), duration: 1, exitCode: 0 });
  const events: PassEvent[] = [];
  const config = buildConfig({ agent: { flag: '--agent', value: answer ? 'claude' : 'offline' } }, {}, '');
  const opened = await openLedger(ledger.root, { cwd: ledger.root, environment: ledger.environment });
  const report = await runPass(
    opened,
    { clock: () => NOW, environment: ledger.environment, runner, tell: (event) => events.push(event) },
    { config, sessions: [], again: false, limit: undefined, commit: true },
    new AbortController().signal,
  );
  return { report, runner, events };
}

const at = (ledger: TemporaryLedger, file: string) => path.join(ledger.root, 'sessions', NAME, file);
const inLedger = (file: string, content: string) => ({ [`sessions/${NAME}/${file}`]: content });
const inCache = (content: string) => ({ [`.sageox/cache/sessions/${NAME}/raw.jsonl`]: content });
const onRemote = (ledger: TemporaryLedger) => runGit(ledger.remote, ledger.environment, 'log', '-p', '--all');

test('a longer copy from a cache replaces a recording, which is kept', async () => {
  const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
  const precious = recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), { type: 'user', content: 'only here' }]);
  writeFiles(ledger.root, inLedger('raw.jsonl', precious));
  const longer = [...loginEntries(START), { type: 'user', content: 'a' }, { type: 'user', content: 'b' }];
  writeFiles(ledger.root, inCache(recording(START, 'ryan', 'Ox7f3a', longer)));
  await pass(ledger);
  await pass(ledger);
  expect(readFileSync(at(ledger, 'raw.jsonl'), 'utf8')).not.toContain('only here');
  const trash = listTrash(path.join(ledger.root, '.git/agentwork'));
  const kept = trash.map((entry) => readFileSync(entry.path, 'utf8'));
  expect(kept).toContain(precious);
});

test('a copy from a cache never replaces what is being recorded in the ledger', async () => {
  const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
  writeFiles(ledger.root, {
    ...inLedger('raw.jsonl', RAW),
    ...inLedger('.recording.json', marker(NOW, 'Ox7f3a', process.pid)),
  });
  writeFiles(ledger.root, inCache(WITH_SECRET));
  await pass(ledger);
  expect(readFileSync(at(ledger, 'raw.jsonl'), 'utf8')).toBe(RAW);
});

test('a recording that is only staged is cleaned before it is committed', async () => {
  const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
  writeFiles(ledger.root, inLedger('raw.jsonl', WITH_SECRET));
  ledger.git('add', '--all');
  await pass(ledger);
  expect(onRemote(ledger)).not.toContain(SECRET);
});

test('a committed recording that grew by a secret is cleaned before it is committed again', async () => {
  const ledger = temporaryLedger(inLedger('raw.jsonl', RAW));
  writeFiles(ledger.root, inLedger('raw.jsonl', WITH_SECRET));
  await pass(ledger);
  expect(onRemote(ledger)).not.toContain(SECRET);
});

test.each([
  ['meta.json', JSON.stringify({ note: SECRET })],
  ['summary.md', `the token is ${SECRET}`],
])('a %s that somebody left there is cleaned before it is committed', async (file, content) => {
  const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
  const summary = JSON.stringify({ title: 'A title', summary: 'What happened in here.' });
  writeFiles(ledger.root, {
    ...inLedger('raw.jsonl', RAW),
    ...inLedger('summary.json', summary),
    ...inLedger(file, content),
  });
  await pass(ledger);
  expect(ledger.git('ls-files', 'sessions')).toContain(file);
  expect(onRemote(ledger)).not.toContain(SECRET);
});

test('a secret in the place of a key is a secret', async () => {
  const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
  const entry = { type: 'tool', tool_name: 'Bash', tool_input: { [SECRET]: 1 } };
  writeFiles(ledger.root, inLedger('raw.jsonl', recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), entry])));
  await pass(ledger);
  expect(onRemote(ledger)).not.toContain(SECRET);
});

test('a hold in the ledger holds the copy in the cache, too', async () => {
  const ledger = temporaryLedger({ ...inLedger('raw.jsonl', RAW), '.gitignore': '.sageox/cache/\n' });
  writeFiles(ledger.root, { ...inLedger('.held', ''), ...inCache(WITH_SECRET) });
  expect((await pass(ledger)).report.results).toEqual([]);
});

test('the push takes this branch along, and nothing else of the user', async () => {
  const ledger = temporaryLedger(inLedger('raw.jsonl', RAW));
  ledger.git('config', 'push.default', 'matching');
  ledger.git('config', 'push.followTags', 'true');
  ledger.git('branch', 'private');
  ledger.git('push', '--quiet', 'origin', 'private');
  ledger.git('switch', '--quiet', 'private');
  ledger.git('commit', '--quiet', '--allow-empty', '--message', 'private work');
  ledger.git('switch', '--quiet', 'main');
  ledger.git('tag', '--annotate', 'mine', '--message', 'mine');
  expect((await pass(ledger)).report.push.outcome).toBe('done');
  expect(onRemote(ledger)).not.toContain('private work');
  expect(runGit(ledger.remote, ledger.environment, 'tag')).toBe('');
});

test('no agent is paid for an answer that could not be written', async () => {
  const ledger = temporaryLedger(inLedger('raw.jsonl', RAW));
  mkdirSync(at(ledger, 'session.html'));
  const { report, runner } = await pass(ledger, { title: 'A title' });
  expect(runner.requests).toEqual([]);
  expect(report.results).toMatchObject([{ success: false, error: { code: 'UNWRITABLE' } }]);
});

test('what cannot be cleaned up is told, and stops nobody', async () => {
  const ledger = temporaryLedger(inLedger('raw.jsonl', RAW));
  const folder = path.join(ledger.root, 'sessions', NAME, '.x.0123456789ab.agentwork-tmp');
  mkdirSync(folder);
  utimesSync(folder, new Date(START), new Date(START));
  const { report } = await pass(ledger);
  expect(report.results).toMatchObject([{ success: true }]);
  expect(existsSync(folder)).toBe(true);
});

test('what could not be committed for want of a signature is not begun', async () => {
  const ledger = temporaryLedger(inLedger('raw.jsonl', RAW));
  ledger.git('config', 'commit.gpgSign', 'true');
  ledger.git('config', 'gpg.program', '/bin/false');
  await expect(pass(ledger)).rejects.toThrow('commits are to be signed here (commit.gpgSign), and cannot be');
  expect(existsSync(at(ledger, 'summary.json'))).toBe(false);
});

test('a commit that fails leaves nothing of ours staged, and what was made', async () => {
  const ledger = temporaryLedger(inLedger('raw.jsonl', RAW));
  writeFiles(ledger.root, { '.git/HEAD.lock': '', '.git/refs/heads/main.lock': '' });
  const { report } = await pass(ledger);
  expect(report.results).toMatchObject([{ success: false, error: { code: 'COMMIT_FAILED' } }]);
  expect(ledger.git('diff', '--cached', '--name-only')).toBe('');
  expect(existsSync(at(ledger, 'summary.json'))).toBe(true);
});

test('a recording whose transcript lies behind a link is no ghost', async () => {
  const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
  const real = path.join(ledger.scratch, 'real.jsonl');
  const link = path.join(ledger.scratch, 'link.jsonl');
  writeFiles(ledger.scratch, { 'real.jsonl': '{}\n' });
  symlinkSync(real, link);
  writeFiles(ledger.root, inLedger('.recording.json', marker(START, 'Ox7f3a', 2 ** 22 + 1, link)));
  await pass(ledger);
  expect(existsSync(at(ledger, '.recording.json'))).toBe(true);
});
