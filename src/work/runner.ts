/** Enough for the summary of a long session with all its fields; every token above it would be paid for rambling. */
export const DEFAULT_MAX_TOKENS = 8000;

/** One agent invocation. */
export interface RunRequest {
  readonly prompt: string;
  /** A short instruction that stands above the prompt; the agent's own default is replaced by it. */
  readonly systemPrompt?: string;
  /** Where the agent runs. Without one the runner makes a private empty folder and removes it afterwards. */
  readonly workDir?: string;
  /** Upper bound of the answer, in tokens; DEFAULT_MAX_TOKENS without it. */
  readonly maxTokens?: number;
  /** Wall-clock limit in milliseconds; the runner's own default otherwise. */
  readonly timeoutOverride?: number;
  readonly model?: string;
  /** What this run may cost at most, in US dollars; handed to the agent where it can take it. */
  readonly maxCostUsd?: number;
}

/** What a run told of itself; nothing where it ended before it could. */
export interface MeasuredUsage {
  /** Input tokens, cached ones included. */
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  readonly model?: string;
  /** The agent's own estimate in US dollars; not a bill. */
  readonly costUsd?: number;
}

/** What came of an invocation that the agent ended by itself with an answer. */
export interface RunResult extends MeasuredUsage {
  readonly output: string;
  /** Wall time in milliseconds. */
  readonly duration: number;
  readonly exitCode: number;
}

export type RunFailureKind =
  | 'not_installed'
  | 'unsupported'
  | 'not_logged_in'
  | 'billing'
  | 'model_not_found'
  /** Asked too often just now; it may pass by itself in seconds. */
  | 'rate_limited'
  /** What the plan or the account may use is used up until some time. */
  | 'usage_limited'
  | 'network'
  | 'server_error'
  | 'prompt_too_long'
  | 'refused'
  | 'max_tokens'
  | 'over_budget'
  | 'timed_out'
  | 'malformed'
  | 'crashed'
  /** The program ended before it began with the request. */
  | 'not_started'
  | 'aborted';

/** An invocation that gave no usable answer. */
export class RunError extends Error {
  readonly kind: RunFailureKind;
  readonly exitCode: number | undefined;
  /** When a rate or usage limit ends, in milliseconds since the epoch, where the agent said so; at most a week ahead. */
  readonly resetsAt: number | undefined;
  /** The last lines of the agent's stderr, bounded. */
  readonly stderr: string;
  /** What it burned all the same. */
  readonly usage: MeasuredUsage;

  constructor(
    kind: RunFailureKind,
    message: string,
    details: {
      exitCode?: number | undefined;
      resetsAt?: number | undefined;
      stderr?: string;
      usage?: MeasuredUsage;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'RunError';
    this.kind = kind;
    this.exitCode = details.exitCode;
    this.resetsAt = details.resetsAt;
    this.stderr = details.stderr ?? '';
    this.usage = details.usage ?? {};
  }
}

/** Spawns an agent and waits for its answer. Implementations are safe for concurrent use. */
export interface Runner {
  /** The name that status and artifacts show, for instance `claude`. */
  readonly agentType: string;
  /** Answers with a result or rejects with a RunError; an aborted signal ends the agent and rejects with kind `aborted`. */
  run(request: RunRequest, signal: AbortSignal): Promise<RunResult>;
  /** Whether the agent's program is there. Cheap: nothing is started. */
  available(): Promise<boolean>;
  /** Says where the program was looked for, when it is not there. */
  absence?(): string;
}
