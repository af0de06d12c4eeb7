import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CliOptions, type CliResult, startCli } from './cli.ts';

/**
 * How a process dies at a step: before it, after it, with half of its bytes or files done or its child killed with it,
 * with its child going on alone, or by a power cut, which takes what was written and not flushed.
 */
export const DEATHS = ['before', 'after', 'half', 'orphan', 'powerCut'] as const;
export const REFUSALS = ['ENOSPC', 'EACCES', 'EROFS', 'EIO', 'EMFILE'] as const;

export type Death = (typeof DEATHS)[number];
export type Refusal = (typeof REFUSALS)[number];

/** What befalls the real program, in a process of its own, at one of its steps. */
export interface Fault {
  /** Which step, from 0; one that never comes lets the program be. */
  readonly at: number;
  /** The source of a regular expression: only steps that match it are counted. */
  readonly where?: string;
  readonly how: Death | Refusal;
  /** It befalls all later steps too. */
  readonly isLasting?: boolean;
  /** Which steps count: changes to files and started programs, or looks at files. */
  readonly steps?: 'changes' | 'looks';
}

export interface FaultyRun extends CliResult {
  readonly wasKilled: boolean;
  /** Whether the step came that the fault was meant for. */
  readonly isMet: boolean;
  /** What it did up to its end: `rename FROM -> TO`, `spawn git push …`. */
  readonly steps: readonly string[];
}

export const NO_FAULT: Fault = { at: -1, how: 'before' };

const POINTS = fileURLToPath(new URL('fault-points.mjs', import.meta.url));

/** Runs the real binary up to its end, or to the one that the fault makes. */
export async function runFaulty(words: readonly string[], options: CliOptions, fault: Fault): Promise<FaultyRun> {
  // Beside the machine's own folder, where nobody looks for what it left.
  const notes = path.join(options.cwd, '..', '..', 'steps');
  rmSync(notes, { force: true });
  const told = { isLasting: false, steps: 'changes', ...fault, notes };
  const env = { ...options.env, AGENTWORK_FAULT: JSON.stringify(told) };
  const run = startCli(words, { ...options, env, nodeOptions: ['--import', POINTS] });
  const { exitCode, signal, stdout, stderr } = await run;
  const steps = existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').slice(0, -1) : [];
  const counted = steps.filter((step) => new RegExp(fault.where ?? '').test(step)).length;
  return {
    status: exitCode,
    wasKilled: signal === 'SIGKILL',
    isMet: counted > fault.at,
    stdout: String(stdout),
    stderr: String(stderr),
    steps,
  };
}
