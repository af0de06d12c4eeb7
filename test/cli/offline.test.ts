import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, runJson } from '../support/cli.ts';
import { createSampleLedger, type SampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOW = Date.now();
const ARTIFACTS = ['summary.md', 'summary.json', 'session.html', 'session.md'];

interface DetectJson {
  schema_version: number;
  items: { id: string; dedup_key: string; verdict: string; payload: Record<string, unknown>; type: string }[];
  counts: Record<string, number>;
}

interface FinalizeJson {
  detected: number;
  results: { session: string; success: boolean; agent: string; verdict: string }[];
  remaining: string[];
  pushed: unknown;
}

function sample(): SampleLedger {
  return createSampleLedger(path.join(temporaryFolder(), 'work'), NOW);
}

function git(cwd: string, ...words: string[]): string {
  return execFileSync('git', words, { cwd, encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } });
}

describe('detect', () => {
  test('names every session that waits and counts the others, and changes nothing', async () => {
    const { root, sessions } = sample();
    const before = git(root, 'status', '--porcelain', '--ignored');
    const { json, status } = await runJson<DetectJson>(['detect'], { cwd: root });
    expect(status).toBe(0);
    expect(json.schema_version).toBe(1);
    const waiting = new Map(json.items.map((item) => [item.dedup_key.replace('session-finalize:', ''), item.verdict]));
    expect(Object.fromEntries(waiting)).toEqual({
      [sessions.unsummarised]: 'missing-artifacts',
      [sessions.missingOne]: 'missing-artifacts',
      [sessions.nested]: 'missing-artifacts',
      [sessions.hostile]: 'missing-artifacts',
      [sessions.cached]: 'missing-artifacts',
      [sessions.abandoned]: 'abandoned',
    });
    expect(json.counts).toEqual({
      'missing-artifacts': 5,
      abandoned: 1,
      finished: 1,
      ghost: 1,
      recording: 1,
      pointer: 1,
    });
    expect(git(root, 'status', '--porcelain', '--ignored')).toBe(before);
    expect(existsSync(path.join(root, '.git', 'agentwork'))).toBe(false);
  });

  test('describes a work item with the payload keys of the Go package', async () => {
    const { root, sessions } = sample();
    const { json } = await runJson<DetectJson>(['detect'], { cwd: root });
    const item = json.items.find(({ dedup_key }) => dedup_key.endsWith(sessions.missingOne));
    expect(item?.payload).toEqual({
      session_dir: path.join(root, 'sessions', sessions.missingOne),
      raw_path: path.join(root, 'sessions', sessions.missingOne, 'raw.jsonl'),
      missing: ['session.html'],
      ledger_path: root,
    });
    expect(item?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  test('tells by its exit status that work waits, when asked to', async () => {
    const { root } = sample();
    expect((await runCli(['detect', '--exit-code', '--quiet'], { cwd: root })).status).toBe(4);
    await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    expect(await runCli(['detect', '--exit-code', '--quiet'], { cwd: root })).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('one pass with the offline agent', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'agentwork-test-'));
  const { root, remote, sessions } = createSampleLedger(path.join(folder, 'work'), NOW);
  const untouched = [sessions.recording, sessions.pointer, sessions.finished];
  const look = () => untouched.map((name) => snapshot(path.join(root, 'sessions', name)));
  const before = look();
  let pass: { json: FinalizeJson; status: number | undefined; stderr: string };

  beforeAll(async () => {
    pass = await runJson<FinalizeJson>(['finalize', '--agent', 'offline'], { cwd: root });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('finishes everything that waits in one commit, pushes it, and leaves nothing to find', async () => {
    const { json, status, stderr } = pass;
    expect(status).toBe(0);
    expect(json.results.map((result) => result.success)).toEqual([true, true, true, true, true, true]);
    expect(json.pushed).toBe('done');
    expect(stderr.split('\n').filter((line) => line.startsWith('done '))).toHaveLength(6);
    for (const role of ['unsummarised', 'missingOne', 'nested', 'hostile', 'cached', 'abandoned'] as const) {
      const files = readdirSync(path.join(root, 'sessions', sessions[role]));
      expect(files, role).toEqual(expect.arrayContaining([...ARTIFACTS, 'raw.jsonl', 'meta.json']));
      expect(files, role).not.toContain('.recording.json');
    }
    expect(git(remote, 'log', '-1', '--format=%s', 'main').trim()).toBe('finalize 6 sessions');
    expect(git(root, 'status', '--porcelain')).toBe('');
    expect((await runJson<DetectJson>(['detect'], { cwd: root })).json.items).toEqual([]);
  });

  test('leaves a recording that goes on, a pointer and a finished session as they were', () => {
    expect(look()).toEqual(before);
  });

  test('writes nothing of a secret, and no markup of a transcript, into any artifact', () => {
    const files = snapshot(path.join(root, 'sessions', sessions.hostile));
    for (const name of [...ARTIFACTS, 'meta.json']) {
      expect(files[name], name).not.toContain('sk-ant-');
      expect(files[name], name).not.toContain('\u001b');
    }
    expect(files['session.html']).not.toMatch(/<script>document|<img src=x|href="javascript:/);
    expect(files['session.html']).toContain('&lt;script&gt;document');
  });

  test('recovers an abandoned recording from the transcript of its agent', () => {
    const files = snapshot(path.join(root, 'sessions', sessions.abandoned));
    const [header, ...entries] = (files['raw.jsonl'] ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ _meta: { recovered: true, agent_id: 'OxAb4n', schema_version: '1' } });
    const types = ['user', 'assistant', 'tool', 'tool', 'assistant', 'tool', 'tool'];
    expect(entries.map((entry) => entry.type)).toEqual(types);
    expect(JSON.parse(files['meta.json'] ?? '')).toMatchObject({ stop_reason: 'recovered', entry_count: 7 });
  });

  test('removes the ghost and says so', () => {
    const ghost = path.join(root, 'sessions', sessions.ghost);
    expect(existsSync(ghost)).toBe(false);
    expect(pass.stderr).toContain(`removed ghost ${ghost}`);
  });
});

describe('finalize with the offline agent', () => {
  test('makes the same bytes of the same input', async () => {
    const [first, second] = [sample(), sample()];
    for (const { root } of [first, second])
      await runCli(['finalize', '--agent', 'offline', '--no-push'], { cwd: root });
    const { unsummarised, hostile, nested, cached } = first.sessions;
    for (const name of [unsummarised, hostile, nested, cached]) {
      const left = snapshot(path.join(first.root, 'sessions', name));
      expect(snapshot(path.join(second.root, 'sessions', name))).toEqual(left);
      expect(Object.keys(left)).toEqual(expect.arrayContaining(ARTIFACTS));
    }
  });

  test('renders a missing file again from the summary that is there, which stays as it is', async () => {
    const { root, sessions } = sample();
    const folder = path.join(root, 'sessions', sessions.missingOne);
    const before = snapshot(folder);
    const { json } = await runJson<FinalizeJson>(['finalize', '--agent', 'none', sessions.missingOne], { cwd: root });
    expect(json.results).toMatchObject([{ session: sessions.missingOne, success: true, agent: 'none' }]);
    const after = snapshot(folder);
    expect(after['session.html']).toContain('Speed up the product page');
    expect(after['summary.json']).toBe(before['summary.json']);
    expect(after['session.md']).toBe(before['session.md']);
  });

  test('commits only its own files, whatever else is staged or changed', async () => {
    const { root } = sample();
    writeFileSync(path.join(root, 'staged.txt'), 'mine\n');
    git(root, 'add', 'staged.txt');
    writeFileSync(path.join(root, '.gitignore'), '.sageox/cache/\n.recording.json\n# my edit\n');
    await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    expect(git(root, 'show', '--name-only', '--format=', 'HEAD')).not.toMatch(/staged\.txt|gitignore/);
    expect(git(root, 'status', '--porcelain')).toBe(' M .gitignore\nA  staged.txt\n');
  });

  test('takes no more sessions than the limit allows, and only those that are named', async () => {
    const { root, sessions } = sample();
    const limited = await runJson<FinalizeJson>(['finalize', '--agent', 'offline', '--limit', '2'], { cwd: root });
    expect(limited.json.results).toHaveLength(2);
    const { detected, remaining } = limited.json;
    expect([remaining.length > 0, detected]).toEqual([true, 2 + remaining.length]);
    const named = await runJson<FinalizeJson>(['finalize', '--agent', 'offline', sessions.hostile], { cwd: root });
    expect(named.json.results.map(({ session }) => session)).toEqual([sessions.hostile]);
  });

  test('says nothing of named sessions that wait beyond the limit but that they are left', async () => {
    const { root, sessions } = sample();
    const names = [sessions.hostile, sessions.unsummarised];
    const { stdout } = await runCli(['finalize', '--agent', 'offline', '--limit', '1', ...names], { cwd: root });
    expect(stdout).toMatch(/1 left/);
    expect(stdout).not.toContain('is left alone');
  });

  test('says of a finished session that it needs nothing, and leaves a summary that says more than its own', async () => {
    const { root, sessions } = sample();
    const idle = await runCli(['finalize', '--agent', 'offline', sessions.finished], { cwd: root });
    expect(idle).toMatchObject({
      status: 0,
      stdout: `${sessions.finished} needs nothing: finished, all artifacts are there`,
    });
    const words = ['finalize', '--agent', 'offline', sessions.finished];
    const { json } = await runJson(words, { cwd: root });
    const reason = 'all artifacts are there';
    expect(json).toMatchObject({ left_alone: [{ session: sessions.finished, verdict: 'finished', reason }] });
    const again = await runJson<FinalizeJson>(['finalize', '--agent', 'offline', '--again', sessions.finished], {
      cwd: root,
    });
    const kept = { session: sessions.finished, success: true, agent: 'none', verdict: 'kept' };
    expect(again.json.results).toMatchObject([kept]);
    expect(git(root, 'status', '--porcelain', 'sessions')).not.toContain(sessions.finished);
  });

  test('with --dry-run names what it would do and touches nothing', async () => {
    const { root } = sample();
    const before = git(root, 'status', '--porcelain', '--ignored');
    const { status, stdout } = await runCli(['finalize', '--agent', 'offline', '--dry-run'], { cwd: root });
    expect(status).toBe(0);
    expect(stdout).toContain('6 sessions; nothing was written');
    const words = ['finalize', '--agent', 'offline', '--dry-run', '--limit', '2'];
    expect((await runCli(words, { cwd: root })).stdout).toContain('2 sessions of 6 that wait; nothing was written');
    const { json } = await runJson<FinalizeJson>(words, { cwd: root });
    expect([json.detected, json.results.length, json.remaining.length]).toEqual([6, 2, 6]);
    expect(git(root, 'status', '--porcelain', '--ignored')).toBe(before);
    expect(existsSync(path.join(root, '.git', 'agentwork'))).toBe(false);
  });

  test('with --no-commit writes the artifacts, and the next pass commits them', async () => {
    const { root, sessions } = sample();
    const head = git(root, 'rev-parse', 'HEAD');
    await runCli(['finalize', '--agent', 'offline', '--no-commit'], { cwd: root });
    expect(git(root, 'rev-parse', 'HEAD')).toBe(head);
    expect(existsSync(path.join(root, 'sessions', sessions.unsummarised, 'summary.json'))).toBe(true);
    const next = await runJson<FinalizeJson>(['finalize', '--agent', 'none'], { cwd: root });
    expect(next.json).toMatchObject({ pushed: 'done', detected: 6 });
    expect(git(root, 'status', '--porcelain')).toBe('');
  });

  test('with --no-push commits, and the next pass pushes though there is nothing else to do', async () => {
    const { root, remote } = sample();
    const before = git(remote, 'rev-parse', 'main');
    const first = await runJson<FinalizeJson>(['finalize', '--agent', 'offline', '--no-push'], { cwd: root });
    expect(first.json.pushed).toBe('off');
    expect(git(remote, 'rev-parse', 'main')).toBe(before);
    const next = await runJson<FinalizeJson>(['finalize', '--agent', 'offline'], { cwd: root });
    expect(next.json).toMatchObject({ detected: 0, pushed: 'done' });
    expect(git(remote, 'rev-parse', 'main')).toBe(git(root, 'rev-parse', 'HEAD'));
  });

  test('prints nothing at all when there is nothing to do', async () => {
    const { root } = sample();
    await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    expect(await runCli(['finalize', '--agent', 'offline'], { cwd: root })).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('reports a refused push with the reason, keeps the commits, and pushes them with the next pass', async () => {
    const { root, remote } = sample();
    const hook = path.join(remote, 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "the ledger is closed today" >&2\nexit 1\n', { mode: 0o755 });
    const first = await runJson<FinalizeJson>(['finalize', '--agent', 'offline'], { cwd: root });
    expect(first.status).toBe(3);
    expect(first.json.pushed).toMatchObject({ refused: expect.stringContaining('the ledger is closed today') });
    writeFileSync(hook, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    const next = await runJson<FinalizeJson>(['finalize', '--agent', 'offline'], { cwd: root });
    expect(next).toMatchObject({ status: 0, json: { detected: 0, pushed: 'done' } });
  });

  test('keeps lines that it cannot read, and names their numbers', async () => {
    const { root, sessions } = sample();
    const raw = path.join(root, 'sessions', sessions.unsummarised, 'raw.jsonl');
    const lines = readFileSync(raw, 'utf8').split('\n');
    lines.splice(3, 0, '{"type":"user","content":"torn');
    writeFileSync(raw, lines.join('\n'));
    const before = readFileSync(raw, 'utf8');
    const { json, status } = await runJson<{ results: { malformed_lines?: number[] }[] }>(
      ['finalize', '--agent', 'offline', sessions.unsummarised],
      { cwd: root },
    );
    expect(status).toBe(0);
    expect(json.results[0]?.malformed_lines).toEqual([4]);
    expect(readFileSync(raw, 'utf8')).toBe(before);
  });

  test('fails a session whose transcript holds no readable entry, naming file and line, and finishes the others', async () => {
    const { root, sessions } = sample();
    const raw = path.join(root, 'sessions', sessions.unsummarised, 'raw.jsonl');
    writeFileSync(raw, 'no json at all\n[1,2]\n');
    const { status, stdout } = await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    expect(status).toBe(3);
    expect(stdout).toContain('5 done · 1 failed');
    expect(stdout).toContain(`${raw} holds no readable entry (unreadable: line 1, 2)`);
    expect(existsSync(path.join(path.dirname(raw), 'summary.json'))).toBe(false);
  });
});

describe('cleanup', () => {
  test('lists with --dry-run the same rows that the real run removes', async () => {
    const { root, sessions } = sample();
    const ghost = path.join(root, 'sessions', sessions.ghost);
    writeFileSync(path.join(root, 'sessions', sessions.finished, '.summary.md.0a1b2c3d4e5f.agentwork-tmp'), 'torn');
    const planned = await runJson<{ removed: { path: string; kind: string }[] }>(['cleanup', '--dry-run'], {
      cwd: root,
    });
    expect(planned.json.removed.map(({ kind }) => kind)).toEqual(['ghost', 'temp-file']);
    expect(existsSync(ghost)).toBe(true);
    const real = await runJson<{ removed: { path: string }[] }>(['cleanup'], { cwd: root });
    expect(real.json.removed).toEqual(planned.json.removed);
    expect(existsSync(ghost)).toBe(false);
    expect((await runJson<{ removed: [] }>(['cleanup'], { cwd: root })).json.removed).toEqual([]);
  });

  test('works with the agent switched off', async () => {
    const { root, sessions } = sample();
    const { status } = await runCli(['cleanup'], { cwd: root, env: { AGENTWORK_AGENT: 'none' } });
    expect(status).toBe(0);
    expect(existsSync(path.join(root, 'sessions', sessions.ghost))).toBe(false);
  });
});

describe('status', () => {
  test('prints the snapshot of the Go package, key by key, and what came since', async () => {
    const { root } = sample();
    const before = (await runJson(['status'], { cwd: root })).json;
    expect(before).toMatchObject({
      enabled: true,
      agent_type: 'claude',
      agent_available: false,
      queue_depth: 6,
      stats: { total_invocations: 0, successes: 0, failures: 0 },
    });
    expect(before).not.toHaveProperty('active');
    expect(before).not.toHaveProperty('recent');
    await runCli(['finalize', '--agent', 'offline', '--no-push'], { cwd: root });
    const after = (await runJson(['status'], { cwd: root })).json;
    expect(after).toMatchObject({ queue_depth: 0, unpushed: 1, last_pass: { done: 6, failed: 0, remaining: 0 } });
  });

  test('fits a narrow terminal line by line', async () => {
    const { root } = sample();
    const { stdout, status } = await runCli(['status'], { cwd: root });
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/\s{2,}/)[0])).toEqual(
      expect.arrayContaining(['ledger', 'backlog', 'agent', 'running', 'last pass  none yet'.split(/\s{2,}/)[0]]),
    );
  });
});

/** Name -> content of every file in a folder. */
function snapshot(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}
