import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../src/clock.ts';
import { buildConfig } from '../src/config.ts';
import { detectWork } from '../src/detection.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { type PassOptions, runPass, type World } from '../src/pass.ts';
import { exitStatusOf } from '../src/pass-report.ts';
import { stopMessage } from '../src/pass-stop.ts';
import { MockRunner } from '../src/work/mock-runner.ts';
import { RunError, type RunRequest, type RunResult } from '../src/work/runner.ts';
import { closePaperRepository, openPaperRepository, type PaperRepository } from './support/paper-git.ts';
import { recording } from './support/sample-ledger.ts';

vi.mock('simple-git', async (actual) => (await import('./support/paper-git.ts')).crashingGit(await actual()));

/**
 * A month of hourly passes over one clone, by a clock of its own: sessions come in every day, and among them such as make
 * every agent fail, each in its way; the service is down for a night, the login is gone for a day, the allotment is used
 * up twice, and on some days fourteen sessions come at once. Whatever comes, no limit is crossed, and nobody is asked again
 * about what is finished or given up.
 */
const START = Date.UTC(2026, 2, 1);
const LIMITS = { perHour: 6, passUsd: 0.1, dayUsd: 0.2, dayTokens: 80_000 };
const PRICE = { input: 1, output: 5 };
const BUSY_DAYS: ReadonlySet<number> = new Set([2, 14, 17]);
/** From then on answers are short: tokens run out before dollars do. */
const TERSE_FROM_DAY = 16;

/** How an agent takes a session, by the last letters of its name. */
const NATURES = {
  good: 'a good answer',
  chat: 'never a summary',
  mend: 'a summary that is good when it was told what was wrong',
  boom: 'crashes',
  late: 'no answer in time',
  deny: 'refuses',
  wide: 'too long',
  flap: 'overloaded twice, then good',
  cut: 'breaks off, and is paid for',
  grow: 'good, and goes on a week later',
  hi: 'says next to nothing',
} as const;
type Nature = keyof typeof NATURES;

const POISON: ReadonlySet<Nature> = new Set(['chat', 'boom', 'late', 'deny', 'wide', 'cut']);

interface Call {
  readonly at: number;
  readonly pass: number;
  readonly name: string;
  readonly nature: Nature;
  /** Name and length of the recording: the same input has the same. */
  readonly input: string;
  readonly tokens: number;
  readonly costUsd: number;
  readonly ended: string;
}

interface Pass {
  readonly at: number;
  readonly exit: number;
  readonly stopped: string;
}

class Month {
  readonly base = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-test-')));
  readonly root = path.join(this.base, 'ledger');
  readonly git: PaperRepository;
  readonly calls: Call[] = [];
  readonly passes: Pass[] = [];
  readonly pauses: { readonly from: number; readonly until: number }[] = [];
  readonly asked = new Map<string, number>();
  now = START;
  #random = 20260301;

  constructor() {
    for (const folder of ['.git', 'sessions']) mkdirSync(path.join(this.root, folder), { recursive: true });
    writeFileSync(path.join(this.root, '.gitignore'), '.recording.json\n');
    this.git = openPaperRepository(this.root);
    this.git.begin(['.gitignore']);
  }

  close(): void {
    closePaperRepository(this.git);
    rmSync(this.base, { recursive: true, force: true });
  }

  /** The same each time. */
  random(): number {
    this.#random = (Math.imul(this.#random, 1_103_515_245) + 12_345) & 0x7fffffff;
    return this.#random / 0x80000000;
  }

  record(nature: Nature, number: number): string {
    const name = `${isoTime(this.now).slice(0, 16).replace(':', '-')}-ryan-Ox${String(number).padStart(3, '0')}${nature}`;
    const folder = path.join(this.root, 'sessions', name);
    mkdirSync(folder);
    writeFileSync(
      path.join(folder, 'raw.jsonl'),
      recording(this.now, 'ryan', `Ox${number}`, this.#entries(nature, number)),
    );
    return name;
  }

  goOn(name: string): void {
    const entry = {
      type: 'user',
      content: 'And now the same for the other page, please.',
      timestamp: isoTime(this.now),
    };
    appendFileSync(path.join(this.root, 'sessions', name, 'raw.jsonl'), `${JSON.stringify(entry)}\n`);
  }

  async pass(more: Partial<PassOptions> = {}): Promise<void> {
    const at = this.now;
    const ledger = await openLedger(this.root, { cwd: this.root, environment: {} });
    const report = await runPass(ledger, this.#world(), { ...this.#options(), ...more }, new AbortController().signal);
    const { stopped } = report;
    this.passes.push({ at, exit: exitStatusOf(report), stopped: stopped ? stopMessage(stopped) : '' });
    if (stopped?.kind === 'paused' && stopped.isNew) this.pauses.push({ from: this.now, until: stopped.until });
  }

  async verdicts(): Promise<ReadonlyMap<string, string>> {
    const ledger = await openLedger(this.root, { cwd: this.root, environment: {} });
    const { all } = await detectWork(ledger, this.#world(), this.#options());
    return new Map(all.map(({ session, verdict }) => [session.ledgerName, verdict.verdict]));
  }

  #entries(nature: Nature, number: number) {
    const time = isoTime(this.now - HOUR_MS);
    if (nature === 'hi') {
      return [
        { type: 'user', content: 'hi', timestamp: time },
        { type: 'assistant', content: 'Hello!', timestamp: time },
      ];
    }
    return Array.from({ length: 6 + (number % 9) }, (_, index) => ({
      type: index % 2 === 0 ? 'user' : 'assistant',
      content: `Turn ${index} of session ${number}: ${'look into the page that is slow, and say why it is. '.repeat(20 + (number % 30))}`,
      timestamp: time,
    }));
  }

  #options(): PassOptions {
    const environment = {
      AGENTWORK_MODEL: 'test-model',
      AGENTWORK_PRICE: `test-model=${PRICE.input}/${PRICE.output}`,
      AGENTWORK_MAX_INVOCATIONS_PER_HOUR: String(LIMITS.perHour),
      AGENTWORK_MAX_COST_USD: String(LIMITS.passUsd),
      AGENTWORK_MAX_COST_USD_PER_DAY: String(LIMITS.dayUsd),
      AGENTWORK_MAX_TOKENS_PER_DAY: String(LIMITS.dayTokens),
    };
    return { config: buildConfig({}, environment, ''), sessions: [], again: false, limit: undefined, commit: true };
  }

  #world(): World {
    const runner = new MockRunner(true);
    runner.runFunc = (request) => this.#answer(request);
    return {
      ...{ clock: () => this.now, environment: {}, runner, tell: () => {} },
      wait: async (milliseconds) => {
        this.now += milliseconds;
      },
    };
  }

  /** Takes as many tokens as the prompt may have, and up to as many as an answer may. */
  async #answer(request: RunRequest): Promise<RunResult> {
    const { prompt } = request;
    const name = / name="([^"]+)"/.exec(prompt)?.[1] ?? '';
    const entries = / entries="(\d+)"/.exec(prompt)?.[1] ?? '';
    const nature = (Object.keys(NATURES) as Nature[]).find((each) => name.endsWith(each)) ?? 'good';
    const tokensIn = Math.round((prompt.length / 3.2) * (0.85 + 0.3 * this.random()));
    const isTerse = this.now > START + TERSE_FROM_DAY * DAY_MS;
    const tokensOut = Math.round(isTerse ? 200 + 200 * this.random() : 2500 + 1500 * this.random());
    const costUsd = (tokensIn * PRICE.input + tokensOut * PRICE.output) / 1e6;
    const said = this.#trouble() ?? this.#words(nature, `${name} ${entries}`, request);
    const isFree = said instanceof RunError && said.usage.costUsd === 0;
    const took = isFree ? { tokensIn: 0, tokensOut: 0, costUsd: 0 } : { tokensIn, tokensOut, costUsd };
    this.calls.push({
      ...{ at: this.now, pass: this.passes.length, name, nature, input: `${name} ${entries}` },
      ...{ tokens: took.tokensIn + took.tokensOut, costUsd: took.costUsd },
      ended: said instanceof RunError ? said.kind : said === 'chat' ? 'chat' : 'answer',
    });
    if (said instanceof RunError) {
      throw isFree ? said : new RunError(said.kind, said.message, { usage: { ...took, model: 'test-model' } });
    }
    return { output: said, duration: 1, exitCode: 0, model: 'test-model', ...took };
  }

  /** What the world does to every run at this time. */
  #trouble(): RunError | undefined {
    const day = (this.now - START) / DAY_MS;
    const free = { usage: { tokensIn: 0, tokensOut: 0, costUsd: 0 } };
    if (day > 4 && day < 4.4) return new RunError('network', 'no route', free);
    if (day > 9 && day < 10) return new RunError('not_logged_in', 'not logged in', free);
    const isUsedUp = (day > 14 && day < 14.3) || (day > 20 && day < 22);
    const resetsAt = START + (day < 15 ? 14.3 : 22) * DAY_MS;
    return isUsedUp ? new RunError('usage_limited', 'limit reached', { ...free, resetsAt }) : undefined;
  }

  #words(nature: Nature, input: string, { prompt }: RunRequest): string | RunError {
    const asked = (this.asked.get(input) ?? 0) + 1;
    this.asked.set(input, asked);
    const free = { usage: { tokensIn: 0, tokensOut: 0, costUsd: 0 } };
    if (nature === 'chat') return 'chat';
    if (nature === 'mend' && !prompt.includes('could not be used')) return '{"title": "Find out why"}';
    if (nature === 'boom') return new RunError('crashed', 'segmentation fault');
    if (nature === 'late') return new RunError('timed_out', 'no answer');
    if (nature === 'deny') return new RunError('refused', 'no');
    if (nature === 'wide') return new RunError('prompt_too_long', 'too long', free);
    if (nature === 'cut') return new RunError('network', 'connection dropped');
    if (nature === 'flap' && asked < 3) return new RunError('server_error', 'overloaded', free);
    return GOOD;
  }
}

const GOOD = JSON.stringify({
  title: 'Find out why the page is slow',
  summary:
    'The page was slow for one reason, which was looked for and found; what is to be done about it was written down.',
  key_actions: ['Looked for the reason', 'Found it', 'Wrote it down'],
  outcome: 'success',
  topics_found: ['performance'],
  aha_moments: [{ seq: 0, role: 'user', type: 'question', highlight: 'slow', why: 'the question' }],
});

describe('a month of hourly passes', () => {
  const month = new Month();
  const names: { name: string; nature: Nature; day: number }[] = [];

  beforeAll(async () => {
    const natures = Object.keys(NATURES) as Nature[];
    let number = 0;
    for (let hour = 0; hour < 30 * 24; hour += 1) {
      month.now = START + hour * HOUR_MS + Math.round(month.random() * 5 * MINUTE_MS);
      const day = Math.floor(hour / 24);
      // Two sessions a day, in turn of each nature and a good one, until the last days are left to catch up.
      if (hour % 12 === 9 && day < 25) {
        const nature = number % 2 === 0 ? 'good' : (natures[((number - 1) / 2) % natures.length] ?? 'good');
        names.push({ name: month.record(nature, number), nature, day });
        number += 1;
      }
      for (let more = 0; BUSY_DAYS.has(day) && hour % 24 === 0 && more < 14; more += 1) {
        names.push({ name: month.record('good', 100 * day + more), nature: 'good', day });
      }
      for (const each of names) if (each.nature === 'grow' && hour === (each.day + 7) * 24) month.goOn(each.name);
      await month.pass();
    }
  }, 120_000);

  afterAll(() => month.close());

  const sum = (calls: readonly Call[], pick: (call: Call) => number) =>
    calls.reduce((total, call) => total + pick(call), 0);
  const byKey = (key: (call: Call) => string | number) => {
    const groups = new Map<string | number, Call[]>();
    for (const call of month.calls) groups.set(key(call), [...(groups.get(key(call)) ?? []), call]);
    return [...groups];
  };

  test('meets all that it is about', () => {
    expect(month.passes).toHaveLength(720);
    expect(new Set(month.calls.map(({ nature }) => nature))).toEqual(
      new Set(Object.keys(NATURES).filter((n) => n !== 'hi')),
    );
    expect(new Set(month.calls.map(({ ended }) => ended))).toEqual(
      new Set([
        ...['answer', 'chat', 'crashed', 'timed_out', 'refused', 'prompt_too_long', 'network', 'server_error'],
        ...['not_logged_in', 'usage_limited'],
      ]),
    );
    expect(new Set(month.passes.map(({ exit }) => exit))).toEqual(new Set([0, 3, 12, 13]));
    const stops = [/5 agent runs in a row/, /for one pass/, /\$.* for this day/, /tokens for this day/, /of this hour/];
    for (const stop of stops)
      expect(
        month.passes.some(({ stopped }) => stop.test(stopped)),
        String(stop),
      ).toBe(true);
  });

  test('crosses no limit of a pass, an hour or a day', () => {
    for (const [pass, calls] of byKey(({ pass }) => pass)) {
      expect(calls.length, `calls of pass ${pass}`).toBeLessThanOrEqual(LIMITS.perHour);
      expect(
        sum(calls, ({ costUsd }) => costUsd),
        `cost of pass ${pass}`,
      ).toBeLessThanOrEqual(LIMITS.passUsd);
    }
    for (const [day, calls] of byKey(({ at }) => isoTime(at).slice(0, 10))) {
      expect(
        sum(calls, ({ costUsd }) => costUsd),
        `cost of ${day}`,
      ).toBeLessThanOrEqual(LIMITS.dayUsd);
      expect(
        sum(calls, ({ tokens }) => tokens),
        `tokens of ${day}`,
      ).toBeLessThanOrEqual(LIMITS.dayTokens);
    }
  });

  test('asks nobody while it is paused', () => {
    expect(month.pauses.length).toBe(2);
    for (const { from, until } of month.pauses) {
      expect(month.calls.filter(({ at }) => at > from && at < until)).toEqual([]);
    }
  });

  test('asks at most once in a pass while nobody is logged in', () => {
    const without = byKey(({ pass }) => pass).filter(([, calls]) =>
      calls.some(({ ended }) => ended === 'not_logged_in'),
    );
    expect(without.length).toBeGreaterThan(10);
    for (const [, calls] of without) expect(calls.length).toBeLessThanOrEqual(4);
  });

  test('pays for no input more than once for use, and three times in all', () => {
    for (const [input, calls] of byKey(({ input }) => input)) {
      const paid = calls.filter(({ costUsd }) => costUsd > 0);
      expect(paid.length, String(input)).toBeLessThanOrEqual(3);
      const [first] = calls;
      const useful = paid.filter(({ ended }) => ended === 'answer' && first && !POISON.has(first.nature));
      expect(useful.length, String(input)).toBeLessThanOrEqual(first?.nature === 'mend' ? 2 : 1);
    }
  });

  test('asks nothing any more of an input that has its answer, or was given up', () => {
    const most: Partial<Record<Nature, number>> = {
      chat: 3,
      boom: 3,
      late: 3,
      cut: 3,
      deny: 1,
      wide: 1,
      mend: 2,
      hi: 0,
    };
    const ours = new Set(['network', 'not_logged_in', 'usage_limited']);
    for (const [input, calls] of byKey(({ input }) => input)) {
      const nature = calls[0]?.nature ?? 'good';
      const answered = calls.filter(({ ended }) => nature === 'cut' || !ours.has(ended));
      expect(answered.length, `${input}: ${answered.map(({ ended }) => ended)}`).toBeLessThanOrEqual(most[nature] ?? 3);
      const last = answered.findIndex(({ ended }) => ended === 'answer' && nature !== 'mend');
      if (last !== -1) expect(answered.slice(last + 1), String(input)).toEqual([]);
    }
  });

  test('finishes what is well, gives up what is not, and then rests', async () => {
    const verdicts = await month.verdicts();
    for (const { name, nature } of names) {
      expect(`${nature}: ${verdicts.get(name)}`).toBe(`${nature}: ${POISON.has(nature) ? 'given-up' : 'finished'}`);
    }
    const last = Math.max(...month.calls.map(({ at }) => at));
    expect(last, 'the last days have nothing left to ask').toBeLessThan(START + 28 * DAY_MS);
    expect(month.passes.slice(-24).map(({ exit }) => exit)).toEqual(Array.from({ length: 24 }, () => 0));
  });

  test('asks once more about what was given up when it is told to, and not twice', async () => {
    const before = month.calls.length;
    await month.pass({ upgrade: true });
    const upgraded = month.calls.slice(before);
    expect(upgraded.length).toBeGreaterThan(0);
    expect(upgraded.every(({ nature }) => POISON.has(nature))).toBe(true);
    for (let more = 0; more < 14; more += 1) {
      month.now += HOUR_MS;
      await month.pass({ upgrade: true });
    }
    const asked = month.calls.length;
    for (let more = 0; more < 5; more += 1) {
      month.now += HOUR_MS;
      await month.pass({ upgrade: true });
    }
    expect(month.calls.length).toBe(asked);
  });
});
