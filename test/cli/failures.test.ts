import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { BIN, isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function sampleRoot(): string {
  return createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now()).root;
}

function git(cwd: string, ...words: string[]): void {
  execFileSync('git', words, { cwd, stdio: 'ignore' });
}

interface ErrorJson {
  error: { code: string; message: string; exit_code: number; suggestions: string[] };
}

describe('a command that cannot begin', () => {
  test.each([
    ['a flag that is not there', ['detect', '--colour'], 2, 'there is no flag --colour\n  → --help tells'],
    ['a flag that is nearly there', ['detect', '--explian'], 2, 'there is no flag --explian\n  → --explain is one'],
    [
      'a command of a topic that is nearly there',
      ['setup', 'crom'],
      2,
      'there is no command "setup crom"\n  → agentwork setup cron',
    ],
    ['another program’s flag of its version', ['-V'], 2, 'there is no command "-V"\n  → agentwork --version'],
    ['a command that is nearly there', ['finalise'], 2, 'there is no command "finalise"\n  → agentwork finalize'],
    [
      'a concurrency of nothing',
      ['finalize', '--concurrency', '0'],
      2,
      "--concurrency: '0' is not a whole number from 1 to 64",
    ],
    [
      'a time that is none',
      ['finalize', '--if-due', 'soon'],
      2,
      "--if-due: 'soon' is not a duration such as 90s, 5m or 1h",
    ],
    ['an agent nobody knows', ['finalize', '--agent', 'gpt'], 2, "--agent: 'gpt' is not one of claude, offline, none"],
    [
      'a timeout without a unit',
      ['finalize', '--timeout', '5'],
      2,
      "--timeout: '5' is not a duration such as 90s, 5m or 1h",
    ],
    ['a limit of words', ['finalize', '--limit', 'many'], 2, "--limit: 'many' is not a whole number from 1"],
    ['a flag without its value', ['cleanup', '--redact'], 2, '--redact wants a value'],
    ['an empty name of a ledger', ['detect', '--ledger', ''], 10, '--ledger names no folder'],
    [
      'two flags that exclude each other',
      ['cleanup', '--redact', 'x', '--restore', 'y'],
      2,
      '--redact=x cannot also be',
    ],
    ['a recorder of nothing', ['setup', 'recorder'], 2, 'PROJECT is missing: the folders whose sessions are recorded'],
    ['--again without names', ['finalize', '--again'], 2, '--again wants the names of sessions'],
    ['a session that is not there', ['finalize', 'nobody', '--agent', 'offline'], 2, 'there is no session "nobody" in'],
    ['a ledger that is not there', ['detect', '--ledger', '/nowhere/at/all'], 10, 'there is no folder /nowhere/at/all'],
  ])('says in one sentence what is wrong: %s', async (_, words, status, sentence) => {
    const root = sampleRoot();
    const text = await runCli(words, { cwd: root });
    expect(text.status).toBe(status);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(`error: ${sentence}`);
    expect(text.stderr).not.toMatch(/\n\s+at /);
  });

  test('names a program that cannot be started each time that somebody names it', async () => {
    const [cwd, file] = [sampleRoot(), path.join(temporaryFolder(), 'claude')];
    writeFileSync(file, '#!/bin/sh\n');
    for (const _ of [1, 2]) {
      const { status, stdout } = await runCli(['finalize', '--claude-path', file], { cwd });
      expect(status).toBe(12);
      expect(stdout).toMatch(/stopped: \/.*claude is not executable\n(?: .*\n)? +→ make it executable/);
    }
  });

  test('says the same as one JSON document, when asked to', async () => {
    const { status, json } = await runJson<ErrorJson>(['finalize', '--limit', 'many'], { cwd: sampleRoot() });
    expect(status).toBe(2);
    const message = "--limit: 'many' is not a whole number from 1";
    expect(json.error).toMatchObject({ code: 'BAD_USAGE', exit_code: 2, message });
  });

  test('names the configuration key, the value and the file that it stands in', async () => {
    const root = sampleRoot();
    git(root, 'config', 'agentwork.maxConcurrent', 'lots');
    const { status, stderr } = await runCli(['detect'], { cwd: root });
    expect(status).toBe(2);
    expect(stderr).toContain("agentwork.maxConcurrent in .git/config: 'lots' is not a whole number from 1 to 64");
  });

  test('obeys nothing in a bad value, as JSON either', async () => {
    const AGENTWORK_PUSH = 'tru\u202ee\u009b2J\u2066';
    const { json, stdout } = await runJson<ErrorJson>(['detect'], { cwd: sampleRoot(), env: { AGENTWORK_PUSH } });
    expect(json.error.message).toBe(`AGENTWORK_PUSH: '${AGENTWORK_PUSH}' is not true or false`);
    expect(stdout).toMatch(/^[\n -~]+$/);
    expect(stdout).toContain('tru\\u202ee\\u009b2J\\u2066');
  });

  test('names the variable of the environment that holds a bad value', async () => {
    const { status, stderr } = await runCli(['detect'], { cwd: sampleRoot(), env: { AGENTWORK_PUSH: 'maybe' } });
    expect(status).toBe(2);
    expect(stderr).toContain("AGENTWORK_PUSH: 'maybe' is not true or false");
  });

  test('outside of any clone tells how to name a ledger', async () => {
    const { status, stderr } = await runCli(['finalize'], { cwd: temporaryFolder() });
    expect(status).toBe(10);
    expect(stderr).toMatch(/is not in a git clone[\s\S]*--ledger DIR or AGENTWORK_LEDGER/);
  });

  test('in a folder that is gone says so', async () => {
    const folder = temporaryFolder();
    const gone = path.join(folder, 'gone');
    mkdirSync(gone);
    const script = `cd '${gone}' && rmdir '${gone}' && exec '${process.execPath}' '${BIN}' detect`;
    const { exitCode, stderr } = await execa('sh', ['-c', script], { reject: false });
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 10,
      stderr: expect.stringMatching(/^error: the current folder is gone$/m),
    });
  });

  test('in a clone without sessions wants the ledger to be named', async () => {
    const root = temporaryFolder();
    git(root, 'init');
    expect((await runCli(['detect'], { cwd: root })).status).toBe(10);
    expect(await runCli(['detect', '--ledger', root], { cwd: root })).toMatchObject({
      status: 0,
      stdout: 'nothing to do',
    });
  });

  test('without a git identity gives the two commands that set it, before anything is spent', async () => {
    const root = sampleRoot();
    git(root, 'config', '--unset', 'user.name');
    git(root, 'config', '--unset', 'user.email');
    const { status, stderr } = await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    expect(status).toBe(2);
    expect(stderr).toContain('git config --global user.name "Your Name"');
    expect(stderr).toContain('git config --global user.email you@example.com');
  });

  test("leaves a clone alone in which somebody's rebase is under way", async () => {
    const root = sampleRoot();
    mkdirSync(path.join(root, '.git', 'rebase-merge'));
    const { status, stderr } = await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    expect(status).toBe(3);
    expect(stderr).toContain('a rebase is under way');
  });

  test('sets a broken state aside and goes on from an empty one', async () => {
    const root = sampleRoot();
    mkdirSync(path.join(root, '.git', 'agentwork'), { recursive: true });
    writeFileSync(path.join(root, '.git', 'agentwork', 'state.json'), '{"schema_version":');
    const { status, stderr } = await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: .*state\.json is not JSON.*state\.json\.broken-1/);
  });
});

test('a bug says so, and where in the source it is', async () => {
  const source = `
    const sort = Array.prototype.sort;
    Array.prototype.sort = function (order) {
      if (this[0]?.ledgerName !== undefined) throw new TypeError('what nobody thought of');
      return sort.call(this, order);
    };`;
  const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
  const { status, stderr } = await runCli(['detect'], { cwd: sampleRoot(), nodeOptions });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: what nobody thought of\nthis is a bug in agentwork; please report it with these lines:\n/,
  );
  expect(stderr).toMatch(/ at surveySessions \(file:\S+\/src\/ledger\/survey\.ts:\d+:\d+\)\n/);
});

test.runIf(existsSync('/dev/full'))('an answer that cannot be written is told in one sentence', () => {
  const cwd = sampleRoot();
  const full = openSync('/dev/full', 'w');
  try {
    const options = { cwd, env: isolatedEnvironment({ cwd }), encoding: 'utf8' } as const;
    const end = spawnSync(process.execPath, [BIN, 'status', '--json'], { ...options, stdio: ['ignore', full, 'pipe'] });
    expect(end.stderr).toMatch(/^error: the answer cannot be written: ENOSPC.*\n$/);
    expect(end.status).toBe(3);
  } finally {
    closeSync(full);
  }
});
