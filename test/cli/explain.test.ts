import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { type CliResult, runCli, runJson } from '../support/cli.ts';
import { pointerTo } from '../support/git-lfs.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { createSampleLedger, loginEntries, marker, recording, type SampleRole } from '../support/sample-ledger.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const NOW = Date.now();
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const raw = (id: string) => recording(NOW - DAY_MS, 'ryan', id, loginEntries(NOW - DAY_MS));

interface ExplainJson {
  schema_version: number;
  items: { dedup_key: string; verdict: string }[];
  counts: Record<string, number>;
  sessions?: { session: string; verdict: string; rule: string; reason: string; facts: Record<string, unknown> }[];
}

/** The rows of each session's block, by their labels. */
function blocksOf(text: string): Record<string, Record<string, string>> {
  const blocks = text.trimEnd().split('\n\n');
  return Object.fromEntries(
    blocks.map((block) => {
      const [title = '', ...rows] = block.split('\n');
      const [name = '', verdict = ''] = title.split(/ {2}/);
      const told = rows.map((row) => /^ {2}(\w+) +(.*)$/.exec(row)?.slice(1) ?? [row, '']);
      return [name, { verdict, ...Object.fromEntries(told) }];
    }),
  );
}

test.each([
  [
    'who wrote it, the category, the score and why',
    { provider: 'claude', quality_category: 'local_only', quality_score: 0.2, score_reason: 'only for its author' },
    'by claude; judged local_only, score 0.2; only for its author',
  ],
  ['a score of 0', { provider: 'claude', quality_score: 0 }, 'by claude; judged score 0'],
  ['that nobody judged it', {}, 'not judged'],
])('tells of a summary %s', async (_, quality, expected) => {
  const summary = { title: 'Fix the login', summary: 'It was fixed.', ...quality };
  const ledger = temporaryLedger({
    'sessions/a/raw.jsonl': raw('a'),
    'sessions/a/summary.json': JSON.stringify(summary),
  });
  const { stdout } = await runCli(['detect', '--explain', 'a'], { cwd: ledger.root });
  expect(blocksOf(stdout).a?.summary).toBe(expected);
});

describe('detect --explain on the sample ledger', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'agentwork-test-'));
  const { root, sessions } = createSampleLedger(path.join(folder, 'work'), NOW);
  const cwd = { cwd: root };
  let text: CliResult;
  let json: ExplainJson;

  beforeAll(async () => {
    writeFiles(path.join(root, 'sessions'), {
      'x-held/raw.jsonl': raw('x-held'),
      'x-held/.held': '{}',
      'x-draft/meta.json': '{"draft":true}',
      'x-stub/raw.jsonl': recording(NOW, 'ryan', 'x-stub', []),
      'x-torn/raw.jsonl': raw('x-torn'),
      'x-torn/meta.json': '{"title":',
      'no-session/notes.txt': 'mine',
    });
    text = await runCli(['detect', '--explain'], cwd);
    json = (await runJson<ExplainJson>(['detect', '--explain'], cwd)).json;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const nameOf = (role: string) => sessions[role as SampleRole] ?? role;

  test.each<[role: string, verdict: string, rule: string, why: RegExp, next: RegExp]>([
    ['finished', 'finished', 'complete', /all artifacts are there/, /^nothing$/],
    ['unsummarised', 'missing-artifacts', 'missing', /no artifacts/, /^agentwork finalize \S+Ox7f3a finishes it/],
    [
      'missingOne',
      'missing-artifacts',
      'missing',
      /session\.html missing/,
      /^agentwork finalize \S+Ox1one finishes it/,
    ],
    ['nested', 'missing-artifacts', 'missing', /no artifacts/, /^agentwork finalize /],
    ['hostile', 'missing-artifacts', 'missing', /no artifacts/, /^agentwork finalize /],
    ['cached', 'missing-artifacts', 'missing', /no artifacts/, /^agentwork finalize /],
    [
      'abandoned',
      'abandoned',
      'pid_dead',
      /process is gone; the agent's transcript can be recovered/,
      /^agentwork finalize /,
    ],
    ['ghost', 'ghost', 'ghost', /process is gone, and nothing was recorded/, /agentwork cleanup takes it away/],
    ['recording', 'recording', 'pid_alive', /the recording process \(pid \d+\) runs/, /when that process has ended/],
    ['pointer', 'pointer', 'raw_pointer', /Git LFS pointer/, /git lfs pull/],
    ['x-held', 'held', 'held', /\.held marker/, /when \.held is gone/],
    ['x-draft', 'draft', 'draft', /placeholder/, /when its recorder has ended/],
    ['x-stub', 'header-only', 'header_only', /holds no entry/, /nothing to summarise/],
    ['x-torn', 'unreadable', 'meta_unreadable', /meta\.json cannot be read/, /when it can be read/],
  ])('says why %s is what it is, and what comes next: %s', (role, verdict, rule, why, next) => {
    const block = blocksOf(text.stdout)[nameOf(role)];
    expect(block).toMatchObject({ verdict, rule });
    expect(block?.why).toMatch(why);
    expect(block?.next).toMatch(next);
  });

  test('names every session once, in text and in JSON, and says the same in both', () => {
    const names = [...Object.values(sessions), 'x-held', 'x-draft', 'x-stub', 'x-torn'].sort();
    const blocks = blocksOf(text.stdout);
    expect(text).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(blocks)).toEqual(names);
    expect(json.sessions?.map(({ session }) => session)).toEqual(names);
    for (const { session, verdict, rule, reason } of json.sessions ?? [])
      expect(blocks[session]).toMatchObject({ verdict, rule, why: reason });
  });

  test('tells the facts behind each verdict: process, transcript, markers, git', () => {
    const blocks = blocksOf(text.stdout);
    expect(blocks[sessions.abandoned]).toMatchObject({
      recording: 'raw.jsonl: missing, in the ledger',
      recorder: expect.stringMatching(/^stale, process \d+ dead, started 1d ago/),
      transcript: expect.stringMatching(/transcripts\/.*\.jsonl \(named by the marker\), .* KB, changed /),
      markers: '.recording.json',
    });
    expect(blocks[sessions.finished]).toMatchObject({ git: 'committed, pushed', artifacts: 'all there' });
    expect(blocks[sessions.cached]?.recording).toMatch(/in the cache$/);
    expect(blocks[sessions.ghost]).toMatchObject({ transcript: 'none found' });
    expect(blocks['x-held']).toMatchObject({ markers: '.held' });
    expect(blocks['x-torn']).toMatchObject({ markers: 'meta.json unreadable' });
  });

  test('gives items, counts and sessions in one document', async () => {
    expect(Object.keys(json)).toEqual(['schema_version', 'items', 'counts', 'sessions']);
    const { json: plain } = await runJson<ExplainJson>(['detect'], cwd);
    expect(Object.keys(plain)).toEqual(['schema_version', 'items', 'counts']);
    expect(plain.counts).toEqual(json.counts);
    expect(plain.items.map(({ dedup_key }) => dedup_key)).toEqual(json.items.map(({ dedup_key }) => dedup_key));
    const total = Object.values(json.counts).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(json.sessions?.length);
    expect(json.sessions?.find(({ session }) => session === sessions.abandoned)).toMatchObject({
      verdict: 'abandoned',
      facts: {
        place: 'ledger',
        marker: { process: 'dead' },
        liveness: { state: 'stale' },
        transcript: { state: 'there' },
      },
    });
  });

  test('of named sessions: by name, by a path of its folder, several of them, each once', async () => {
    const { ghost, pointer, cached } = sessions;
    const words = [
      `sessions/${pointer}/`,
      ghost,
      path.join(root, 'sessions', ghost),
      `.sageox/cache/sessions/${cached}`,
    ];
    const { stdout, status } = await runCli(['detect', '-e', ...words], cwd);
    expect(status).toBe(0);
    expect(Object.keys(blocksOf(stdout))).toEqual([ghost, pointer, cached].sort());
    const { json: one } = await runJson<ExplainJson>(['detect', '--explain', ghost], cwd);
    expect(one.sessions?.map(({ session }) => session)).toEqual([ghost]);
    expect(one.counts).toEqual(json.counts);
  });

  test.each([
    [
      'a session that is not there, also beside one that is',
      ['--explain', 'x-held', 'nobody'],
      /there is no session "nobody" in /,
    ],
    ['a session that is almost there', ['--explain', 'x-hel'], /"x-hel" in .*\n {2}→ x-held is one\n/],
    ['a folder that is no session', ['--explain', 'no-session'], /no-session is no session: .*raw\.jsonl.*marker/],
    ['a session without --explain', ['x-held'], /unexpected argument "x-held"/],
  ])('refuses %s, and names what is wrong', async (_, words, sentence) => {
    const { status, stdout, stderr } = await runCli(['detect', ...words], cwd);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('refuses in JSON, too', async () => {
    const { status, json: told } = await runJson(['detect', '--explain', 'nobody'], cwd);
    expect(status).toBe(2);
    expect(told).toMatchObject({ error: { code: 'UNKNOWN_SESSION', exit_code: 2 } });
  });

  test('is coloured where colours are wanted, and neither in a pipe nor against NO_COLOR', async () => {
    expect(text.stdout).not.toMatch(CONTROL);
    const coloured = await runCli(['detect', '-e', 'x-held'], { ...cwd, env: { FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain('\u001b[33mheld');
    const plain = await runCli(['detect', '-e', 'x-held'], { ...cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(plain.stdout).not.toMatch(CONTROL);
  });
});

describe('what others wrote', () => {
  test('prints no control character, whether it stands in a name, a path or a reason', async () => {
    const { root, scratch } = temporaryLedger({ 'README.md': 'ledger\n' });
    const evil = 'a\u001b[2Jb\u009b31m\u202egnp';
    const unclear = path.join(scratch, `t\u001b]0;owned\u0007\n  why  fine`);
    mkdirSync(unclear);
    const dead = marker(NOW - DAY_MS, evil, 2 ** 22 + 1, unclear);
    writeFiles(path.join(root, 'sessions'), {
      [`${evil}/raw.jsonl`]: raw('Ox7f3a'),
      'unclear/.recording.json': dead,
      'foreign/raw.jsonl/x': '',
    });
    const { stdout, status, stderr } = await runCli(['detect', '--explain'], { cwd: root });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toMatch(CONTROL);
    expect(Object.values(blocksOf(stdout)).map(({ verdict }) => verdict)).toEqual(['foreign', 'foreign', 'unreadable']);
    const unknown = await runCli(['detect', '--explain', evil.replace('gnp', 'png')], { cwd: root });
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).not.toMatch(CONTROL);
  });

  test('cannot stop it by a time at the end of all times', async () => {
    const { root } = temporaryLedger({ 'README.md': 'ledger\n' });
    const more = { parent_pid: 0, started_at: '+275760-09-13T00:00:00Z' };
    const last = JSON.stringify({ ...JSON.parse(marker(NOW, 'Ox7f3a', 0)), ...more });
    writeFiles(path.join(root, 'sessions/a'), { 'raw.jsonl': raw('Ox7f3a'), '.recording.json': last });
    const { status, stdout, stderr } = await runCli(['detect', '--explain'], { cwd: root });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(blocksOf(stdout).a?.verdict).toBe('recording');
  });

  test('does not change what the command means that it tells to run', async () => {
    const { root } = temporaryLedger({ 'README.md': 'ledger\n' });
    const name = "2026-03-06T10-00-Ada Lovelace;touch owned;'-Ox7f3a";
    writeFiles(path.join(root, 'sessions', name), { 'raw.jsonl': raw('Ox7f3a') });
    const { stdout } = await runCli(['detect', '--explain'], { cwd: root });
    const next = /^ {2}next +(.*) finishes it$/m.exec(stdout)?.[1] ?? '';
    const asShown = `agentwork() { printf '%s\\n' "$@"; }; ${next}`;
    const run = execFileSync('sh', ['-c', asShown], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(run.trimEnd().split('\n')).toEqual(['finalize', name]);
  });
});

test('commits that wait for a push are work, unless nothing is to be pushed', async () => {
  const { root, git } = temporaryLedger({ 'sessions/a/raw.jsonl': raw('Ox7f3a') });
  await runCli(['finalize', '--agent', 'offline', '--no-push'], { cwd: root });
  const { status, stdout } = await runCli(['detect', '--exit-code', '--explain'], { cwd: root });
  expect(status).toBe(4);
  const { a } = blocksOf(stdout);
  expect(a).toMatchObject({ verdict: 'unpushed', rule: 'not_pushed', git: 'committed, not pushed' });
  expect(a).toMatchObject({
    why: 'committed, but not pushed',
    next: 'the next agentwork finalize pushes it, or says why it cannot',
  });
  const off = { cwd: root, env: { AGENTWORK_PUSH: 'false' } };
  expect((await runCli(['detect', '--exit-code', '--quiet'], off)).status).toBe(0);
  git('push', '--quiet');
  expect((await runCli(['detect', '--exit-code', '--quiet'], { cwd: root })).status).toBe(0);
});

test('an empty ledger has nothing to explain', async () => {
  const root = path.join(temporaryFolder(), 'ledger');
  execFileSync('git', ['init', '--quiet', root]);
  mkdirSync(path.join(root, 'sessions'));
  writeFileSync(path.join(root, 'sessions', 'notes.txt'), '');
  const { stdout, status } = await runCli(['detect', '--explain'], { cwd: root });
  expect({ stdout, status }).toEqual({ stdout: 'there is no session here', status: 0 });
});

describe('what the files of a session hold', () => {
  const token = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
  interface Searched {
    sessions: { facts: { findings?: Record<string, object>; unsearched?: Record<string, string> } }[];
  }
  const scene = (files: Readonly<Record<string, string>>) => {
    const named = Object.entries(files).map(([name, content]) => [`sessions/a/${name}`, content]);
    const cwd = { cwd: temporaryLedger(Object.fromEntries(named)).root };
    return {
      run: (...words: string[]) => runCli(words, cwd),
      json: (...words: string[]) => runJson<Searched>(words, cwd),
    };
  };

  test('is told of a named session, and what can be done', async () => {
    const { run, json } = scene({
      'raw.jsonl': `{"type":"user","content":"${token} and ${token}"}\n`,
      'notes.txt': token,
    });
    const { stdout } = await run('detect', '--explain', 'a');
    expect(stdout).toContain(
      `  secrets    1 github_token in notes.txt; 2 github_token in raw.jsonl; replaced when it is finished; agentwork cleanup --redact a replaces what a commit holds`,
    );
    expect(stdout).not.toContain(token);
    const { json: answer } = await json('detect', '--explain', 'a');
    expect(answer.sessions[0]?.facts).toMatchObject({
      findings: { 'notes.txt': { github_token: 1 }, 'raw.jsonl': { github_token: 2 } },
      unsearched: {},
    });
  });

  test.each([
    [
      'is recorded',
      { '.recording.json': marker(NOW, 'a', process.pid) },
      'replaced once its recorder has ended, when it is finished',
    ],
    ['is held', { '.held': '' }, 'agentwork cleanup --redact a replaces what a commit holds; do not commit it by hand'],
    ['waits', {}, 'replaced when it is finished; agentwork cleanup --redact a replaces what a commit holds'],
  ])('is told with what replaces it of one that %s', async (_, files, remedy) => {
    const { root } = temporaryLedger({ 'README.md': 'ledger\n' });
    const said = `{"type":"user","content":"${token}"}\n`;
    writeFiles(path.join(root, 'sessions/a'), { 'raw.jsonl': said, ...files });
    const { stdout } = await runCli(['detect', '--explain', 'a'], { cwd: root });
    expect(stdout).toContain(`  secrets    1 github_token in raw.jsonl; ${remedy}\n`.trimEnd());
  });

  test('is told with the command of one that is finished and committed', async () => {
    const { root, git } = temporaryLedger({ 'sessions/a/raw.jsonl': raw('a') });
    await runCli(['finalize', '--agent', 'offline'], { cwd: root });
    writeFiles(root, { 'sessions/a/notes.txt': token });
    git('add', '--all');
    git('commit', '--quiet', '--message', 'by hand');
    const { stdout } = await runCli(['detect', '--explain', 'a'], { cwd: root });
    expect(stdout).toContain('1 github_token in notes.txt; agentwork cleanup --redact a replaces them');
  });

  test('is nothing in a clean one, and is not looked for where nobody named a session', async () => {
    const { run, json } = scene({ 'raw.jsonl': raw('a') });
    expect((await run('detect', '--explain', 'a')).stdout).toContain('  secrets    none found');
    const { json: all } = await json('detect', '--explain');
    expect(all.sessions[0]?.facts).not.toHaveProperty('findings');
    expect((await run('detect', '--explain')).stdout).not.toContain('secrets');
  });

  test('is told as far as they could be searched', async () => {
    const { run } = scene({ 'raw.jsonl': pointerTo(token) });
    expect((await run('detect', '--explain', 'a')).stdout).toContain(
      '  unsearched raw.jsonl: a Git LFS pointer, and its content is not in its place',
    );
  });
});
