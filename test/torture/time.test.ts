import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../src/clock.ts';
import { buildConfig } from '../../src/config.ts';
import { detectWork } from '../../src/detection.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { type PassOptions, runPass, type World } from '../../src/pass.ts';
import { exitStatusOf } from '../../src/pass-report.ts';
import { LONGEST_BACKOFF_MS } from '../../src/work/backoff.ts';
import { MockRunner } from '../../src/work/mock-runner.ts';
import { RunError, type RunResult } from '../../src/work/runner.ts';
import { closePaperRepository, openPaperRepository, type PaperRepository } from '../support/paper-git.ts';
import { loginEntries, PAGE_ANSWER, recording } from '../support/sample-ledger.ts';
import { SEED, shortOrLong, tellFigures } from '../support/torture.ts';

vi.mock('simple-git', async (actual) => (await import('../support/paper-git.ts')).crashingGit(await actual()));

/**
 * A clock that goes back and forth by hours, days and a year, between passes, while agents are at work and while a pass
 * waits. Whatever it showed, once it is right again all that is recorded is finished within some hourly passes, whatever
 * was begun at whatever time: a pause, an hour's allotment, a day's budget, a cooldown. No wait within a pass is longer
 * than it was to be, nothing that was answered is asked again, and nothing of a recording is lost.
 */
const START = Date.UTC(2026, 2, 6, 10);
const YEAR_MS = 365 * DAY_MS;
const JUMPS = [-YEAR_MS, -DAY_MS, -HOUR_MS, -MINUTE_MS, 0, 0, MINUTE_MS, HOUR_MS, DAY_MS, YEAR_MS];
/** A limit of ours lasts an hour or a day; a pause whose end was told by another clock, a week at most. */
const MOST_PASSES = 8 * 24;
const ANSWER = JSON.stringify(PAGE_ANSWER);

interface Step {
  /** What the clock is off by from now on, on top. */
  readonly before: number;
  /** The same while an agent works. */
  readonly during: number;
  readonly answer: 'good' | 'limited' | 'limited until' | 'overloaded' | 'timed out';
  readonly isRecording: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  before: fc.constantFrom(...JUMPS),
  during: fc.constantFrom(...JUMPS),
  answer: fc.constantFrom('good', 'good', 'limited', 'limited until', 'overloaded', 'timed out'),
  isRecording: fc.boolean(),
});

const tally = { stories: 0, passes: 0, calls: 0 };

test('a clock that jumps holds nothing up for good, and has nothing paid for twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const clockwork = new Clockwork();
      try {
        for (const each of steps) await clockwork.take(each);
        await clockwork.expectToConverge();
      } finally {
        clockwork.close();
      }
    }),
    { seed: SEED, numRuns: shortOrLong(8, 400) },
  );
  tally.stories = shortOrLong(8, 400);
  tellFigures('jumping clock', tally);
});

class Clockwork {
  readonly #base = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-test-')));
  readonly #root = path.join(this.#base, 'ledger');
  readonly #git: PaperRepository;
  readonly #answered = new Map<string, number>();
  #now = START;
  #offset = 0;
  #recorded = 0;
  #step: Pick<Step, 'during' | 'answer'> = { during: 0, answer: 'good' };

  constructor() {
    for (const folder of ['.git', 'sessions']) mkdirSync(path.join(this.#root, folder), { recursive: true });
    writeFileSync(path.join(this.#root, '.gitignore'), '.recording.json\n');
    this.#git = openPaperRepository(this.#root);
    this.#git.begin(['.gitignore']);
    this.#record();
  }

  close(): void {
    closePaperRepository(this.#git);
    rmSync(this.#base, { recursive: true, force: true });
  }

  async take({ before, during, answer, isRecording }: Step): Promise<void> {
    if (isRecording) this.#record();
    this.#offset += before;
    this.#step = { during, answer };
    await this.#pass();
    this.#now += HOUR_MS;
  }

  async expectToConverge(): Promise<void> {
    this.#offset = 0;
    this.#step = { during: 0, answer: 'good' };
    for (let passes = 0; passes < MOST_PASSES && (await this.#waiting()).length > 0; passes += 1) {
      await this.#pass();
      this.#now += HOUR_MS;
    }
    expect(await this.#waiting(), 'still waits').toEqual([]);
    for (const [input, answers] of this.#answered) expect(answers, input).toBe(1);
  }

  /** By the true time: whoever records here has a clock of their own. */
  #record(): void {
    const id = `Ox${String(this.#recorded).padStart(4, '0')}`;
    const start = this.#now - 2 * DAY_MS + this.#recorded * MINUTE_MS;
    const name = `${isoTime(start).slice(0, 16).replace(':', '-')}-mia-${id}`;
    const folder = path.join(this.#root, 'sessions', name);
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'raw.jsonl'), recording(start, 'mia', id, loginEntries(start)));
    this.#recorded += 1;
  }

  async #pass(): Promise<void> {
    const ledger = await openLedger(this.#root, { cwd: this.#root, environment: {} });
    const report = await runPass(ledger, this.#world(), this.#options(), new AbortController().signal);
    expect([0, 3, 13], JSON.stringify(report)).toContain(exitStatusOf(report));
    for (const { durationMs } of report.results) expect(Number.isFinite(durationMs)).toBe(true);
    tally.passes += 1;
  }

  async #waiting(): Promise<readonly string[]> {
    const ledger = await openLedger(this.#root, { cwd: this.#root, environment: {} });
    const { waiting } = await detectWork(ledger, this.#world(), this.#options());
    return waiting.map(({ session, verdict }) => `${session.ledgerName}: ${verdict.verdict}, ${verdict.reason}`);
  }

  #options(): PassOptions {
    const environment = {
      AGENTWORK_MODEL: 'test-model',
      AGENTWORK_PRICE: 'test-model=1/5',
      AGENTWORK_MAX_INVOCATIONS_PER_HOUR: '2',
      AGENTWORK_MAX_COST_USD_PER_DAY: '0.5',
    };
    return { config: buildConfig({}, environment, ''), sessions: [], again: false, limit: undefined, commit: true };
  }

  #world(): World {
    const runner = new MockRunner(true);
    runner.runFunc = ({ prompt }) => this.#answer(/ name="([^"]+)"/.exec(prompt)?.[1] ?? '');
    return {
      ...{ clock: () => this.#now + this.#offset, environment: {}, runner, tell: () => {} },
      wait: async (milliseconds) => {
        expect(milliseconds).toBeLessThanOrEqual(LONGEST_BACKOFF_MS);
        this.#now += milliseconds;
        this.#offset += this.#step.during;
      },
    };
  }

  async #answer(name: string): Promise<RunResult> {
    const { during, answer } = this.#step;
    const resetsAt = this.#now + this.#offset + 3 * HOUR_MS;
    this.#offset += during;
    this.#now += MINUTE_MS;
    tally.calls += 1;
    const usage = { tokensIn: 0, tokensOut: 0, costUsd: 0 };
    if (answer === 'limited') throw new RunError('usage_limited', 'limit reached', { usage });
    if (answer === 'limited until') throw new RunError('usage_limited', 'limit reached', { usage, resetsAt });
    if (answer === 'overloaded') throw new RunError('server_error', 'overloaded', { usage });
    if (answer === 'timed out') throw new RunError('timed_out', 'no answer');
    this.#answered.set(name, (this.#answered.get(name) ?? 0) + 1);
    return {
      output: ANSWER,
      duration: 1,
      exitCode: 0,
      model: 'test-model',
      tokensIn: 9000,
      tokensOut: 900,
      costUsd: 0.0135,
    };
  }
}
