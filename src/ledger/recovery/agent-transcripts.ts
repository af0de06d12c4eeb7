import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { MINUTE_MS } from '../../clock.ts';
import { systemErrorCode } from '../../errors.ts';
import { homeOf } from '../../own-folder.ts';
import type { AgentTranscript } from '../../session/facts.ts';
import type { Recording } from '../../session/recording.ts';
import { containsWord, wordsIn } from '../plain-file.ts';
import { leadsOut } from '../real-path.ts';

/** Where the agents of this machine keep their transcripts. */
export interface AgentFolders {
  /** Claude Code: a folder for each workspace, in it `<session id>.jsonl`. */
  readonly claudeProjects: string;
  /** Codex: `YYYY/MM/DD/rollout-<time>-<session id>.jsonl`. */
  readonly codexSessions: string;
}

export function agentFoldersIn(environment: NodeJS.ProcessEnv): AgentFolders {
  const home = homeOf(environment);
  return {
    claudeProjects: path.join(claudeFolder(environment), 'projects'),
    codexSessions: path.join(environment.CODEX_HOME || path.join(home, '.codex'), 'sessions'),
  };
}

/** Where Claude Code keeps what is the user's. */
export function claudeFolder(environment: NodeJS.ProcessEnv): string {
  return environment.CLAUDE_CONFIG_DIR || path.join(homeOf(environment), '.claude');
}

/** An agent may have begun to write shortly before its recorder did. */
const EARLIER_MS = 5 * MINUTE_MS;

/**
 * The transcript of a recording: the file that its marker names, else the one that bears the agent's own session id,
 * else the one in the workspace's own folder that speaks of the agent id. Never merely the newest: that may be
 * somebody else's. A marker may name a file anywhere, as recorders of other agents do, if it is called like a
 * transcript; and no link leads out of the folders of the agents.
 */
export function findTranscript(recording: Recording, folders: AgentFolders | undefined): AgentTranscript {
  const named = recording.sessionFile;
  if (named !== undefined) {
    const there = lookAt(named, 'marker', folders);
    if (there.kind !== 'none') return there;
  }
  if (!folders) return { kind: 'none' };
  return findById(recording, folders) ?? findBySpeech(recording, folders) ?? { kind: 'none' };
}

function findById(recording: Recording, folders: AgentFolders): AgentTranscript | undefined {
  const id = recording.agentSessionId;
  if (id === undefined || !/^[\w-]{8,128}$/.test(id)) return undefined;
  const isClaude = (name: string) => name === `${id}.jsonl`;
  const isCodex = (name: string) => name.startsWith('rollout-') && name.endsWith(`-${id}.jsonl`);
  const own = projectFolders(recording, folders).flatMap((folder) => filesIn(folder, isClaude));
  const others = () => foldersIn(folders.claudeProjects).flatMap((folder) => filesIn(folder, isClaude));
  const codex = () => datedFolders(folders).flatMap((folder) => filesIn(folder, isCodex));
  const file = own[0] ?? others()[0] ?? codex()[0];
  return file === undefined ? undefined : lookAt(file, 'session_id', folders);
}

/** Only where one single file speaks of the agent: of two, one is another session's. */
function findBySpeech(recording: Recording, folders: AgentFolders): AgentTranscript | undefined {
  const { agentId, startedAtMs } = recording;
  if (agentId === undefined || agentId.length < MIN_ID_LENGTH || startedAtMs === undefined) return undefined;
  const files = projectFolders(recording, folders).flatMap((folder) =>
    filesIn(folder, (name) => name.endsWith('.jsonl')),
  );
  const candidates = files
    .map((file) => lookAt(file, 'agent_id', folders))
    .filter((found) => found.kind === 'there')
    .filter((found) => found.changedAtMs >= startedAtMs - EARLIER_MS && speaksOf(found, agentId, folders));
  return candidates.length === 1 ? candidates[0] : undefined;
}

type FoundTranscript = Extract<AgentTranscript, { kind: 'there' }>;

/** What the usual agent id looks like, and where one begins in a text. */
const AGENT_ID = /^Ox[A-Za-z0-9]{4}$/;
const AGENT_IDS = /(?=(Ox[A-Za-z0-9]{4}))/g;
const AGENT_ID_LENGTH = 6;

/** For as long as one look at the folders goes: the agent ids in each transcript, read once for all lost recordings. */
const spokenIds = new WeakMap<AgentFolders, Map<string, ReadonlySet<string>>>();

function speaksOf({ path: file, bytes }: FoundTranscript, agentId: string, folders: AgentFolders): boolean {
  if (!AGENT_ID.test(agentId)) return containsWord(file, agentId);
  const known = spokenIds.get(folders) ?? new Map<string, ReadonlySet<string>>();
  spokenIds.set(folders, known);
  const key = `${bytes} ${file}`;
  const ids = known.get(key) ?? wordsIn(file, AGENT_IDS, AGENT_ID_LENGTH);
  known.set(key, ids);
  return ids.has(agentId);
}

/** A shorter one could stand in any text. */
const MIN_ID_LENGTH = 5;

/** Claude Code names a workspace's folder after its path; which signs it replaced has changed over time. */
function projectFolders({ workspacePath }: Recording, { claudeProjects }: AgentFolders): readonly string[] {
  if (workspacePath === undefined || !path.isAbsolute(workspacePath)) return [];
  const patterns = [/[^A-Za-z0-9]/g, /[/_.]/g, /[/_]/g];
  const names = new Set(patterns.map((pattern) => workspacePath.replace(pattern, '-')));
  return [...names].filter((name) => !name.includes('/')).flatMap((name) => foldersCalled(name, claudeProjects));
}

const MAX_FOLDER_NAME = 200;

/** A longer name is cut, and ends with a hash that is nobody else's business. */
function foldersCalled(name: string, parent: string): readonly string[] {
  if (name.length <= MAX_FOLDER_NAME) return [path.join(parent, name)];
  const beginning = `${name.slice(0, MAX_FOLDER_NAME)}-`;
  return foldersIn(parent).filter((folder) => path.basename(folder).startsWith(beginning));
}

/** Codex files a session under the day on which it began; a resumed one began long before its recording. */
function datedFolders({ codexSessions }: AgentFolders): readonly string[] {
  return foldersIn(codexSessions).flatMap(foldersIn).flatMap(foldersIn);
}

/** Those of Claude Code, Codex and Gemini. What else a marker names could be a key, or what the system tells of itself. */
const TRANSCRIPT_NAME = /\.jsonl?$/;

function lookAt(file: string, foundBy: FoundTranscript['foundBy'], folders: AgentFolders | undefined): AgentTranscript {
  if (!path.isAbsolute(file)) return { kind: 'none' };
  try {
    const stat = lstatSync(file);
    if (!stat.isFile()) return { kind: 'unclear', path: file, reason: 'not a plain file' };
    if (stat.size === 0) return { kind: 'none' };
    if (!TRANSCRIPT_NAME.test(file)) return { kind: 'unclear', path: file, reason: 'not called like a transcript' };
    if (folders && Object.values(folders).some((folder) => leadsOut(file, folder)))
      return { kind: 'unclear', path: file, reason: 'a link leads there, out of the agent’s folder' };
    return { kind: 'there', path: file, bytes: stat.size, changedAtMs: stat.mtimeMs, foundBy };
  } catch (error) {
    // An unmounted or locked home is no proof that nothing is there.
    if (systemErrorCode(error) === 'EACCES') return { kind: 'unclear', path: file, reason: 'permission denied' };
    return { kind: 'none' };
  }
}

function filesIn(folder: string, isWanted: (name: string) => boolean): readonly string[] {
  return namesIn(folder)
    .filter(isWanted)
    .map((name) => path.join(folder, name));
}

function foldersIn(folder: string): readonly string[] {
  return namesIn(folder).map((name) => path.join(folder, name));
}

/** None where there is no such folder, or none that may be read: then no transcript is found there. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // An agent that was never used here has no folder.
    return [];
  }
}
