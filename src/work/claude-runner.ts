import { existsSync } from 'node:fs';
import { type Clock, MINUTE_MS, systemClock } from '../clock.ts';
import { buildClaudeEnvironment, type ClaudeLimits, fixedEnvironment } from './claude/environment.ts';
import { buildArguments } from './claude/flags.ts';
import { ClaudeOutput } from './claude/output.ts';
import { withPrivateFolder } from './claude/private-folder.ts';
import { ClaudeProbe, type FlagCache } from './claude/probe.ts';
import { type ProcessStart, runProcess } from './claude/process.ts';
import { findProgram } from './claude/program.ts';
import { judgeClaudeRun } from './claude/verdict.ts';
import { DEFAULT_MAX_TOKENS, RunError, type Runner, type RunRequest, type RunResult } from './runner.ts';

export interface ClaudeRunnerOptions {
  /** The program, a path or a name; `claude` on PATH otherwise. */
  readonly path?: string;
  /** For requests that name none; without both, claude's own default counts (`ANTHROPIC_MODEL`, then the latest). */
  readonly model?: string;
  readonly timeoutMs?: number;
  /** Lets the user's settings in, hooks excepted: for a login by `apiKeyHelper` or through a gateway. */
  readonly userSettings?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  /** Keeps what `claude --help` said from one pass to the next. */
  readonly flagCache?: FlagCache;
}

const DEFAULT_TIMEOUT_MS = 5 * MINUTE_MS;

const DEFAULT_SYSTEM_PROMPT = 'You answer the request that follows, in text only. You have no tools.';

/**
 * Runs Claude Code as a function from a prompt to a text: without tools, settings, servers or memory, in an empty folder,
 * with an environment of named variables only, bounded in time and output.
 */
export class ClaudeRunner implements Runner {
  readonly agentType = 'claude';
  readonly #options: ClaudeRunnerOptions;
  readonly #clock: Clock;
  readonly #probe: ClaudeProbe;

  constructor(options: ClaudeRunnerOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#probe = new ClaudeProbe(options.flagCache);
  }

  async available(): Promise<boolean> {
    return (await this.#findProgram()) !== undefined;
  }

  absence(): string {
    const { path } = this.#options;
    if (path === undefined) return 'claude is not installed, or not on PATH';
    return existsSync(path) ? `${path} is not executable` : `there is no program at ${path}`;
  }

  async run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    if (signal.aborted) throw new RunError('aborted', 'the run was stopped before it started');
    const program = await this.#findProgram();
    if (program === undefined) throw new RunError('not_installed', this.absence());
    return withPrivateFolder(async (folder) => {
      const start = { program, environment: this.#environment(request), workDir: folder, signal };
      const listed = await this.#probe.flags(start);
      return this.#ask(request, { ...start, workDir: request.workDir ?? folder }, listed);
    });
  }

  async #ask(request: RunRequest, start: ProcessStart, listed: readonly string[]): Promise<RunResult> {
    const output = new ClaudeOutput();
    const timeoutMs = request.timeoutOverride ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const startedMs = this.#clock();
    const end = await runProcess({
      ...start,
      arguments: this.#arguments(request, listed),
      input: request.prompt,
      timeoutMs,
      onStdout: (chunk) => output.push(chunk),
    });
    const nowMs = this.#clock();
    return judgeClaudeRun({ report: output.end(), end, durationMs: nowMs - startedMs, timeoutMs, nowMs });
  }

  #arguments(request: RunRequest, listed: readonly string[]): readonly string[] {
    const order = {
      systemPrompt: request.systemPrompt ?? DEFAULT_SYSTEM_PROMPT,
      model: request.model ?? this.#options.model,
      maxCostUsd: request.maxCostUsd,
      userSettings: this.#isUserLetIn(),
      environment: fixedEnvironment(limitsOf(request)),
    };
    return buildArguments(order, listed);
  }

  #environment(request: RunRequest): Record<string, string> {
    return buildClaudeEnvironment(this.#source(), { ...limitsOf(request), userSettings: this.#isUserLetIn() });
  }

  #isUserLetIn(): boolean {
    return this.#options.userSettings ?? false;
  }

  #findProgram(): Promise<string | undefined> {
    return findProgram(this.#options.path ?? 'claude', { environment: this.#source(), platform: process.platform });
  }

  #source(): NodeJS.ProcessEnv {
    return this.#options.environment ?? process.env;
  }
}

function limitsOf({ maxTokens = DEFAULT_MAX_TOKENS }: RunRequest): ClaudeLimits {
  return { maxTokens };
}
