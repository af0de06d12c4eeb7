import { type Dirent, readdirSync } from 'node:fs';
import path from 'node:path';
import { ExpectedError, messageOf, systemErrorCode } from '../errors.ts';
import { requireOwnFolder } from '../own-folder.ts';
import { type JsonObject, parseObject } from '../session/json-object.ts';
import { judgeName } from '../session/name.ts';
import { describeBrokenJson, type StoredSession } from '../session/stored-session.ts';
import { parseStoredSummary, type SessionSummary } from '../session/summary.ts';
import { readHead } from './plain-file.ts';
import { RAW_NAME } from './raw-state.ts';
import { MARKER_NAME } from './recorder.ts';
import { MAX_META_BYTES, MAX_SUMMARY_BYTES, META_NAME } from './session-facts.ts';
import { LEGACY_FOLDERS } from './survey.ts';

const SUMMARY_NAME = 'summary.json';
/** Each of these makes a folder a session. */
const SIGNS: readonly string[] = [RAW_NAME, MARKER_NAME, SUMMARY_NAME, META_NAME];

/** Everything in the folder of sessions that may be one, in the order of the names. Throws UNREADABLE. */
export function listStoredSessions(sessionsDir: string): readonly Dirent[] {
  requireOwnFolder(sessionsDir);
  const entries = readEntries(sessionsDir).filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  return entries.filter(({ name }) => !LEGACY_FOLDERS.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Undefined for a folder that is no session. Never throws: what cannot be read is said. */
export function readStoredSession(sessionsDir: string, entry: Dirent): StoredSession | undefined {
  const { shown: name, ...judged } = judgeName(entry.name);
  const refusal = entry.isSymbolicLink() ? 'a symbolic link, not a folder' : judged.refusal;
  if (refusal !== undefined) return { name, troubles: [`not looked into: ${refusal}`], hasPage: false };
  const folder = path.join(sessionsDir, name);
  let files: readonly string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    return { name, troubles: [`the folder cannot be read: ${reasonOf(error)}`], hasPage: false };
  }
  return SIGNS.some((sign) => files.includes(sign)) ? readFiles(folder, files) : undefined;
}

function readFiles(folder: string, files: readonly string[]): StoredSession {
  const troubles: string[] = [];
  const read = <T>(file: string, maxBytes: number, parse: (text: string) => T | undefined): T | undefined => {
    if (!files.includes(file)) return undefined;
    const found = readOrTrouble(path.join(folder, file), maxBytes, parse);
    if ('value' in found) return found.value;
    troubles.push(`${file} ${found.trouble}`);
    return undefined;
  };
  const summary = read<SessionSummary>(SUMMARY_NAME, MAX_SUMMARY_BYTES, parseStoredSummary);
  const meta = read<JsonObject>(META_NAME, MAX_META_BYTES, parseMeta);
  const hasPage = files.includes('session.html');
  return { name: path.basename(folder), ...(summary && { summary }), ...(meta && { meta }), troubles, hasPage };
}

function readOrTrouble<T>(file: string, maxBytes: number, parse: (text: string) => T | undefined) {
  let text: string;
  try {
    text = readHead(file, maxBytes).toString('utf8');
  } catch (error) {
    return { trouble: `cannot be read: ${reasonOf(error)}` };
  }
  const value = parse(text);
  return value === undefined ? { trouble: describeBrokenJson(text) } : { value };
}

const parseMeta = (text: string): JsonObject | undefined => parseObject(text.replace(/^\ufeff/, ''));

/** Without the path, which is this machine's. */
function reasonOf(error: unknown): string {
  const cause = error instanceof ExpectedError ? error.cause : error;
  return cause === undefined ? 'not a regular file' : (systemErrorCode(cause) ?? messageOf(cause));
}

function readEntries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw new ExpectedError('UNREADABLE', `cannot read ${folder}: ${messageOf(error)}`, { cause: error });
  }
}
