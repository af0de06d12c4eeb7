import { DAY_MS, MINUTE_MS, parseTime } from '../clock.ts';
import { defined, isObject, type JsonObject, parseObject, stringAt } from './json-object.ts';

/** The fields of `.recording.json` that decide anything here; the recorder writes many more. */
export interface Recording {
  readonly agentId?: string;
  readonly agentType?: string;
  readonly adapterName?: string;
  readonly model?: string;
  readonly username?: string;
  readonly sessionId?: string;
  readonly repoId?: string;
  readonly title?: string;
  readonly branch?: string;
  readonly workspacePath?: string;
  /** The agent's own transcript, as the recorder saw it: an untrusted path. */
  readonly sessionFile?: string;
  /** What the agent itself calls its session: the name of its transcript. */
  readonly agentSessionId?: string;
  readonly parentPid?: number;
  readonly startedAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly lastHookAtMs?: number;
  /** Bytes of the transcript that are older than the recording. */
  readonly startOffset?: number;
  /** Bytes of the transcript up to which the recorder took it over. */
  readonly sourceOffset?: number;
  /** Stretches that the user did not want to have recorded, in order; the last one may have no end. */
  readonly pauses?: readonly Pause[];
  /** The recorder found that the transcript is not this session's. */
  readonly isSourceRejected?: boolean;
}

/** Times are milliseconds since the epoch, offsets are bytes of the transcript; both ranges are half open. */
export interface Pause {
  readonly fromMs: number;
  /** Infinity while it goes on. */
  readonly toMs: number;
  readonly bytes?: { readonly from: number; readonly to: number };
}

/** Undefined for a torn or empty marker: its age is then all that is known. */
export function parseRecording(text: string): Recording | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const pauses = parsePauses(value);
  return defined({
    agentId: stringAt(value, 'agent_id'),
    agentType: stringAt(value, 'agent_type', 'adapter_name'),
    adapterName: stringAt(value, 'adapter_name'),
    model: stringAt(value, 'model'),
    username: stringAt(value, 'username'),
    sessionId: stringAt(value, 'session_id'),
    repoId: stringAt(value, 'repo_id'),
    title: stringAt(value, 'title'),
    branch: stringAt(value, 'branch'),
    workspacePath: stringAt(value, 'workspace_path'),
    sessionFile: stringAt(value, 'session_file'),
    agentSessionId: stringAt(value, 'agent_session_id') ?? lastNativeSession(value.native_sessions),
    parentPid: countAt(value, 'parent_pid') || undefined,
    startedAtMs: parseTime(value.started_at),
    stoppedAtMs: parseTime(value.stopped_at),
    lastHookAtMs: parseTime(value.last_hook_at),
    startOffset: countAt(value, 'start_offset'),
    sourceOffset: countAt(value, 'source_offset'),
    pauses: pauses.length > 0 ? pauses : undefined,
    isSourceRejected: value.source_rejected ? true : undefined,
  });
}

/** A whole number that is not negative; undefined for anything else. */
function countAt(source: JsonObject, key: string): number | undefined {
  const value = source[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function lastNativeSession(sessions: unknown): string | undefined {
  const last = Array.isArray(sessions) ? sessions.filter(isObject).at(-1) : undefined;
  return stringAt(last, 'id');
}

/** Every `pause` of `lifecycle` with the `resume` that follows it; one that nothing follows goes on. */
function parsePauses(marker: JsonObject): readonly Pause[] {
  const events = Array.isArray(marker.lifecycle) ? marker.lifecycle.filter(isObject) : [];
  const pauses: Pause[] = [];
  // A session that went on in a pause begins in one; nobody says since when.
  let open: JsonObject | undefined = marker.inherited_pause ? {} : undefined;
  for (const event of events) {
    if (event.action === 'pause') open ??= event;
    if (event.action !== 'resume' || !open) continue;
    pauses.push(pauseBetween(open, event));
    open = undefined;
  }
  if (open) pauses.push(pauseBetween(open));
  const suspendedAt = parseTime(marker.suspended_at);
  const isKnown =
    suspendedAt === undefined || pauses.some(({ fromMs, toMs }) => fromMs <= suspendedAt && suspendedAt < toMs);
  return isKnown ? pauses : [...pauses, { fromMs: suspendedAt, toMs: Number.POSITIVE_INFINITY }];
}

/** What cannot be told of a pause is taken for the longer one: nobody wanted it recorded. */
function pauseBetween(pause: JsonObject, resume?: JsonObject): Pause {
  const [from, to] = [countAt(pause, 'offset'), resume ? countAt(resume, 'offset') : Number.POSITIVE_INFINITY];
  const bytes = from !== undefined && to !== undefined && from <= to ? { from, to } : undefined;
  const fromMs = parseTime(pause.at) ?? (bytes ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  const toMs = (resume ? parseTime(resume.at) : undefined) ?? Number.POSITIVE_INFINITY;
  // A clock set back in between would make the pause none at all.
  const isBackwards = toMs < fromMs && !bytes;
  return { fromMs, toMs: isBackwards ? Number.POSITIVE_INFINITY : toMs, ...(bytes && { bytes }) };
}

/** What is known of a marker's recorder at one moment. Times are milliseconds since the epoch. */
export interface RecorderFacts {
  /** Undefined when the marker could not be read as one. */
  readonly recording: Recording | undefined;
  readonly markerChangedAtMs: number;
  /** `unknown`: no pid is known. A pid that now belongs to a later process counts as dead. */
  readonly process: 'alive' | 'dead' | 'unknown';
  /** The process that was asked for; the marker's, or the one that was looked up. */
  readonly pid?: number;
  /** Newest change of raw.jsonl or of the agent's transcript. */
  readonly lastGrowthMs?: number;
  /** Newest time that stands at the end of raw.jsonl or of the transcript, and is no later than that file's change. */
  readonly lastSpokenMs?: number;
}

export type Liveness = { readonly state: 'live' | 'stale'; readonly rule: string; readonly reason: string };

/** Some launchers record the pid of a shell that ends at once. */
const DEAD_GRACE_MS = 10 * MINUTE_MS;
/** Without a pid, silence this long means that nobody records any more. */
const SILENT_AFTER_MS = DAY_MS;

/** Whether a recording goes on. A clock that is wrong never makes a live one stale: negative ages are young. */
export function judgeLiveness(facts: RecorderFacts, now: number): Liveness {
  if (facts.recording?.stoppedAtMs !== undefined) return stale('explicit_stop', 'the recording was stopped');
  if (facts.process === 'alive') return live('pid_alive', `the recording process (pid ${facts.pid}) runs`);
  return facts.process === 'dead' ? judgeDead(facts, now) : judgeSilence(facts, now);
}

/** The pid may have been that of a shell: somebody who spoke just now lives, whatever became of the process. */
function judgeDead(facts: RecorderFacts, now: number): Liveness {
  const isYoung = (time: number | undefined) => time !== undefined && now - time < DEAD_GRACE_MS;
  if (isYoung(believableStart(facts, now)))
    return live('pid_dead_grace_period', 'its process is gone, and it started less than 10 minutes ago');
  if (isYoung(facts.recording?.lastHookAtMs) || isYoung(facts.lastSpokenMs))
    return live('still_spoken', 'its process is gone, but somebody spoke less than 10 minutes ago');
  return stale('pid_dead', 'the recording process is gone');
}

function judgeSilence(facts: RecorderFacts, now: number): Liveness {
  const startedAt = facts.recording?.startedAtMs ?? facts.markerChangedAtMs;
  const times = [startedAt, facts.recording?.lastHookAtMs, facts.lastGrowthMs, facts.lastSpokenMs];
  const progress = Math.max(...times.filter((time) => time !== undefined));
  if (now - progress > SILENT_AFTER_MS) return stale('time_threshold', 'nothing was recorded for 24 hours');
  return live('time_not_reached', 'something was recorded within 24 hours, and no process is known');
}

/** A start more than a day ahead is nobody's clock running fast: the marker's own time is better. */
function believableStart({ recording, markerChangedAtMs }: RecorderFacts, now: number): number {
  const startedAt = recording?.startedAtMs ?? markerChangedAtMs;
  return startedAt - now > DAY_MS ? markerChangedAtMs : startedAt;
}

function live(rule: string, reason: string): Liveness {
  return { state: 'live', rule, reason };
}

function stale(rule: string, reason: string): Liveness {
  return { state: 'stale', rule, reason };
}
