import { existsSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { runCleanup } from '../../src/cleanup.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { buildConfig } from '../../src/config.ts';
import { detectWork } from '../../src/detection.ts';
import { ExpectedError } from '../../src/errors.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { listTrash } from '../../src/ledger/trash/trash.ts';
import { type PassOptions, runPass, type World } from '../../src/pass.ts';
import { runRestore } from '../../src/restore.ts';
import type { JudgedSession } from '../../src/session-finder.ts';
import { MockRunner } from '../../src/work/mock-runner.ts';
import { RunError, type RunFailureKind, type RunResult } from '../../src/work/runner.ts';
import { assertAlive, type BootEnd, FLAVOURS, type Fuse, runBoot } from '../support/crash.ts';
import { KINDS, type Kind, type Player, Scene } from '../support/crash-scene.ts';
import { idIn, LossWatch } from '../support/loss-watch.ts';
import { SEED, shortOrLong, tellFigures } from '../support/torture.ts';

/**
 * The first promise: nothing is lost. Whatever sequence of looking, finishing, cleaning up, putting back, recording,
 * pushing and jumping clocks, with a kill at any change to the disk or to git,
 *
 *   - every line that was ever recorded stands in a recording of the tree or of a cache, in a commit, or, when an agent
 *     called it worthless and for 30 days, in the trash; with nothing replaced but a secret, whose original stays as long;
 *   - no recording, summary.json or meta.json is half written, and no recording in its place loses a line;
 *   - what is recorded, held, another ledger's, a pointer or a draft, and the agents' own transcripts stay byte for byte;
 *   - no agent is asked the same more often than it may be, but for the runs that a kill cost;
 *   - afterwards, two passes that nobody disturbs leave nothing to do, and nothing lying around.
 *
 * The disk is real, git is on paper for most sequences, and the kill is as in `support/crash.ts`.
 * AGENTWORK_TORTURE_STORY='{…}' plays the one that a failure has printed.
 */

vi.mock('node:fs', async () => (await import('../support/crash.ts')).crashingFs());
vi.mock('node:fs/promises', async () => (await import('../support/crash.ts')).crashingPromises());
vi.mock('simple-git', async (actual) => (await import('../support/paper-git.ts')).crashingGit(await actual()));
vi.mock('../../src/process-facts.ts', async () => (await import('../support/crash.ts')).processFacts);

const GOOD = {
  title: 'Find the entry that was lost',
  summary: 'An entry was looked for in all the places where it could be, and there it was.',
  key_actions: ['looked in the tree', 'looked in the cache', 'looked in the trash'],
  outcome: 'success',
  topics_found: ['care'],
};
const ANSWERS = {
  share: GOOD,
  local: { ...GOOD, quality_category: 'local_only' },
  middling: { ...GOOD, quality_score: 0.2 },
  skip: { title: 'Hello', quality_category: 'skip', score_reason: 'nothing happened' },
  low: { ...GOOD, quality_score: 0.05 },
  garbage: 'I would rather not.',
  silence: '',
} as const;
const FAILURES: readonly RunFailureKind[] = [
  ...(['network', 'server_error', 'rate_limited', 'usage_limited', 'timed_out', 'crashed', 'malformed'] as const),
  ...(['refused', 'prompt_too_long', 'max_tokens', 'not_logged_in', 'billing', 'over_budget', 'aborted'] as const),
];
/** What counts against a session, whoever may be to blame. */
const COUNTED: ReadonlySet<string> = new Set([
  ...['garbage', 'silence', 'malformed', 'crashed', 'timed_out', 'over_budget'],
  ...['refused', 'prompt_too_long', 'max_tokens'],
]);
type Answer = keyof typeof ANSWERS | RunFailureKind;

type Action =
  | { readonly do: 'detect' }
  | FinalizeAction
  | { readonly do: 'cleanup'; readonly isDryRun: boolean; readonly fuse: Fuse | undefined }
  | { readonly do: 'restore'; readonly which: number; readonly fuse: Fuse | undefined }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'record'; readonly what: (typeof RECORDER)[number]; readonly which: number }
  | { readonly do: 'refuse'; readonly isRefusing: boolean }
  | { readonly do: 'visit'; readonly which: number | undefined }
  | { readonly do: 'pull' };

interface FinalizeAction {
  readonly do: 'finalize';
  readonly agent: 'claude' | 'offline' | 'none';
  readonly answers: readonly Answer[];
  readonly limit: number | undefined;
  readonly commit: boolean;
  readonly concurrency: number;
  /** Asks for this session again. */
  readonly again: number | undefined;
  readonly fuse: Fuse | undefined;
}

/** Sessions with which nothing is wrong but that nobody finished: their way leads into a commit. */
const PLAIN: ReadonlySet<Kind> = new Set([
  ...['committed', 'untracked', 'secret', 'malformed', 'committedSecret', 'cached', 'cachedSecret', 'longer'],
  ...['abandonedWithTranscript', 'abandonedShort', 'abandonedAlone', 'cachedDraft', 'grown'],
]);

const RECORDER = ['append', 'speak', 'die', 'stop', 'finish', 'resume', 'forget'] as const;

const flavour = fc.constantFrom(...FLAVOURS);
const MOVED = '^rename .*/trash/';
const MOVED_AWAY = '^rm .*/sessions/[^/]+$';
const PLACES = [
  ...[MOVED, MOVED_AWAY, '^cp ', '^cp ', 'trash/', 'raw[.]jsonl', 'summary', 'meta[.]json', '[.]recording'],
  ...['^rename', '^rm ', '^git ', '^git update-ref', 'index', 'state[.]json', 'pass[.]lock'],
];
const burning: fc.Arbitrary<Fuse> = fc.oneof(
  fc.record({ where: fc.constantFrom(...PLACES), nth: fc.oneof(fc.constant(0), fc.nat(2), fc.nat(12)), flavour }),
  fc.record({ where: fc.constant(''), nth: fc.oneof(fc.nat(10), fc.nat(40), fc.nat(250)), flavour }),
);
const fuse = fc.option(burning, { nil: undefined, freq: 6 });
const answer: fc.Arbitrary<Answer> = fc.oneof(
  { arbitrary: fc.constantFrom(...(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])), weight: 3 },
  { arbitrary: fc.constantFrom(...FAILURES), weight: 1 },
);
/** An agent that says the same to everything. */
const STUBBORN: readonly (readonly Answer[])[] = [
  ['garbage'],
  ['garbage', 'garbage', 'usage_limited'],
  ['skip'],
  ['share'],
];
const which = fc.nat(30);
const finalize: fc.Arbitrary<FinalizeAction> = fc.record({
  do: fc.constant('finalize'),
  agent: fc.oneof(
    { arbitrary: fc.constant('claude' as const), weight: 6 },
    { arbitrary: fc.constantFrom('offline' as const, 'none' as const), weight: 1 },
  ),
  answers: fc.oneof(fc.array(answer, { minLength: 1, maxLength: 5 }), fc.constantFrom(...STUBBORN)),
  limit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 4 }),
  commit: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 }),
  concurrency: fc.constantFrom(1, 1, 3),
  again: fc.option(which, { nil: undefined, freq: 8 }),
  fuse,
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: finalize, weight: 8 },
  { arbitrary: fc.record({ do: fc.constant('detect' as const) }), weight: 1 },
  {
    arbitrary: fc.record({ do: fc.constant('cleanup' as const), isDryRun: fc.constantFrom(false, false, true), fuse }),
    weight: 3,
  },
  { arbitrary: fc.record({ do: fc.constant('restore' as const), which, fuse }), weight: 3 },
  {
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(MINUTE_MS, 11 * MINUTE_MS, HOUR_MS, DAY_MS, 3 * DAY_MS, 40 * DAY_MS, -HOUR_MS, -5 * DAY_MS),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ do: fc.constant('record' as const), what: fc.constantFrom(...RECORDER), which }),
    weight: 4,
  },
  { arbitrary: fc.record({ do: fc.constant('refuse' as const), isRefusing: fc.boolean() }), weight: 1 },
  {
    arbitrary: fc.record({ do: fc.constant('visit' as const), which: fc.option(which, { nil: undefined }) }),
    weight: 1,
  },
  { arbitrary: fc.record({ do: fc.constant('pull' as const) }), weight: 1 },
);

const UNDISTURBED: FinalizeAction = {
  do: 'finalize',
  agent: 'claude',
  answers: ['share'],
  limit: undefined,
  commit: true,
  concurrency: 1,
  again: undefined,
  fuse: undefined,
};

/** A kill may come at any of the steps of a pass over all kinds of sessions, of which there are about as many. */
const LAST_STEP = 1000;
const VARIED: readonly Answer[] = ['share', 'skip', 'local', 'garbage', 'low', 'share', 'crashed'];

/** What is there, whether git's folder, with the trash in it, lies on another device, and what happens. */
interface Story {
  readonly kinds: readonly Kind[];
  readonly isSplit: boolean;
  readonly actions: readonly Action[];
}

const story: fc.Arbitrary<Story> = fc.record({
  kinds: fc.subarray<Kind>([...KINDS], { minLength: 2, maxLength: 8 }),
  isSplit: fc.boolean(),
  actions: fc.array(action, { minLength: 3, maxLength: 12 }),
});

/** One pass over everything that there is, killed somewhere. */
const killedPass: fc.Arbitrary<Story> = fc
  .record({
    fuse: fc.oneof(burning, fc.record({ where: fc.constant(''), nth: fc.nat(LAST_STEP), flavour })),
    isSplit: fc.boolean(),
  })
  .map(({ fuse, isSplit }) => ({ kinds: KINDS, isSplit, actions: [{ ...UNDISTURBED, answers: VARIED, fuse }] }));

/** Where a loss is nearest: copies into the trash and moves to another device, each cut off in each way. */
const PERILS: readonly Story[] = [['share'] as const, ['skip'] as const].flatMap((answers) =>
  ['^cp ', MOVED, ...(answers[0] === 'skip' ? [MOVED_AWAY] : [])].flatMap((where) =>
    FLAVOURS.filter((flavour) => flavour !== 'half' || where !== MOVED).map((flavour) => ({
      kinds: ['secret', 'cached', 'longer', 'cut'],
      isSplit: true,
      actions: [{ ...UNDISTURBED, answers, fuse: { where, nth: 0, flavour } }],
    })),
  ),
);

/** An agent that is stopped by its limit in the middle of the attempts that it has. */
const RATIONED: Story = {
  kinds: ['untracked'],
  isSplit: false,
  actions: [1, 2].flatMap(() => [
    { ...UNDISTURBED, answers: ['garbage', 'garbage', 'usage_limited'] },
    { do: 'wait', ms: HOUR_MS },
  ]),
};

const tally = { sequences: 0, passes: 0, kills: 0, calls: 0, steps: 0 };

/** A machine, whoever sits at it, and what they were told. */
class Play {
  readonly #scene: Scene;
  readonly #watch: LossWatch;
  /** What the last pass left to others. */
  #elsewhere: ReadonlySet<string> = new Set();
  readonly #isSplit: boolean;
  /** Question -> how it was answered, each time. */
  readonly #asked = new Map<string, Answer[]>();
  readonly #times: number[] = [];
  /** Sessions that somebody else had a hand in. */
  readonly #disturbed = new Set<string>();
  #kills = 0;
  #agains = 0;

  constructor({ kinds, isSplit }: Story, isOnPaper: boolean) {
    this.#scene = new Scene(kinds, isOnPaper);
    this.#watch = new LossWatch(this.#scene);
    this.#isSplit = isSplit;
    vi.stubEnv('TMPDIR', `${this.#scene.home}/tmp`);
  }

  async run(actions: readonly Action[]): Promise<void> {
    for (const action of actions) {
      this.#times.push(this.#scene.now);
      this.#watch.look();
      await this.#act(action);
      if (isOurs(action)) this.#watch.expectNothingLost(JSON.stringify(action));
      this.#expectFairCalls();
    }
  }

  async expectToConverge(): Promise<void> {
    this.#scene.vault.setRefusing(false);
    // What bears a time of the future is young until that has come.
    this.#scene.now = Math.max(...this.#times, this.#scene.now) + 2 * DAY_MS;
    // The two copies of one session take turns, and a pass that only hands in what a killed one gave up on is one more.
    const passes = this.#scene.players.some(({ kind }) => kind === 'longer') ? 4 : 2;
    await this.run(Array.from({ length: passes }, () => UNDISTURBED));
    const waiting = await this.#boot(undefined, async () => {
      return (await detectWork(await this.#ledger(), this.#world(['share']), options(UNDISTURBED, []))).waiting;
    });
    const left = waiting
      // What others have finished waits for a pull, which is the user's to make.
      .filter((found) => !isStuck(found) && !this.#elsewhere.has(found.session.ledgerName))
      .map(({ session, verdict }) => `${session.folder}: ${verdict.verdict}, ${verdict.reason}`);
    expect(left, 'still waits').toEqual([]);
    expect(this.#watch.uncommitted(), 'finished, and not committed').toEqual([]);
    const isLeft = ({ id, name }: Player) => this.#disturbed.has(id) || this.#elsewhere.has(name);
    const plain = this.#scene.players.filter((player) => PLAIN.has(player.kind) && !isLeft(player));
    expect(this.#watch.unpublished(new Set(plain.map(({ id }) => id))), 'recorded, and not committed').toEqual([]);
    this.#scene.now += DAY_MS;
    await this.run([{ do: 'cleanup', isDryRun: false, fuse: undefined }]);
    expect(this.#watch.leftovers(), 'left lying around').toEqual([]);
  }

  close(): void {
    vi.unstubAllEnvs();
    this.#scene.close();
  }

  async #act(action: Action): Promise<void> {
    if (action.do === 'finalize') return this.#finalize(action);
    if (action.do === 'cleanup') return this.#cleanup(action.isDryRun, action.fuse);
    if (action.do === 'restore') return this.#restore(action.which, action.fuse);
    if (action.do === 'detect') return this.#detect();
    if (action.do === 'wait') this.#scene.now += action.ms;
    if (action.do === 'record') this.#record(action.what, this.#player(action.which));
    if (action.do === 'refuse') this.#scene.vault.setRefusing(action.isRefusing);
    if (action.do === 'visit') this.#visit(action.which === undefined ? undefined : this.#player(action.which));
    if (action.do === 'pull') this.#scene.vault.pull();
  }

  async #finalize(action: FinalizeAction): Promise<void> {
    const named = action.again === undefined ? [] : [this.#player(action.again).name];
    this.#agains += named.length;
    tally.passes += 1;
    const report = await this.#boot(action.fuse, async () => {
      const world = this.#world(action.answers);
      return runPass(await this.#ledger(), world, options(action, named), new AbortController().signal);
    });
    this.#elsewhere = new Set(report?.claimed.map(({ session }) => session));
    // What earlier passes failed on has the words of their failure, but no longer its code.
    if (AGENTWORK_TORTURE_STORY) console.info(JSON.stringify(action), '->', JSON.stringify(report));
    const bugs = report?.results.filter(({ error, verdict }) => error?.code === 'BUG' && verdict !== 'given-up') ?? [];
    expect(bugs.map(({ session, error }) => `${session}: ${error?.message}`)).toEqual([]);
  }

  async #cleanup(isDryRun: boolean, fuse: Fuse | undefined): Promise<void> {
    const { environment, now } = this.#scene;
    const world = { environment, clock: () => now, onTrouble: () => {} };
    await this.#boot(fuse, async () =>
      runCleanup(await this.#ledger(), world, { config: { sessionCache: [], exclude: [] }, isDryRun }),
    );
  }

  async #restore(which: number, fuse: Fuse | undefined): Promise<void> {
    const all = listTrash(this.#scene.stateDir);
    const free = all.filter(({ origin }) => origin && !existsSync(origin.path));
    const entries = free.length > 0 ? free : all;
    const name = entries[which % entries.length]?.name ?? 'nothing';
    const world = { clock: () => this.#scene.now, onTrouble: () => {} };
    await this.#boot(fuse, async () => runRestore(await this.#ledger(), world, { name, isDryRun: false }));
  }

  async #detect(): Promise<void> {
    const end = await this.#boot(undefined, async () => {
      await detectWork(await this.#ledger(), this.#world(['share']), options(UNDISTURBED, []));
    });
    expect(end).toBeUndefined();
  }

  #record(what: (typeof RECORDER)[number], player: Player): void {
    this.#disturbed.add(player.id);
    const scene = this.#scene;
    if (what === 'stop' || what === 'finish') scene.stop(player, what === 'finish');
    else scene[what](player);
  }

  /** One process of the tool. Undefined when it was killed, or refused what it was asked for as it may. */
  async #boot<T>(fuse: Fuse | undefined, work: () => Promise<T>): Promise<T> {
    const deviceOf = (file: string) => this.#isSplit && file.startsWith(path.dirname(this.#scene.stateDir));
    const end: BootEnd<T> = await runBoot({ fuse, now: this.#scene.now, deviceOf }, work);
    tally.steps = Math.max(tally.steps, end.steps.length);
    if (end.ended === 'well') return end.value;
    if (end.ended === 'threw' && !isRefusal(end.error)) throw end.error;
    if (AGENTWORK_TORTURE_STORY && end.ended === 'killed') console.info('killed:', end.at, end.steps.slice(-12));
    if (end.ended === 'killed') this.#kills += 1;
    if (end.ended === 'killed') tally.kills += 1;
    return undefined as T;
  }

  async #ledger() {
    return openLedger(this.#scene.root, { cwd: this.#scene.root, environment: this.#scene.environment });
  }

  #world(answers: readonly Answer[]): World {
    const { environment, now } = this.#scene;
    const runner = new MockRunner(true);
    let calls = 0;
    runner.runFunc = async ({ prompt }) => {
      assertAlive();
      const said = answers[calls++ % answers.length] ?? 'share';
      this.#hear(prompt, said);
      return resultOf(said);
    };
    return { clock: () => now, environment, runner, tell: () => {}, wait: async () => {} };
  }

  #hear(prompt: string, said: Answer): void {
    tally.calls += 1;
    // Each prompt has a boundary of its own; and what was wrong with the last answer makes no other question.
    const boundary = /<session-(\w+)>/.exec(prompt)?.[1] ?? '';
    const question = prompt.replaceAll(boundary, '').replace(/\s*Your last reply [\s\S]*$/, '');
    this.#asked.set(question, [...(this.#asked.get(question) ?? []), said]);
    const mayStay =
      ['skip', 'low', 'local', 'middling'].includes(said) || (COUNTED.has(said) && this.#isCached(prompt));
    if (mayStay) this.#watch.unshared.add(idIn(prompt));
    if (said === 'skip' || said === 'low') this.#watch.worthless.add(idIn(prompt));
  }

  /** One answer of use, three that are of none or none at all; and what a kill cost. */
  #expectFairCalls(): void {
    const spare = this.#kills + 3 * this.#agains;
    for (const [question, answers] of this.#asked) {
      const isUseful = (said: Answer) => said in ANSWERS && said !== 'garbage' && said !== 'silence';
      const useful = answers.filter(isUseful).length;
      const useless = answers.filter((said) => COUNTED.has(said)).length;
      const told = `${idIn(question)} was asked for: ${answers}`;
      expect(useful, told).toBeLessThanOrEqual(1 + spare);
      expect(useful + useless, told).toBeLessThanOrEqual(3 + spare);
    }
  }

  /** What an agent fails on for good in a cache is not put into the ledger. */
  #isCached(prompt: string): boolean {
    const player = this.#scene.players.find(({ id }) => id === idIn(prompt));
    return this.#scene.caches.some((cache) => player?.folder.startsWith(cache));
  }

  #visit(player: Player | undefined): void {
    if (player) this.#disturbed.add(player.id);
    this.#scene.visit(player);
  }

  #player(which: number): Player {
    const { players } = this.#scene;
    return players[which % players.length] as Player;
  }
}

/** Whether the tool does it, and has to answer for what is lost. */
function isOurs(action: Action): boolean {
  return ['detect', 'finalize', 'cleanup', 'restore'].includes(action.do);
}

function options({ agent, limit, commit, concurrency }: FinalizeAction, named: readonly string[]): PassOptions {
  const config = { ...buildConfig({}, {}, ''), agent, maxConcurrent: concurrency };
  return { config, sessions: named, again: named.length > 0, limit, commit };
}

async function resultOf(said: Answer): Promise<RunResult> {
  if (!(said in ANSWERS)) throw new RunError(said as RunFailureKind, `the agent said ${said}`);
  const words = ANSWERS[said as keyof typeof ANSWERS];
  return { output: typeof words === 'string' ? words : JSON.stringify(words), duration: 1, exitCode: 0 };
}

/** What was asked for is not there any more, or its place is taken. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ExpectedError)) return false;
  return ['UNKNOWN_SESSION', 'NOT_RECOVERABLE'].includes(error.code) || /its place already/.test(error.message);
}

/**
 * A known fault: what was given up on with a good older summary, is not committed, and has the marker of a dead
 * recorder, is work to the survey, which asks git, and given up to the second look, which does not. Each pass finds it
 * and leaves it. Nothing is lost by it, and nobody is paid.
 */
function isStuck({ session }: JudgedSession): boolean {
  return session.memory?.verdict === 'given_up' && session.marker !== undefined;
}

async function play(story: Story, isOnPaper: boolean): Promise<void> {
  const drama = new Play(story, isOnPaper);
  tally.sequences += 1;
  try {
    await drama.run(story.actions);
    await drama.expectToConverge();
  } finally {
    drama.close();
  }
}

const { AGENTWORK_TORTURE_STORY } = process.env;

test.runIf(AGENTWORK_TORTURE_STORY)('the story that was asked for loses nothing', async () => {
  await play(
    JSON.parse((AGENTWORK_TORTURE_STORY ?? '').replaceAll(/"\w+":undefined,?/g, '').replaceAll(',}', '}')),
    true,
  );
});

test.each([
  ['committed', 'before'],
  ['committed', 'after'],
  ['abandonedAlone', 'before'],
  ['abandonedAlone', 'after'],
] as const)(
  'what was given up on is committed, although a pass was killed: %s, %s meta.json',
  async (kind, flavour) => {
    const fuse = { where: '^rename .*/meta[.]json', nth: 0, flavour };
    await play({ kinds: [kind], isSplit: false, actions: [{ ...UNDISTURBED, answers: ['garbage'], fuse }] }, true);
  },
);

test.each(['raw', 'summary', 'meta'])(
  'a draft whose %s was the last that a killed pass wrote is gone on with',
  async (name) => {
    const fuse = { where: `^rename .*/sessions/.*/${name}[.]json`, nth: 0, flavour: 'before' } as const;
    await play({ kinds: ['cachedDraft'], isSplit: false, actions: [{ ...UNDISTURBED, fuse }] }, true);
    await play(
      { kinds: ['cachedDraft'], isSplit: false, actions: [{ ...UNDISTURBED, fuse: { ...fuse, flavour: 'after' } }] },
      true,
    );
  },
);

test('no sequence of passes, cleanups, kills and jumping clocks loses an entry', async () => {
  const numRuns = shortOrLong(50, 1_500);
  await fc.assert(
    fc.asyncProperty(story, (told) => play(told, true)),
    { seed: SEED, numRuns, examples: [[RATIONED]] },
  );
});

test('nor does a pass that is killed at any one of its steps', async () => {
  const numRuns = PERILS.length + shortOrLong(2, 300);
  const examples = PERILS.map((told): [Story] => [told]);
  await fc.assert(
    fc.asyncProperty(killedPass, (told) => play(told, true)),
    { seed: SEED, numRuns, examples },
  );
});

test('nor does one with git itself', async () => {
  const numRuns = shortOrLong(1, 75);
  await fc.assert(
    fc.asyncProperty(story, (told) => play(told, false)),
    { seed: SEED, numRuns },
  );
});

afterAll(() => {
  tellFigures('sequences of actions', tally);
});
