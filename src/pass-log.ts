import { constants, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Clock, DAY_MS, isoTime, parseTime } from './clock.ts';
import { EXIT_STATUS, ExpectedError, messageOf } from './errors.ts';
import { writeFileAtomic } from './ledger/atomic-file.ts';
import { makeOwnFolder, removeIfPossible } from './own-folder.ts';
import { readIfThere } from './regular-file.ts';
import { parseJson } from './session/json-object.ts';
import { objectParser, parseCount, parseText } from './session/json-shape.ts';

/** What the last pass that nobody watched failed of: `<state folder>/last-failure.json`. */
export interface LastFailure {
  /** When it ended. */
  readonly at: string;
  readonly exit_status: number;
  /** One sentence. */
  readonly message: string;
}

const LOG_NAME = 'finalize.log';
const FAILURE_NAME = 'last-failure.json';
/** The log before this one is kept, too. */
const MAX_LOG_BYTES = 1024 * 1024;
const MAX_FAILURE_BYTES = 64 * 1024;
/** Who looks later than this has other worries. */
const FAILURE_MS = DAY_MS;

/** Another pass does the work; a limit passes by itself, and status tells of it; and who interrupts knows. */
const NO_FAILURES: ReadonlySet<number> = new Set([
  ...[EXIT_STATUS.OK, EXIT_STATUS.LOCKED, EXIT_STATUS.LIMIT_REACHED],
  ...[EXIT_STATUS.INTERRUPTED, EXIT_STATUS.TERMINATED],
]);

const parseFailure = objectParser<LastFailure>(['at', 'exit_status', 'message'], {
  at: parseText,
  exit_status: parseCount,
  message: parseText,
});

/** Where passes that nobody watches say what they have to say. */
export function logPath(stateDir: string): string {
  return path.join(stateDir, LOG_NAME);
}

/** What passes say that nobody watches, and how the last of them ended. */
export class PassLog {
  readonly #stateDir: string;
  readonly #clock: Clock;

  constructor(stateDir: string, clock: Clock) {
    this.#stateDir = stateDir;
    this.#clock = clock;
  }

  /** From here on all that this process prints goes into the log. Throws UNWRITABLE, UNREADABLE. */
  takeOutput(): void {
    const file = logPath(this.#stateDir);
    const descriptor = openLog(this.#stateDir, file);
    let head = `${isoTime(this.#clock())} pid ${process.pid}\n`;
    for (const stream of [process.stdout, process.stderr]) {
      stream.write = (chunk: string | Uint8Array, ...more: unknown[]) => {
        const text = stripVTControlCharacters(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
        // A pass with nothing to say leaves no trace.
        if (text !== '') writeAll(descriptor, `${head}${text}`);
        if (text !== '') head = '';
        const done = more.at(-1);
        if (typeof done === 'function') process.nextTick(done);
        return true;
      };
    }
  }

  /** Leaves a failure to whoever looks next, and takes an older one away where there is none. Never throws. */
  async noteEnd(exitStatus: number, message: string): Promise<void> {
    const file = path.join(this.#stateDir, FAILURE_NAME);
    if (exitStatus === EXIT_STATUS.OK) removeIfPossible(file);
    if (NO_FAILURES.has(exitStatus)) return;
    const failure: LastFailure = { at: isoTime(this.#clock()), exit_status: exitStatus, message };
    // The log has it, too.
    await writeFileAtomic(file, JSON.stringify(failure), { mode: 0o600, isDisposable: true }).catch(() => {});
  }

  /** The last failure, for a day. */
  get lastFailure(): LastFailure | undefined {
    const file = path.join(this.#stateDir, FAILURE_NAME);
    try {
      const failure = parseFailure(parseJson(readIfThere(file, MAX_FAILURE_BYTES)?.toString('utf8') ?? ''));
      const ageMs = this.#clock() - (parseTime(failure?.at) ?? 0);
      return ageMs >= 0 && ageMs < FAILURE_MS ? failure : undefined;
    } catch {
      // Nobody can read it: the next one is written over it.
      return undefined;
    }
  }

  /** Somebody has read of it. */
  forgetFailure(): void {
    removeIfPossible(path.join(this.#stateDir, FAILURE_NAME));
  }
}

function openLog(stateDir: string, file: string): number {
  makeOwnFolder(stateDir);
  try {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
    return openSync(file, flags, 0o600);
  } catch (error) {
    throw new ExpectedError('UNWRITABLE', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** A full disk takes words of the log, and nothing else. */
function writeAll(descriptor: number, text: string): void {
  try {
    writeSync(descriptor, text);
  } catch {
    // Nobody is there to be told.
  }
}
