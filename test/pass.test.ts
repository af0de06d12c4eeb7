import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../src/clock.ts';
import { buildConfig } from '../src/config.ts';
import { detectWork } from '../src/detection.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { listTrash } from '../src/ledger/trash/trash.ts';
import { type PassOptions, runPass, type World } from '../src/pass.ts';
import { exitStatusOf, type PassReport } from '../src/pass-report.ts';
import { readState } from '../src/state.ts';
import { readStatus } from '../src/status.ts';
import { formatPass } from '../src/ui/pass-text.ts';
import { formatStatus } from '../src/ui/status-text.ts';
import { MockRunner } from '../src/work/mock-runner.ts';
import { RunError, type RunRequest } from '../src/work/runner.ts';
import { runGit, secondClone, type TemporaryLedger, temporaryLedger, writeScript } from './support/ledger-dir.ts';
import {
  claudeTranscript,
  finishedArtifacts,
  LOGIN_ANSWER,
  loginEntries,
  marker,
  recording,
} from './support/sample-ledger.ts';
import { writeFiles } from './support/temporary-folder.ts';

const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 48 * HOUR_MS;
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const RAW = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
const SECRET = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');

const GOOD = LOGIN_ANSWER;

/** A pass with an agent that answers as the test says, on real git and a real disk. */
async function pass(
  ledger: TemporaryLedger,
  answer: (request: RunRequest, call: number) => unknown = () => GOOD,
  options: Partial<PassOptions> = {},
  now = NOW,
): Promise<{ report: PassReport; runner: MockRunner }> {
  const runner = new MockRunner(true);
  let calls = 0;
  runner.runFunc = async (request) => {
    const said = answer(request, calls++);
    if (said instanceof Error) throw said;
    const output = typeof said === 'string' ? said : JSON.stringify(said);
    return { output, duration: 1, exitCode: 0, tokensIn: 100, tokensOut: 10, costUsd: 0.01, model: 'test-model' };
  };
  const wait = async () => {};
  const world: World = { clock: () => now, environment: ledger.environment, runner, tell: () => {}, wait };
  const report = await runPass(await open(ledger), world, passOptions(options), new AbortController().signal);
  return { report, runner };
}

function passOptions(options: Partial<PassOptions> = {}): PassOptions {
  return { config: buildConfig({}, {}, ''), sessions: [], again: false, limit: undefined, commit: true, ...options };
}

async function open(ledger: TemporaryLedger) {
  return openLedger(ledger.root, { cwd: ledger.root, environment: ledger.environment });
}

async function verdicts(ledger: TemporaryLedger, now = NOW): Promise<Record<string, string>> {
  const world = { clock: () => now, environment: ledger.environment, tell: () => {} };
  const { all } = await detectWork(await open(ledger), world, passOptions());
  return Object.fromEntries(all.map(({ session, verdict }) => [session.ledgerName, verdict.verdict]));
}

const isRepair = ({ prompt }: RunRequest): boolean => prompt.includes('could not be used');

const inLedger = (files: Record<string, string>, name = NAME) => under(`sessions/${name}`, files);
const inCache = (files: Record<string, string>, name = NAME) => under(`.sageox/cache/sessions/${name}`, files);
const under = (folder: string, files: Record<string, string>) => {
  return Object.fromEntries(Object.entries(files).map(([file, content]) => [`${folder}/${file}`, content]));
};

function read(ledger: TemporaryLedger, file: string, name = NAME): string {
  return readFileSync(path.join(ledger.root, 'sessions', name, file), 'utf8');
}

test('a pass that is only due some time after the last look does nothing before, unless the clock was set back', async () => {
  const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
  const calls = async (ifDueMs: number, now: number) =>
    (await pass(ledger, undefined, { ifDueMs }, now)).report.detected;
  expect(await calls(HOUR_MS, NOW)).toBe(1);
  writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW }, 'later'));
  expect(await calls(HOUR_MS, NOW + HOUR_MS - 1)).toBe(0);
  expect(await calls(HOUR_MS, NOW - 1)).toBe(1);
  writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW }, 'last'));
  expect(await calls(HOUR_MS, NOW - 1 + HOUR_MS)).toBe(1);
});

describe('an answer', () => {
  test('becomes four artifacts and a meta.json that keeps what it does not know', async () => {
    const meta = JSON.stringify({ session_name: NAME, linked_prs: [17], username: 'ryan@example.com', files: {} });
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW, 'meta.json': meta }));
    await pass(ledger);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({
      ...GOOD,
      provider: 'claude',
      chapters: [{ start_seq: 0 }, { start_seq: 16 }],
      files_changed: [{ added: 1, removed: 2 }, { added: 4 }],
      agentwork: { version: 1, model: 'test-model', tokens_in: 100, cost_usd: 0.01, input: { entries: 21 } },
    });
    expect(JSON.parse(read(ledger, 'meta.json'))).toMatchObject({
      linked_prs: [17],
      username: 'ryan@example.com',
      title: GOOD.title,
      entry_count: 21,
      summary_status: 'ok',
      created_at: '2026-03-06T10:00:00.000Z',
      files: { 'summary.json': { storage: 'git' } },
    });
    expect(read(ledger, 'session.html')).toContain(GOOD.title);
    expect(read(ledger, 'session.md')).toContain('### **ryan**');
    expect(read(ledger, 'summary.md')).toMatch(/^# Session Summary/);
  });

  test('never decides its own status, its provider, or what was counted', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger, () => ({ ...GOOD, summary_status: 'unrecoverable', provider: 'root', files_changed: [] }));
    const summary = JSON.parse(read(ledger, 'summary.json'));
    expect(summary).not.toHaveProperty('summary_status');
    expect(summary).toMatchObject({ provider: 'claude', files_changed: [{}, {}] });
  });

  test('that repeats a secret is cleaned of it before it is written', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger, () => ({ ...GOOD, summary: `${GOOD.summary} The token was ${SECRET}.` }));
    for (const file of ['summary.json', 'summary.md', 'session.html', 'session.md', 'meta.json']) {
      expect(read(ledger, file), file).not.toContain(SECRET);
    }
    expect(read(ledger, 'summary.json')).toContain('[REDACTED_GITHUB_TOKEN]');
  });

  test('of no use is asked for three times in all, then the offline summary stands and no agent is asked again', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    const first = await pass(ledger, () => 'I would rather not.');
    expect(first.report.results).toMatchObject([{ success: false, verdict: 'given-up', attempts: 3 }]);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({
      provider: 'offline',
      summary_status: 'unrecoverable',
    });
    const second = await pass(ledger);
    expect(second.runner.requests).toEqual([]);
    expect(await verdicts(ledger)).toEqual({ [NAME]: 'given-up' });
  });

  test('is repaired by the next pass when a limit came between', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    const first = await pass(ledger, (_, call) => (call < 1 ? 'no' : new RunError('usage_limited', 'limit reached')));
    expect(first.runner.requests.map(isRepair)).toEqual([false, true]);
    const second = await pass(ledger, (_, call) => (call < 1 ? 'no' : GOOD), { resume: true });
    expect(second.runner.requests.map(isRepair)).toEqual([true, false]);
    expect(second.report.results).toMatchObject([{ success: true, attempts: 2 }]);
  });

  test('counts with what it cost: meta.json tells of all runs for the session', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger, (_, call) => (call < 1 ? 'no' : new RunError('usage_limited', 'limit reached')));
    await pass(ledger, (_, call) => (call < 1 ? 'no' : GOOD), { resume: true });
    const { agentwork } = JSON.parse(read(ledger, 'meta.json'));
    expect(agentwork).toMatchObject({ runs: 3, tokens_in: 300, tokens_out: 30, model: 'test-model' });
    expect(agentwork.cost_usd).toBeCloseTo(0.03);
  });

  test('of other bytes of the same number starts anew', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger, (_, call) => (call < 2 ? 'no' : new RunError('usage_limited', 'limit reached')));
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW.replaceAll('login', 'LOGIN') }));
    const { runner } = await pass(ledger, () => 'no', { resume: true });
    expect(runner.requests).toHaveLength(3);
  });

  test('is not paid for again when the pass that asked died with two attempts spent', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger, (_, call) => (call < 2 ? 'no' : new RunError('usage_limited', 'limit reached')));
    const { report, runner } = await pass(ledger, () => 'still no', { resume: true });
    expect(runner.requests).toHaveLength(1);
    expect(report.results).toMatchObject([{ verdict: 'given-up', attempts: 1 }]);
  });
});

describe('the prompt', () => {
  test('holds no secret, and names the session as untrusted data', async () => {
    const entries = [...loginEntries(START), { type: 'user', content: `use ${SECRET}`, seq: 21 }];
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': recording(START, 'ryan', 'Ox7f3a', entries) }));
    const { runner } = await pass(ledger);
    const prompt = runner.requests[0]?.prompt ?? '';
    expect(prompt).not.toContain(SECRET);
    expect(prompt).toContain('[REDACTED_GITHUB_TOKEN]');
    expect(prompt).toContain('After login people land on /home');
    expect(prompt).toMatch(/untrusted/i);
  });
});

describe('a session in a cache', () => {
  test('enters the ledger once its summary says that it is worth sharing, cleaned of secrets', async () => {
    const entries = [...loginEntries(START), { type: 'assistant', content: `I used ${SECRET}`, seq: 21 }];
    const raw = recording(START, 'ryan', 'Ox7f3a', entries);
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': raw, '.recording.json': marker(START, 'Ox7f3a', 2 ** 22 + 1) }));
    const { report } = await pass(ledger);
    expect(report).toMatchObject({
      push: { outcome: 'done' },
      results: [{ success: true, verdict: 'share', findings: { github_token: 1 } }],
    });
    expect(read(ledger, 'raw.jsonl')).not.toContain(SECRET);
    expect(read(ledger, 'raw.jsonl').split('\n')).toHaveLength(raw.split('\n').length);
    const cached = path.join(ledger.root, '.sageox/cache/sessions', NAME);
    expect(readFileSync(path.join(cached, 'raw.jsonl'), 'utf8')).toBe(raw);
    expect(existsSync(path.join(cached, '.recording.json'))).toBe(false);
    expect(ledger.git('ls-files', 'sessions')).not.toContain('.recording.json');
    expect((await pass(ledger)).report.detected).toBe(0);
  });

  test.each([
    ['by category', { quality_category: 'local_only' }],
    ['by score', { quality_score: 0.2 }],
  ])('that is judged local %s stays out of the tree, and is judged once', async (_, quality) => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': RAW }));
    await pass(ledger, () => ({ ...GOOD, ...quality }));
    expect(existsSync(path.join(ledger.root, 'sessions'))).toBe(false);
    expect(readdirSync(path.join(ledger.root, '.sageox/cache/sessions', NAME))).toContain('summary.json');
    const again = await pass(ledger);
    expect(again.runner.requests).toEqual([]);
    expect(again.report.detected).toBe(0);
    expect(await verdicts(ledger)).toEqual({ [NAME]: 'local-only' });
  });

  test('that is judged worthless is moved to the trash whole', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': RAW }));
    await pass(ledger, () => ({ title: 'Hello', quality_category: 'skip', score_reason: 'nothing happened' }));
    expect(existsSync(path.join(ledger.root, '.sageox/cache/sessions', NAME))).toBe(false);
    const trashed = path.join(ledger.root, '.git/agentwork/trash', NAME, 'raw.jsonl');
    expect(readFileSync(trashed, 'utf8')).toBe(RAW);
  });

  test('that was continued after it was staged is staged again, and summarised anew', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': RAW }));
    await pass(ledger);
    const more = [...loginEntries(START), { type: 'user', content: 'And now the logout, please.', seq: 21 }];
    writeFiles(ledger.root, inCache({ 'raw.jsonl': recording(START, 'ryan', 'Ox7f3a', more) }));
    const { report, runner } = await pass(ledger, () => ({ ...GOOD, title: 'Fix login and logout' }));
    expect(report.results).toMatchObject([{ success: true, agent: 'claude' }]);
    expect(runner.requests).toHaveLength(1);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: 'Fix login and logout' });
    expect(read(ledger, 'raw.jsonl')).toContain('And now the logout');
  });

  test('of another recording with the same name gets a name of its own', async () => {
    const ledger = temporaryLedger({ ...inLedger({ 'raw.jsonl': RAW }), '.gitignore': '.sageox/cache/\n' });
    const other = recording(START + 20_000, 'ryan', 'Ox7f3a', loginEntries(START));
    writeFiles(ledger.root, inCache({ 'raw.jsonl': other }));
    const { report } = await pass(ledger);
    expect(report.results.map(({ session }) => session).sort()).toEqual([NAME, `${NAME}-2`]);
    expect(read(ledger, 'raw.jsonl', `${NAME}-2`)).toBe(other);
    expect((await pass(ledger)).report.detected).toBe(0);
  });

  test('keeps the durable id that a draft of it was published under', async () => {
    const draft = JSON.stringify({ session_name: NAME, draft: true, turn_count: 3, session_id: 'ses_1', files: {} });
    const ledger = temporaryLedger({ ...inLedger({ 'meta.json': draft }), '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': RAW }));
    await pass(ledger);
    const meta = JSON.parse(read(ledger, 'meta.json'));
    expect(meta).toMatchObject({ session_id: 'ses_1', title: GOOD.title });
    expect(meta).not.toHaveProperty('draft');
  });
});

describe('a session in the tree that no commit holds', () => {
  test('is cleaned of secrets before it is committed, and its original is kept', async () => {
    const raw = recording(START, 'ryan', 'Ox7f3a', [
      ...loginEntries(START),
      { type: 'user', content: SECRET, seq: 21 },
    ]);
    const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': raw }));
    await pass(ledger);
    expect(ledger.git('show', `HEAD:sessions/${NAME}/raw.jsonl`)).not.toContain(SECRET);
    const [kept] = listTrash(path.join(ledger.root, '.git/agentwork'));
    expect(readFileSync(kept?.path ?? '', 'utf8')).toBe(raw);
  });

  test('that is judged local gets its artifacts beside it, and no commit', async () => {
    const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW }));
    const { report } = await pass(ledger, () => ({ ...GOOD, quality_category: 'local_only' }));
    expect(report).toMatchObject({ push: { outcome: 'nothing' }, results: [{ success: true, verdict: 'local_only' }] });
    expect(read(ledger, 'summary.json')).toContain(GOOD.title);
    expect(ledger.git('log', '-1', '--format=%s')).toBe('record sessions');
    expect(await verdicts(ledger)).toEqual({ [NAME]: 'local-only' });
  });

  test('one that the ledger tracks already is never rewritten behind the back of its author', async () => {
    const raw = recording(START, 'ryan', 'Ox7f3a', [
      ...loginEntries(START),
      { type: 'user', content: SECRET, seq: 21 },
    ]);
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': raw }));
    await pass(ledger);
    expect(read(ledger, 'raw.jsonl')).toBe(raw);
    expect(read(ledger, 'session.html')).not.toContain(SECRET);
  });
});

describe('a session that goes on', () => {
  test('after its summary is summarised anew, and its good summary outlives an agent that fails', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger);
    const more = [...loginEntries(START), { type: 'user', content: 'And now the logout, please.', seq: 21 }];
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': recording(START, 'ryan', 'Ox7f3a', more) }));
    expect(await verdicts(ledger)).toEqual({ [NAME]: 'stale-artifacts' });
    await pass(ledger, () => 'no');
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: GOOD.title, provider: 'claude' });
    expect(await verdicts(ledger)).toEqual({ [NAME]: 'given-up' });
    expect((await pass(ledger)).runner.requests).toEqual([]);
  });

  test('while the agent thought is left alone', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    const { report } = await pass(ledger, () => {
      writeFiles(ledger.root, inLedger({ '.recording.json': marker(NOW, 'Ox7f3a', process.pid) }));
      return GOOD;
    });
    expect(report.results).toMatchObject([{ success: true, verdict: 'kept' }]);
    expect(existsSync(path.join(ledger.root, 'sessions', NAME, 'summary.json'))).toBe(false);
  });
});

describe('while a pause lasts', () => {
  test('everything is done that needs no agent: recovering, finishing what is brief, rendering, pushing', async () => {
    const brief = recording(START, 'ryan', 'OxBr1f', [{ type: 'user', content: 'hello' }]);
    const ledger = temporaryLedger({
      ...inLedger({ 'raw.jsonl': RAW }, 'a'),
      ...inLedger(
        { 'raw.jsonl': RAW, 'summary.json': JSON.stringify({ title: 'Fine', summary: 'It went well.' }) },
        'b',
      ),
    });
    const limit = () => new RunError('usage_limited', 'limit reached', { resetsAt: NOW + HOUR_MS });
    expect((await pass(ledger, limit, { sessions: ['a'] })).report.stopped).toMatchObject({ isNew: true });
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': brief }, 'c'));
    const transcript = path.join(ledger.scratch, 'transcript.jsonl');
    writeFileSync(transcript, claudeTranscript(START));
    writeFiles(ledger.root, inLedger({ '.recording.json': marker(START, 'Ox7f3a', 2 ** 22 + 1, transcript) }, 'd'));
    const { report, runner } = await pass(ledger, undefined, {}, NOW + 1);
    expect(runner.requests).toEqual([]);
    expect(report).toMatchObject({
      push: { outcome: 'done' },
      stopped: { kind: 'paused', isNew: false, until: NOW + HOUR_MS },
    });
    expect(report.results.map(({ session, success }) => [session, success]).sort()).toEqual([
      ['b', true],
      ['c', true],
    ]);
    expect([...report.remaining].sort()).toEqual(['a', 'd']);
    expect(read(ledger, 'raw.jsonl', 'd'), 'recovered').toContain('nightly export');
    expect((await pass(ledger, undefined, {}, NOW + HOUR_MS)).runner.requests).toHaveLength(2);
  });
});

test('sessions that agents failed on come last: they hold up nobody', async () => {
  const names = ['a', 'b', 'c'];
  const ledger = temporaryLedger(Object.assign({}, ...names.map((name) => inLedger({ 'raw.jsonl': RAW }, name))));
  const config = { ...buildConfig({}, {}, ''), maxConcurrent: 1 };
  const nameIn = ({ prompt }: RunRequest) => / name="([^"]+)"/.exec(prompt)?.[1];
  const overloaded = (request: RunRequest) =>
    nameIn(request) === 'a' ? new RunError('server_error', 'overloaded') : new RunError('crashed', 'oops');
  await pass(ledger, overloaded, { config });
  writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW }, 'd'));
  const { runner } = await pass(ledger, undefined, { config });
  const [first, ...others] = runner.requests.map(nameIn);
  expect([first, others.sort()]).toEqual(['d', ['a', 'b', 'c']]);
});

describe('nothing is made worse:', () => {
  const grown = recording(START, 'ryan', 'Ox7f3a', [
    ...loginEntries(START),
    { type: 'user', content: '/exit', seq: 21 },
  ]);

  test('an answer that has only a verdict takes no summary away that tells what happened', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger);
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': grown }));
    await pass(ledger, () => ({ quality_category: 'skip', score_reason: 'Only an exit.' }));
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: GOOD.title });
    expect((await pass(ledger)).runner.requests).toEqual([]);
  });

  test('what an agent failed on in a cache stays there, as nobody said that it is worth sharing', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': RAW }));
    const { report } = await pass(ledger, () => 'I would rather not.');
    expect(report).toMatchObject({ push: { outcome: 'nothing' }, results: [{ verdict: 'given-up' }] });
    expect(existsSync(path.join(ledger.root, 'sessions'))).toBe(false);
    expect(readdirSync(path.join(ledger.root, '.sageox/cache/sessions', NAME))).toContain('session.html');
    expect(await verdicts(ledger)).toEqual({ [NAME]: 'local-only' });
    expect((await pass(ledger)).report.detected).toBe(0);
  });

  test('what was judged to stay here stays, although an agent fails that is asked again', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': RAW }));
    await pass(ledger, () => ({ ...GOOD, quality_category: 'local_only' }));
    rmSync(path.join(ledger.root, '.sageox/cache/sessions', NAME, 'summary.json'));
    await pass(ledger, () => new RunError('crashed', 'oops'), { sessions: [NAME], again: true });
    expect(await verdicts(ledger)).toEqual({ [NAME]: 'local-only' });
    expect((await pass(ledger)).runner.requests).toEqual([]);
    expect(existsSync(path.join(ledger.root, 'sessions'))).toBe(false);
  });

  test('an answer that was kept is of no use for other bytes of the same number of entries', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    const page = path.join(ledger.root, 'sessions', NAME, 'session.html');
    await pass(ledger, () => {
      mkdirSync(page);
      writeFileSync(path.join(page, 'x'), '');
      return GOOD;
    });
    rmSync(page, { recursive: true });
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW.replaceAll('login', 'LOGIN') }));
    const { runner } = await pass(ledger, () => ({ ...GOOD, title: 'Another one' }));
    expect(runner.requests).toHaveLength(1);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: 'Another one' });
  });

  /** A pass whose agent has answered when somebody, a stash say, takes the session's folder away. */
  const passWithout = async (ledger: TemporaryLedger) => {
    const folder = path.join(ledger.root, 'sessions', NAME);
    const { report, runner } = await pass(ledger, () => {
      rmSync(folder, { recursive: true, force: true });
      // Nothing can be written there until it is back.
      symlinkSync('/nowhere/at/all', folder);
      return GOOD;
    });
    expect(runner.requests).toHaveLength(1);
    expect(report.push.outcome).toBe('nothing');
    rmSync(folder);
  };

  test.each([
    ['as it was, with its secret', SECRET],
    ['cleaned', '[REDACTED_GITHUB_TOKEN]'],
  ])('an answer is of use for the same recording that comes back %s', async (_, back) => {
    const raw = (word: string) =>
      recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), { type: 'user', content: `use ${word}` }]);
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': raw(SECRET) }));
    await passWithout(ledger);
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': raw(back) }));
    expect((await pass(ledger)).runner.requests).toEqual([]);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: GOOD.title });
    expect(readState(path.join(ledger.root, '.git/agentwork')).state.answers).toEqual([]);
  });

  test('an answer is of use for the same recording, whatever is taken for a secret by then', async () => {
    const word = 'supersecretvalue98765';
    const raw = recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), { type: 'user', content: `use ${word}` }]);
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': raw }));
    ledger.environment.DEPLOY_TOKEN = word;
    await passWithout(ledger);
    delete ledger.environment.DEPLOY_TOKEN;
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': raw }));
    expect((await pass(ledger)).runner.requests).toEqual([]);
  });

  test('an answer whose artifacts nobody committed is of use when a stash has taken them away', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger, () => GOOD, { commit: false });
    ledger.git('stash', 'push', '--quiet', '--include-untracked');
    expect((await pass(ledger)).runner.requests).toEqual([]);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: GOOD.title });
  });

  test('an answer that says less than the summary is asked for again by whoever wants another', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    await pass(ledger);
    const again = { sessions: [NAME], again: true };
    await pass(ledger, () => ({ quality_category: 'skip', score_reason: 'Only an exit.' }), again);
    const { runner } = await pass(ledger, () => ({ ...GOOD, title: 'Another one' }), again);
    expect(runner.requests).toHaveLength(1);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: 'Another one' });
  });

  test('an answer about a cached recording is of use for its copy in the tree', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n', 'sessions/.keep': '' });
    writeFiles(ledger.root, inCache({ 'raw.jsonl': RAW }));
    await passWithout(ledger);
    rmSync(path.join(ledger.root, '.sageox'), { recursive: true });
    writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW }));
    expect((await pass(ledger)).runner.requests).toEqual([]);
    expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: GOOD.title });
  });

  test('a pause outlives a clock that is set back for a while', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    const resetsAt = NOW + 5 * HOUR_MS;
    await pass(ledger, () => new RunError('usage_limited', 'limit reached', { resetsAt }));
    await pass(ledger, () => new RunError('network', 'no route'), {}, NOW - 24 * HOUR_MS);
    const { runner, report } = await pass(ledger, undefined, {}, NOW + HOUR_MS);
    expect(runner.requests).toEqual([]);
    expect(report.stopped).toMatchObject({ kind: 'paused', until: resetsAt });
  });
});

test('a few words about which an agent said more before are asked about again, never made brief', async () => {
  const words = [
    { type: 'user', content: 'hi' },
    { type: 'assistant', content: 'Hello!' },
  ];
  const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
  await pass(ledger);
  writeFiles(ledger.root, inLedger({ 'raw.jsonl': recording(START, 'ryan', 'Ox7f3a', words) }));
  const options = { sessions: [NAME], again: true };
  await pass(ledger, () => new RunError('network', 'no route'), options);
  expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: GOOD.title, provider: 'claude' });
  const { runner } = await pass(ledger, () => ({ ...GOOD, title: 'Say hello', aha_moments: [] }), options);
  expect(runner.requests).toHaveLength(1);
  expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: 'Say hello', provider: 'claude' });
});

test('a brief session in the ledger is finished from its transcript, without an agent', async () => {
  const ledger = temporaryLedger(
    inLedger({ 'raw.jsonl': recording(START, 'ryan', 'Ox7f3a', [{ type: 'user', content: 'hello' }]) }),
  );
  const { report, runner } = await pass(ledger);
  expect(runner.requests).toEqual([]);
  expect(report).toMatchObject({ push: { outcome: 'done' }, results: [{ success: true, agent: 'offline' }] });
  expect(JSON.parse(read(ledger, 'summary.json'))).toMatchObject({ title: 'Brief session', quality_category: 'skip' });
});

test('a thousand sessions do not cost a thousand commits', async () => {
  const names = Array.from({ length: 130 }, (_, index) => `2026-03-06T10-00-ryan-Ox${String(index).padStart(4, '0')}`);
  const files = names.map((name) => inLedger({ 'raw.jsonl': RAW }, name));
  const ledger = temporaryLedger(Object.assign({}, ...files));
  const config = buildConfig({ agent: { flag: '--agent', value: 'offline' } }, {}, '');
  const { report } = await pass(ledger, undefined, { config });
  expect(report.results.filter(({ success }) => success)).toHaveLength(130);
  const commits = Number(ledger.git('rev-list', '--count', 'HEAD')) - 1;
  expect(commits).toBeGreaterThan(0);
  expect(commits).toBeLessThan(20);
  expect(ledger.git('status', '--porcelain')).toBe('');
});

describe('a session that the remote refuses', () => {
  const GH013 = [
    'remote: error: GH013: Repository rule violations found for refs/heads/main.',
    'remote: - GITHUB PUSH PROTECTION',
    'remote:      locations:',
    'remote:        - commit: 8728dbe67d',
    'remote:          path: sessions/a/session.md:4',
  ];

  /** A remote that finds a secret in what is made of session `a`. */
  function strictLedger(): TemporaryLedger {
    const ledger = temporaryLedger({ ...inLedger({ 'raw.jsonl': RAW }, 'a'), ...inLedger({ 'raw.jsonl': RAW }, 'b') });
    const say = GH013.map((line) => `echo '${line.replace('remote: ', '')}' >&2`).join('; ');
    const hasIt = 'git diff-tree -r --name-only $old $new | grep -q sessions/a/session.md';
    const script = `while read old new ref; do if [ $ref = refs/heads/main ] && ${hasIt}; then ${say}; exit 1; fi; done`;
    writeScript(path.join(ledger.remote, 'hooks', 'pre-receive'), script);
    return ledger;
  }

  const onRemote = (ledger: TemporaryLedger) =>
    runGit(ledger.remote, ledger.environment, 'ls-tree', '-r', '--name-only', 'main');

  test('stays here with all that was made, and keeps no other from being pushed', async () => {
    const ledger = strictLedger();
    const { report } = await pass(ledger);
    const reason =
      'the remote found a secret in sessions/a/session.md:4 (clean the recording, or allow it at the remote)';
    expect(report.push).toMatchObject({ outcome: 'done', withheld: [{ session: 'a', reason }] });
    expect(exitStatusOf(report)).toBe(3);
    expect(onRemote(ledger)).toContain('sessions/b/session.md');
    expect(onRemote(ledger)).not.toContain('sessions/a/session.md');
    expect(read(ledger, 'session.md', 'a')).toContain('# Agent Session');
    expect(ledger.git('status', '--porcelain', '--untracked-files=normal').split('\n')).toHaveLength(5);
    expect(await verdicts(ledger)).toEqual({ a: 'local-only', b: 'finished' });
    expect(formatPass(report, false)).toContain(`withheld a: ${reason}; it stays on this machine`);
    const world = { clock: () => NOW, environment: ledger.environment, tell: () => {} };
    const status = await readStatus(await open(ledger), world, passOptions());
    expect(status.withheld).toEqual(['a']);
    expect(formatStatus({ ...status, unpushed: 0 }, NOW)).toContain('everything but a: the remote refuses it');
  });

  test('is not paid for again, here or elsewhere, and is tried again after a day', async () => {
    const ledger = strictLedger();
    await pass(ledger);
    const silent = await pass(ledger, undefined, {}, NOW + HOUR_MS);
    expect([silent.runner.requests, exitStatusOf(silent.report)]).toEqual([[], 0]);
    const second = { ...ledger, ...secondClone(ledger) };
    const elsewhere = await pass(second, undefined, {}, NOW + HOUR_MS);
    expect(elsewhere.runner.requests).toEqual([]);
    expect(elsewhere.report.claimed).toMatchObject([
      { session: 'a', by: expect.stringMatching(/^finished by Test Person/) },
    ]);
    rmSync(path.join(ledger.remote, 'hooks', 'pre-receive'));
    const allowed = await pass(ledger, undefined, {}, NOW + 25 * HOUR_MS);
    expect(allowed.runner.requests).toEqual([]);
    expect(onRemote(ledger)).toContain('sessions/a/session.md');
    expect(ledger.git('status', '--porcelain')).toBe('');
  });
});

describe('nobody pays', () => {
  test('where the branch has no upstream, and nobody could be told', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    ledger.git('switch', '--quiet', '--create', 'feature');
    const { report, runner } = await pass(ledger);
    expect(runner.requests).toEqual([]);
    expect(report).toMatchObject({ stopped: { kind: 'unclaimed' }, remaining: [NAME] });
    expect(exitStatusOf(report)).toBe(3);
    const alone = { ...buildConfig({}, {}, ''), claim: false };
    expect((await pass(ledger, undefined, { config: alone })).runner.requests).toHaveLength(1);
  });

  test('while the remote is closed; one that stays so is taken for one that takes no claims', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    writeScript(path.join(ledger.remote, 'hooks', 'pre-receive'), 'exit 1');
    const first = await pass(ledger);
    expect([first.runner.requests, exitStatusOf(first.report)]).toEqual([[], 3]);
    expect((await pass(ledger)).runner.requests).toHaveLength(1);
  });

  test('for what another machine has written and cannot commit', async () => {
    const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
    const second = { ...ledger, ...secondClone(ledger) };
    writeFiles(ledger.root, { '.git/refs/heads/main.lock': '' });
    const { report } = await pass(ledger);
    expect(report.results).toMatchObject([{ success: false, error: { code: 'COMMIT_FAILED' } }]);
    const elsewhere = await pass(second);
    expect([elsewhere.runner.requests, elsewhere.report.claimed]).toMatchObject([[], [{ session: NAME }]]);
    rmSync(path.join(ledger.root, '.git', 'refs', 'heads', 'main.lock'));
    expect((await pass(ledger)).runner.requests).toEqual([]);
    expect(ledger.git('log', '-1', '--format=%s', 'origin/main')).toBe(`finalize session ${NAME}`);
  });
});

test('what somebody wrote in the place of an artifact is kept', async () => {
  const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
  writeFiles(ledger.root, inLedger({ 'summary.md': 'my own words' }));
  await pass(ledger);
  const [kept] = listTrash(path.join(ledger.root, '.git', 'agentwork'));
  expect(readFileSync(kept?.path ?? '', 'utf8')).toBe('my own words');
});

test('each version that gives way to one of others is kept', async () => {
  const ledger = temporaryLedger(inLedger({ 'raw.jsonl': RAW }));
  const second = { ...ledger, ...secondClone(ledger) };
  const config = { ...buildConfig({}, {}, ''), push: false };
  for (const round of [1, 2]) {
    const options = { again: round > 1, sessions: [NAME] };
    await pass(ledger, () => ({ ...GOOD, title: `Ours of round ${round}` }), { ...options, config });
    await pass(second, () => ({ ...GOOD, title: `Theirs of round ${round}` }), options);
    expect((await pass(ledger)).report.push.superseded).toEqual([NAME]);
    expect(read(ledger, 'summary.json')).toContain(`Theirs of round ${round}`);
  }
  const kept = listTrash(path.join(ledger.root, '.git', 'agentwork')).map(({ path: folder }) => {
    return JSON.parse(readFileSync(path.join(folder, 'summary.json'), 'utf8')).title;
  });
  expect(kept.sort()).toEqual(['Ours of round 1', 'Ours of round 2']);
});

test('a link in the place of all sessions leads nobody out of the clone', async () => {
  const ledger = temporaryLedger({ 'README.md': 'a ledger\n' });
  writeFiles(ledger.scratch, { [`${NAME}/raw.jsonl`]: RAW });
  symlinkSync(ledger.scratch, path.join(ledger.root, 'sessions'));
  await expect(pass(ledger)).rejects.toThrow('is a symbolic link');
  expect(readdirSync(path.join(ledger.scratch, NAME))).toEqual(['raw.jsonl']);
});

test('a large ledger is looked at where it changed, and everywhere once a day or when that is asked for', async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `2026-03-06T10-00-ryan-Ox${String(index).padStart(4, '0')}`);
  const files = { 'raw.jsonl': RAW, ...finishedArtifacts() };
  const ledger = temporaryLedger(Object.assign({}, ...names.map((name) => inLedger(files, name))));
  // As if it had been pulled a minute ago.
  const now = Date.now() + 60_000;
  const work = async (options: Partial<PassOptions> = {}, later = 0) =>
    (await pass(ledger, undefined, options, now + later)).report.results.map(({ session }) => session);
  expect(await work()).toEqual([]);
  const [quiet = '', named = '', other = ''] = names;
  for (const name of [quiet, named]) rmSync(path.join(ledger.root, 'sessions', name, 'session.html'));
  writeFiles(ledger.root, inLedger({ 'raw.jsonl': RAW }, 'new'));
  expect(await work({}, 1000)).toEqual(['new']);
  expect((await verdicts(ledger, now + 2000))[quiet], 'not looked at').toBeUndefined();
  expect(await work({ sessions: [named] }, 3000)).toEqual([named]);
  expect(await work({ isFull: true }, 4000)).toEqual([quiet]);
  rmSync(path.join(ledger.root, 'sessions', other, 'session.md'));
  expect(await work({}, 5000)).toEqual([]);
  expect(await work({}, 25 * HOUR_MS)).toEqual([other]);
});

test.each([
  ['a field that nobody knows', (line: string) => line.replace('}', `,"debug":{"key":"${SECRET}"}}`)],
  [
    'the header',
    (line: string, index: number) => (index === 0 ? line.replace('"version"', `"key":"${SECRET}","version"`) : line),
  ],
  [
    'an entry of another kind',
    (line: string, index: number) => (index === 1 ? `{"type":"progress","data":"${SECRET}"}` : line),
  ],
  ['a line that cannot be read', (line: string, index: number) => (index === 1 ? `{"type": ${SECRET}` : line)],
])('a secret in %s of a recording is committed by no pass', async (_, spoil) => {
  const ledger = temporaryLedger({ 'README.md': 'a ledger\n' });
  const raw = RAW.split('\n').map((line, index) => (line === '' ? line : spoil(line, index)));
  expect(raw.join('\n')).toContain(SECRET);
  writeFiles(ledger.root, inLedger({ 'raw.jsonl': raw.join('\n') }));
  expect((await pass(ledger)).report.push.outcome).toBe('done');
  expect(runGit(ledger.root, ledger.environment, 'show', `HEAD:sessions/${NAME}/raw.jsonl`)).toContain('[REDACTED_');
  expect(runGit(ledger.root, ledger.environment, 'log', '-p')).not.toContain(SECRET);
});
