import { GitError, GitPluginError, type SimpleGit, simpleGit } from 'simple-git';
import { MINUTE_MS } from '../../clock.ts';
import { ExpectedError, messageOf } from '../../errors.ts';
import { ALLOWED_VARIABLES, gitEnvironment } from './environment.ts';
import { gitMessage } from './message.ts';

/** What one call needs besides its words. */
export interface GitCall {
  /** Written to stdin, which is then closed; not empty. */
  readonly input?: string;
  /** The index to work on, in place of the clone's own. */
  readonly indexFile?: string;
  /** Who wrote what is committed, where it is not who commits it. */
  readonly author?: GitAuthor;
  /** Lets the clone's own hooks run. */
  readonly withHooks?: boolean;
  /** The call may talk to a remote, and is ended after this many milliseconds, whatever it says. */
  readonly limitMs?: number;
}

export interface GitAuthor {
  readonly name: string;
  readonly email: string;
  /** `1700000000 +0100`. */
  readonly date: string;
}

/** No git call may hang a pass: this long without a sign of life, and it is ended. */
export const SILENCE_LIMIT_MS = 2 * MINUTE_MS;

/** Starts git in one clone, with an environment of our own making. */
export class GitProcess {
  readonly root: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #plain: SimpleGit;
  #gitDir: Promise<string> | undefined;

  /** `gitDir`: git's own folder of this work tree, where it is known already. */
  constructor(root: string, environment: NodeJS.ProcessEnv, gitDir?: string) {
    this.root = root;
    this.#environment = environment;
    this.#plain = openGit(root, environment);
    if (gitDir !== undefined) this.#gitDir = Promise.resolve(gitDir);
  }

  /** git's own folder of this work tree, absolute. Throws GIT_FAILED. */
  async gitDir(): Promise<string> {
    this.#gitDir ??= this.run(['rev-parse', '--absolute-git-dir']).then((answer) => answer.trim());
    return this.#gitDir;
  }

  /** What git printed. Throws GIT_FAILED with what it said, or that it said nothing for too long. */
  async run(words: readonly string[], call?: GitCall): Promise<string> {
    try {
      return await this.#start(words, call);
    } catch (error) {
      throw this.#failure(words, error);
    }
  }

  /** Undefined where git says no: for questions whose "no" is an answer. */
  async ask(words: readonly string[], call?: GitCall): Promise<string | undefined> {
    try {
      return await this.#start(words, call);
    } catch (error) {
      if (error instanceof GitError && !(error instanceof GitPluginError)) return undefined;
      throw this.#failure(words, error);
    }
  }

  #failure(words: readonly string[], error: unknown): ExpectedError {
    const what = `git ${verbOf(words)}${placeOf(error, this.root)}`;
    return new ExpectedError('GIT_FAILED', `${what}: ${said(error)}`, { cause: error });
  }

  async #start(words: readonly string[], call: GitCall | undefined): Promise<string> {
    if (!call) return this.#plain.raw([...words]);
    const limit = new AbortController();
    const timer = call.limitMs === undefined ? undefined : setTimeout(() => limit.abort(), call.limitMs);
    try {
      return await openGit(this.root, this.#environment, call, limit.signal).raw([...words]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A simple-git on `folder` that hears nothing of the hook it may have been started from. */
export function openGit(
  folder: string,
  environment: NodeJS.ProcessEnv,
  call: GitCall = {},
  abort?: AbortSignal,
): SimpleGit {
  const { input } = call;
  return simpleGit({
    baseDir: folder,
    timeout: { block: Math.min(SILENCE_LIMIT_MS, call.limitMs ?? SILENCE_LIMIT_MS) },
    allowEnvironment: ALLOWED_VARIABLES,
    // These name what the user's own environment says, which is the user's to say.
    unsafe: {
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      // One is forbidden, none allowed.
      allowUnsafeProtocolOverride: true,
      // The one of Git LFS, for our own commits.
      allowUnsafeFilter: true,
    },
    errors: failureOf,
    ...(input !== undefined && { input: () => input }),
    ...(abort && { abort }),
  })
    .env({ ...gitEnvironment(environment, call.withHooks), ...callVariables(call) })
    .outputHandler(sayNothing);
}

/**
 * simple-git waits 50 ms more for the words of a git that ended without any, and most of ours end so. What is printed
 * has come when its stream ends; an empty piece of it then counts as a word.
 */
function sayNothing(_: string, stdout: NodeJS.ReadableStream): void {
  stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
}

function callVariables({ indexFile, author }: GitCall): Record<string, string> {
  return {
    ...(indexFile !== undefined && { GIT_INDEX_FILE: indexFile }),
    ...(author && {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: author.date,
    }),
  };
}

/** A git that ended with an exit status other than 0 has failed, even if it said nothing about it. */
function failureOf(known: Buffer | Error | undefined, end: { exitCode: number; stdOut: Buffer[]; stdErr: Buffer[] }) {
  if (known || end.exitCode === 0) return known;
  const output = Buffer.concat([...end.stdOut, ...end.stdErr]);
  return output.length > 0 ? output : Buffer.from(`ended with exit status ${end.exitCode}`);
}

/** Which of the disks it is, git does not say. */
function placeOf(error: unknown, root: string): string {
  return /No space left on device|Disk quota exceeded/.test(messageOf(error)) ? ` in ${root}` : '';
}

function said(error: unknown): string {
  if (error instanceof GitPluginError && error.plugin === 'timeout') return 'gave no sign of life for too long';
  if (error instanceof GitPluginError && error.plugin === 'abort') return 'took too long';
  return gitMessage(error);
}

function verbOf(words: readonly string[]): string {
  return words.find((word) => /^[a-z][a-z-]*$/.test(word)) ?? '';
}
