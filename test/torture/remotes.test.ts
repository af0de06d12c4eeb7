import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/clock.ts';
import { buildConfig } from '../../src/config.ts';
import { LedgerRemote, type RemoteLimits } from '../../src/ledger/git/remote.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { runPass, type World } from '../../src/pass.ts';
import { exitStatusOf, type PassReport } from '../../src/pass-report.ts';
import { MockRunner } from '../../src/work/mock-runner.ts';
import { type FickleAct, type FicklePlan, FickleRemote } from '../support/fickle-remote.ts';
import { secondClone, type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { installHook, outcomeOf } from '../support/machines.ts';
import { loginEntries, PAGE_ANSWER, recording } from '../support/sample-ledger.ts';
import { isLong, tellFigures } from '../support/torture.ts';

/**
 * The second promise over a line that fails. Whatever becomes of any connection to the remote, and of all that follow it,
 *
 *   - the pass ends in bounded time, with a report, and with status 0 or 3;
 *   - what was paid for is committed, and another machine asks nobody about it;
 *   - with a remote that is well again the next pass pushes it: each session once, nobody asked twice, no claim left.
 *
 * git, commits and connections are real; the limits on them are short, and the agent is one that counts.
 */
const LIMITS: RemoteLimits = { fetchMs: 2500, pushMs: 2500, smallPushMs: 2500 };
/** Of a remote that is well. */
const PATIENCE: RemoteLimits = { fetchMs: 60_000, pushMs: 60_000, smallPushMs: 60_000 };
/** As many calls as a pass makes, each at its limit. */
const LONGEST_PASS_MS = 60 * SECOND_MS;
const SESSIONS = ['2026-03-06T10-00-mia-Ox0001', '2026-03-07T10-00-mia-Ox0002'];

const ANSWER = JSON.stringify(PAGE_ANSWER);

const ACTS: Readonly<Record<string, FickleAct>> = {
  'never answers': { do: 'hang' },
  'falls silent in the middle': { do: 'hang-after', bytes: 60 },
  'refuses the connection': { do: 'refuse', words: 'ssh: connect to host fickle port 22: Connection refused' },
  'drops the connection while it listens': { do: 'cut-in', bytes: 300 },
  'drops the connection while it speaks': { do: 'cut-out', bytes: 100 },
  'takes it and reports nothing': { do: 'swallow' },
  'takes it and ends in failure': { do: 'fail-after' },
  'is slow': { do: 'slow', ms: 60 },
  'is read-only': { do: 'refuse', words: 'ERROR: Permission to team/ledger.git denied to mia.' },
  'is gone': { do: 'refuse', words: "fatal: '/ledger.git' does not appear to be a git repository" },
};

/** In the order of their happening: a fetch, the claims, another fetch, the push. */
const CONNECTIONS = 4;
const FOREVER = 1000;

type Case = readonly [what: string, when: string, plan: FicklePlan];

const ALL: readonly Case[] = Object.entries(ACTS).flatMap(([what, act], number) =>
  Array.from({ length: CONNECTIONS }, (_, index): Case => {
    const from = index + 1;
    const isOnce = (number + from) % 2 === 0;
    const when = isOnce ? `connection ${from}` : `connection ${from} and all that follow`;
    return [what, when, { act, service: 'any', from, to: isOnce ? from : FOREVER }];
  }),
);
const FEW_ACTS = ['falls silent in the middle', 'takes it and reports nothing'];
const FEW: readonly Case[] = ALL.filter(([what, , { from }]) => FEW_ACTS.includes(what) && from === CONNECTIONS);

const tally = { passes: 0, calls: 0, refused: 0 };

describe('a remote that', () => {
  test.each(isLong ? ALL : FEW)('%s, at %s', async (_, __, plan) => {
    const scene = new Scene();
    scene.remote.plan(plan);
    const report = await scene.pass(scene.ledger, LIMITS);
    const isTold = scene.calls === 0 || report.push.outcome !== 'nothing';
    expect(isTold, `${scene.calls} calls, ${JSON.stringify(report)}`).toBe(true);
    await scene.expectToRecover();
  });

  test.runIf(isLong).each([
    ['pre-receive', 'kill -9 $PPID'],
    ['post-receive', 'kill -9 $PPID'],
    ['post-receive', 'exit 1'],
  ])('ends in its %s hook, by %s', async (name, script) => {
    const scene = new Scene();
    const hook = installHook(scene.ledger, name, script);
    await scene.pass(scene.ledger, LIMITS);
    rmSync(hook);
    await scene.expectToRecover();
  });

  test.runIf(isLong).each([2, 3, 4, 5])(
    'only says that it took it, from connection %d on, is told so',
    async (from) => {
      const scene = new Scene();
      scene.remote.plan({ act: { do: 'lie' }, service: 'push', from, to: FOREVER });
      await scene.pass(scene.ledger, LIMITS);
      scene.remote.heal();
      await scene.pass(secondClone(scene.ledger));
      const report = await scene.pass(scene.ledger);
      if (typeof report.push.outcome === 'object') {
        expect(report.push.outcome).toMatchObject({ kind: 'rewritten' });
        scene.ledger.git('push', '--quiet', scene.ledger.remote, 'main');
      }
      expect(exitStatusOf(await scene.pass(scene.ledger))).toBe(0);
      scene.expectDone(2);
    },
  );

  afterAll(() => tellFigures('remotes', tally));
});

class Scene {
  readonly ledger: TemporaryLedger;
  readonly remote: FickleRemote;
  readonly #asked = new Map<string, number>();

  constructor() {
    const start = (index: number) => Date.UTC(2026, 2, 6 + index, 10);
    const recordings = SESSIONS.map((name, index) => [
      `sessions/${name}/raw.jsonl`,
      recording(start(index), 'mia', `Ox000${index + 1}`, loginEntries(start(index))),
    ]);
    this.ledger = temporaryLedger(Object.fromEntries(recordings));
    this.remote = new FickleRemote(this.ledger);
    this.ledger.git('remote', 'set-url', 'origin', this.remote.address);
  }

  get calls(): number {
    return [...this.#asked.values()].reduce((sum, calls) => sum + calls, 0);
  }

  /** Another machine has its turn first, and finishes what nobody has paid for. */
  async expectToRecover(): Promise<void> {
    this.remote.heal();
    await this.pass(secondClone(this.ledger));
    const last = await this.pass(this.ledger);
    const end = [exitStatusOf(last), last.push.outcome];
    expect(end, JSON.stringify(last)).toEqual([0, expect.stringMatching(/done|nothing/)]);
    this.expectDone(1);
  }

  expectDone(mostCalls: number): void {
    for (const name of SESSIONS) expect(this.#asked.get(name), name).toBeLessThanOrEqual(mostCalls);
    const once = { finished: SESSIONS, finishings: SESSIONS, isLinear: true, claims: 0 };
    expect(outcomeOf(this.ledger)).toEqual(once);
    expect(this.ledger.git('status', '--porcelain')).toBe('');
  }

  async pass({ root }: Pick<TemporaryLedger, 'root'>, limits = PATIENCE): Promise<PassReport> {
    const { environment } = this.remote;
    const ledger = await openLedger(root, { cwd: root, environment });
    const remote = new LedgerRemote(ledger.git, limits);
    const config = buildConfig({}, {}, '');
    const startedAt = performance.now();
    const report = await runPass(
      { ...ledger, remote },
      this.#world(environment),
      { config, sessions: [], again: false, limit: undefined, commit: true },
      new AbortController().signal,
    );
    tally.passes += 1;
    if (typeof report.push.outcome === 'object') tally.refused += 1;
    expect(performance.now() - startedAt).toBeLessThan(LONGEST_PASS_MS);
    expect([0, 3]).toContain(exitStatusOf(report));
    return report;
  }

  #world(environment: NodeJS.ProcessEnv): World {
    const runner = new MockRunner(true);
    runner.runFunc = async ({ prompt }) => {
      const name = / name="([^"]+)"/.exec(prompt)?.[1] ?? '';
      this.#asked.set(name, (this.#asked.get(name) ?? 0) + 1);
      tally.calls += 1;
      return { output: ANSWER, duration: 1, exitCode: 0, model: 'test', tokensIn: 1, tokensOut: 1, costUsd: 0.01 };
    };
    return {
      clock: () => Date.now(),
      environment,
      runner,
      tell: () => {},
    };
  }
}
