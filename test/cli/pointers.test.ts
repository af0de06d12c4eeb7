import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { type CliOptions, runCli, runJson } from '../support/cli.ts';
import { describeWithGitLfs, hasObject, objectIn, oidOf, pointerTo, putObject } from '../support/git-lfs.ts';
import { runGitWithLfs, type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { createSampleLedger, loginEntries, recording } from '../support/sample-ledger.ts';
import { standInCalls, writeStandInClaude } from '../support/stand-in-claude.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const NOW = Date.now();
const RAW = recording(NOW - DAY_MS, 'ryan', 'OxBig1', loginEntries(NOW - DAY_MS));
const ATTRIBUTES = 'raw.jsonl filter=lfs diff=lfs merge=lfs -text\n';

interface FinalizeJson {
  detected: number;
  results: { session: string; success: boolean }[];
  remaining: string[];
  pushed: unknown;
}

interface DetectJson {
  counts: Record<string, number>;
  sessions: { session: string; verdict: string; rule: string; reason: string; facts: { raw: object } }[];
}

const withLfs = (root: string): CliOptions => ({ cwd: root, gitLfs: true });
const finalize = (root: string, ...words: string[]) =>
  runJson<FinalizeJson>(['finalize', '--agent', 'offline', ...words], withLfs(root));
const explain = async (root: string) => (await runJson<DetectJson>(['detect', '--explain'], withLfs(root))).json;
const read = (root: string, file: string) => readFileSync(path.join(root, file), 'utf8');

/** The recording, with more in its header. */
function rawOf(more: object): string {
  const [first = '', ...rest] = RAW.split('\n');
  const { type, metadata } = JSON.parse(first);
  return [JSON.stringify({ type, metadata: { ...metadata, ...more } }), ...rest].join('\n');
}

/** A ledger with a recording that is a pointer, and what it stands for at the remote. */
function pointerLedger(files: Record<string, string> = {}): TemporaryLedger {
  const ledger = temporaryLedger({ 'sessions/a/raw.jsonl': pointerTo(RAW), ...files });
  putObject(ledger.remote, RAW);
  return ledger;
}

describeWithGitLfs('a recording that is a pointer', () => {
  test('is fetched, read where git-lfs keeps it, and stays a pointer', async () => {
    const ledger = pointerLedger();
    const { root } = ledger;
    const before = await explain(root);
    expect(before.sessions).toMatchObject([
      {
        verdict: 'missing-artifacts',
        rule: 'pointer_fetchable',
        reason: 'no artifacts; raw.jsonl is fetched from Git LFS',
        facts: { raw: { state: 'pointer', bytes: Buffer.byteLength(RAW), oid: oidOf(RAW), content: 'elsewhere' } },
      },
    ]);
    expect(hasObject(path.join(root, '.git'), RAW)).toBe(false);
    const { json, status, stderr } = await finalize(root);
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringMatching(/^done a /m) });
    expect(json).toMatchObject({ detected: 1, results: [{ session: 'a', success: true }], pushed: 'done' });
    expect(read(root, 'sessions/a/raw.jsonl')).toBe(pointerTo(RAW));
    expect(read(root, 'sessions/a/session.md')).toContain('The target is **hard-coded**');
    expect(JSON.parse(read(root, 'sessions/a/summary.json')).agentwork.input).toMatchObject({
      sha256: oidOf(RAW),
      bytes: Buffer.byteLength(RAW),
    });
    expect(JSON.parse(read(root, 'sessions/a/meta.json')).files['raw.jsonl']).toEqual({
      storage: 'lfs',
      oid: `sha256:${oidOf(RAW)}`,
      size: Buffer.byteLength(RAW),
    });
    expect(runGitWithLfs(root, ledger.environment, 'status', '--porcelain')).toBe('');
    expect(existsSync(path.join(root, '.git', 'hooks', 'pre-push'))).toBe(false);
    expect((await finalize(root)).json).toMatchObject({ detected: 0, pushed: 'nothing' });
  });

  test.each(['here', 'elsewhere'])(
    'is left alone when its content, which is %s, tells of what agentwork.exclude names',
    async (where) => {
      const told = rawOf({ workspace_path: '/home/ryan/clients/acme' });
      const { root, remote, git } = temporaryLedger({ 'sessions/a/raw.jsonl': pointerTo(told) });
      putObject(where === 'here' ? path.join(root, '.git') : remote, told);
      git('config', 'agentwork.exclude', 'path:/home/*/clients/**');
      const claudeFolder = temporaryFolder();
      await writeStandInClaude(claudeFolder);
      const head = git('rev-parse', 'HEAD');
      for (const words of [['finalize'], ['finalize', '--again', 'a'], ['finalize', '--agent', 'offline']]) {
        await runCli(words, { ...withLfs(root), claudeFolder });
      }
      expect(await standInCalls(claudeFolder)).toEqual([]);
      expect(git('rev-parse', 'HEAD', 'origin/main')).toBe(`${head}\n${head}`);
      expect(git('status', '--porcelain')).toBe('');
    },
  );

  test('is not pushed when its content tells of what agentwork.exclude names since', async () => {
    const told = rawOf({ branch: 'private/talks' });
    const { root, git, remote } = temporaryLedger({ 'sessions/a/raw.jsonl': pointerTo(told) });
    putObject(remote, told);
    await finalize(root, '--no-push');
    const pushed = git('rev-parse', 'origin/main');
    git('config', 'agentwork.exclude', 'branch:private/*');
    await finalize(root);
    expect(git('rev-parse', 'origin/main')).toBe(pushed);
    git('config', '--unset', 'agentwork.exclude');
    await finalize(root);
    expect(git('rev-parse', 'origin/main')).not.toBe(pushed);
  });

  test('is finished in a clone that has the attributes and skips what they stand for', async () => {
    const ledger = pointerLedger({ 'sessions/a/.gitattributes': ATTRIBUTES });
    const { root } = ledger;
    runGitWithLfs(root, ledger.environment, 'lfs', 'install', '--local', '--skip-smudge');
    expect((await finalize(root)).json).toMatchObject({ results: [{ success: true }], pushed: 'done' });
    expect(read(root, 'sessions/a/raw.jsonl')).toBe(pointerTo(RAW));
    expect(runGitWithLfs(root, ledger.environment, 'status', '--porcelain')).toBe('');
  });

  test('needs no remote where its content is here already', async () => {
    const ledger = pointerLedger();
    const { root, remote } = ledger;
    putObject(path.join(root, '.git'), RAW);
    rmSync(path.join(remote, 'lfs'), { recursive: true });
    expect((await explain(root)).sessions[0]).toMatchObject({ rule: 'missing', facts: { raw: { content: 'here' } } });
    expect((await finalize(root)).json).toMatchObject({ results: [{ success: true }], pushed: 'done' });
  });

  test('is one of several: what can be had is finished, and the rest named once', async () => {
    const lacking = pointerTo('nowhere');
    const { root } = pointerLedger({ 'sessions/b/raw.jsonl': lacking, 'sessions/c, [d]/raw.jsonl': pointerTo(RAW) });
    const first = await finalize(root);
    expect(first.json.results.map(({ session }) => session).sort()).toEqual(['a', 'c, [d]']);
    expect(first.status).toBe(0);
    expect(first.stderr).toContain('b is left: raw.jsonl is a Git LFS pointer, and the remote lacks its content');
    const { counts, sessions } = await explain(root);
    expect(counts).toEqual({ finished: 2, pointer: 1 });
    expect(sessions.find(({ session }) => session === 'b')).toMatchObject({
      verdict: 'pointer',
      rule: 'raw_pointer',
      reason: 'raw.jsonl is a Git LFS pointer, and the remote lacks its content',
      facts: { raw: { content: 'lacking' } },
    });
    const text = await runCli(['detect', '--explain', 'b'], withLfs(root));
    expect(text.stdout).toMatch(/next +git lfs push --all origin, where the content is; then .* --again b$/m);
    expect(await runCli(['finalize', '--agent', 'offline'], withLfs(root))).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('is asked for again by name, and by itself where its content came by another way', async () => {
    const { root, remote } = pointerLedger({ 'sessions/b/raw.jsonl': pointerTo(`${RAW}\n`) });
    await finalize(root);
    putObject(remote, `${RAW}\n`);
    expect((await finalize(root)).json).toMatchObject({ detected: 0 });
    expect((await finalize(root, '--again', 'b')).json).toMatchObject({ results: [{ session: 'b', success: true }] });
  });

  test.each([
    ['other bytes of the same length', RAW.replace('After login', 'Later login'), 'has other content under its name'],
    ['more bytes', `${RAW}{}\n`, 'lacks its content'],
  ])('is left when the remote has %s under its name', async (_, content, why) => {
    const ledger = temporaryLedger({ 'sessions/a/raw.jsonl': pointerTo(RAW) });
    putObject(ledger.remote, content, oidOf(RAW));
    const { json, stderr, status } = await finalize(ledger.root);
    expect(status).toBe(0);
    expect(json.results).toEqual([]);
    expect(stderr).toContain(`a is left: raw.jsonl is a Git LFS pointer, and the remote ${why}`);
    expect((await explain(ledger.root)).counts).toEqual({ pointer: 1 });
    expect(existsSync(path.join(ledger.root, 'sessions/a/summary.json'))).toBe(false);
  });

  test('is left when its content in this clone is broken', async () => {
    const { root } = pointerLedger();
    putObject(path.join(root, '.git'), RAW.replace('After login', 'Later login'), oidOf(RAW));
    const { stderr, json } = await finalize(root);
    expect(json.results).toEqual([]);
    expect(stderr).toContain('its content is not what it names (git lfs fsck)');
    expect((await explain(root)).counts).toEqual({ pointer: 1 });
    rmSync(objectIn(path.join(root, '.git'), oidOf(RAW)));
    expect((await finalize(root, '--again', 'a')).json.results).toMatchObject([{ success: true }]);
  });

  test('waits for another pass while the remote is out of reach, and is no failure', async () => {
    const ledger = pointerLedger();
    const { root, remote } = ledger;
    ledger.git('remote', 'set-url', 'origin', 'http://127.0.0.1:9/ledger.git');
    const { json, stderr, status } = await finalize(root, '--no-push');
    expect({ status, results: json.results, remaining: json.remaining }).toEqual({
      status: 0,
      results: [],
      remaining: ['a'],
    });
    expect(stderr).toMatch(/a is left: .* its content could not be fetched: .*connection refused/);
    ledger.git('remote', 'set-url', 'origin', remote);
    expect((await finalize(root)).json.results).toMatchObject([{ success: true }]);
  });

  test('is left as long as no commit has it, as nobody can be asked for it', async () => {
    const { root } = pointerLedger();
    writeFiles(root, { 'sessions/b/raw.jsonl': pointerTo(`${RAW}\n`) });
    expect((await finalize(root)).stderr).toContain('b is left: raw.jsonl is a Git LFS pointer, and no commit of this');
    expect((await explain(root)).counts).toEqual({ finished: 1, pointer: 1 });
  });

  test('of the sample ledger stands for nothing: one pass names it, and the rest is as without git-lfs', async () => {
    const { root, sessions } = createSampleLedger(path.join(temporaryFolder(), 'work'), NOW);
    const { json, status, stderr } = await finalize(root);
    expect({ status, done: json.results.length, remaining: json.remaining }).toEqual({
      status: 0,
      done: 6,
      remaining: [],
    });
    expect(stderr).toContain(`${sessions.pointer} is left: `);
    expect((await explain(root)).counts).toMatchObject({ pointer: 1 });
    expect(await runCli(['detect', '--exit-code', '--quiet'], withLfs(root))).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('is summarised by an agent that reads what was recorded, and anew when asked to', async () => {
    const ledger = pointerLedger();
    const { root, scratch } = ledger;
    await writeStandInClaude(scratch);
    const options = { ...withLfs(root), claudeFolder: scratch };
    const pass = await runJson<FinalizeJson>(['finalize'], options);
    expect(pass.json).toMatchObject({ results: [{ session: 'a', success: true, agent: 'claude' }], pushed: 'done' });
    const [call] = await standInCalls(scratch);
    expect(call?.promptBytes).toBeGreaterThan(2000);
    rmSync(path.join(root, '.git', 'lfs'), { recursive: true });
    const again = await runJson<FinalizeJson>(['finalize', '--again', 'a'], options);
    expect(again.json).toMatchObject({ results: [{ session: 'a', success: true, agent: 'claude' }], pushed: 'done' });
    expect(read(root, 'sessions/a/raw.jsonl')).toBe(pointerTo(RAW));
    expect(runGitWithLfs(root, ledger.environment, 'status', '--porcelain')).toBe('');
  });

  test('is not downloaded by a dry run, which says so', async () => {
    const { root } = pointerLedger();
    const words = ['finalize', '--dry-run', '--model', 'haiku'];
    const { stdout } = await runCli(words, withLfs(root));
    expect(stdout).toContain('raw.jsonl is fetched from Git LFS');
    expect(stdout).toContain('~ a guess: the recording is completed, or fetched, first');
    expect(hasObject(path.join(root, '.git'), RAW)).toBe(false);
  });
});

test('a recording that is a pointer is left where git-lfs is not installed, with what to do', async () => {
  const { root } = pointerLedger();
  const { json, stderr, status } = await runJson<FinalizeJson>(['finalize', '--agent', 'offline'], { cwd: root });
  expect({ status, stderr, detected: json.detected }).toEqual({ status: 0, stderr: '', detected: 0 });
  const { stdout } = await runCli(['detect', '--explain'], { cwd: root });
  expect(stdout).toMatch(/why +raw\.jsonl is a Git LFS pointer, and git-lfs is not installed$/m);
  expect(stdout).toMatch(/next +install git-lfs: the next agentwork finalize brings its content/m);
});
