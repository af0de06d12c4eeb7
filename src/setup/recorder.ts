import { homedir } from 'node:os';
import path from 'node:path';
import { ExpectedError } from '../errors.ts';
import { isObject, type JsonObject, parseJson } from '../session/json-object.ts';
import { type Change, fileChange, readOthersFile } from './change.ts';
import { shellWord, type ThisProgram } from './program.ts';

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

/** The user's own settings of Claude Code. */
export function settingsFile(environment: NodeJS.ProcessEnv): string {
  const folder = environment.CLAUDE_CONFIG_DIR || path.join(environment.HOME || homedir(), '.claude');
  return path.join(folder, 'settings.json');
}

/** The settings with our hook among those of others, and a copy of what they were. Throws BAD_CONFIG, UNREADABLE. */
export function planRecorder(file: string, order: RecorderOrder): readonly Change[] {
  const command = [order.program.node, recordScript(order.program), order.cache, ...order.projects]
    .map(shellWord)
    .join(' ');
  return changesOf(file, (settings) => withStarts(settings, [{ hooks: [{ type: 'command', command }] }], order.cache));
}

/** The settings without it. */
export function planRecorderRemoval(file: string, cache: string): readonly Change[] {
  if (readOthersFile(file) === undefined) return [];
  return changesOf(file, (settings) => withStarts(settings, [], cache)).filter(({ before, after }) => before !== after);
}

function recordScript({ script }: ThisProgram): string {
  return path.join(path.dirname(script), SCRIPT);
}

function changesOf(file: string, change: (settings: JsonObject) => JsonObject): readonly Change[] {
  const text = readOthersFile(file);
  const settings = parseSettings(file, text ?? '{}');
  const changed = change(settings);
  if (JSON.stringify(changed) === JSON.stringify(settings)) return [fileChange(file, text, MODE)];
  const after = `${JSON.stringify(changed, undefined, 2)}\n`;
  const backup = text === undefined ? [] : [fileChange(`${file}.before-agentwork`, text, MODE)];
  return [...backup, fileChange(file, after, MODE)];
}

/** A comma too many is the user's to mend: nothing is written over what cannot be understood. */
function parseSettings(file: string, text: string): JsonObject {
  const settings = parseJson(text);
  if (isObject(settings)) return settings;
  throw new ExpectedError('BAD_CONFIG', `${file} is no JSON object: nothing is put into it`, {
    suggestions: ['mend it, then: agentwork setup recorder'],
  });
}

/** Our own starts, of this ledger, are replaced; those of others stay as they are. */
function withStarts(settings: JsonObject, ours: readonly object[], cache: string): JsonObject {
  const hooks = isObject(settings.hooks) ? settings.hooks : {};
  const starts = Array.isArray(hooks.SessionStart) ? hooks.SessionStart : [];
  const isOurs = (start: unknown) => {
    const text = JSON.stringify(start);
    return text.includes(SCRIPT) && text.includes(JSON.stringify(shellWord(cache)).slice(1, -1));
  };
  const all = [...starts.filter((start) => !isOurs(start)), ...ours];
  const { SessionStart: _, ...others } = hooks;
  const after = all.length > 0 ? { ...others, SessionStart: all } : others;
  const { hooks: __, ...rest } = settings;
  return Object.keys(after).length > 0 ? { ...rest, hooks: after } : rest;
}
