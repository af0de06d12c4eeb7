import { setMaxListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { DAY_MS, DETECT_COOLDOWN_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/clock.ts';
import { ExpectedError } from '../../src/errors.ts';
import { Budget } from '../../src/work/budget.ts';
import type { WorkResult } from '../../src/work/drain.ts';
import { Estimator } from '../../src/work/estimator.ts';
import { isCounted } from '../../src/work/failure.ts';
import type { WorkHandler } from '../../src/work/handler.ts';
import { Manager, type ManagerOptions } from '../../src/work/manager.ts';
import { MockRunner } from '../../src/work/mock-runner.ts';
import type { NewWorkItem, WorkItem } from '../../src/work/queue.ts';
import { RateLimiter } from '../../src/work/rate-limiter.ts';
import {
  type MeasuredUsage,
  RunError,
  type RunFailureKind,
  type Runner,
  type RunRequest,
  type RunResult,
} from '../../src/work/runner.ts';
import { startProcess } from '../../src/work/status.ts';

const NOON = Date.UTC(2026, 2, 6, 12);
const NO_SIGNAL = new AbortController().signal;
setMaxListeners(0, NO_SIGNAL);
const GOOD: RunResult = { output: 'good', duration: 1, exitCode: 0 };

const item = (name: string, more: Partial<NewWorkItem> = {}): NewWorkItem => ({
  type: 'test',
  payload: name,
  dedupKey: `test:${name}`,
  ...more,
});
const items = (count: number) => Array.from({ length: count }, (_, index) => item(`${index + 1}`));
const badAnswer = () => new ExpectedError('BAD_ANSWER', 'that is no summary');
const nameOf = ({ payload }: WorkItem) => payload as string;

/** Everything that is due now and takes no time has happened afterwards. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** An item whose name starts with `free` needs no agent. */
class TestHandler implements WorkHandler<unknown, string> {
  found: NewWorkItem[];
  readonly done: string[] = [];
  readonly failures: string[] = [];
  readonly givenUp: string[] = [];
  readonly complaints: string[] = [];

  constructor(found: NewWorkItem[] = []) {
    this.found = found;
  }

  type(): string {
    return 'test';
  }

  async detect(_ledgerPath: string): Promise<NewWorkItem[]> {
    return this.found;
  }

  async buildPrompt(work: WorkItem): Promise<RunRequest | null> {
    if (work.complaint !== undefined) this.complaints.push(work.complaint);
    return nameOf(work).startsWith('free') ? null : { prompt: nameOf(work) };
  }

  async processResult(work: WorkItem, result: RunResult | null): Promise<string> {
    if (result?.output === 'bad') throw badAnswer();
    this.done.push(nameOf(work));
    return result?.output ?? 'no agent';
  }

  async recordFailure(work: WorkItem, failure: Error): Promise<{ attempts: number }> {
    this.failures.push(nameOf(work));
    return { attempts: work.attempts + (isCounted(failure) ? 1 : 0) };
  }

  async giveUp(work: WorkItem, failure: Error): Promise<string> {
    this.givenUp.push(nameOf(work));
    return `gave up: ${failure.message}`;
  }
}

/** A handler that lacks a step that not every handler has. */
function without(step: 'giveUp' | 'recordFailure'): TestHandler {
  return Object.defineProperty(new TestHandler(), step, { value: undefined });
}

interface Setup {
  readonly handler?: TestHandler;
  readonly runner?: Runner | null;
  readonly answer?: MockRunner['runFunc'];
  readonly options?: Partial<ManagerOptions>;
}

/** A manager at noon with sixty runs an hour, whose results are kept in order. */
function managerOf(found: NewWorkItem[], { handler = new TestHandler(), runner, answer, options }: Setup = {}) {
  const time = { now: NOON };
  const clock = () => time.now;
  handler.found = found;
  const mock = new MockRunner(true);
  mock.runFunc = answer ?? (async () => GOOD);
  const limiter = options?.limiter ?? new RateLimiter(60, HOUR_MS, { clock });
  const waits: number[] = [];
  const wait = async (milliseconds: number) => {
    waits.push(milliseconds);
    time.now += milliseconds;
  };
  const manager = new Manager({
    ledgerPath: '/ledger',
    runner: runner === undefined ? mock : runner,
    agentType: 'claude',
    maxConcurrent: 4,
    clock,
    wait,
    random: () => 0,
    ...options,
    limiter,
  });
  const results: WorkResult[] = [];
  manager.registerHandler(handler);
  manager.onComplete((result) => results.push(result));
  const pass = async (signal = NO_SIGNAL) => {
    await manager.forceDetect();
    return manager.drain(signal);
  };
  return { manager, handler, mock, limiter, results, time, waits, pass };
}

/** A runner whose every run waits until the test ends it. */
class GatedRunner implements Runner {
  readonly agentType = 'gated';
  readonly prompts: string[] = [];
  readonly #open = new Map<string, { resolve(result: RunResult): void; reject(error: Error): void }>();
  most = 0;

  run({ prompt }: RunRequest, signal: AbortSignal): Promise<RunResult> {
    this.prompts.push(prompt);
    return new Promise((resolve, reject) => {
      this.#open.set(prompt, { resolve, reject });
      this.most = Math.max(this.most, this.#open.size);
      signal.addEventListener('abort', () => this.fail(prompt, new RunError('aborted', 'ended by us')));
    });
  }

  async available(): Promise<boolean> {
    return true;
  }

  get running(): string[] {
    return [...this.#open.keys()];
  }

  async finish(prompt: string): Promise<void> {
    this.#open.get(prompt)?.resolve(GOOD);
    this.#open.delete(prompt);
    await settle();
  }

  fail(prompt: string, error: Error): void {
    this.#open.get(prompt)?.reject(error);
    this.#open.delete(prompt);
  }
}

describe('workers', () => {
  test('run four items at a time, and start the next as soon as one is done', async () => {
    const runner = new GatedRunner();
    const { manager, handler } = managerOf(items(8), { runner });
    await manager.forceDetect();
    const draining = manager.drain(NO_SIGNAL);
    await settle();
    expect(runner.running).toEqual(['1', '2', '3', '4']);
    await runner.finish('2');
    expect(runner.running).toEqual(['1', '3', '4', '5']);
    for (const name of ['1', '3', '4', '5', '6', '7', '8']) await runner.finish(name);
    expect(await draining).toEqual({ remaining: [] });
    expect(runner.most).toBe(4);
    expect(handler.done).toHaveLength(8);
  });

  test('take a slot before they take a token: what cannot start yet costs nothing', async () => {
    const runner = new GatedRunner();
    const { manager, limiter } = managerOf(items(3), { runner, options: { maxConcurrent: 1 } });
    await manager.forceDetect();
    const draining = manager.drain(NO_SIGNAL);
    await settle();
    expect(limiter.remaining()).toBe(59);
    for (const name of ['1', '2', '3']) await runner.finish(name);
    await draining;
    expect(limiter.remaining()).toBe(57);
  });

  test('take the most urgent items first', async () => {
    const found = [
      item('late', { priority: 10 }),
      item('free early', { priority: 0 }),
      item('middle', { priority: 5 }),
    ];
    const { handler, pass } = managerOf(found, { options: { maxConcurrent: 1 } });
    await pass();
    expect(handler.done).toEqual(['free early', 'middle', 'late']);
  });

  test('work through more items than the queue holds, each once', async () => {
    const { manager, handler, pass } = managerOf(
      items(250).map((work) => ({ ...work, payload: `free ${work.payload}` })),
    );
    expect(await manager.forceDetect()).toBe(250);
    expect(manager.status().queue_depth).toBe(250);
    expect(await pass()).toEqual({ remaining: [] });
    expect(new Set(handler.done).size).toBe(250);
    expect(handler.done).toHaveLength(250);
    expect(manager.status().queue_depth).toBe(0);
  });

  test('wait for the change to be remembered before they take the next item', async () => {
    const saves: (() => void)[] = [];
    const onChange = () => new Promise<void>((resolve) => saves.push(resolve));
    const { handler, pass } = managerOf([item('free 1'), item('free 2')], { options: { maxConcurrent: 1, onChange } });
    const passing = pass();
    await settle();
    expect(handler.done).toEqual(['free 1']);
    saves.shift()?.();
    await settle();
    expect(handler.done).toEqual(['free 1', 'free 2']);
    saves.shift()?.();
    await passing;
  });

  test('an invocation is remembered before the agent starts', async () => {
    const steps: string[] = [];
    const answer = async () => {
      steps.push('run');
      return GOOD;
    };
    const { limiter, pass } = managerOf([item('1')], {
      answer,
      options: {
        limiter: new RateLimiter(5, HOUR_MS, { clock: () => NOON }),
        onChange: async () => void steps.push(`save with ${limiter.remaining()} left`),
      },
    });
    await pass();
    expect(steps).toEqual(['save with 4 left', 'run', 'save with 4 left']);
  });

  test('a drain that cannot remember ends only when all its agents have ended', async () => {
    const runner = new GatedRunner();
    let isFull = false;
    const onChange = async () => {
      if (isFull) throw new ExpectedError('UNWRITABLE', 'disk full');
    };
    const { manager } = managerOf([item('1'), item('2')], { runner, options: { maxConcurrent: 2, onChange } });
    await manager.forceDetect();
    let outcome = 'open';
    const draining = manager.drain(NO_SIGNAL).then(
      () => 'resolved',
      (error: Error) => error.message,
    );
    void draining.then((end) => {
      outcome = end;
    });
    await settle();
    isFull = true;
    await runner.finish('1');
    expect(outcome).toBe('open');
    await runner.finish('2');
    expect(await draining).toBe('disk full');
  });
});

describe('a result', () => {
  test('tells what the item came to, how long it took and what it cost', async () => {
    const { results, pass, time } = managerOf([item('1')], {
      answer: async () => {
        time.now += 1500;
        return { ...GOOD, tokensIn: 100, tokensOut: 20, costUsd: 0.25 };
      },
    });
    await pass();
    expect(results).toMatchObject([
      {
        success: true,
        outcome: 'good',
        durationMs: 1500,
        spent: { runs: 1, tokensIn: 100, tokensOut: 20, costUsd: 0.25 },
        item: { dedupKey: 'test:1' },
      },
    ]);
  });

  test('of an item that needed no agent has cost nothing', async () => {
    const { results, mock, pass } = managerOf([item('free 1')]);
    await pass();
    expect(mock.requests).toEqual([]);
    expect(results).toMatchObject([{ success: true, outcome: 'no agent', spent: { runs: 0, costUsd: 0 } }]);
  });

  test('sums what all tries cost, failed ones too', async () => {
    const answers = [
      async () => Promise.reject(new RunError('malformed', 'oops', { usage: { tokensIn: 7, costUsd: 0.5 } })),
      async () => ({ ...GOOD, tokensIn: 1, tokensOut: 2, costUsd: 0.25 }),
    ];
    const { results, pass } = managerOf([item('1')], { answer: () => answers.shift()?.() as Promise<RunResult> });
    await pass();
    expect(results).toMatchObject([{ success: true, spent: { runs: 2, tokensIn: 8, tokensOut: 2, costUsd: 0.75 } }]);
  });

  test.each<[string, Partial<TestHandler>, string]>([
    ['an Error in buildPrompt', { buildPrompt: () => Promise.reject(new TypeError('a bug')) }, 'a bug'],
    ['an Error in processResult', { processResult: () => Promise.reject(new TypeError('a bug')) }, 'a bug'],
    ['what is no Error at all', { processResult: () => Promise.reject('a string') }, 'a string'],
    ['a full disk', { processResult: () => Promise.reject(new ExpectedError('UNWRITABLE', 'disk full')) }, 'disk full'],
  ])('is a failure after %s, and the others go on', async (_, broken, message) => {
    const handler = new TestHandler();
    const { buildPrompt, processResult } = handler;
    const isBroken = (work: WorkItem) => nameOf(work) === 'broken';
    handler.buildPrompt = (work) =>
      (isBroken(work) ? (broken.buildPrompt ?? buildPrompt) : buildPrompt).call(handler, work);
    handler.processResult = (work, result) =>
      (isBroken(work) ? (broken.processResult ?? processResult) : processResult).call(handler, work, result);
    const { results, pass } = managerOf([item('broken'), item('fine')], { handler, options: { maxConcurrent: 1 } });
    expect(await pass()).toEqual({ remaining: [] });
    expect(results.map(({ item: work, success }) => [work.payload, success])).toEqual([
      ['broken', false],
      ['fine', true],
    ]);
    expect(results[0]).toMatchObject({ error: { message } });
    expect(handler.givenUp).toEqual([]);
  });

  test('is a failure for work that nobody knows how to do', async () => {
    const { manager, results } = managerOf([]);
    manager.enqueue(item('1', { type: 'unheard-of' }));
    await manager.drain(NO_SIGNAL);
    expect(results).toMatchObject([{ success: false, error: { message: 'no handler for work of type unheard-of' } }]);
  });
});

describe('an answer of no use', () => {
  const answering = (...outputs: string[]) => {
    return async () => ({ ...GOOD, output: outputs.shift() ?? 'bad' });
  };

  test('is asked for again, and a good one ends it', async () => {
    const { handler, mock, results, pass } = managerOf([item('1')], { answer: answering('bad', 'bad', 'good') });
    await pass();
    expect(mock.requests).toHaveLength(3);
    expect(handler.failures).toEqual(['1', '1']);
    expect(results).toMatchObject([
      { success: true, outcome: 'good', item: { attempts: 2, lastErr: 'that is no summary' } },
    ]);
  });

  test('is asked for three times, then the item is given up', async () => {
    const { handler, mock, results, pass } = managerOf([item('1')], { answer: answering() });
    expect(await pass()).toEqual({ remaining: [] });
    expect(mock.requests).toHaveLength(3);
    expect(handler.givenUp).toEqual(['1']);
    expect(results).toMatchObject([
      { success: false, outcome: 'gave up: that is no summary', error: { code: 'BAD_ANSWER' }, spent: { runs: 3 } },
    ]);
  });

  test('counts together with those of earlier passes', async () => {
    const { handler, mock, pass } = managerOf([item('1', { attempts: 2 })], { answer: answering() });
    await pass();
    expect(mock.requests).toHaveLength(1);
    expect(handler.givenUp).toEqual(['1']);
  });

  test('is not asked for a fourth time: what earlier passes tried three times is given up at once', async () => {
    const { handler, mock, results, pass } = managerOf([item('1', { attempts: 3, lastErr: 'no title' })]);
    await pass();
    expect(mock.requests).toEqual([]);
    expect(handler.givenUp).toEqual(['1']);
    expect(results).toMatchObject([{ success: false, outcome: 'gave up: no title' }]);
  });

  test('is what a pass got that was killed over it, three times', async () => {
    const restored = { days: {}, reserved: [], interrupted: { 'test:1': 3, 'test:2': 2 } };
    const budget = new Budget({}, { clock: () => NOON, restored });
    const { handler, mock, results, pass } = managerOf(items(2), { options: { budget } });
    await pass();
    expect(handler).toMatchObject({ givenUp: ['1'], done: ['2'] });
    expect(mock.requests).toHaveLength(1);
    const [failed] = results.filter(({ success }) => !success);
    expect(failed).toMatchObject({ error: { message: expect.stringContaining('was killed') } });
    expect(budget.memory.interrupted).toEqual({});
  });

  test('is not what an item got that needs no agent: that ends well, and its kills are forgotten', async () => {
    const restored = { days: {}, reserved: [], interrupted: { 'test:free 1': 3, 'test:free 2': 1 } };
    const budget = new Budget({}, { clock: () => NOON, restored });
    const { handler, pass } = managerOf([item('free 1'), item('free 2')], { options: { budget } });
    await pass();
    expect(handler).toMatchObject({ givenUp: [], done: ['free 1', 'free 2'] });
    expect(budget.memory.interrupted).toEqual({});
  });

  test('is not what another input got, nor is it given up where no agent is wanted', async () => {
    const restored = { days: {}, reserved: [], interrupted: { 'test:1 10 B': 3 } };
    const passOver = async (input: string, more: Partial<Setup> = {}) => {
      const budget = new Budget({}, { clock: () => NOON, restored });
      const { handler, pass } = managerOf([item('1', { input })], { ...more, options: { budget, ...more.options } });
      await pass();
      return handler;
    };
    expect(await passOver('10 B')).toMatchObject({ givenUp: ['1'], done: [] });
    expect(await passOver('11 B')).toMatchObject({ givenUp: [], done: ['1'] });
    expect(await passOver('10 B', { runner: null, options: { agentType: 'none' } })).toMatchObject({ givenUp: [] });
  });

  test('is told as a kill where it was one, whatever failed before', async () => {
    const restored = { days: {}, reserved: [], interrupted: { 'test:1': 3 } };
    const budget = new Budget({}, { clock: () => NOON, restored });
    const { results, pass } = managerOf([item('1', { lastErr: 'not logged in' })], { options: { budget } });
    await pass();
    expect(results).toMatchObject([{ success: false, error: { message: expect.stringContaining('was killed') } }]);
  });

  test('ends as a failure where a handler cannot give up', async () => {
    const handler = without('giveUp');
    const { mock, results, pass } = managerOf([item('1')], { handler, answer: answering() });
    expect(await pass()).toEqual({ remaining: [] });
    expect(mock.requests).toHaveLength(3);
    expect(results).toMatchObject([{ success: false, error: { code: 'BAD_ANSWER' } }]);
  });

  test('counts in the manager where a handler keeps no count', async () => {
    const handler = without('recordFailure');
    const { mock, pass } = managerOf([item('1')], { handler, answer: answering() });
    await pass();
    expect(mock.requests).toHaveLength(3);
    expect(handler.givenUp).toEqual(['1']);
  });

  test('is told what was wrong with it once, and no answer is told so twice', async () => {
    const { handler, pass } = managerOf([item('1')], { answer: answering() });
    await pass();
    expect(handler.complaints).toEqual(['that is no summary']);
  });

  test('and no answer at all count alike; of that there is nothing to tell', async () => {
    const { handler, mock, pass } = managerOf([item('1')], {
      answer: () => Promise.reject(new RunError('malformed', 'hm')),
    });
    await pass();
    expect(mock.requests).toHaveLength(3);
    expect(handler).toMatchObject({ givenUp: ['1'], complaints: [] });
  });

  test.each<[RunFailureKind]>([['crashed'], ['timed_out'], ['over_budget']])(
    'is what a run that %s left, once in a pass: it takes long, and may be the machine',
    async (kind) => {
      const failing = { answer: () => Promise.reject(new RunError(kind, 'hm')) };
      const first = managerOf([item('1')], failing);
      await first.pass();
      expect(first.mock.requests).toHaveLength(1);
      expect(first.results).toMatchObject([{ success: false, item: { attempts: 1 } }]);
      const third = managerOf([item('1', { attempts: 2 })], failing);
      await third.pass();
      expect(third.handler.givenUp).toEqual(['1']);
    },
  );

  test.each<[RunFailureKind]>([['prompt_too_long'], ['max_tokens'], ['refused']])(
    'a run that ends as %s would end so again: it is given up at once',
    async (kind) => {
      const failing = { answer: () => Promise.reject(new RunError(kind, 'hm')) };
      const { handler, mock, pass } = managerOf([item('1')], failing);
      await pass();
      expect(mock.requests).toHaveLength(1);
      expect(handler.givenUp).toEqual(['1']);
    },
  );

  test('a failure to give up is a failure of the item', async () => {
    const handler = new TestHandler();
    handler.giveUp = () => Promise.reject(new ExpectedError('UNWRITABLE', 'disk full'));
    const { results, pass } = managerOf([item('1'), item('free 2')], { handler, answer: answering() });
    await pass();
    expect(results.find(({ success }) => !success)).toMatchObject({ error: { message: 'disk full' } });
    expect(handler.done).toEqual(['free 2']);
  });
});

describe('what passes by itself', () => {
  test.each<[RunFailureKind]>([['network'], ['server_error'], ['rate_limited']])(
    'such as %s is waited out, tried three times in a pass, never counted, and never ends in giving up',
    async (kind) => {
      const { handler, mock, results, waits, pass } = managerOf([item('1', { attempts: 2 })], {
        answer: () => Promise.reject(new RunError(kind, 'no route')),
      });
      await pass();
      expect(mock.requests).toHaveLength(3);
      expect(waits).toEqual([2 * SECOND_MS, 8 * SECOND_MS]);
      expect(handler.givenUp).toEqual([]);
      expect(results).toMatchObject([{ success: false, error: { message: 'no route' }, item: { attempts: 2 } }]);
    },
  );

  test('is waited out as long as the service asks', async () => {
    const answers = [
      () => Promise.reject(new RunError('rate_limited', 'slow down', { resetsAt: NOON + 30 * SECOND_MS })),
      async () => GOOD,
    ];
    const { handler, waits, pass } = managerOf([item('1')], {
      answer: () => answers.shift()?.() as Promise<RunResult>,
    });
    await pass();
    expect(waits).toEqual([30 * SECOND_MS]);
    expect(handler.done).toEqual(['1']);
  });

  test('is waited out no longer because the clock was set back meanwhile', async () => {
    const answers = [
      async () => {
        setup.time.now -= 365 * DAY_MS;
        throw new RunError('server_error', 'overloaded');
      },
      async () => GOOD,
    ];
    const answer = () => answers.shift()?.() as Promise<RunResult>;
    const onChange = async () => {
      setup.time.now -= DAY_MS;
    };
    const setup = managerOf([item('1')], { answer, options: { onChange } });
    await setup.pass();
    expect(setup.waits).toEqual([2 * SECOND_MS]);
    expect(setup.handler.done).toEqual(['1']);
  });

  test('keeps nobody else waiting', async () => {
    let isFirst = true;
    const { handler, waits, pass } = managerOf([item('1'), item('2'), item('free 3')], {
      options: { maxConcurrent: 1 },
      answer: async () => {
        if (!isFirst) return GOOD;
        isFirst = false;
        throw new RunError('server_error', 'overloaded');
      },
    });
    await pass();
    expect(handler.done).toEqual(['2', 'free 3', '1']);
    expect(waits).toHaveLength(1);
  });

  test('is tried again in the order in which it may have passed', async () => {
    const asked: Record<string, number> = { 1: 30, 2: 5 };
    const { handler, waits, pass } = managerOf(items(2), {
      options: { maxConcurrent: 1 },
      answer: async ({ prompt }) => {
        const seconds = asked[prompt];
        delete asked[prompt];
        if (seconds === undefined) return GOOD;
        throw new RunError('rate_limited', 'slow down', { resetsAt: NOON + seconds * SECOND_MS });
      },
    });
    await pass();
    expect(handler.done).toEqual(['2', '1']);
    expect(waits).toEqual([5 * SECOND_MS, 25 * SECOND_MS]);
  });

  test('is not waited out when no agent starts any more', async () => {
    const kinds: RunFailureKind[] = ['network', 'not_logged_in'];
    const { waits, pass } = managerOf(items(2), {
      options: { maxConcurrent: 1 },
      answer: () => Promise.reject(new RunError(kinds.shift() ?? 'crashed', 'no')),
    });
    expect((await pass()).remaining.map(nameOf).sort()).toEqual(['1', '2']);
    expect(waits).toEqual([]);
  });

  test('but was paid for counts', async () => {
    const { handler, mock, pass } = managerOf([item('1')], {
      answer: () => Promise.reject(new RunError('network', 'cut', { usage: { tokensIn: 9000, costUsd: 0.01 } })),
    });
    await pass();
    expect(mock.requests).toHaveLength(3);
    expect(handler.givenUp).toEqual(['1']);
  });

  test('is not waited out when the pass is stopped, and the item is left', async () => {
    const controller = new AbortController();
    const { mock, pass } = managerOf([item('1')], {
      answer: () => Promise.reject(new RunError('network', 'no route')),
      options: { wait: async () => controller.abort() },
    });
    expect((await pass(controller.signal)).remaining.map(nameOf)).toEqual(['1']);
    expect(mock.requests).toHaveLength(1);
  });
});

test('what a run took that gave nothing of use is told to whoever keeps the count', async () => {
  const told: object[] = [];
  const handler = Object.assign(new TestHandler(), {
    async recordFailure(work: WorkItem, _failure: Error, { tokensIn }: MeasuredUsage) {
      told.push({ name: nameOf(work), tokensIn });
      return { attempts: 3 };
    },
  });
  const { pass } = managerOf([item('bad'), item('cut')], {
    handler,
    options: { maxConcurrent: 1 },
    answer: async ({ prompt }) => {
      if (prompt === 'bad') return { ...GOOD, output: 'bad', tokensIn: 70 };
      throw new RunError('crashed', 'no', { usage: { tokensIn: 5 } });
    },
  });
  await pass();
  expect(told).toEqual([
    { name: 'bad', tokensIn: 70 },
    { name: 'cut', tokensIn: 5 },
  ]);
});

describe('a disk', () => {
  test('that turns out to be full ends agent work at once; what needs no agent goes on', async () => {
    const handler = new TestHandler();
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    handler.processResult = async (work, result) => {
      if (result) throw new ExpectedError('UNWRITABLE', 'cannot write it', { cause: full });
      handler.done.push(nameOf(work));
      return 'no agent';
    };
    const found = [...items(3), item('free 4', { priority: 11 })];
    const { mock, pass } = managerOf(found, { handler, options: { maxConcurrent: 1 } });
    const { stopped, remaining } = await pass();
    expect(stopped).toEqual({ kind: 'disk_full', message: 'cannot write it' });
    expect([mock.requests.length, remaining.length, handler.done]).toEqual([1, 2, ['free 4']]);
  });

  test('without room lets no agent be asked, until there is some', async () => {
    let why: string | undefined = 'no room';
    const { mock, handler, pass } = managerOf([item('1'), item('free 2')], { options: { whyNoRoom: () => why } });
    expect((await pass()).stopped).toEqual({ kind: 'disk_full', message: 'no room' });
    expect([mock.requests.length, handler.done]).toEqual([0, ['free 2']]);
    why = undefined;
    await pass();
    expect([mock.requests.length, handler.done]).toEqual([1, ['free 2', 'free 2', '1']]);
  });
});

describe('five failures in a row of one kind', () => {
  const failing = (kind: RunFailureKind) => () => Promise.reject(new RunError(kind, `it ${kind}`));

  test.each<[RunFailureKind]>([['network'], ['crashed'], ['timed_out'], ['malformed'], ['refused']])(
    'end agent work when they are %s; what needs no agent goes on',
    async (kind) => {
      const { handler, mock, pass } = managerOf([...items(9), item('free 10', { priority: 11 })], {
        answer: failing(kind),
        options: { maxConcurrent: 1 },
      });
      const { stopped, remaining } = await pass();
      expect(mock.requests).toHaveLength(5);
      expect(stopped).toMatchObject({ kind: 'failing', count: 5, error: { message: `it ${kind}` } });
      expect(remaining.length).toBeGreaterThan(3);
      expect(handler.done).toEqual(['free 10']);
    },
  );

  test('do so when nothing can be written, before a sixth answer is paid for', async () => {
    const handler = new TestHandler();
    handler.processResult = () => Promise.reject(new ExpectedError('UNWRITABLE', 'read-only'));
    const { mock, pass } = managerOf(items(9), { handler, options: { maxConcurrent: 1 } });
    expect((await pass()).stopped).toMatchObject({ kind: 'failing', error: { message: 'read-only' } });
    expect(mock.requests).toHaveLength(5);
  });

  test('do not when a good answer comes between: a poisonous session holds up nobody', async () => {
    const { handler, mock, pass } = managerOf(items(20), {
      answer: async ({ prompt }) => {
        if (Number(prompt) % 4 === 0) return GOOD;
        throw new RunError('crashed', 'segmentation fault');
      },
      options: { maxConcurrent: 1 },
    });
    expect(await pass()).toEqual({ remaining: [] });
    expect(mock.requests).toHaveLength(20);
    expect(handler.done).toEqual(['4', '8', '12', '16', '20']);
  });

  test('do not stop the next drain', async () => {
    const { mock, pass } = managerOf(items(9), { answer: failing('crashed'), options: { maxConcurrent: 1 } });
    await pass();
    await pass();
    expect(mock.requests).toHaveLength(10);
  });
});

describe('no further agent starts', () => {
  const found = () => [item('1', { priority: 1 }), item('2', { priority: 2 }), item('free 3', { priority: 3 })];
  const oneByOne = { maxConcurrent: 1 };

  test.each<[RunFailureKind]>([
    ['not_installed'],
    ['unsupported'],
    ['not_logged_in'],
    ['billing'],
    ['model_not_found'],
  ])('after %s; the item is left uncounted, and work without an agent is done', async (kind) => {
    const error = new RunError(kind, 'no');
    const { handler, mock, pass } = managerOf(found(), { answer: () => Promise.reject(error), options: oneByOne });
    const { remaining, stopped } = await pass();
    expect(stopped).toEqual({ kind: 'unavailable', error });
    expect(remaining.map(nameOf)).toEqual(['1', '2']);
    expect(remaining[0]?.attempts).toBe(0);
    expect(handler).toMatchObject({ done: ['free 3'], failures: ['1'], givenUp: [] });
    expect(mock.requests).toHaveLength(1);
  });

  test('after a usage limit, which says when it ends', async () => {
    const error = new RunError('usage_limited', 'limit reached', { resetsAt: NOON + 3 * HOUR_MS });
    const { manager, handler, pass } = managerOf(found(), { answer: () => Promise.reject(error), options: oneByOne });
    const { remaining, stopped } = await pass();
    expect(stopped).toEqual({ kind: 'paused', message: 'limit reached', until: NOON + 3 * HOUR_MS, isNew: true });
    expect(manager.pause).toEqual({ since: NOON, until: NOON + 3 * HOUR_MS, reason: 'limit reached' });
    expect(remaining.map(nameOf)).toEqual(['1', '2']);
    expect(handler).toMatchObject({ done: ['free 3'], failures: ['1'], givenUp: [] });
  });

  test('after a usage limit that says nothing about its end', async () => {
    const error = new RunError('usage_limited', 'limit reached');
    const { pass } = managerOf([item('1')], { answer: () => Promise.reject(error) });
    expect((await pass()).stopped).toMatchObject({ kind: 'paused', until: NOON + HOUR_MS });
  });

  test('after a service that wants to be left alone for longer than a pass waits', async () => {
    const error = new RunError('rate_limited', 'slow down', { resetsAt: NOON + 10 * MINUTE_MS });
    const { mock, pass } = managerOf(found(), { answer: () => Promise.reject(error), options: oneByOne });
    expect((await pass()).stopped).toMatchObject({ kind: 'paused', until: NOON + 10 * MINUTE_MS });
    expect(mock.requests).toHaveLength(1);
  });

  test('while the pause of an earlier pass lasts', async () => {
    const pause = { since: NOON - HOUR_MS, until: NOON + HOUR_MS, reason: 'limit reached' };
    const { manager, handler, mock, time, pass } = managerOf(found(), {
      options: { ...oneByOne, restored: { pause } },
    });
    const { remaining, stopped } = await pass();
    expect(stopped).toEqual({ kind: 'paused', message: 'limit reached', until: NOON + HOUR_MS, isNew: false });
    expect(remaining.map(nameOf)).toEqual(['1', '2']);
    expect(handler.done).toEqual(['free 3']);
    expect(mock.requests).toEqual([]);
    time.now = NOON + HOUR_MS;
    expect(await pass()).toEqual({ remaining: [] });
    expect(manager.pause).toBeUndefined();
  });

  test('once the runs of this hour are used up', async () => {
    const limiter = new RateLimiter(1, HOUR_MS, {
      clock: () => NOON + 10 * MINUTE_MS,
      restored: { startedAt: NOON, used: 0 },
    });
    const { handler, pass } = managerOf(found(), { options: { ...oneByOne, limiter } });
    const { remaining, stopped } = await pass();
    expect(stopped).toMatchObject({ kind: 'limit', what: 'rate', until: NOON + HOUR_MS });
    expect(handler.done).toEqual(['1', 'free 3']);
    expect(remaining.map(nameOf)).toEqual(['2']);
  });

  const budgetOf = (limits: ConstructorParameters<typeof Budget>[0]) => new Budget(limits, { clock: () => NOON });
  const haiku = new Estimator('claude-haiku-4-5');

  test('once the budget is used up; failed runs count', async () => {
    const answer = () => Promise.reject(new RunError('malformed', 'oops', { usage: { costUsd: 0.6 } }));
    const options = { ...oneByOne, budget: budgetOf({ maxCostUsd: 1 }), estimator: haiku };
    const { handler, mock, pass } = managerOf(found(), { answer, options });
    const { remaining, stopped } = await pass();
    expect(mock.requests).toHaveLength(2);
    expect(stopped).toMatchObject({ kind: 'limit', what: 'cost' });
    expect(stopped).not.toHaveProperty('until');
    expect(remaining.map(nameOf).sort()).toEqual(['1', '2']);
    expect(handler.done).toEqual(['free 3']);
  });

  test.each([
    ['dollars', { maxCostUsdPerDay: 0.5 }, 'cost'],
    ['tokens', { maxTokensPerDay: 12_000 }, 'tokens'],
  ] as const)('once the %s of a day are used up, which says when there are new ones', async (_, limits, what) => {
    const answer = async () => ({ ...GOOD, tokensIn: 9000, tokensOut: 1000, costUsd: 0.48 });
    const options = { ...oneByOne, budget: budgetOf(limits), estimator: haiku };
    const { mock, pass } = managerOf(found(), { answer, options });
    const { stopped } = await pass();
    expect(mock.requests).toHaveLength(1);
    expect(stopped).toMatchObject({ kind: 'limit', what, until: Date.UTC(2026, 2, 7) });
  });

  test('while what runs could use the rest up', async () => {
    const runner = new GatedRunner();
    const options = { maxConcurrent: 3, budget: budgetOf({ maxCostUsd: 0.1 }), estimator: haiku };
    const { manager, handler } = managerOf(items(3), { runner, options });
    await manager.forceDetect();
    const draining = manager.drain(NO_SIGNAL);
    await settle();
    expect(runner.running, 'each can take $0.04').toEqual(['1', '2']);
    await runner.finish('1');
    expect(runner.running).toEqual(['2', '3']);
    for (const name of ['2', '3']) await runner.finish(name);
    expect(await draining).toEqual({ remaining: [] });
    expect(handler.done).toEqual(['1', '2', '3']);
  });

  test('for an item that alone is over a limit, which keeps nobody else from starting', async () => {
    const large = item('x'.repeat(400_000), { priority: 0 });
    const options = { ...oneByOne, budget: budgetOf({ maxCostUsd: 0.05 }), estimator: haiku };
    const { handler, pass } = managerOf([large, item('small')], { options });
    const { remaining, stopped } = await pass();
    expect(handler.done).toEqual(['small']);
    expect(remaining).toHaveLength(1);
    expect(stopped).toMatchObject({
      kind: 'limit',
      message: expect.stringContaining('agentwork.maxCostUsd allows $0.05'),
    });
  });

  test('without a word to the agent of what it may cost, where that is limited', async () => {
    const { mock, pass } = managerOf(found(), { options: { budget: budgetOf({ maxCostUsd: 1 }), estimator: haiku } });
    await pass();
    expect(mock.requests.map(({ maxCostUsd }) => maxCostUsd)).toEqual([expect.any(Number), expect.any(Number)]);
    expect(mock.requests[0]?.maxCostUsd).toBeLessThan(0.05);
  });

  const estimateOf = (prompt: string) => haiku.estimate({ prompt });

  test('for those only that do not fit in what is left of a budget', async () => {
    const prompts = { large: 'word '.repeat(11_000), small: 'word' };
    const budget = budgetOf({ maxTokensPerDay: 40_000 });
    const found = [item(prompts.large), item(prompts.small), item(`${prompts.small}s`)];
    const answer = async () => ({ ...GOOD, tokensIn: 1000, tokensOut: 100 });
    const { handler, pass } = managerOf(found, { answer, options: { budget, maxConcurrent: 1 } });
    expect(budget.reserve('earlier', { ...estimateOf(prompts.small), most: { tokens: 20_000, costUsd: 0 } })).toBe(
      undefined,
    );
    budget.settle('earlier', { tokensIn: 15_000, tokensOut: 0, costUsd: 0 });
    const { remaining, stopped } = await pass();
    expect(remaining.map(nameOf)).toEqual([prompts.large]);
    expect(handler.done).toEqual([prompts.small, `${prompts.small}s`]);
    expect(stopped).toMatchObject({ kind: 'limit', what: 'tokens', until: expect.any(Number) });
  });

  test('when twenty in a row do not fit in what is left: the others are left to whoever can', async () => {
    const budget = budgetOf({ maxTokensPerDay: 40_000 });
    budget.reserve('earlier', { ...estimateOf('word'), most: { tokens: 39_000, costUsd: 0 } });
    budget.settle('earlier', { tokensIn: 39_000, tokensOut: 0, costUsd: 0 });
    const claim = vi.fn(async (_items: readonly WorkItem[]) => new Map<string, string>());
    const handler = Object.assign(new TestHandler(), { claim });
    const { mock, pass } = managerOf(items(50), { handler, options: { budget, maxConcurrent: 1 } });
    const { remaining, stopped } = await pass();
    expect([remaining.length, mock.requests.length]).toEqual([50, 0]);
    const claimed = claim.mock.calls.flatMap(([batch]) => batch);
    expect(claimed.length, 'and one more, ahead').toBe(21);
    expect(stopped).toMatchObject({ kind: 'limit', what: 'tokens' });
  });

  test('with a budget of nothing', async () => {
    const { mock, limiter, pass } = managerOf(found(), { options: { budget: budgetOf({ maxCostUsd: 0 }) } });
    expect((await pass()).stopped).toMatchObject({ what: 'cost' });
    expect(mock.requests).toEqual([]);
    expect(limiter.remaining()).toBe(60);
  });

  test('where no agent is wanted', async () => {
    const { handler, pass } = managerOf(found(), { runner: null, options: { agentType: 'none' } });
    const { remaining, stopped } = await pass();
    expect(stopped).toEqual({ kind: 'disabled' });
    expect(handler.done).toEqual(['free 3']);
    expect(remaining.map(nameOf)).toEqual(['1', '2']);
  });

  test('which is no news where no item wants an agent', async () => {
    const { pass } = managerOf([item('free 1')], { runner: null, options: { agentType: 'offline' } });
    const controller = new AbortController();
    controller.abort();
    const { remaining, stopped } = await pass(controller.signal);
    expect(remaining.map(nameOf)).toEqual(['free 1']);
    expect(stopped).toBeUndefined();
  });

  test('where the agent is not installed', async () => {
    const runner = new MockRunner(false);
    const { manager, handler, limiter, pass } = managerOf(found(), { runner });
    const { remaining, stopped } = await pass();
    expect(stopped).toMatchObject({ kind: 'unavailable', error: { kind: 'not_installed' } });
    expect(runner.requests).toEqual([]);
    expect(handler.done).toEqual(['free 3']);
    expect(remaining).toHaveLength(2);
    expect(limiter.remaining()).toBe(60);
    expect(manager.status().agent_available).toBe(false);
  });

  test('until the next drain, which looks at the world afresh', async () => {
    const answers = [() => Promise.reject(new RunError('not_logged_in', 'wait')), async () => GOOD];
    const { handler, pass } = managerOf([item('1')], { answer: () => answers.shift()?.() as Promise<RunResult> });
    expect((await pass()).remaining).toHaveLength(1);
    expect(await pass()).toEqual({ remaining: [] });
    expect(handler.done).toEqual(['1']);
  });

  test('while those that run may end as they will', async () => {
    const runner = new GatedRunner();
    const { manager, handler } = managerOf(items(4), { runner, options: { maxConcurrent: 2 } });
    await manager.forceDetect();
    const draining = manager.drain(NO_SIGNAL);
    await settle();
    runner.fail('1', new RunError('not_logged_in', 'no'));
    await settle();
    expect(runner.running).toEqual(['2']);
    await runner.finish('2');
    expect((await draining).remaining.map(nameOf)).toEqual(['1', '3', '4']);
    expect(handler.done).toEqual(['2']);
  });
});

test('an item that failed three times in one drain is tried anew when a later one finds it again', async () => {
  const { mock, pass } = managerOf([item('1')], { answer: () => Promise.reject(new RunError('network', 'no route')) });
  await pass();
  await pass();
  expect(mock.requests).toHaveLength(6);
});

describe('where others work on the same', () => {
  /** A handler whose items others have in part; it writes down for what it was asked. */
  function sharingHandler(theirs: Readonly<Record<string, string>> = {}) {
    const asked: string[][] = [];
    const claim = async (claimed: readonly WorkItem[]) => {
      asked.push(claimed.map(nameOf));
      return new Map(
        claimed.flatMap((work) => (theirs[nameOf(work)] ? [[work.dedupKey, theirs[nameOf(work)] ?? '']] : [])),
      );
    };
    return Object.assign(new TestHandler(), { asked, claim });
  }

  test('items are asked for a few at a time, each once', async () => {
    const handler = sharingHandler();
    const { pass } = managerOf(items(11), { handler, options: { maxConcurrent: 2 } });
    expect(await pass()).toEqual({ remaining: [] });
    expect(handler.asked[0]).toEqual(['1', '2', '3', '4']);
    expect(handler.asked.every((batch) => batch.length <= 4)).toBe(true);
    expect(handler.asked.flat()).toEqual(items(11).map(({ payload }) => payload));
    expect(handler.done).toHaveLength(11);
  });

  test('what they have is no result, and not left either', async () => {
    const handler = sharingHandler({ 2: 'claimed by tom', 'free 3': 'finished by tom' });
    const { manager, results, mock, pass } = managerOf([item('1'), item('2'), item('free 3')], { handler });
    const { remaining, claimed, stopped } = await pass();
    expect(claimed?.map(({ item: work, by }) => [nameOf(work), by])).toEqual([
      ['2', 'claimed by tom'],
      ['free 3', 'finished by tom'],
    ]);
    expect([remaining, stopped]).toEqual([[], undefined]);
    expect(results.map(({ item: work }) => nameOf(work))).toEqual(['1']);
    expect(mock.requests.map(({ prompt }) => prompt)).toEqual(['1']);
    expect(manager.status().queue_depth).toBe(0);
  });

  test('what they have may be found again, and is asked for anew by the next drain', async () => {
    const theirs: Record<string, string> = { 1: 'claimed by tom' };
    const { handler, pass } = managerOf([item('1')], { handler: sharingHandler(theirs) });
    await pass();
    delete theirs[1];
    expect(await pass()).toEqual({ remaining: [] });
    expect(handler.done).toEqual(['1']);
  });

  test('an item that is tried again is not asked for again', async () => {
    const handler = sharingHandler();
    const outputs = ['bad', 'good'];
    const { pass } = managerOf([item('1')], {
      handler,
      answer: async () => ({ ...GOOD, output: outputs.shift() ?? '' }),
    });
    await pass();
    expect(handler.asked).toEqual([['1']]);
    expect(handler.done).toEqual(['1']);
  });

  test('and nobody can tell on what, no agent is asked, and what needs none is done', async () => {
    const error = new ExpectedError('UNCLAIMED', 'the remote is silent');
    const handler = Object.assign(new TestHandler(), { claim: () => Promise.reject(error) });
    const { mock, limiter, pass } = managerOf([...items(3), item('free 4')], { handler });
    const { remaining, stopped } = await pass();
    expect(stopped).toEqual({ kind: 'unclaimed', error });
    expect(remaining.map(nameOf)).toEqual(['1', '2', '3']);
    expect(handler.done).toEqual(['free 4']);
    expect([mock.requests, limiter.remaining()]).toEqual([[], 60]);
  });

  test('and nobody can tell on what, that is no news where no agent was to be asked', async () => {
    const handler = Object.assign(new TestHandler(), { claim: () => Promise.reject(new Error('silent')) });
    const { pass } = managerOf([item('free 1')], { handler });
    expect(await pass()).toEqual({ remaining: [] });
  });

  test('nothing is kept from them when no agent can be asked', async () => {
    const handler = sharingHandler();
    const { pass } = managerOf([...items(2), item('free 3')], { handler, runner: new MockRunner(false) });
    expect((await pass()).remaining).toHaveLength(2);
    expect(handler.asked).toEqual([]);
    expect(handler.done).toEqual(['free 3']);
  });

  test('the drain ends when it is known what is ours, also after an abort', async () => {
    const controller = new AbortController();
    let answer = () => {};
    const handler = Object.assign(new TestHandler(), {
      claim: () =>
        new Promise<ReadonlyMap<string, string>>((resolve) => {
          answer = () => resolve(new Map());
        }),
    });
    const { manager } = managerOf(items(2), { handler });
    await manager.forceDetect();
    let isOver = false;
    const draining = manager.drain(controller.signal).finally(() => {
      isOver = true;
    });
    await settle();
    controller.abort();
    await settle();
    expect(isOver).toBe(false);
    answer();
    expect((await draining).remaining.map(nameOf)).toEqual(['1', '2']);
  });
});

describe('an abort', () => {
  test('ends the agents, counts nothing and leaves every item', async () => {
    const runner = new GatedRunner();
    const { manager, handler, results } = managerOf(items(6), { runner, options: { maxConcurrent: 2 } });
    const controller = new AbortController();
    await manager.forceDetect();
    const draining = manager.drain(controller.signal);
    await settle();
    controller.abort();
    const { remaining, stopped } = await draining;
    expect(remaining.map(nameOf).sort()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(stopped).toBeUndefined();
    expect(runner.prompts).toEqual(['1', '2']);
    expect(handler).toMatchObject({ done: [], failures: [], givenUp: [] });
    expect(results).toEqual([]);
  });

  test.each([
    ['SIGTERM', 1],
    ['SIGINT', undefined],
  ])('by %s is remembered of what was with the agent: %s', async (signal, count) => {
    const runner = new GatedRunner();
    const budget = new Budget({}, { clock: () => NOON });
    const { manager } = managerOf([item('1', { input: '12 B' })], { runner, options: { budget } });
    const controller = new AbortController();
    await manager.forceDetect();
    const draining = manager.drain(controller.signal);
    await settle();
    controller.abort(signal);
    await draining;
    expect(budget.memory.interrupted['test:1 12 B']).toBe(count);
    expect(budget.memory.reserved).toEqual([]);
  });

  test('before the start leaves everything untouched', async () => {
    const { handler, mock, limiter, pass } = managerOf([item('1'), item('free 2')]);
    expect((await pass(AbortSignal.abort())).remaining).toHaveLength(2);
    expect(mock.requests).toEqual([]);
    expect(handler.done).toEqual([]);
    expect(limiter.remaining()).toBe(60);
  });

  test('lets a write that is under way be finished', async () => {
    const controller = new AbortController();
    const handler = new TestHandler();
    const { processResult } = handler;
    handler.processResult = (work, result) => {
      controller.abort();
      return processResult.call(handler, work, result);
    };
    const { results, pass } = managerOf([item('1'), item('2')], { handler, options: { maxConcurrent: 1 } });
    expect((await pass(controller.signal)).remaining.map(nameOf)).toEqual(['2']);
    expect(results).toMatchObject([{ success: true, item: { payload: '1' } }]);
  });

  test('leaves items beyond the depth of the queue, too', async () => {
    const { pass } = managerOf(items(130));
    expect((await pass(AbortSignal.abort())).remaining).toHaveLength(130);
  });
});

describe('looking for work', () => {
  test('counts what is new', async () => {
    const { manager } = managerOf(items(3));
    expect(await manager.detect()).toBe(3);
    expect(manager.lastDetectAt).toBe(NOON);
  });

  test('rests for the cooldown, and then looks again', async () => {
    const { manager, handler, time } = managerOf(items(1));
    await manager.detect();
    handler.found = items(2);
    expect(await manager.detect()).toBe(0);
    time.now += DETECT_COOLDOWN_MS - 1;
    expect(await manager.detect()).toBe(0);
    expect(manager.status().queue_depth).toBe(1);
    time.now += 1;
    expect(await manager.detect()).toBe(1);
  });

  test('honours the cooldown of an earlier pass', async () => {
    const { manager } = managerOf(items(1), { options: { restored: { lastDetectAt: NOON - MINUTE_MS } } });
    expect(await manager.detect()).toBe(0);
    expect(manager.lastDetectAt).toBe(NOON - MINUTE_MS);
  });

  test('does not wait for a time that the clock has been set back from', async () => {
    const { manager } = managerOf(items(1), { options: { restored: { lastDetectAt: NOON + HOUR_MS } } });
    expect(await manager.detect()).toBe(1);
  });

  test('by force ignores the cooldown', async () => {
    const { manager, handler } = managerOf(items(1));
    await manager.detect();
    handler.found = items(2);
    expect(await manager.forceDetect()).toBe(1);
  });

  test('by force cleans up first, whether an agent is enabled or not; otherwise nothing is cleaned up', async () => {
    const steps: string[] = [];
    const handler = Object.assign(new TestHandler(), {
      cleanup: async (ledger: string) => void steps.push(`cleanup ${ledger}`),
      detect: async (ledger: string) => {
        steps.push(`detect ${ledger}`);
        return [];
      },
    });
    const { manager } = managerOf([], { handler, runner: null, options: { agentType: 'none' } });
    await manager.detect();
    expect(steps.splice(0)).toEqual(['detect /ledger']);
    await manager.forceDetect();
    expect(steps).toEqual(['cleanup /ledger', 'detect /ledger']);
  });

  test('passes an unreadable ledger on, and does not count as a look', async () => {
    const handler = new TestHandler();
    handler.detect = () => Promise.reject(new ExpectedError('UNREADABLE', 'cannot read /ledger'));
    const { manager } = managerOf([], { handler });
    await expect(manager.detect()).rejects.toThrow('cannot read /ledger');
    expect(manager.lastDetectAt).toBeUndefined();
  });
});

describe('one key', () => {
  test('is worked on once, however often it is found', async () => {
    const { manager, handler, pass } = managerOf([item('1'), item('1'), item('2')]);
    expect(await manager.detect()).toBe(2);
    await pass();
    expect(handler.done.sort()).toEqual(['1', '2']);
  });

  test('is worked on once, even when it waits for room in the queue', async () => {
    const { manager, handler, pass } = managerOf(items(150));
    expect(await manager.forceDetect()).toBe(150);
    expect(await manager.forceDetect()).toBe(0);
    expect(manager.status().queue_depth).toBe(150);
    await pass();
    expect(handler.done).toHaveLength(60);
    expect(new Set(handler.done).size).toBe(60);
  });

  test('is refused from outside while it is queued or at work, and taken again afterwards', async () => {
    const runner = new GatedRunner();
    const { manager } = managerOf([], { runner });
    expect(manager.enqueue(item('1'))).toBe(true);
    expect(manager.enqueue(item('1'))).toBe(false);
    const draining = manager.drain(NO_SIGNAL);
    await settle();
    expect(manager.enqueue(item('1'))).toBe(false);
    await runner.finish('1');
    await draining;
    expect(manager.enqueue(item('1'))).toBe(true);
  });

  test('is refused from outside while it waits for room in the queue', async () => {
    const { manager } = managerOf(items(150));
    await manager.detect();
    expect(manager.enqueue(item('150'))).toBe(false);
  });

  test('may be found again after it was left', async () => {
    const { manager, pass } = managerOf([item('1')]);
    await pass(AbortSignal.abort());
    expect(manager.enqueue(item('1'))).toBe(true);
  });
});

describe('a snapshot', () => {
  test('shows who works on what since when, and afterwards how that went', async () => {
    const runner = new GatedRunner();
    const { manager, time } = managerOf([item('2026-03-06T10-00-ryan-Ox7f3a'), item('b')], { runner });
    await manager.forceDetect();
    const draining = manager.drain(NO_SIGNAL);
    await settle();
    const first = startProcess(process.pid, 'test', '2026-03-06T10-00-ryan-Ox7f3a', NOON);
    expect(manager.status()).toEqual({
      enabled: true,
      agent_type: 'claude',
      agent_available: true,
      queue_depth: 0,
      active: [first, { ...first, target: 'b' }],
      stats: { total_invocations: 0, successes: 0, failures: 0 },
    });
    time.now += 2000;
    await runner.finish('b');
    runner.fail('2026-03-06T10-00-ryan-Ox7f3a', new RunError('billing', 'no credit', { exitCode: 1 }));
    await draining;
    const status = manager.status();
    expect(status).not.toHaveProperty('active');
    expect(status.recent).toEqual([
      { ...first, status: 'failed', duration: 2_000_000_000, error: 'no credit', exit_code: 1 },
      { ...first, target: 'b', status: 'completed', duration: 2_000_000_000 },
    ]);
    expect(status.stats).toEqual({ total_invocations: 2, successes: 1, failures: 1 });
  });

  test('knows of no run that could not be written down before it started', async () => {
    const budget = new Budget({}, { clock: () => NOON });
    const limiter = new RateLimiter(60, HOUR_MS, { clock: () => NOON });
    const onChange = async () => {
      if (manager.status().active) throw new Error('the disk is full');
    };
    const { manager, handler, mock, results, pass } = managerOf(items(3), { options: { budget, limiter, onChange } });
    await pass();
    expect(mock.requests).toEqual([]);
    expect(results.map(({ spent }) => spent.runs)).toEqual([0, 0, 0]);
    expect(results[0]).toMatchObject({ success: false, error: { message: 'the disk is full' }, item: { attempts: 0 } });
    expect(handler.givenUp).toEqual([]);
    expect(manager.status()).toMatchObject({ stats: { total_invocations: 0, failures: 0 } });
    expect([budget.memory.days, limiter.remaining()]).toEqual([{}, 60]);
  });

  test('tells the start of those items only that are worked on', async () => {
    const started: string[] = [];
    const options = {
      maxConcurrent: 1,
      limiter: new RateLimiter(1, HOUR_MS, { clock: () => NOON }),
      onStart: (work: WorkItem) => started.push(nameOf(work)),
    };
    const { pass } = managerOf([...items(3), item('free 4')], { options });
    expect((await pass()).remaining.map(nameOf)).toEqual(['2', '3']);
    expect(started).toEqual(['1', 'free 4']);
  });

  test('keeps the ten latest invocations, the last one first', async () => {
    const old = { ...startProcess(1, 'test', 'old', 0), status: 'completed' as const };
    const { manager, pass } = managerOf(items(12), { options: { maxConcurrent: 1, restored: { recent: [old] } } });
    await pass();
    const { recent = [] } = manager.status();
    expect(recent.map(({ target }) => target)).toEqual(['12', '11', '10', '9', '8', '7', '6', '5', '4', '3']);
  });

  test('says that no agent is enabled where none is', () => {
    const { manager } = managerOf([], { runner: null, options: { agentType: 'none' } });
    expect(manager.status()).toMatchObject({ enabled: false, agent_type: 'none', agent_available: false });
  });

  test('says that the offline agent is there', async () => {
    const { manager, pass } = managerOf([], { runner: null, options: { agentType: 'offline' } });
    await pass();
    expect(manager.status()).toMatchObject({ enabled: true, agent_available: true });
  });
});

test('whoever listens hears of the start of each item that is looked at, once per try', async () => {
  const started: string[] = [];
  const outputs = ['bad', 'good'];
  const { pass } = managerOf([item('1')], {
    answer: async () => ({ ...GOOD, output: outputs.shift() ?? '' }),
    options: { onStart: (work) => started.push(nameOf(work)) },
  });
  await pass();
  expect(started).toEqual(['1', '1']);
});
