import { type StdioOptions, spawnSync } from 'node:child_process';
import { median } from './figure.ts';
import { peakMbIn, TELLS_PEAK } from './peak-memory.ts';

/** What is measured: one whole process, from its start to its end. */
export interface Program {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** All of it: what makes each Node start slower, or faster, than it is for others is not in it. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts back what the last round changed; its time does not count. */
  readonly before?: () => void;
}

export interface Comparison {
  /** Median of the ratios of all rounds, ours to the reference. */
  readonly ratio: number;
  /** Medians, in milliseconds. */
  readonly oursMs: number;
  readonly referenceMs: number;
  /** The most memory that ours ever had, in MB; undefined where there is no /proc. */
  readonly peakMb: number | undefined;
}

/** Runs both in turn, so that what slows the machine down slows both. The first round warms up and does not count. */
export function sideBySide(ours: Program, reference: Program, rounds: number): Comparison {
  const measured = Array.from({ length: rounds + 1 }, (_, round) => {
    // Who is first has the colder machine.
    const [first, second] = round % 2 === 0 ? [ours, reference] : [reference, ours];
    const times = new Map([first, second].map((program) => [program, run(program).ms]));
    return { oursMs: times.get(ours) ?? 0, referenceMs: times.get(reference) ?? 0 };
  }).slice(1);
  return {
    ratio: median(measured.map(({ oursMs, referenceMs }) => oursMs / referenceMs)),
    oursMs: median(measured.map(({ oursMs }) => oursMs)),
    referenceMs: median(measured.map(({ referenceMs }) => referenceMs)),
    peakMb: peakOf(ours),
  };
}

interface Run {
  readonly ms: number;
  readonly stderr: string;
}

/** Throws where it does not end with status 0. */
function run({ command: [file, ...words], cwd, env, before }: Program): Run {
  before?.();
  const startedAt = performance.now();
  const stdio: StdioOptions = ['ignore', 'ignore', 'pipe'];
  const { status, stderr, error } = spawnSync(file, words, { cwd, env, encoding: 'utf8', stdio });
  if (status !== 0) throw new Error(`${file} ${words.join(' ')} ended with status ${status}: ${error ?? stderr}`);
  return { ms: performance.now() - startedAt, stderr };
}

function peakOf(program: Program): number | undefined {
  return peakMbIn(run({ ...program, env: { ...program.env, ...TELLS_PEAK } }).stderr);
}
