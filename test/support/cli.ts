import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { withoutGitLfs } from './git-lfs.ts';
import { schemaFor, strictComplaint } from './json-schema.ts';

export const BIN = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

/** Where `npm run coverage` wants to be told what the program went through. */
const CHILD_COVERAGE = process.env.AGENTWORK_CHILD_COVERAGE;

export interface CliOptions {
  readonly cwd: string;
  /** Added to an otherwise isolated environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder of a stand-in `claude`; without one there is no claude at all. */
  readonly claudeFolder?: string;
  /** Leaves git-lfs on PATH, where it is installed. */
  readonly gitLfs?: boolean;
  /** For node itself, before the program. */
  readonly nodeOptions?: readonly string[];
  /** Kills it after so many milliseconds: `status` is undefined then. Nothing else is told from time. */
  readonly killedAfterMs?: number;
}

/** The real binary, as a cron job would run it: no terminal, a home of its own, and nothing of our environment. */
export function startCli(words: readonly string[], options: CliOptions) {
  return execa(process.execPath, [...(options.nodeOptions ?? []), BIN, ...words], {
    cwd: options.cwd,
    env: isolatedEnvironment(options),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    ...(options.killedAfterMs !== undefined && { timeout: options.killedAfterMs, killSignal: 'SIGKILL' }),
  });
}

export interface CliResult {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What it prints under `--json` is always what the published schema says. */
export async function runCli(words: readonly string[], options: CliOptions): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await startCli(words, options);
  if (words.includes('--json') && exitCode !== undefined) expectDocument(words, JSON.parse(String(stdout)));
  return { status: exitCode, stdout: String(stdout), stderr: String(stderr) };
}

/** The one document that a command prints under `--json`. */
export async function runJson<T = Record<string, unknown>>(words: readonly string[], options: CliOptions) {
  const result = await runCli([...words, '--json'], options);
  return { ...result, json: JSON.parse(result.stdout) as T };
}

function expectDocument(words: readonly string[], document: object): void {
  const complaint = strictComplaint(schemaFor(words, document), document);
  if (complaint !== undefined) throw new Error(`agentwork ${words.join(' ')}: ${complaint}`);
}

export function isolatedEnvironment({ cwd, env, claudeFolder, gitLfs = false }: CliOptions): Record<string, string> {
  const home = path.join(path.dirname(cwd), 'home');
  // What a killed test left in the machine's own would be cleaned up, and named, by another one.
  const temporary = path.join(path.dirname(cwd), 'tmp');
  if (env?.TMPDIR === undefined) mkdirSync(temporary, { recursive: true });
  const folders = [claudeFolder, '/usr/local/bin', '/usr/bin', '/bin'].filter((folder) => folder !== undefined);
  const PATH = folders.join(path.delimiter);
  return {
    TMPDIR: temporary,
    HOME: home,
    PATH: gitLfs ? PATH : withoutGitLfs(PATH),
    CLAUDE_CONFIG_DIR: path.join(home, 'claude-config'),
    GIT_CONFIG_NOSYSTEM: '1',
    // What Node keeps of our code would lie among what a pass left.
    NODE_DISABLE_COMPILE_CACHE: '1',
    ...(CHILD_COVERAGE !== undefined && { NODE_V8_COVERAGE: CHILD_COVERAGE }),
    ...env,
  };
}
