import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isWithin, realPath } from '../ledger/real-path.ts';
import { claudeFolder } from '../ledger/recovery/agent-transcripts.ts';
import { isObject, parseJson } from '../session/json-object.ts';
import { type Change, fileChange, isNeeded, readOthersFile } from './change.ts';
import { shellWord, shellWords, type ThisProgram } from './program.ts';
import { parseStarts, withoutHooks, withStart } from './session-starts.ts';

/** Whose sessions are recorded, for which ledger. */
export interface RecorderOrder {
  /** Where the sessions of the ledger wait for a pass. */
  readonly cache: string;
  /** Absolute folders. */
  readonly projects: readonly string[];
  readonly program: ThisProgram;
}

const SCRIPT = 'record.cjs';
const MODE = 0o600;

/** The user's own settings of Claude Code; where a link leads there, as from a folder of dotfiles, what it leads to. */
export function settingsFile(environment: NodeJS.ProcessEnv): string {
  return realPath(path.join(claudeFolder(environment), 'settings.json'));
}

/**
 * The settings with our hook among those of others, and once a copy of what they were before. Throws BAD_CONFIG for
 * settings that are not what they should be: nothing is written over what cannot be understood. `caches`: all that a hook
 * of ours can name, which the new one replaces.
 */
export function planRecorder(
  file: string,
  order: RecorderOrder,
  caches: readonly string[] = [order.cache],
): readonly Change[] {
  const start = { hooks: [{ type: 'command', command: commandOf(order) }] };
  const text = readOthersFile(file);
  const { settings } = parseStarts(file, text, start);
  const before = withoutOurs(text ?? '', caches);
  const after = withStart(before, start);
  const change = fileChange(file, isDeepStrictEqual(parseJson(after), settings) ? text : after, MODE);
  const copy = copyOf(file);
  const isCopied = text === undefined || isEmpty(before) || existsSync(copy) || !isNeeded(change);
  return isCopied ? [change] : [fileChange(copy, text, MODE), change];
}

const isEmpty = (text: string): boolean => /^\s*\{\s*\}\s*$/.test(text);
const copyOf = (file: string): string => `${file}.before-agentwork`;

/** The settings without it, or none where they held nothing else. Throws BAD_CONFIG where it is in settings that cannot be understood. */
export function planRecorderRemoval(file: string, caches: readonly string[]): readonly Change[] {
  const text = readOthersFile(file);
  if (!text?.includes(SCRIPT)) return [];
  parseStarts(file, text);
  const after = withoutOurs(text, caches);
  if (after === text) return [];
  // Where there was a file before ours, a copy of it tells.
  const isAllOurs = isEmpty(after) && !existsSync(copyOf(file));
  return [fileChange(file, isAllOurs ? undefined : after, MODE)];
}

/** Another ledger for which sessions are recorded that are recorded for ours, too: each of them is finished twice. */
export interface DoubleRecording {
  readonly ledger: string;
  /** As that one has them. */
  readonly projects: readonly string[];
}

/** `projects`: those that are recorded for this cache, or are to be. */
export function doubleRecordings(
  recorded: readonly Recorded[],
  cache: string,
  projects: readonly string[] = recordedProjects(recorded, cache),
): readonly DoubleRecording[] {
  const isBoth = (theirs: string) => projects.some((ours) => isWithin(theirs, ours) || isWithin(ours, theirs));
  return recorded.flatMap((other) => {
    const both = other.projects.filter(isBoth);
    // Where its clone is gone, nothing is recorded.
    if (other.cache === cache || both.length === 0 || !existsSync(other.cache)) return [];
    return [{ ledger: other.cache.replace(CACHE_IN_CLONE, ''), projects: both }];
  });
}

/** Projects that are recorded for this cache. */
export function recordedProjects(recorded: readonly Recorded[], cache: string): readonly string[] {
  return recorded.flatMap((each) => (each.cache === cache ? each.projects : []));
}

/** One sentence. */
export function formatDouble(twice: readonly DoubleRecording[]): string {
  const each = twice.map(({ ledger, projects }) => `${projects.join(', ')} for ${ledger}`);
  return `sessions are recorded elsewhere, too, and finished twice: ${each.join('; ')}`;
}

const CACHE_IN_CLONE = /\/\.git\/agentwork\/recordings$/;

/** Which projects are recorded, and where their sessions wait. */
export type Recorded = Pick<RecorderOrder, 'cache' | 'projects'>;

/** What `commandOf` made commands of; one that somebody has changed is not understood. Throws BAD_CONFIG, as `planRecorder` does. */
export function recordedBy(file: string): readonly Recorded[] {
  const { starts } = parseStarts(file, readOthersFile(file));
  return starts
    .flatMap(({ hooks }) => hooks)
    .flatMap((hook) => {
      const words = isObject(hook) ? shellWords(String(hook.command)) : [];
      const [, script = '', cache, ...projects] = words.slice(words.indexOf('||') + 1, words.lastIndexOf('||'));
      return path.basename(script) === SCRIPT && cache !== undefined ? [{ cache, projects }] : [];
    });
}

/** The command that records for this cache, and whether Claude Code starts it; undefined where there is none. */
export function recorderIn(file: string, cache: string): { command: string; isOff: boolean } | undefined {
  const { settings, starts } = parseStarts(file, readOthersFile(file));
  const commands = starts.flatMap(({ hooks }) => hooks).filter((hook) => isOurs(hook, cache));
  const command = isObject(commands[0]) ? String(commands[0].command) : undefined;
  return command === undefined ? undefined : { command, isOff: settings.disableAllHooks === true };
}

/** A program that is gone is nobody's trouble. */
export function commandOf({ cache, projects, program }: RecorderOrder): string {
  const script = shellWord(recordScript(program));
  const words = [shellWord(program.node), script, ...[cache, ...new Set(projects)].map(shellWord)].join(' ');
  return `test ! -f ${script} || ${words} || true`;
}

/** What notes that a session begins. On PATH a program is a link that stands alone. */
export function recordScript({ script }: ThisProgram): string {
  return path.join(path.dirname(realPath(script)), SCRIPT);
}

const withoutOurs = (text: string, caches: readonly string[]): string =>
  withoutHooks(text, (hook) => caches.some((cache) => isOurs(hook, cache)));

function isOurs(hook: unknown, cache: string): boolean {
  const command = isObject(hook) ? String(hook.command) : '';
  return command.includes(SCRIPT) && command.split(' || ').some((part) => part.includes(` ${shellWord(cache)} `));
}
