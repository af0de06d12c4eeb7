import { SECOND_MS } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { RunError } from '../runner.ts';
import { missingIsolation, parseListedFlags, parseVersion } from './flags.ts';
import { type ProcessEnd, type ProcessStart, runProcess } from './process.ts';
import { programIdentity } from './program.ts';
import { quote, waysOut } from './verdict.ts';

/** Remembers the flags of one build of the program. The key changes with every update. */
export interface FlagCache {
  get(key: string): readonly string[] | undefined;
  set(key: string, flags: readonly string[]): void;
}

/** Asks a `claude` once which flags it has, and refuses one that cannot be kept away from tools and settings. */
export class ClaudeProbe {
  readonly #cache: FlagCache | undefined;
  /** Runs that start together share one question. */
  readonly #asked = new Map<string, Promise<readonly string[]>>();

  constructor(cache: FlagCache | undefined) {
    this.#cache = cache;
  }

  async flags(start: ProcessStart): Promise<readonly string[]> {
    const key = await identityOf(start.program);
    const cached = this.#cache?.get(key);
    if (cached && missingIsolation(cached).length === 0) return cached;
    const asked = this.#asked.get(key) ?? this.#ask(key, start);
    try {
      return await asked;
    } catch (error) {
      // Whoever asked was stopped; that is not our failure.
      const isOthersAbort = error instanceof RunError && error.kind === 'aborted' && !start.signal.aborted;
      if (isOthersAbort) return this.flags(start);
      throw error;
    }
  }

  #ask(key: string, start: ProcessStart): Promise<readonly string[]> {
    const asked = askFlags(start).then((flags) => {
      this.#cache?.set(key, flags);
      return flags;
    });
    // A failure may have been the moment's: the next run asks again.
    asked.catch(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }
}

async function identityOf(program: string): Promise<string> {
  try {
    return await programIdentity(program);
  } catch (cause) {
    throw new RunError('not_installed', `${program} went away: ${messageOf(cause)}`, { cause });
  }
}

async function askFlags(start: ProcessStart): Promise<readonly string[]> {
  const help = await printed(start, '--help');
  const flags = parseListedFlags(help);
  if (flags.length === 0)
    throw new RunError('unsupported', 'claude --help lists no flags: it is too old, or another program');
  const missing = missingIsolation(flags);
  if (missing.length === 0) return flags;
  const version = parseVersion(await printed(start, '--version')) ?? 'of an unknown version';
  throw new RunError(
    'unsupported',
    `claude ${version} lacks ${missing.join(', ')}, without which it cannot be kept from tools and settings; ` +
      `2.1.100 or later is recommended, 2.0.77 works but spends extra calls`,
  );
}

const PROBE_TIMEOUT_MS = 15 * SECOND_MS;
const PROBE_LENGTH = 256 * 1024;

/** What it says of itself. Throws RunError. */
export async function printed(start: ProcessStart, flag: string): Promise<string> {
  let text = '';
  const end = await runProcess({
    ...start,
    arguments: [flag],
    input: '',
    timeoutMs: PROBE_TIMEOUT_MS,
    onStdout: (chunk) => {
      if (text.length < PROBE_LENGTH) text += Buffer.from(chunk).toString('utf8');
    },
  });
  if (end.exitCode === 0 && end.stopped === undefined) return text;
  throw probeFailure(end, flag, text);
}

function probeFailure(end: ProcessEnd, flag: string, stdout: string): RunError {
  const details = { exitCode: end.exitCode, stderr: end.stderr };
  if (end.stopped === 'aborted') return new RunError('aborted', 'the run was stopped', details);
  if (end.stopped === 'timed_out') {
    return new RunError('not_started', `claude ${flag} took longer than ${PROBE_TIMEOUT_MS / SECOND_MS} s`, details);
  }
  const cause = quote(end.stderr) || quote(stdout);
  const sentence = `claude ${flag} does not work, and ends ${waysOut(end)}`;
  return new RunError('unsupported', cause === '' ? sentence : `${sentence}: ${cause}`, details);
}
