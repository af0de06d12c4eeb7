import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a stand-in `claude` does; without anything it plays the latest version and answers with a valid summary. */
export interface StandInScenario {
  readonly plays?: 'latest' | '2.1.100' | 'too-old';
  /** Runs and reads what environment, settings and prompt want of the real program, and notes it as `deeds`. */
  readonly gullible?: boolean;
  /** What `--help` and `--version` do instead of answering. */
  readonly probe?: { readonly hang: true } | Pick<StandInAct, 'stdout' | 'stderr' | 'exitCode'>;
  /** The first, second, … call; the last one goes for all that follow. */
  readonly calls?: readonly StandInAct[];
  /** For prompts with this text, whatever the number of the call. `ignoreSigterm` and `ignoreStdin` do not work here. */
  readonly whenPromptHas?: readonly { readonly text: string; readonly act: StandInAct }[];
}

export interface StandInAct {
  /** The model's text; a summary made from the prompt otherwise. */
  readonly answer?: string;
  /** A recorded run: the path of `<name>.jsonl` and `<name>.exit.json` without their endings. */
  readonly replay?: string;
  /** Printed as they are, in place of an answer. */
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  /** Ends itself by this signal. */
  readonly signal?: NodeJS.Signals;
  readonly delayMs?: number;
  readonly hang?: boolean;
  readonly ignoreSigterm?: boolean;
  readonly ignoreStdin?: boolean;
  /** Endless lines, or one endless line. */
  readonly forever?: 'lines' | 'line';
  /** Printed behind the answer. */
  readonly trailing?: string;
  /** Closes its stdout before it has said anything, and stays. */
  readonly closeStdout?: boolean;
  /** So many megabytes of complaints before the answer. */
  readonly stderrMegabytes?: number;
  /** Puts files and folders into its folder, one of which nobody may write to. */
  readonly litter?: boolean;
  /** Leaves a process behind that holds stdout open and ignores SIGTERM. */
  readonly grandchild?: boolean;
}

export type StandInEvent =
  | StandInProbe
  | StandInStart
  | StandInEnd
  | StandInDeeds
  | { event: 'grandchild'; call: number; pid: number };

interface Situation {
  readonly pid: number;
  readonly atMs: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly cwdMode: string;
  readonly cwdFiles: readonly string[];
  readonly environmentKeys: readonly string[];
}

interface StandInProbe extends Situation {
  readonly event: 'probe';
}

export interface StandInStart extends Situation {
  readonly event: 'start';
  readonly call: number;
  readonly promptBytes: number;
  readonly promptSha256: string;
  /** The first 200 characters. */
  readonly promptStart: string;
  /** The last 300. */
  readonly promptEnd: string;
}

interface StandInEnd {
  readonly event: 'end';
  readonly call: number;
  readonly pid: number;
  readonly atMs: number;
  readonly exitCode: number;
}

/** What a gullible run did beside its answer. */
export interface StandInDeeds {
  readonly event: 'deeds';
  readonly call: number;
  readonly pid: number;
  /** Command lines. */
  readonly ran: readonly string[];
  /** Paths of files and folders. */
  readonly read: readonly string[];
  /** What would have gone to the API; absent where the prompt was taken for a command. */
  readonly request?: {
    readonly baseUrl?: string;
    readonly system: string;
    readonly messages: readonly string[];
    readonly tools: readonly string[];
  };
}

/** Installs the stand-in as `<folder>/claude` and gives its path. Writing again counts the calls anew. */
export async function writeStandInClaude(folder: string, scenario: StandInScenario = {}): Promise<string> {
  await rm(join(folder, 'numbers'), { recursive: true, force: true });
  await mkdir(join(folder, 'numbers'), { recursive: true });
  const program = join(folder, 'claude');
  const source = await readFile(new URL('stand-in-claude.cjs', import.meta.url), 'utf8');
  await writeFile(join(folder, 'scenario.json'), JSON.stringify(scenario));
  // By its full path, so that it starts with any PATH.
  await writeFile(program, source.replace('#!/usr/bin/env node', `#!${process.execPath}`));
  await chmod(program, 0o755);
  await copyFile(new URL('gullible-claude.cjs', import.meta.url), join(folder, 'gullible-claude.cjs'));
  return program;
}

/** Everything that the stand-in of this folder met so far, in the order of its happening. */
export async function standInEvents(folder: string): Promise<readonly StandInEvent[]> {
  const text = await readFile(join(folder, 'calls.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StandInEvent);
}

/** The calls that were started with a prompt, probes left out. */
export async function standInCalls(folder: string): Promise<readonly StandInStart[]> {
  return (await standInEvents(folder)).filter((event) => event.event === 'start');
}

/** What a gullible stand-in did in each of its calls. */
export async function standInDeeds(folder: string): Promise<readonly StandInDeeds[]> {
  return (await standInEvents(folder)).filter((event) => event.event === 'deeds');
}
