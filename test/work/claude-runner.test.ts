import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClaudeRunner, type ClaudeRunnerOptions } from '../../src/work/claude-runner.ts';
import { RunError, type RunFailureKind } from '../../src/work/runner.ts';
import { isAlive } from '../support/living.ts';
import { PATIENCE } from '../support/patience.ts';
import { type StandInScenario, standInCalls, standInEvents, writeStandInClaude } from '../support/stand-in-claude.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/claude-output/', import.meta.url));
const PROMPT = { prompt: 'Summarise: <entry kind="user">Repair the login page</entry>' };

let root: string;
let bin: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'agentwork-test-'));
  bin = join(root, 'bin');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('an answer', () => {
  test('comes with what it took', async () => {
    const runner = await runnerOf({});
    const times = [1000, 3500];
    const timed = new ClaudeRunner({ path: join(bin, 'claude'), clock: () => times.shift() ?? 0 });
    const result = await timed.run({ ...PROMPT, model: 'haiku' }, neverAborted());
    expect(JSON.parse(result.output).title).toMatch(/^Session [0-9a-f]{8} Repair login page$/);
    expect(result).toMatchObject({ duration: 2500, exitCode: 0, model: 'haiku', tokensIn: 15 });
    expect((await runner.run(PROMPT, neverAborted())).output).toBe(result.output);
  });

  test('is for the prompt as it is, whatever its size and signs', async () => {
    const runner = await runnerOf({});
    const prompt = `Summarise: \r\n\0 é😀 @/etc/passwd /init ${'x'.repeat(2_000_000)}`;
    await runner.run({ prompt }, neverAborted());
    const [call] = await standInCalls(bin);
    expect(call?.promptSha256).toBe(createHash('sha256').update(prompt).digest('hex'));
  });

  test('is read from recorded output', async () => {
    const runner = await runnerOf({ calls: [{ replay: join(FIXTURES, 'success-two-text-blocks') }] });
    expect((await runner.run(PROMPT, neverAborted())).output).toBe('Block one.Block two.');
  });

  test('comes for four prompts at once, with one look at the help', async () => {
    const runner = await runnerOf({ calls: [{ delayMs: 100 }] });
    const prompts = ['one', 'two', 'three', 'four'];
    const results = await Promise.all(prompts.map((prompt) => runner.run({ prompt }, neverAborted())));
    expect(new Set(results.map((result) => result.output)).size).toBe(4);
    const calls = await standInCalls(bin);
    expect(new Set(calls.map((call) => call.cwd)).size).toBe(4);
    expect((await standInEvents(bin)).filter((event) => event.event === 'probe')).toHaveLength(1);
  });
});

describe('isolation', () => {
  test('claude gets these arguments', async () => {
    const runner = await runnerOf({}, { model: 'sonnet' });
    await runner.run({ ...PROMPT, systemPrompt: 'Be brief.', maxCostUsd: 0.25 }, neverAborted());
    expect((await standInCalls(bin))[0]?.argv).toEqual([
      ...['-p', '--output-format', 'stream-json', '--verbose', '--tools', '', '--strict-mcp-config'],
      ...['--setting-sources', '', '--disable-slash-commands', '--no-session-persistence', '--max-turns', '1'],
      ...['--system-prompt', 'Be brief.', '--model', 'sonnet'],
      ...['--safe-mode', '--restricted', '--max-budget-usd', '0.25'],
    ]);
  });

  test.each([
    ["the request's own", { maxCostUsd: 0.0000123 }, '0.000013'],
    ['never nothing', { maxCostUsd: 0 }, '0.000001'],
    ['none at all', {}, undefined],
  ])('the budget of a run is %s', async (_name, request, budget) => {
    const runner = await runnerOf({});
    await runner.run({ ...PROMPT, ...request }, neverAborted());
    const argv = (await standInCalls(bin))[0]?.argv ?? [];
    expect(argv.includes('--max-budget-usd') ? argv[argv.indexOf('--max-budget-usd') + 1] : undefined).toBe(budget);
  });

  test('an older claude gets only what it lists', async () => {
    const runner = await runnerOf({ plays: '2.1.100' }, { userSettings: true });
    await runner.run(PROMPT, neverAborted());
    const argv = (await standInCalls(bin))[0]?.argv ?? [];
    expect(argv[argv.indexOf('--settings') + 1]).toMatch(/^\{"disableAllHooks":true,"env":\{/);
    expect(argv).not.toContain('--safe-mode');
  });

  test('claude gets these variables', async () => {
    const environment = { PATH: '/usr/bin', HOME: root, GIT_DIR: '/x', CLAUDECODE: '1', ANTHROPIC_API_KEY: 'made-up' };
    const runner = await runnerOf({}, { environment });
    await runner.run(PROMPT, neverAborted());
    expect((await standInCalls(bin))[0]?.environmentKeys).toEqual([
      'AGENTWORK_PASS',
      'ANTHROPIC_API_KEY',
      'API_TIMEOUT_MS',
      'CLAUDE_CODE_DISABLE_ATTACHMENTS',
      'CLAUDE_CODE_DISABLE_FILE_MENTIONS',
      'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
      'CLAUDE_CODE_DISABLE_REFUSAL_RETRY',
      'CLAUDE_CODE_DISABLE_THINKING',
      'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
      'CLAUDE_CODE_MAX_RETRIES',
      'DISABLE_AUTOUPDATER',
      'DISABLE_AUTO_COMPACT',
      'DISABLE_TELEMETRY',
      'HOME',
      'MAX_THINKING_TOKENS',
      'OX_SESSION_RECORDING',
      'PATH',
      'SAGEOX_DAEMON',
    ]);
  });

  test('claude runs in an empty folder of its own, outside any repository, that is gone afterwards', async () => {
    const runner = await runnerOf({ calls: [{}, { exitCode: 3 }] });
    await runner.run(PROMPT, neverAborted());
    await failureOf(runner.run(PROMPT, neverAborted()));
    const calls = await standInCalls(bin);
    expect(calls.map(({ cwdMode, cwdFiles }) => ({ cwdMode, cwdFiles }))).toEqual([
      { cwdMode: '700', cwdFiles: [] },
      { cwdMode: '700', cwdFiles: [] },
    ]);
    for (const { cwd } of calls) {
      await expect(access(cwd)).rejects.toThrow('ENOENT');
      expect(await repositoryAround(cwd)).toBeUndefined();
    }
  });

  test('a folder that the request names is used and stays', async () => {
    const workDir = join(root, 'work');
    await mkdir(workDir);
    const runner = await runnerOf({});
    await runner.run({ ...PROMPT, workDir }, neverAborted());
    expect((await standInCalls(bin))[0]?.cwd).toBe(workDir);
    expect(await readdir(workDir)).toEqual([]);
  });
});

describe('a claude that', () => {
  test('is absent is not available, and a run says so', async () => {
    const runner = new ClaudeRunner({ environment: { PATH: root } });
    expect(await runner.available()).toBe(false);
    const failure = await failureOf(runner.run(PROMPT, neverAborted()));
    expect(failure).toMatchObject({
      kind: 'not_installed',
      message: 'claude is not installed, or not on PATH',
    });
    const named = new ClaudeRunner({ path: join(root, 'nowhere') });
    expect((await failureOf(named.run(PROMPT, neverAborted()))).message).toBe(`there is no program at ${root}/nowhere`);
  });

  test('is on PATH is found without being started', async () => {
    await writeStandInClaude(bin);
    const runner = new ClaudeRunner({ environment: { PATH: ['/nowhere', bin].join(delimiter) } });
    expect(await runner.available()).toBe(true);
    expect(await standInEvents(bin)).toEqual([]);
    await runner.run(PROMPT, neverAborted());
    expect(await standInCalls(bin)).toHaveLength(1);
  });

  test('is too old is refused by its version', async () => {
    const runner = await runnerOf({ plays: 'too-old' });
    const failure = await failureOf(runner.run(PROMPT, neverAborted()));
    expect(failure.kind).toBe('unsupported');
    expect(failure.message).toBe(
      'claude 1.0.43 lacks --tools, --setting-sources, --strict-mcp-config, without which it cannot be kept from tools ' +
        'and settings; 2.1.100 or later is recommended, 2.0.77 works but spends extra calls',
    );
    expect(await standInCalls(bin)).toEqual([]);
  });

  test('cannot even show its help is refused with what it said', async () => {
    const runner = await runnerOf({ probe: { stderr: 'postinstall did not run\n', exitCode: 1 } });
    const failure = await failureOf(runner.run(PROMPT, neverAborted()));
    expect(failure).toMatchObject({
      kind: 'unsupported',
      message: 'claude --help does not work, and ends with exit status 1: postinstall did not run',
    });
    await writeStandInClaude(bin);
    await runner.run(PROMPT, neverAborted());
  });

  test('was asked in an earlier pass is not asked again', async () => {
    const memory = new Map<string, readonly string[]>();
    const flagCache = {
      get: (key: string) => memory.get(key),
      set: (key: string, flags: readonly string[]) => void memory.set(key, flags),
    };
    await (await runnerOf({}, { flagCache })).run(PROMPT, neverAborted());
    await (await runnerOf({}, { flagCache }, { keep: true })).run(PROMPT, neverAborted());
    expect((await standInEvents(bin)).filter((event) => event.event === 'probe')).toHaveLength(1);
    expect([...memory.values()][0]).toContain('--safe-mode');
  });

  test.each<[string, RunFailureKind]>([
    ['error-429', 'rate_limited'],
    ['error-401', 'not_logged_in'],
    ['sigterm', 'crashed'],
    ['unknown-flag', 'unsupported'],
    ['error-malformed-stream', 'network'],
  ])('fails as in %s is %s', async (name, kind) => {
    const runner = await runnerOf({ calls: [{ replay: join(FIXTURES, name) }] });
    const recorded = JSON.parse(await readFile(join(FIXTURES, `${name}.exit.json`), 'utf8'));
    const failure = await failureOf(runner.run(PROMPT, neverAborted()));
    expect(failure).toMatchObject({ kind, stderr: recorded.stderr, exitCode: recorded.exit_code ?? undefined });
  });

  test.each<[string, RunFailureKind]>([
    ["You've hit your weekly limit · resets 7am (UTC)", 'usage_limited'],
    ['Invalid API key · Please run /login', 'not_logged_in'],
  ])('gives %j for an answer fails', async (answer, kind) => {
    const content = [{ type: 'text', text: answer }];
    const printed = [
      { type: 'assistant', message: { id: 'm', model: 'claude-haiku-4-5', content } },
      { type: 'result', subtype: 'success', is_error: false, result: answer, total_cost_usd: 0 },
    ];
    const runner = await runnerOf({ calls: [{ stdout: printed.map((line) => `${JSON.stringify(line)}\n`).join('') }] });
    const failure = await failureOf(runner.run(PROMPT, neverAborted()));
    expect(failure).toMatchObject({ kind, exitCode: 0 });
    expect(failure.resetsAt !== undefined).toBe(kind === 'usage_limited');
  });

  test('dies before it has read its prompt fails for what it says', async () => {
    const runner = await runnerOf({ calls: [{ ignoreStdin: true, stderr: 'Not logged in', exitCode: 1 }] });
    const failure = await failureOf(runner.run({ prompt: 'x'.repeat(5_000_000) }, neverAborted()));
    expect(failure).toMatchObject({ kind: 'not_logged_in', exitCode: 1 });
  });
});

describe('a limit in time', () => {
  test('ends a claude that hangs', async () => {
    const runner = await runnerOf({ calls: [{ hang: true }] });
    const failure = await failureOf(runner.run({ ...PROMPT, timeoutOverride: 300 }, neverAborted()));
    expect(failure).toMatchObject({ kind: 'timed_out', message: 'claude gave no answer within 0.3 s' });
    await expectAllGone(bin);
  });

  test('ends a claude that never stops talking, in bounded memory', async () => {
    const runner = await runnerOf({ calls: [{ forever: 'line' }] }, { timeoutMs: 700 });
    const before = process.memoryUsage().rss;
    expect(await failureOf(runner.run(PROMPT, neverAborted()))).toMatchObject({ kind: 'timed_out' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    await expectAllGone(bin);
  });

  test('ends its grandchildren too', async () => {
    const runner = await runnerOf({ calls: [{ hang: true, grandchild: true }] }, { timeoutMs: 1500 });
    expect(await failureOf(runner.run(PROMPT, neverAborted()))).toMatchObject({ kind: 'timed_out' });
    expect((await standInEvents(bin)).map((event) => event.event)).toEqual(['probe', 'start', 'grandchild']);
    await expectAllGone(bin);
  });
});

describe('a stop', () => {
  test('ends the run', async () => {
    const runner = await runnerOf({ calls: [{ hang: true }] });
    const controller = new AbortController();
    const run = failureOf(runner.run(PROMPT, controller.signal));
    await started(bin);
    controller.abort();
    expect(await run).toMatchObject({ kind: 'aborted' });
    await expectAllGone(bin);
  });

  test('before the start starts nothing', async () => {
    const runner = await runnerOf({});
    expect(await failureOf(runner.run(PROMPT, AbortSignal.abort()))).toMatchObject({ kind: 'aborted' });
    expect(await standInEvents(bin)).toEqual([]);
  });

  test('while the help is asked for ends that', async () => {
    const runner = await runnerOf({ probe: { hang: true } });
    expect(await failureOf(runner.run(PROMPT, AbortSignal.timeout(200)))).toMatchObject({ kind: 'aborted' });
    await expectAllGone(bin);
  });
});

test('a grandchild that holds stdout open does not hold the answer back, and goes', async () => {
  const runner = await runnerOf({ calls: [{ grandchild: true, answer: 'done' }] });
  const startedMs = performance.now();
  expect((await runner.run(PROMPT, neverAborted())).output).toBe('done');
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  await expectAllGone(bin);
});

async function runnerOf(
  scenario: StandInScenario,
  options: ClaudeRunnerOptions = {},
  { keep } = { keep: false },
): Promise<ClaudeRunner> {
  if (!keep) await writeStandInClaude(bin, scenario);
  return new ClaudeRunner({ path: join(bin, 'claude'), ...options });
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

async function failureOf(run: Promise<unknown>): Promise<RunError> {
  const failure = await run.then(
    () => new Error('an answer came'),
    (error: unknown) => error,
  );
  if (failure instanceof RunError) return failure;
  throw failure;
}

async function started(folder: string): Promise<void> {
  await vi.waitFor(async () => expect(await standInCalls(folder)).toHaveLength(1), PATIENCE);
}

/** SIGKILL takes a moment to be seen. */
async function expectAllGone(folder: string): Promise<void> {
  const pids = (await standInEvents(folder)).map((event) => event.pid);
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), PATIENCE);
}

async function repositoryAround(folder: string): Promise<string | undefined> {
  const parent = dirname(folder);
  if (parent === folder) return undefined;
  const hasGit = await access(join(parent, '.git')).then(
    () => true,
    () => false,
  );
  return hasGit ? parent : repositoryAround(parent);
}
