import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/clock.ts';
import { buildConfig } from '../src/config.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { runPass } from '../src/pass.ts';
import { exitStatusOf, type PassReport } from '../src/pass-report.ts';
import { readState } from '../src/state.ts';
import { ClaudeRunner } from '../src/work/claude-runner.ts';
import { type TemporaryLedger, temporaryLedger } from './support/ledger-dir.ts';
import { loginEntries, recording } from './support/sample-ledger.ts';
import { type StandInAct, standInCalls, writeStandInClaude } from './support/stand-in-claude.ts';

/**
 * What a whole pass makes of everything that the real program was seen to print: one unfinished session, a `claude` that
 * replays the recorded output, exit status or signal, and after it a pass with one that answers well.
 */
const RECORDED = fileURLToPath(new URL('fixtures/claude-output', import.meta.url));
/** Times in recorded limits are to be read at about this time. */
const RECORDED_MS = Date.parse('2026-11-26T12:00:00Z');
const START = Date.parse('2026-03-06T10:00:00Z');
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';

interface Outcome {
  /** Agent runs of the pass. */
  readonly runs: number;
  readonly became: 'done' | 'failed' | 'given-up' | 'left';
  /** Runs that count against the session from now on. */
  readonly counted: number;
  /** Minutes for which no agent is asked. */
  readonly pause?: number;
  readonly exit: number;
  /** Runs of the next pass, five minutes later, with a claude that answers well. */
  readonly next: number;
}

const DONE: Outcome = { runs: 1, became: 'done', counted: 0, exit: 0, next: 0 };
/** The recorded answers are no summaries: each is asked for again, then the offline summary stands. */
const NO_SUMMARY: Outcome = { runs: 3, became: 'given-up', counted: 0, exit: 3, next: 0 };
const HOPELESS: Outcome = { runs: 1, became: 'given-up', counted: 0, exit: 3, next: 0 };
const STOPPED: Outcome = { runs: 1, became: 'left', counted: 0, exit: 12, next: 1 };
const TRANSIENT: Outcome = { runs: 3, became: 'failed', counted: 0, exit: 3, next: 1 };
/** As often as it may in one pass; whose rate it is decides over the exit status. */
const TURNED_AWAY: Outcome = { ...TRANSIENT, exit: 13 };
const BROKE_OFF: Outcome = { runs: 1, became: 'failed', counted: 1, exit: 3, next: 1 };
const PAUSED: Outcome = { runs: 1, became: 'left', counted: 0, pause: 60, exit: 13, next: 0 };

/** Each try is paid for, and counts. */
const PAID_IN_VAIN: Outcome = NO_SUMMARY;
const pausedFor = (pause: number, counted = 0): Outcome => ({ ...PAUSED, pause, counted });

const TABLE: Readonly<Record<string, Outcome>> = {
  'cut-stream-always': PAID_IN_VAIN,
  'cut-stream-always-v2.1.100': BROKE_OFF,
  'cut-stream-once': DONE,
  'cut-stream-once-v2.1.100': DONE,
  'cut-then-limit': pausedFor(180, 1),
  'error-400-org-disabled-api-key': STOPPED,
  'error-403-subscription-disabled': STOPPED,
  'error-429-subscription': TURNED_AWAY,
  'error-429-subscription-v2.1.100': TURNED_AWAY,
  'limit-five-hour': pausedFor(180),
  'limit-five-hour-v2.1.100': pausedFor(180),
  'limit-no-reset': pausedFor(60),
  'limit-org-spend': pausedFor(180),
  'limit-org-spend-v2.1.100': pausedFor(180),
  'limit-out-of-credits': pausedFor(180),
  'limit-out-of-credits-v2.1.100': pausedFor(180),
  'limit-reset-past': pausedFor(60),
  'limit-reset-past-v2.1.100': pausedFor(60),
  'limit-seven-day': pausedFor(3 * 24 * 60 + 180),
  'limit-seven-day-v2.1.100': pausedFor(3 * 24 * 60 + 180),
  'max-tokens-budget': HOPELESS,
  'max-tokens-budget-second-call': HOPELESS,
  'max-tokens-budget-v2.1.100': HOPELESS,
  'max-tokens-then-limit': pausedFor(180, 1),
  'max-tokens-then-limit-v2.1.100': pausedFor(180, 1),
  'overage-empty': PAID_IN_VAIN,
  'overage-empty-v2.1.100': PAID_IN_VAIN,
  'overage-then-cut': PAID_IN_VAIN,
  'overage-then-cut-v2.1.100': BROKE_OFF,
  'overage-then-hang': BROKE_OFF,
  'stream-error-event-always': PAID_IN_VAIN,
  'stream-error-event-once': DONE,
  'success-limit-allowed': DONE,
  'success-limit-warning': DONE,
  'success-limit-warning-v2.1.100': DONE,
  'success-summary': DONE,
  'success-summary-default-model': DONE,
  'success-summary-v2.1.100': DONE,
  'success-using-overage': DONE,
  'success-using-overage-v2.1.100': DONE,
  'empty-text': NO_SUMMARY,
  'error-400-credit': STOPPED,
  'error-400-prompt-too-long': HOPELESS,
  'error-401': STOPPED,
  'error-401-v2.1.100': STOPPED,
  'error-403': STOPPED,
  'error-404-model': STOPPED,
  'error-413': HOPELESS,
  'error-429': TURNED_AWAY,
  'error-429-retry-after-600': TURNED_AWAY,
  'error-500': TRANSIENT,
  'error-529': TRANSIENT,
  'error-529-v2.1.100': TRANSIENT,
  'error-connection-refused': TRANSIENT,
  'error-malformed-stream': TRANSIENT,
  // The answer is whole, and no summary.
  'error-max-budget': NO_SUMMARY,
  'error-max-tokens': HOPELESS,
  'error-max-tokens-v2.1.100': HOPELESS,
  'error-max-turns': NO_SUMMARY,
  'error-not-logged-in': STOPPED,
  refusal: HOPELESS,
  sigint: BROKE_OFF,
  sigterm: BROKE_OFF,
  success: NO_SUMMARY,
  'success-after-max-tokens-continuation': NO_SUMMARY,
  'success-after-retry': NO_SUMMARY,
  'success-thinking': NO_SUMMARY,
  'success-two-text-blocks': NO_SUMMARY,
  'unknown-flag': STOPPED,
};

interface Machine {
  readonly ledger: TemporaryLedger;
  readonly bin: string;
  readonly time: { now: number };
}

async function machine(act: StandInAct, now = START + 48 * HOUR_MS): Promise<Machine> {
  const ledger = temporaryLedger({
    [`sessions/${NAME}/raw.jsonl`]: recording(START, 'ryan', 'Ox7f3a', loginEntries(START).slice(0, 16)),
  });
  const bin = path.join(ledger.scratch, 'bin');
  await writeStandInClaude(bin, { calls: [act] });
  return { ledger, bin, time: { now } };
}

/** A pass with the real runner; only the clock and the waits are the test's. */
async function pass({ ledger, bin, time }: Machine): Promise<{ report: PassReport; runs: number }> {
  const before = (await standInCalls(bin)).length;
  const environment = { ...ledger.environment, CLAUDE_CONFIG_DIR: path.join(ledger.scratch, 'claude') };
  const clock = () => time.now;
  const world = {
    clock,
    environment,
    runner: new ClaudeRunner({ path: path.join(bin, 'claude'), environment, clock }),
    tell: () => {},
    async wait(milliseconds: number) {
      time.now += milliseconds;
    },
  };
  const options = { config: buildConfig({}, {}, ''), sessions: [], again: false, limit: undefined, commit: false };
  const opened = await openLedger(ledger.root, { cwd: ledger.root, environment });
  const report = await runPass(opened, world, options, new AbortController().signal);
  return { report, runs: (await standInCalls(bin)).length - before };
}

function stateOf({ ledger }: Machine) {
  return readState(path.join(ledger.root, '.git', 'agentwork')).state;
}

/** What the act comes to. */
async function outcomeOf(act: StandInAct, now?: number): Promise<Outcome> {
  const where = await machine(act, now);
  const { report, runs } = await pass(where);
  const [result] = report.results;
  const state = stateOf(where);
  const { pause } = state;
  await writeStandInClaude(where.bin);
  where.time.now += 5 * MINUTE_MS;
  const next = await pass(where);
  return {
    runs,
    became: !result ? 'left' : result.success ? 'done' : result.verdict === 'given-up' ? 'given-up' : 'failed',
    counted: state.sessions[NAME]?.attempts ?? 0,
    ...(pause && { pause: Math.round((pause.until - pause.since) / MINUTE_MS) }),
    exit: exitStatusOf(report),
    next: next.runs,
  };
}

const recorded = readdirSync(RECORDED)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => path.basename(file, '.jsonl'));

test('everything that was recorded has its row', () => {
  expect(recorded.sort()).toEqual(Object.keys(TABLE).sort());
});

test.each(Object.entries(TABLE))('%s', async (name, expected) => {
  expect(await outcomeOf({ replay: path.join(RECORDED, name) }, RECORDED_MS)).toEqual(expected);
});

/** A run that ends with these words in the place of an answer: as the program's failure, or as if the model had said it. */
function saying(text: string, how: 'failed' | 'as an answer' = 'failed'): StandInAct {
  const isError = how === 'failed';
  const content = [{ type: 'text', text }];
  const lines = [
    ...(isError ? [] : [{ type: 'assistant', message: { id: 'm', model: 'claude-haiku-4-5', content } }]),
    { type: 'result', subtype: 'success', is_error: isError, result: text, total_cost_usd: 0 },
  ];
  return { stdout: lines.map((line) => `${JSON.stringify(line)}\n`).join(''), exitCode: isError ? 1 : 0 };
}

describe('an allotment that is used up', () => {
  test.each<[string, StandInAct, number]>([
    ['until a time of day', saying("You've hit your limit · resets 1:30pm (UTC)"), 210],
    ['until a day', saying('Weekly limit reached · resets Mar 10, 10am (UTC)'), 2 * 24 * 60],
    // The clocks of that zone went forward in this very hour.
    ['in a zone', saying("You've hit your session limit · resets 4am (America/Los_Angeles)"), 60],
    ['until a second', saying(`Claude AI usage limit reached|${(START + 49 * HOUR_MS) / SECOND_MS}`), 60],
    ['for so long', saying('429 usage limit reached, retry-after: 7200'), 120],
    ['nobody knows for how long', saying("You've hit your limit"), 60],
    ['for longer than a week', saying("You've hit your monthly spend limit · resets Apr 1, 10am (UTC)"), 7 * 24 * 60],
    [
      'said like an answer, with exit status 0',
      saying('5-hour limit reached ∙ resets 12pm (UTC)', 'as an answer'),
      120,
    ],
  ])('%s pauses all agent work', async (_, act, minutes) => {
    expect(await outcomeOf(act)).toEqual({ ...PAUSED, pause: minutes });
  });

  test('asks nobody before its end, and somebody at it', async () => {
    const where = await machine(saying("You've hit your limit · resets 1pm (UTC)"));
    await pass(where);
    await writeStandInClaude(where.bin);
    where.time.now = START + 51 * HOUR_MS - 1;
    const before = await pass(where);
    expect([before.runs, exitStatusOf(before.report), before.report.remaining]).toEqual([0, 13, [NAME]]);
    where.time.now += 1;
    const after = await pass(where);
    expect([after.runs, exitStatusOf(after.report), stateOf(where).pause]).toEqual([1, 0, undefined]);
  });
});

describe('otherwise', () => {
  test('a good answer is taken', async () => {
    expect(await outcomeOf({})).toEqual(DONE);
  });

  test('words of a summary about limits are the words of a summary', async () => {
    const summary = {
      title: 'Handle the usage limit',
      summary: "The tool now shows You've hit your limit · resets 3pm, and waits until the limit is new.",
      key_actions: ['Parsed the reset time', 'Saved the pause', 'Showed it'],
      outcome: 'success',
    };
    expect(await outcomeOf({ answer: JSON.stringify(summary) })).toEqual(DONE);
  });

  test('a crash counts, and waits for the next pass', async () => {
    expect(await outcomeOf({ exitCode: 139, stderr: 'segmentation fault' })).toEqual(BROKE_OFF);
  });

  test('a program that fails before it begins is no fault of any session', async () => {
    expect(await outcomeOf({ exitCode: 1, stderr: 'boom' })).toEqual({ ...BROKE_OFF, counted: 0 });
  });

  test('nothing printed at all is no answer', async () => {
    expect(await outcomeOf({ stdout: '' })).toEqual(NO_SUMMARY);
  });

  test.each([
    ['error-529', 2],
    ['error-429', 3],
    ['error-connection-refused', 2],
  ])('%s that passes by itself is followed by an answer in the same pass', async (name, runs) => {
    const where = await machine({ replay: path.join(RECORDED, name) });
    const calls = [...Array.from({ length: runs - 1 }, () => ({ replay: path.join(RECORDED, name) })), {}];
    await writeStandInClaude(where.bin, { calls });
    const { report } = await pass(where);
    expect(report.results).toMatchObject([{ success: true, attempts: runs, agent: 'claude' }]);
  });

  test('an answer of no use is repaired: the second question ends with what was wrong with the first answer', async () => {
    const where = await machine({ answer: '{"title": "Fix the login"}' });
    await writeStandInClaude(where.bin, { calls: [{ answer: '{"title": "Fix the login"}' }, {}] });
    const { report } = await pass(where);
    expect(report.results).toMatchObject([{ success: true, attempts: 2 }]);
    const [first, second] = await standInCalls(where.bin);
    expect(first?.promptEnd).not.toContain('could not be used');
    expect(second?.promptEnd).toContain('could not be used: summary: shorter than 20 characters');
  });
});
