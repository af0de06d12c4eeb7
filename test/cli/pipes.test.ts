import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, marker, recording } from '../support/sample-ledger.ts';
import { writeFiles } from '../support/temporary-folder.ts';

// Whoever opens a pipe waits until somebody writes into it. Each of these stands where a pass looks for a file.

const START = Date.parse('2026-03-06T10:00:00Z');
const RAW = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
const GONE = 2 ** 22 + 1;
/** A run that waits is ended; one that works takes a second. */
const KILLED_AFTER_MS = 40_000;

function pipeAt(file: string): void {
  rmSync(file, { recursive: true, force: true });
  mkdirSync(path.dirname(file), { recursive: true });
  execFileSync('mkfifo', [file]);
}

function run(ledger: TemporaryLedger, words: readonly string[]) {
  return runCli(words, { cwd: ledger.root, env: { AGENTWORK_AGENT: 'offline' }, killedAfterMs: KILLED_AFTER_MS });
}

const IN_SESSIONS = [
  ...['raw.jsonl', 'meta.json', 'summary.json', 'summary.md', 'session.html', 'session.md'],
  ...['.recording.json', '.held', '.downloaded', '.needs-summary', '.gitattributes', '.gitignore'],
  ...['raw.jsonl.append.json', 'raw.jsonl.tmp', 'meta.json.tmp', 'summary.json.lock'],
];

describe('a pipe in the place of a file of a session', () => {
  /** One session for each file, in the ledger and in a cache, one of each abandoned, and one that is as it should be. */
  function ledgerOfPipes(): TemporaryLedger {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n', 'sessions/whole/raw.jsonl': RAW });
    for (const [index, file] of IN_SESSIONS.entries()) {
      for (const folder of [`sessions/a${index}`, `.sageox/cache/sessions/b${index}`]) {
        writeFiles(ledger.root, { [`${folder}/raw.jsonl`]: RAW });
        if (index % 2 === 1) writeFiles(ledger.root, { [`${folder}/.recording.json`]: marker(START, 'Ox7f3a', GONE) });
        pipeAt(path.join(ledger.root, folder, file));
      }
    }
    return ledger;
  }

  test.each([[['detect', '--explain']], [['status', '--html']], [['cleanup']]])(
    'is not opened by %j',
    async (words) => {
      expect(await run(ledgerOfPipes(), words)).toMatchObject({ status: 0 });
    },
  );

  test('is not opened by a pass, and keeps no other session from being finished', async () => {
    const ledger = ledgerOfPipes();
    const { status, stderr } = await run(ledger, ['finalize']);
    expect([status, stderr]).toEqual([expect.any(Number), expect.not.stringContaining('is a bug')]);
    expect(ledger.git('ls-files', 'sessions/whole')).toContain('sessions/whole/summary.json');
  });
});

describe('a pipe in the place of an agent’s transcripts', () => {
  test.each(['-home-dev-shop', '-home-dev-shop/0b1c2d3e.jsonl'])('is not opened: %s', async (place) => {
    const ledger = temporaryLedger({ 'README.md': 'a ledger\n' });
    writeFiles(ledger.root, { 'sessions/lost/.recording.json': marker(START, 'Ox7f3a', GONE) });
    pipeAt(path.join(path.dirname(ledger.root), 'home', 'claude-config', 'projects', place));
    expect(await run(ledger, ['detect', '--explain'])).toMatchObject({ status: 0 });
  });
});

describe('a pipe in the place of a file of the clone', () => {
  test.each([
    ['agentwork', ['finalize']],
    ['agentwork/state.json', ['status']],
    ['agentwork/state.json', ['finalize']],
    ['agentwork/pass.lock', ['status']],
    ['agentwork/pass.lock', ['finalize']],
    ['agentwork/branch-move-.git', ['finalize']],
    ['agentwork/trash', ['finalize']],
    ['agentwork/trash/.origins', ['finalize']],
    ['agentwork/trash/.origins/a.json', ['cleanup', '--restore', 'a']],
    ['agentwork/trash/a', ['cleanup', '--restore', 'a']],
  ])('is refused by its name: %s, by %j', async (place, words) => {
    const ledger = temporaryLedger({ 'sessions/whole/raw.jsonl': RAW });
    const file = path.join(ledger.root, '.git', place);
    if (place.endsWith('a.json')) writeFiles(ledger.root, { '.git/agentwork/trash/a': '' });
    pipeAt(file);
    const { status, stderr } = await run(ledger, words);
    expect([status, stderr]).toEqual([3, expect.stringMatching(words.length > 1 ? 'where a came from' : file)]);
  });

  test.each(['.gitattributes', 'sessions/.gitignore', '.gitmodules', '.git/info/attributes'])(
    'that git itself would wait for is named: %s',
    async (name) => {
      const ledger = temporaryLedger({ 'sessions/whole/raw.jsonl': RAW });
      pipeAt(path.join(ledger.root, name));
      const { status, stderr } = await run(ledger, ['finalize']);
      expect([status, stderr]).toEqual([3, expect.stringContaining(`${name} is not a regular file`)]);
      expect(existsSync(path.join(ledger.root, 'sessions/whole/summary.json'))).toBe(false);
    },
  );
});
