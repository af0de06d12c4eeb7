/** The exit status of every failure that a user can meet; the README prints this table. */
export const EXIT_STATUS = {
  OK: 0,
  BUG: 1,
  USAGE: 2,
  PARTIAL: 3,
  WORK_WAITING: 4,
  NO_LEDGER: 10,
  LOCKED: 11,
  AGENT_UNAVAILABLE: 12,
  LIMIT_REACHED: 13,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

const STATUS_OF = {
  BAD_USAGE: EXIT_STATUS.USAGE,
  BAD_CONFIG: EXIT_STATUS.USAGE,
  NO_IDENTITY: EXIT_STATUS.USAGE,
  GIT_TOO_OLD: EXIT_STATUS.USAGE,
  UNKNOWN_SESSION: EXIT_STATUS.USAGE,
  NO_LEDGER: EXIT_STATUS.NO_LEDGER,
  LEDGER_LOCKED: EXIT_STATUS.LOCKED,
  LEDGER_BUSY: EXIT_STATUS.PARTIAL,
  UNREADABLE: EXIT_STATUS.PARTIAL,
  UNWRITABLE: EXIT_STATUS.PARTIAL,
  GIT_FAILED: EXIT_STATUS.PARTIAL,
  BAD_TRANSCRIPT: EXIT_STATUS.PARTIAL,
  BAD_ANSWER: EXIT_STATUS.PARTIAL,
  NOT_RECOVERABLE: EXIT_STATUS.PARTIAL,
  STILL_RECORDED: EXIT_STATUS.PARTIAL,
  UNCLAIMED: EXIT_STATUS.PARTIAL,
  REDACTION_FAILED: EXIT_STATUS.PARTIAL,
  SYSTEM_FAILED: EXIT_STATUS.PARTIAL,
} as const;

export type ErrorCode = keyof typeof STATUS_OF;

/** A failure that is the world's and not ours: it has a name, a sentence that names the thing, and often a way out. */
export class ExpectedError extends Error {
  readonly code: ErrorCode;
  readonly exitStatus: number;
  readonly suggestions: readonly string[];

  constructor(code: ErrorCode, message: string, options: { suggestions?: readonly string[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ExpectedError';
    this.code = code;
    this.exitStatus = STATUS_OF[code];
    this.suggestions = options.suggestions ?? [];
  }
}

/** What a machine refuses that is full, out of order, or not ours to write to. */
const REFUSALS: ReadonlySet<string> = new Set(
  'EACCES EAGAIN EBUSY EDQUOT EIO EMFILE ENAMETOOLONG ENFILE ENOMEM ENOSPC EPERM EROFS ESTALE'.split(' '),
);

/** Whether this, or what it came of, is a machine that refused what may well be there. */
export function isRefusal(error: unknown): boolean {
  return cameOf(error, REFUSALS);
}

/** The error itself, but a refusal of the machine as what it is: no bug of ours, wherever it came up. */
export function asExpected(error: unknown): unknown {
  if (error instanceof ExpectedError || !REFUSALS.has(systemErrorCode(error) ?? '')) return error;
  return new ExpectedError('SYSTEM_FAILED', messageOf(error), { cause: error });
}

/** The code of a Node system error (`ENOENT`), undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether this, or what it came of, is a disk that takes no more. */
export function isDiskFull(error: unknown): boolean {
  return cameOf(error, DISK_FULL);
}

/** Whether an error, or one that it was caused by, has one of these codes. */
function cameOf(error: unknown, codes: ReadonlySet<string>): boolean {
  const hasCode = codes.has(systemErrorCode(error) ?? '');
  return hasCode || (error instanceof Error && error.cause !== undefined && cameOf(error.cause, codes));
}

const DISK_FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
