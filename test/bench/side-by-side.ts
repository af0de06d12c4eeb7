import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from './figure.ts';

/** What is measured: one whole process, from its start to its end. */
export interface Program {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
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

/** Tells at its end how much memory the process ever had. */
const PEAK_HOOK = `import{readFileSync,writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(process.env.AGENTWORK_BENCH_PEAK,readFileSync('/proc/self/status')))`;

/** Runs both in turn, so that what slows the machine down slows both. The first round warms up and does not count. */
export function sideBySide(ours: Program, reference: Program, rounds: number): Comparison {
  const measured = Array.from({ length: rounds + 1 }, (_, round) => {
    // Who is first has the colder machine.
    const [first, second] = round % 2 === 0 ? [ours, reference] : [reference, ours];
    const times = new Map([first, second].map((program) => [program, run(program)]));
    return { oursMs: times.get(ours) ?? 0, referenceMs: times.get(reference) ?? 0 };
  }).slice(1);
  return {
    ratio: median(measured.map(({ oursMs, referenceMs }) => oursMs / referenceMs)),
    oursMs: median(measured.map(({ oursMs }) => oursMs)),
    referenceMs: median(measured.map(({ referenceMs }) => referenceMs)),
    peakMb: peakOf(ours),
  };
}

/** Milliseconds. Throws where it does not end with status 0. */
export function run({ command: [file, ...words], cwd, env = {}, before }: Program): number {
  before?.();
  const startedAt = performance.now();
  const { status, stderr, error } = spawnSync(file, words, { cwd, env: { ...environment(), ...env }, stdio: 'pipe' });
  if (status !== 0) throw new Error(`${file} ${words.join(' ')} ended with status ${status}: ${error ?? stderr}`);
  return performance.now() - startedAt;
}

function peakOf(program: Program): number | undefined {
  if (process.platform !== 'linux' || program.command[0] !== process.execPath) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'agentwork-bench-'));
  const file = path.join(folder, 'status');
  const [node, ...words] = program.command;
  const hook = `data:text/javascript,${encodeURIComponent(PEAK_HOOK)}`;
  try {
    run({
      ...program,
      command: [node, '--import', hook, ...words],
      env: { ...program.env, AGENTWORK_BENCH_PEAK: file },
    });
    const [, kilobytes = 0] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(file, 'utf8')) ?? [];
    return (Number(kilobytes) * 1024) / 1_000_000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What makes each Node start slower, or faster, than it is for others. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, NODE_COMPILE_CACHE, ...rest } = process.env;
  return rest;
}
