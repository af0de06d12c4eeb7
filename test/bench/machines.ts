import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SECOND_MS } from '../../src/clock.ts';
import { startCli } from '../support/cli.ts';
import {
  addMachine,
  createFleet,
  type Fleet,
  gitIn,
  installHook,
  type Machine,
  outcomeOf,
} from '../support/machines.ts';
import { standInCalls } from '../support/stand-in-claude.ts';
import type { Figure } from './figure.ts';

/**
 * Less than what a model takes, so that all of it is over in some minutes. A session costs a fifth of a second of
 * processor, git and the stand-in included: with shorter answers, eight machines wait for two cores and not for agents.
 */
const ANSWER_MS = 3000;
const KILL_EVERY_MS = 4 * SECOND_MS;
/** A pass that another one has to wait for is tried again after this. */
const REST_MS = 200;
/** So that there are more pushes to refuse. */
const SMALL_PASSES = ['--limit', '8'];
const SEED = 20_260_306;

interface Run {
  readonly name: string;
  readonly sessions: number;
  readonly machines: number;
  readonly delayMs: number;
  /** Kills a machine now and then. */
  readonly hasKills?: boolean;
  /** The remote refuses a third of the pushes of commits. */
  readonly isFlaky?: boolean;
}

interface Figures {
  readonly run: Run;
  readonly calls: number;
  readonly passes: number;
  readonly kills: number;
  readonly refusals: number;
  /** Calls that were under way when their machine was killed. */
  readonly inFlight: number;
  /** Of each pass that ended with status 3: why. */
  readonly troubles: readonly string[];
  readonly seconds: number;
  readonly broken: readonly string[];
}

/** Several machines over one remote: nothing is asked twice, nothing is lost, and more of them are faster. */
export async function machines({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Figure[]> {
  const [sessions, delayMs] = isQuick ? [24, 500] : [200, ANSWER_MS];
  const plain = (isQuick ? [1, 2] : [1, 2, 4, 8]).map((machines) => ({ name: 'plain', sessions, delayMs, machines }));
  const troubled = { sessions, delayMs, machines: isQuick ? 2 : 4 };
  const runs: readonly Run[] = [
    ...plain,
    { ...troubled, name: 'killed', hasKills: true },
    { ...troubled, name: 'refused', isFlaky: true },
  ];
  console.log(`${sessions} sessions, ${delayMs} ms an answer, 4 agents a machine, seed ${SEED}`);
  const figures: Figures[] = [];
  for (const run of runs) {
    const measured = await measure(run);
    figures.push(measured);
    console.log(describe(measured, figures[0] ?? measured));
    for (const promise of measured.broken) console.log(`  BROKEN: ${promise}`);
  }
  return figures.map(({ run, broken }) => ({
    what: `${run.machines} machines, ${run.name}`,
    value: broken.join('; ') || 'all promises kept',
    isMet: broken.length === 0,
  }));
}

async function measure(run: Run): Promise<Figures> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-bench-')));
  try {
    const fleet = await createFleet(folder, run.sessions, { calls: [{ delayMs: run.delayMs }] });
    const counter = path.join(folder, 'pushes');
    if (run.isFlaky) refuseAThird(fleet, counter);
    const clones = Array.from({ length: run.machines }, (_, index) => addMachine(fleet, `m${index + 1}`));
    const fray = new Fray(fleet, clones, run.isFlaky ? SMALL_PASSES : []);
    const startedAt = performance.now();
    const killing = run.hasKills ? fray.killNowAndThen(random(SEED)) : undefined;
    await fray.workUntilDone();
    await killing;
    const seconds = (performance.now() - startedAt) / SECOND_MS;
    // Whoever was killed last has something to give back.
    await fray.workOnceMore();
    const calls = (await standInCalls(fleet.claudeFolder)).length;
    const { passes, kills, inFlight, troubles } = fray;
    const facts = { run, calls, inFlight, troubles };
    const refusals = run.isFlaky ? refusalsIn(counter) : 0;
    return { ...facts, passes, kills, refusals, seconds, broken: brokenPromises(fleet, clones, facts) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Machines that work at the same time, and are killed and started again. */
class Fray {
  readonly #fleet: Fleet;
  readonly #clones: readonly Machine[];
  readonly #words: readonly string[];
  readonly #running = new Map<Machine, ReturnType<typeof startCli>>();
  #isOver = false;
  passes = 0;
  kills = 0;
  inFlight = 0;
  readonly troubles: string[] = [];

  constructor(fleet: Fleet, clones: readonly Machine[], words: readonly string[]) {
    this.#fleet = fleet;
    this.#clones = clones;
    this.#words = words;
  }

  async workUntilDone(): Promise<void> {
    await Promise.all(this.#clones.map((clone) => this.#work(clone)));
    this.#isOver = true;
  }

  async workOnceMore(): Promise<void> {
    await Promise.all(this.#clones.map((clone) => this.#pass(clone)));
  }

  /** Every few seconds one of them, with everything that it has started. */
  async killNowAndThen(next: () => number): Promise<void> {
    for (;;) {
      await setTimeout(KILL_EVERY_MS);
      if (this.#isOver) return;
      const victim = this.#clones[Math.floor(next() * this.#clones.length)];
      if (victim) await this.#kill(victim);
    }
  }

  async #work(clone: Machine): Promise<void> {
    for (;;) {
      await this.#pass(clone);
      if (this.#isDone()) return;
      await setTimeout(REST_MS);
    }
  }

  async #pass(clone: Machine): Promise<void> {
    const process = startCli(['finalize', '--json', ...this.#words], clone);
    this.#running.set(clone, process);
    this.passes += 1;
    const { exitCode, stdout, stderr } = await process;
    this.#running.delete(clone);
    if (exitCode === 3) this.troubles.push(troubleIn(stdout));
    const isKnown = exitCode === undefined || exitCode === 0 || exitCode === 3;
    if (!isKnown) throw new Error(`a pass ended with status ${exitCode}: ${stderr}`);
  }

  /** Also what was refused and is finished here only has to arrive. */
  #isDone(): boolean {
    return outcomeOf(this.#fleet).finished.length === this.#fleet.sessions.length;
  }

  async #kill(victim: Machine): Promise<void> {
    const pid = this.#running.get(victim)?.pid;
    if (pid === undefined) return;
    // Stopped first, so that what it had in hand can be counted.
    for (const each of await familyOf(pid)) signal(each, 'SIGSTOP');
    this.inFlight += activeIn(victim);
    for (const each of await familyOf(pid)) signal(each, 'SIGKILL');
    this.kills += 1;
  }
}

function brokenPromises(
  fleet: Fleet,
  clones: readonly Machine[],
  { run, calls, inFlight, troubles }: Pick<Figures, 'run' | 'calls' | 'inFlight' | 'troubles'>,
): readonly string[] {
  const { finished, finishings, isLinear, claims } = outcomeOf(fleet);
  const count = fleet.sessions.length;
  const dirty = clones.filter(({ cwd }) => gitIn(cwd, 'status', '--porcelain') !== '');
  const promises: readonly (readonly [boolean, string])[] = [
    [finished.length === count, `${finished.length} of ${count} sessions are finished at the remote`],
    [calls >= count && calls <= count + inFlight, `${calls} calls for ${count} sessions, ${inFlight} lost by kills`],
    [isLinear, 'the history has merges'],
    [claims === 0, `${claims} claims are left at the remote`],
    [
      finishings.join() === finished.join(),
      `${finishings.length} summaries were written for ${finished.length} sessions`,
    ],
    [run.name !== 'plain' || troubles.length === 0, `passes ended with status 3: ${troubles.join('; ')}`],
    [dirty.length === 0, `git status is not clean in ${dirty.map(({ cwd }) => cwd).join(', ')}`],
  ];
  return promises.filter(([isKept]) => !isKept).map(([, what]) => what);
}

function describe(figures: Figures, alone: Figures): string {
  const { run, calls, passes, kills, refusals, inFlight, troubles, seconds } = figures;
  const parts = [
    `${run.name}, ${run.machines} machine${run.machines === 1 ? '' : 's'}`.padEnd(19),
    `${run.sessions} sessions, ${calls} calls`,
    `${seconds.toFixed(1)} s`,
    `${passes} passes`,
  ];
  if (run.name === alone.run.name) parts.push(`${(alone.seconds / seconds).toFixed(2)} times as fast as one`);
  if (run.hasKills) parts.push(`${kills} kills with ${inFlight} calls under way, ${calls - run.sessions} asked again`);
  if (run.isFlaky) parts.push(`${refusals} pushes refused, ${troubles.length} passes ended with status 3`);
  return parts.join(' · ');
}

function troubleIn(stdout: string): string {
  const { stopped, pushed, results } = JSON.parse(stdout);
  const failures = results.flatMap(({ error }: { error?: { message: string } }) => error?.message ?? []);
  return [stopped, pushed.refused, ...failures].filter((part) => part !== undefined).join(', ');
}

/** By a counter, so that the same pushes are refused each time; claims are let through. */
function refuseAThird(fleet: Fleet, counter: string): void {
  installHook(
    fleet,
    'pre-receive',
    'grep -q refs/heads/ || exit 0',
    `printf . >> ${counter}`,
    `[ $(( ($(wc -c < ${counter}) + ${SEED}) % 3 )) -ne 0 ] || { echo 'not now' >&2; exit 1; }`,
  );
}

function refusalsIn(counter: string): number {
  const pushes = readFileSync(counter).length;
  return Array.from({ length: pushes }, (_, index) => index + 1).filter((push) => (push + SEED) % 3 === 0).length;
}

/** Agent runs that this machine knows to be under way. */
function activeIn({ cwd }: Machine): number {
  try {
    return JSON.parse(readFileSync(path.join(cwd, '.git', 'agentwork', 'state.json'), 'utf8')).active.length;
  } catch {
    // Killed before it had written anything.
    return 0;
  }
}

/**
 * The process and all that it started, and those started. An agent is in a group of its own, so this asks the kernel.
 * What serves the remote is left out: it would run on another computer, and leaves locks behind when it is killed.
 */
async function familyOf(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const read = (file: string) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '');
    const parent = /\) \S (\d+) /.exec(await read('stat'))?.[1];
    const isRemote = /git-?\0?(receive|upload)-pack/.test(await read('cmdline'));
    if (parent !== undefined && !isRemote) parents.set(Number(name), Number(parent));
  }
  const family = [pid];
  for (const member of family) {
    family.push(...[...parents].filter(([, parent]) => parent === member).map(([child]) => child));
  }
  return family;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}

/** A number from 0 to 1, the same row of them for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
