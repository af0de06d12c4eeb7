import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { BIN, isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { manySessions } from '../support/many-sessions.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NAME = '2026-03-06T10-00-ryan@example.com-Ox7f3a';
const SUMMARY = '{"title":"Fix the login","summary":"It was fixed.","outcome":"success","topics_found":["auth"]}';

/** A ledger with one finished session, one that waits and one that cannot be read; and a folder beside it. */
function ledger() {
  const { root, scratch, git } = temporaryLedger({
    [`sessions/${NAME}/summary.json`]: SUMMARY,
    [`sessions/${NAME}/session.html`]: '<!doctype html>',
    'sessions/2026-03-07T10-00-mei-Ox0001/raw.jsonl': '{}\n',
    'sessions/2026-03-08T10-00-mei-Ox0002/summary.json': '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n',
  });
  mkdirSync(scratch, { recursive: true });
  return { root, scratch, git };
}

/** Where the links of a page lead. */
function linksOf(file: string): string[] {
  const hrefs = [...readFileSync(file, 'utf8').matchAll(/<a class="title" href="([^"]*)"/g)].map(
    ([, href = '']) => href,
  );
  return hrefs.map((href) => fileURLToPath(new URL(href, pathToFileURL(file))));
}

describe('status --html', () => {
  test('writes a page beside the state, prints its path, and git sees nothing of it', async () => {
    const { root, git } = ledger();
    const file = path.join(root, '.git', 'agentwork', 'ledger.html');
    expect(await runCli(['status', '--html'], { cwd: root })).toEqual({ status: 0, stdout: file, stderr: '' });
    expect(linksOf(file)).toEqual([path.join(root, 'sessions', NAME, 'session.html')]);
    const page = readFileSync(file, 'utf8');
    for (const words of [
      'Fix the login',
      '2026-03-07T10-00-mei-Ox0001',
      'summary.json has the marks of a merge conflict',
    ]) {
      expect(page).toContain(words);
    }
    expect(git('status', '--porcelain')).toBe('');
    expect(readdirSync(path.dirname(file))).toEqual(['ledger.html']);
  });

  test('writes it where it is told to, again and again, and its links lead to the sessions from there', async () => {
    const { root, scratch } = ledger();
    const file = path.join(scratch, 'our sessions.html');
    for (const word of [file, '../scratch/our sessions.html']) {
      expect(await runCli(['status', '--html', word], { cwd: root })).toMatchObject({ status: 0, stdout: file });
    }
    expect(linksOf(file)).toEqual([path.join(root, 'sessions', NAME, 'session.html')]);
  });

  test('with --json the document of status has the path and the counts', async () => {
    const { root } = ledger();
    const { json, status } = await runJson(['status', '--html'], { cwd: root });
    expect(status).toBe(0);
    expect(json).toMatchObject({
      schema_version: 1,
      ledger: root,
      queue_depth: expect.any(Number),
      html: path.join(root, '.git', 'agentwork', 'ledger.html'),
      html_sessions: 3,
      html_unreadable: 1,
    });
    const plain = await runJson(['status'], { cwd: root });
    expect(Object.keys(plain.json).filter((key) => key.startsWith('html'))).toEqual([]);
  });

  test('lists what a pass has finished, and no secret of it', async () => {
    const { root, sessions } = createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now());
    await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    const { stdout: file } = await runCli(['status', '--html'], { cwd: root });
    expect(linksOf(file)).toContain(path.join(root, 'sessions', sessions.unsummarised, 'session.html'));
    for (const link of linksOf(file)) expect(existsSync(link)).toBe(true);
    expect(readFileSync(file, 'utf8')).not.toMatch(/AKIA[A-Z0-9]{16}|gh[ps]_[A-Za-z0-9]{20}/);
  });

  test.each([
    ['a folder', (root: string) => [path.dirname(root)], /is a folder/],
    ['a folder that is not there', () => ['no/such/page.html'], /there is no folder/],
    ['a place that git would commit', () => ['ledger.html'], /lies in the clone where git does not ignore it/],
    ['a recording', () => ['sessions/2026-03-07T10-00-mei-Ox0001/raw.jsonl'], /is left alone/],
    ['two places', () => ['../a.html', '../b.html'], /unexpected argument "..\/b.html"/],
  ])('%s is wrong usage', async (_what, words, message) => {
    const { root, git } = ledger();
    const { status, stdout, stderr } = await runCli(['status', '--html', ...words(root)], { cwd: root });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(git('status', '--porcelain')).toBe('');
  });

  test('a file or --open without --html is wrong usage, and says so', async () => {
    const { root } = ledger();
    const named = await runCli(['status', 'page.html'], { cwd: root });
    expect(named.status).toBe(2);
    expect(named.stderr).toContain('agentwork status --html FILE');
    const opened = await runCli(['status', '--open'], { cwd: root });
    expect(opened.status).toBe(2);
    expect(opened.stderr).toContain('error: --open shows the page that --html writes\n');
  });

  test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is named', async () => {
    const { root, scratch } = ledger();
    chmodSync(scratch, 0o500);
    const { status, stderr } = await runCli(['status', '--html', path.join(scratch, 'a.html')], { cwd: root });
    expect(status).toBe(3);
    expect(stderr).toMatch(/cannot write .*a\.html/);
  });

  test('a thousand sessions are one page, written in time', async () => {
    const root = path.join(temporaryFolder(), 'many');
    manySessions(root, 1000, Date.UTC(2026, 2, 6));
    const { json } = await runJson(['status', '--html'], { cwd: root });
    expect(json.html_sessions).toBe(1000);
  });
});

describe.skipIf(process.platform !== 'linux')('status --html --open', () => {
  function opener(script: string): string {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'xdg-open'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return folder;
  }

  test('hands the page to the opener of the machine, which hears and says nothing else', async () => {
    const { root, scratch } = ledger();
    const claudeFolder = opener(`echo noise; cat; printf %s "$1" >"${scratch}/opened"`);
    const { status, stdout, stderr } = await runCli(['status', '--html', '--open'], { cwd: root, claudeFolder });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(path.join(scratch, 'opened'), 'utf8')).toBe(stdout);
  });

  test('where nothing can be opened, the page is there all the same', async () => {
    const { root } = ledger();
    const failed = await runCli(['status', '--html', '--open'], { cwd: root, claudeFolder: opener('exit 3') });
    expect(failed).toMatchObject({ status: 0, stdout: expect.stringMatching(/ledger\.html$/) });
    expect(failed.stderr).toBe('warning: the page was not opened: xdg-open ended with status 3');
  });

  test('an opener that goes on keeps nobody waiting for it', async () => {
    const { root } = ledger();
    const started = Date.now();
    await runCli(['status', '--html', '--open'], { cwd: root, claudeFolder: opener('exec sleep 30') });
    expect(Date.now() - started).toBeLessThan(25_000);
  });
});

test.each([[['status']], [['detect']], [['finalize', '--dry-run']]])(
  '%j takes no word from what it is started beside, such as a loop that reads lines',
  async (words) => {
    const { root } = ledger();
    const piped = {
      env: isolatedEnvironment({ cwd: root }),
      extendEnv: false,
      cwd: root,
      input: 'one of many lines\n',
    };
    const { exitCode, stderr } = await execa(process.execPath, [BIN, ...words], { ...piped, reject: false });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  },
);

test.runIf('enableCompileCache' in module)(
  'from Node 22 on, the program is kept compiled where nobody else can write',
  async () => {
    const home = temporaryFolder();
    const own = path.join(home, 'caches');
    const version = (env: Record<string, string>) =>
      execa(process.execPath, [BIN, '--version'], {
        env: { TMPDIR: path.join(home, 'tmp'), ...env },
        extendEnv: false,
      });
    await version({ HOME: home });
    await version({ HOME: home, XDG_CACHE_HOME: own });
    expect(readdirSync(home).sort()).toEqual(['.cache', 'caches']);
    for (const caches of [path.join(home, '.cache'), own]) {
      expect(readdirSync(path.join(caches, 'agentwork', 'compiled'))).not.toEqual([]);
    }
  },
);

test.each([
  [['--verison'], '"--verison"\n  → agentwork --version'],
  [['-v'], '"-v"\n  → agentwork --version\n  → a command comes first, and its flags behind it'],
  [['--ledger', '/x', 'status'], '"--ledger"\n  → a command comes first, and its flags behind it'],
  [['help', 'frob'], '"frob"\n  → agentwork --help tells which there are'],
])('and so is what is no command: %j', async (words, told) => {
  const cwd = temporaryFolder();
  const refused = await runCli(words, { cwd });
  expect(refused).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining(`there is no command ${told}`),
  });
});

test('a flag for machines alone is answered for machines', async () => {
  for (const words of [['--json'], ['setup', '--json']]) {
    const { status, json } = await runJson(words, { cwd: temporaryFolder() });
    expect([status, json]).toMatchObject([2, { error: { code: 'BAD_USAGE' } }]);
  }
});

test.each([[['help', 'setup', 'cron']], [['help', 'finalize']], [['help']]])(
  'help for a command is its help: %j',
  async (words) => {
    const cwd = temporaryFolder();
    const asked = await runCli(words, { cwd });
    expect(asked).toMatchObject({ status: 0, stderr: '' });
    expect(asked.stdout).toBe((await runCli([...words.slice(1), '--help'], { cwd })).stdout);
  },
);

test.each([[['frob']], [['setup', 'frob']], [['frob', '--ledger', '/x']]])(
  'a command that there is not is refused in the words of all failures: %j',
  async (words) => {
    const name = words[0] === 'setup' ? 'setup frob' : 'frob';
    const cwd = temporaryFolder();
    const refused = await runCli(words, { cwd });
    expect(refused).toEqual({
      ...{ status: 2, stdout: '' },
      stderr: `error: there is no command "${name}"\n  → agentwork --help tells which there are`,
    });
    const { status, stdout } = await runCli([...words, '--json'], { cwd });
    expect([status, JSON.parse(stdout)]).toMatchObject([2, { schema_version: 1, error: { code: 'BAD_USAGE' } }]);
  },
);
