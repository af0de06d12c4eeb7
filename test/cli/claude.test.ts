import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { runCli, runJson, startCli } from '../support/cli.ts';
import { isAlive } from '../support/living.ts';
import { PATIENCE } from '../support/patience.ts';
import { createSampleLedger, loginEntries, recording } from '../support/sample-ledger.ts';
import { type StandInScenario, standInCalls, standInEvents, writeStandInClaude } from '../support/stand-in-claude.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const RECORDED = fileURLToPath(new URL('../fixtures/claude-output', import.meta.url));

/** A time of day as the program writes it. */
const IN_TWO_HOURS = `${new Intl.DateTimeFormat('en-US', {
  ...{ hour: 'numeric', minute: '2-digit', timeZone: 'UTC' },
}).format(Date.now() + 2 * 3_600_000)} (UTC)`;

/** A run that ends with these words of the program in the place of an answer. */
function printed(result: string): string {
  return `${JSON.stringify({ type: 'result', subtype: 'success', is_error: true, result, total_cost_usd: 0 })}\n`;
}

/** The program has begun with the request. */
const BEGUN = { stdout: '{"type":"system","subtype":"init"}\n' };

interface Plan {
  results: { planned: true; need: string; prompt_chars?: number; tokens_in?: number }[];
  total: { runs: number; model?: string; tokens_in: number; tokens_out: number; cost_usd?: number };
}

interface FinalizeJson {
  results: {
    session: string;
    success: boolean;
    agent: string;
    verdict?: string;
    title?: string;
    attempts: number;
    tokens_in: number;
    error?: { code: string; message: string };
  }[];
  remaining: string[];
  stopped?: string;
  pushed: unknown;
}

interface Setup {
  readonly root: string;
  readonly claudeFolder: string;
  readonly names: readonly string[];
}

/** A ledger with so many unfinished sessions, committed and pushed, and a stand-in `claude`. */
async function setUp(sessions: number, scenario: StandInScenario = {}): Promise<Setup> {
  const folder = temporaryFolder();
  const { root } = createSampleLedger(path.join(folder, 'work'), Date.now());
  git(root, 'rm', '-r', '--quiet', 'sessions');
  execFileSync('rm', ['-rf', path.join(root, 'sessions'), path.join(root, '.sageox')]);
  const names = Array.from({ length: sessions }, (_, index) => `2026-03-0${index + 1}T10-00-ryan-Ox000${index + 1}`);
  for (const [index, name] of names.entries()) {
    const start = Date.parse(`2026-03-0${index + 1}T10:00:00Z`);
    const file = path.join(root, 'sessions', name, 'raw.jsonl');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, recording(start, 'ryan', `Ox000${index + 1}`, loginEntries(start)));
  }
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '-m', 'record');
  git(root, 'push', '--quiet');
  const claudeFolder = path.join(folder, 'claude-bin');
  mkdirSync(claudeFolder);
  await writeStandInClaude(claudeFolder, scenario);
  return { root, claudeFolder, names };
}

function git(cwd: string, ...words: string[]): string {
  return execFileSync('git', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function readSummary(root: string, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(root, 'sessions', name, 'summary.json'), 'utf8'));
}

async function finalize({ root, claudeFolder }: Setup, ...words: string[]) {
  return runJson<FinalizeJson>(['finalize', ...words], { cwd: root, claudeFolder });
}

describe('finalize with claude', () => {
  test('asks once per session, writes the answer, and records what it cost', async () => {
    const setup = await setUp(2);
    const { json, status } = await finalize(setup);
    expect(status).toBe(0);
    expect(json).toMatchObject({ pushed: 'done', remaining: [] });
    expect(json.results).toHaveLength(2);
    for (const result of json.results)
      expect(result).toMatchObject({ success: true, agent: 'claude', attempts: 1, verdict: 'share' });
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(2);
    const summary = readSummary(setup.root, setup.names[0] ?? '');
    expect(summary).toMatchObject({ provider: 'claude', agentwork: { agent: 'claude', input: { entries: 21 } } });
    expect(summary.chapters).toHaveLength(2);
    const again = await finalize(setup);
    expect(again.json.results).toEqual([]);
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(2);
  });

  test('runs four agents at a time', async () => {
    const setup = await setUp(8, { calls: [{ delayMs: 300 }] });
    await finalize(setup);
    const events = (await standInEvents(setup.claudeFolder)).filter(
      ({ event }) => event === 'start' || event === 'end',
    );
    let running = 0;
    let most = 0;
    for (const { event } of events) {
      running += event === 'start' ? 1 : -1;
      most = Math.max(most, running);
    }
    expect(events).toHaveLength(16);
    expect(most).toBe(4);
  });

  test('keeps the prompt off the command line and the repository out of reach', async () => {
    const setup = await setUp(1);
    await finalize(setup);
    const [call] = await standInCalls(setup.claudeFolder);
    expect(call?.argv.join(' ')).not.toContain('login');
    expect(call?.cwd.startsWith(setup.root)).toBe(false);
    expect(call?.cwdFiles).toEqual([]);
    expect(existsSync(call?.cwd ?? '')).toBe(false);
  });

  test('stops at a login that is missing after one call, says how to mend that, and burns no attempt', async () => {
    const setup = await setUp(3, { calls: [{ replay: path.join(RECORDED, 'error-not-logged-in') }] });
    const { json, status } = await finalize(setup, '--concurrency', '1');
    expect(status).toBe(12);
    expect(json).toMatchObject({
      stopped: expect.stringMatching(/^claude is not logged in/),
      stopped_by: 'not_logged_in',
      advice: expect.stringMatching(/claude setup-token.*CLAUDE_CODE_OAUTH_TOKEN/),
    });
    expect(json.remaining).toHaveLength(3);
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(1);
    await writeStandInClaude(setup.claudeFolder);
    expect((await finalize(setup)).json.results.map(({ success }) => success)).toEqual([true, true, true]);
  });

  test('pauses at a usage limit: says so once, asks nobody meanwhile, and goes on when told to', async () => {
    const setup = await setUp(3, { calls: [{ stdout: printed(`You've hit your limit · resets ${IN_TWO_HOURS}`) }] });
    const options = { cwd: setup.root, claudeFolder: setup.claudeFolder };
    const first = await runCli(['finalize', '--concurrency', '1'], options);
    expect(first.status).toBe(13);
    expect(first.stdout).toMatch(
      /stopped: .*hit your limit.*; no agent is asked before 20[-\d]+ \d\d:\d\d UTC\n +→ .*finalize --resume/,
    );
    const again = await runCli(['finalize'], options);
    expect(again).toEqual({ status: 13, stdout: '', stderr: '' });
    expect((await runCli(['finalize', setup.names[0] ?? ''], options)).stdout).toMatch(/stopped: .*hit your limit/);
    const plan = await runCli(['finalize', '--dry-run'], options);
    expect(plan.stdout).toMatch(/now none would start\nstopped: .*hit your limit/);
    expect((await runCli(['finalize', '--dry-run', '--resume'], options)).stdout).not.toContain('stopped');
    const { json } = await runJson<FinalizeJson & { goes_on_at: string }>(['finalize'], options);
    const ahead = Date.parse(json.goes_on_at) - Date.now();
    expect(ahead).toBeGreaterThan(90 * 60_000);
    expect(ahead).toBeLessThan(130 * 60_000);
    const status = await runCli(['status'], options);
    expect(status.stdout).toMatch(/paused +until 20[-\d]+ \d\d:\d\d UTC: .*hit your limit/);
    expect(status.stdout).toMatch(/no model told: 1 run, [\d,]+ tokens in, \d+ out, at no known price \(/);
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(1);
    await writeStandInClaude(setup.claudeFolder);
    expect((await finalize(setup, '--resume')).json.results.map(({ success }) => success)).toEqual([true, true, true]);
    expect((await runCli(['status'], options)).stdout).not.toContain('paused');
  });

  test.each([
    ['a refusal', 'refusal', 'AGENT_REFUSED', 1],
    ['an empty answer', 'empty-text', 'AGENT_MALFORMED', 3],
  ])(
    'after %s publishes the offline summary as unrecoverable, and never asks again',
    async (_, replay, code, attempts) => {
      const setup = await setUp(1, { calls: [{ replay: path.join(RECORDED, replay) }] });
      const { json, status } = await finalize(setup);
      expect(status).toBe(3);
      const outcome = { success: false, verdict: 'given-up', agent: 'offline', attempts, error: { code } };
      expect(json.results).toMatchObject([outcome]);
      expect(readSummary(setup.root, setup.names[0] ?? '')).toMatchObject({
        provider: 'offline',
        summary_status: 'unrecoverable',
      });
      expect(git(setup.root, 'status', '--porcelain')).toBe('');
      expect(await finalize(setup)).toMatchObject({ status: 0, json: { results: [] } });
      expect(await standInCalls(setup.claudeFolder)).toHaveLength(attempts);
    },
  );

  test('counts a crash once per pass, and gives up after the third pass', async () => {
    const setup = await setUp(1, { calls: [{ ...BEGUN, exitCode: 1, stderr: 'segmentation fault' }] });
    for (const verdict of [undefined, undefined, 'given-up']) {
      const { json, status } = await finalize(setup);
      expect(status).toBe(3);
      expect(json.results[0]?.verdict).toBe(verdict);
    }
    expect((await finalize(setup)).json.results).toEqual([]);
  });

  test('gives nothing up while claude itself is broken, says so, and goes on when it is mended', async () => {
    const setup = await setUp(6, { calls: [{ exitCode: 1, stderr: 'Error: Cannot find module' }] });
    for (let pass = 0; pass < 4; pass += 1) {
      const { json, status } = await finalize(setup);
      expect(status).toBe(3);
      expect(json.stopped).toMatch(
        /^5 agent runs in a row failed alike: .* before it began: Error: Cannot find module/,
      );
      expect(json.results.map(({ verdict }) => verdict)).not.toContain('given-up');
    }
    await writeStandInClaude(setup.claudeFolder);
    expect((await finalize(setup)).json.results.map(({ success }) => success)).toEqual(setup.names.map(() => true));
  });

  test('counts an answer that is no summary as an attempt, over passes too', async () => {
    const chatter = { answer: 'I would be happy to help! Which file should I read?' };
    const setup = await setUp(1, { calls: [chatter, chatter, {}] });
    const { json, status } = await finalize(setup);
    expect(status).toBe(0);
    expect(json.results).toMatchObject([{ success: true, agent: 'claude', attempts: 3 }]);
  });

  test('does without an agent what needs none, then says that claude is not there', async () => {
    const { root, claudeFolder } = await setUp(2);
    const folder = path.join(root, 'sessions', '2026-03-01T10-00-ryan-Ox0001');
    writeFileSync(
      path.join(folder, 'summary.json'),
      JSON.stringify({ title: 'A fine title', summary: 'What happened here.' }),
    );
    const { json, status } = await runJson<FinalizeJson>(['finalize'], { cwd: root });
    expect(status).toBe(12);
    expect(json.results).toMatchObject([{ session: '2026-03-01T10-00-ryan-Ox0001', success: true, agent: 'none' }]);
    expect(json.remaining).toEqual(['2026-03-02T10-00-ryan-Ox0002']);
    expect(await standInCalls(claudeFolder)).toEqual([]);
    expect(existsSync(path.join(folder, 'session.html'))).toBe(true);
  });

  test('refuses a claude that cannot be isolated, and names the version that is needed', async () => {
    const setup = await setUp(1, { plays: 'too-old' });
    const { json, status } = await finalize(setup);
    expect(status).toBe(12);
    expect(json.stopped).toMatch(/lacks .*--setting-sources.*2\.1\.100/);
    expect(await standInCalls(setup.claudeFolder)).toEqual([]);
  });

  test('prices what it would do, by the table or by what runs took, and neither writes nor asks', async () => {
    const setup = await setUp(2);
    const options = { cwd: setup.root, claudeFolder: setup.claudeFolder };
    const unknown = await runCli(['finalize', '--dry-run'], options);
    expect(unknown.stdout).toMatch(/2 agent runs: .*cost unknown until a run has told its model/);
    const { stdout } = await runCli(['finalize', '--dry-run', '--model', 'claude-haiku-4-5'], options);
    expect(stdout).toMatch(/SESSION +WOULD BE +PROMPT +TOKENS IN +OUT +COST/);
    expect(stdout).toMatch(/summarised by claude: no artifacts +5\.\d KB +\d,\d00 +900 +\$0\.00\d\d/);
    expect(stdout).toMatch(
      /2 agent runs by claude-haiku-4-5: \d,\d00 tokens in, 1,800 out, about \$0\.0\d; one run can take \$0\.0\d at most/,
    );
    const again = await runCli(['finalize', '--dry-run', '--model', 'claude-haiku-4-5'], options);
    expect(again.stdout, 'the same each time').toBe(stdout);
    const limited = { ...options, env: { AGENTWORK_MAX_COST_USD: '0.05' } };
    const some = await runCli(['finalize', '--dry-run', '--model', 'claude-haiku-4-5'], limited);
    expect(some.stdout).toMatch(/now only 1 would start\nstopped: \$0\.00\d\d of \$0\.05 for one pass are used/);
    expect(stdout).toContain('2 sessions; nothing was written');
    const priced = ['--dry-run', '--model', 'llama-9'];
    const own = { ...options, env: { AGENTWORK_PRICE: 'llama-9=1000/0' } };
    const { json } = await runJson<Plan>(['finalize', ...priced], own);
    expect(json).toMatchObject({
      total: { runs: 2, model: 'llama-9' },
      prices_as_of: expect.stringMatching(/^20\d\d-/),
    });
    expect(json.total.cost_usd).toBeCloseTo(json.total.tokens_in / 1000);
    expect(json.results[0]).toMatchObject({ planned: true, need: 'agent', prompt_chars: expect.any(Number) });
    expect(git(setup.root, 'status', '--porcelain', '--ignored')).toBe('');
    expect(existsSync(path.join(setup.root, '.git', 'agentwork'))).toBe(false);
    expect(await standInEvents(setup.claudeFolder)).toEqual([]);
  });

  test('estimates better after the first run, and status tells what runs took', async () => {
    const setup = await setUp(2);
    const options = { cwd: setup.root, claudeFolder: setup.claudeFolder };
    const before = await runJson<Plan>(['finalize', '--dry-run', '--limit', '1'], options);
    const { json } = await finalize(setup, '--limit', '1');
    const took = json.results[0]?.tokens_in ?? 0;
    const after = await runJson<Plan>(['finalize', '--dry-run', '--limit', '1'], options);
    const error = ({ json }: typeof after) => Math.abs((json.results[0]?.tokens_in ?? 0) - took);
    expect(error(after)).toBeLessThan(error(before) / 5);
    const status = await runJson(['status'], options);
    const usage = { runs: 1, tokens_in: took, models: { 'claude-default': { runs: 1, tokens_in: took } } };
    expect(status.json).toMatchObject({ usage: { today: usage, last_7_days: usage } });
    expect((await runCli(['status'], options)).stdout).toMatch(/today +1 run, [\d,]+ tokens in, \d+ out, \$0\.00\d+\n/);
  });

  test.each([
    // What the first run costs is not known before it.
    [
      'maxCostUsdPerDay',
      '0.0005',
      /^\$0\.00\d\d of \$0\.0005 for this day are used \(agentwork\.maxCostUsdPerDay\), and one more run can take \$0\.0\d$/,
    ],
    [
      'maxTokensPerDay',
      '900',
      /^one run can take [\d,]+ tokens, and agentwork\.maxTokensPerDay allows 900 tokens for this day$/,
    ],
    ['maxCostUsd', '0', /^\$0\.00 of \$0\.00 for one pass are used \(agentwork\.maxCostUsd\)$/],
  ])('keeps to %s, over passes too, and says when it can go on', async (key, value, sentence) => {
    const setup = await setUp(2);
    git(setup.root, 'config', `agentwork.${key}`, value);
    const first = await finalize(setup, '--concurrency', '1');
    const second = await finalize(setup, '--concurrency', '1');
    expect([first.status, second.status]).toEqual([13, 13]);
    expect(second.json).toMatchObject({ results: [], stopped: expect.stringMatching(sentence) });
    expect((await standInCalls(setup.claudeFolder)).length).toBeLessThanOrEqual(1);
  });

  test('hands the agent what its run may cost', async () => {
    const setup = await setUp(1);
    git(setup.root, 'config', 'agentwork.maxCostUsd', '0.5');
    await finalize(setup, '--model', 'claude-haiku-4-5');
    const [call] = await standInCalls(setup.claudeFolder);
    const budget = Number(call?.argv[call.argv.indexOf('--max-budget-usd') + 1]);
    expect(budget).toBeGreaterThan(0.03);
    expect(budget).toBeLessThan(0.06);
  });

  test('has an agent better what was summarised without one, when asked to, once', async () => {
    const setup = await setUp(2);
    await finalize(setup, '--agent', 'offline');
    const next = await runCli(['detect', '--explain', setup.names[1] ?? ''], { cwd: setup.root });
    expect(next.stdout).toMatch(/^ +next +.*finalize --upgrade /m);
    const chatter = { answer: 'I would be happy to help!' };
    const [one = '', two = ''] = setup.names;
    await writeStandInClaude(setup.claudeFolder, { whenPromptHas: [{ text: two, act: chatter }] });
    expect((await finalize(setup)).json.results).toEqual([]);
    const upgrade = await finalize(setup, '--upgrade');
    expect(upgrade.status).toBe(3);
    expect(readSummary(setup.root, one)).toMatchObject({ provider: 'claude' });
    expect(readSummary(setup.root, two)).toMatchObject({ provider: 'offline' });
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(4);
    const explained = async (name: string) =>
      (await runCli(['detect', '--explain', name], { cwd: setup.root, claudeFolder: setup.claudeFolder })).stdout;
    expect(await explained(two)).toMatch(/^ +next +nothing$/m);
    expect(await finalize(setup, '--upgrade')).toMatchObject({ status: 0, json: { results: [] } });
    expect(await finalize(setup)).toMatchObject({ status: 0, json: { results: [] } });
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(4);
    const wrong = await runCli(['finalize', '--upgrade', '--agent', 'offline'], { cwd: setup.root });
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('--upgrade wants an agent to ask') });
  });

  test('ends an agent that hangs at the time limit, and leaves its session for the next pass', async () => {
    const setup = await setUp(1, { calls: [{ hang: true }, {}] });
    const first = await finalize(setup, '--timeout', '300ms');
    expect(first).toMatchObject({ status: 3, json: { results: [{ success: false, attempts: 1 }] } });
    expect((await finalize(setup)).json.results).toMatchObject([{ success: true, attempts: 1 }]);
  });

  test('keeps to the number of runs per hour over passes', async () => {
    const setup = await setUp(3);
    git(setup.root, 'config', 'agentwork.maxInvocationsPerHour', '2');
    const first = await finalize(setup);
    expect(first.status).toBe(13);
    expect(first.json.results).toHaveLength(2);
    const second = await finalize(setup);
    const stopped = expect.stringMatching(/can be asked again at .* UTC$/);
    expect(second).toMatchObject({ status: 13, json: { results: [], stopped, stopped_by: 'limit_rate' } });
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(2);
  });

  test('puts away what the agent judges worthless, unless the ledger tracks it already', async () => {
    const skip = JSON.stringify({ title: 'Said hello', quality_category: 'skip', score_reason: 'nothing happened' });
    const setup = await setUp(1, { calls: [{ answer: skip }] });
    const untracked = path.join(setup.root, 'sessions', '2026-04-01T10-00-ryan-OxSkip');
    mkdirSync(untracked);
    writeFileSync(path.join(untracked, 'raw.jsonl'), recording(0, 'ryan', 'OxSkip', loginEntries(0)));
    const { json, status } = await finalize(setup);
    expect(status).toBe(0);
    expect(json.results.map(({ verdict }) => verdict)).toEqual(['skip', 'skip']);
    expect(readSummary(setup.root, setup.names[0] ?? '')).toMatchObject({ quality_category: 'skip' });
    expect(existsSync(untracked)).toBe(false);
    const trashed = path.join(setup.root, '.git', 'agentwork', 'trash', path.basename(untracked), 'raw.jsonl');
    expect(readFileSync(trashed, 'utf8')).toBe(recording(0, 'ryan', 'OxSkip', loginEntries(0)));
  });

  test('a pass that is started inside a pass does nothing', async () => {
    const setup = await setUp(1);
    const options = { cwd: setup.root, claudeFolder: setup.claudeFolder, env: { AGENTWORK_PASS: '1' } };
    expect(await runCli(['finalize'], options)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await standInCalls(setup.claudeFolder)).toEqual([]);
  });
});

describe('a pass that does not come to its end', () => {
  const started = async ({ claudeFolder }: Setup, calls: number) => {
    return vi.waitFor(async () => {
      const all = await standInCalls(claudeFolder);
      expect(all).toHaveLength(calls);
      return all;
    }, PATIENCE);
  };

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('at %s ends its agents, keeps what is finished, gives the lock back', async (signal, expected) => {
    const setup = await setUp(2, { calls: [{ hang: true }] });
    const pass = startCli(['finalize', '--json'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    const calls = await started(setup, 2);
    pass.kill(signal);
    const { exitCode, stdout } = await pass;
    expect(exitCode).toBe(expected);
    expect(JSON.parse(String(stdout))).toMatchObject({
      results: [],
      remaining: expect.arrayContaining([...setup.names]),
    });
    for (const call of calls) expect(isAlive(call.pid)).toBe(false);
    expect(existsSync(path.join(setup.root, '.git', 'agentwork', 'pass.lock'))).toBe(false);
    await writeStandInClaude(setup.claudeFolder);
    expect((await finalize(setup)).json.results).toMatchObject([{ success: true }, { success: true }]);
  });

  test('a killed pass is continued by the next, whose lock it does not block', async () => {
    const setup = await setUp(2, { calls: [{ hang: true }] });
    const pass = startCli(['finalize'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    const calls = await started(setup, 2);
    pass.kill('SIGKILL');
    await pass;
    for (const call of calls) process.kill(-call.pid, 'SIGKILL');
    await writeStandInClaude(setup.claudeFolder);
    const { json: told } = await runJson(['status'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    expect(told, 'they may have been paid for').toMatchObject({ usage: { today: { runs: 2, estimated_runs: 2 } } });
    const { json, status } = await finalize(setup);
    expect(status).toBe(0);
    expect(json.results).toMatchObject([{ success: true }, { success: true }]);
    expect(git(setup.root, 'status', '--porcelain')).toBe('');
  });

  test('asks no more about what three passes were killed over, and says so before', async () => {
    const setup = await setUp(1);
    const [name = ''] = setup.names;
    await finalize(setup, '--agent', 'none');
    const file = path.join(setup.root, '.git', 'agentwork', 'state.json');
    const state = JSON.parse(readFileSync(file, 'utf8'));
    const { size } = statSync(path.join(setup.root, 'sessions', name, 'raw.jsonl'));
    writeFileSync(file, JSON.stringify({ ...state, interrupted: { [`session-finalize:${name} ${size} B`]: 3 } }));
    const plan = await runJson<Plan>(['finalize', '--dry-run'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    const reason = expect.stringContaining('was killed');
    expect(plan.json).toMatchObject({ results: [{ need: 'summary', reason }], total: { runs: 0 } });
    const { json } = await finalize(setup);
    expect(json.results).toMatchObject([{ verdict: 'given-up', agent: 'offline', error: { message: reason } }]);
    expect(await standInCalls(setup.claudeFolder)).toEqual([]);
  });

  test('asks three times where each pass is ended by SIGTERM, as by a time limit of cron', async () => {
    const setup = await setUp(1, { calls: [{ hang: true }, { hang: true }, { hang: true }] });
    for (const calls of [1, 2, 3]) {
      const pass = startCli(['finalize'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
      await started(setup, calls);
      pass.kill('SIGTERM');
      expect((await pass).exitCode).toBe(143);
    }
    const { json } = await finalize(setup);
    expect(json.results).toMatchObject([{ verdict: 'given-up', agent: 'offline' }]);
    expect(await standInCalls(setup.claudeFolder)).toHaveLength(3);
  });

  test('keeps a second pass out, which says who runs; a hook makes way without a word', async () => {
    const setup = await setUp(1, { calls: [{ hang: true }] });
    const pass = startCli(['finalize'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    await started(setup, 1);
    const second = await runCli(['finalize'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    expect(second.status).toBe(11);
    expect(second.stderr).toContain(`another pass is running on this clone (pid ${pass.pid} on`);
    const hook = await runCli(['finalize', '--if-due', '5m'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    expect(hook).toEqual({ status: 0, stdout: '', stderr: '' });
    const status = await runJson(['status'], { cwd: setup.root, claudeFolder: setup.claudeFolder });
    expect(status.json).toMatchObject({
      running: { pid: pass.pid },
      active: [{ work_type: 'session-finalize', target: setup.names[0], status: 'running' }],
    });
    pass.kill('SIGTERM');
    await pass;
  });
});
