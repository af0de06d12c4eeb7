import { DAY_MS, MINUTE_MS, parseTime } from '../clock.ts';
import { defined, isObject, stringAt } from './transcript.ts';

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
  readonly parentPid?: number;
  readonly startedAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly lastHookAtMs?: number;
}

/** Undefined for a torn or empty marker: its age is then all that is known. */
export function parseRecording(text: string): Recording | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const pid = value.parent_pid;
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
    parentPid: typeof pid === 'number' && Number.isInteger(pid) && pid > 0 ? pid : undefined,
    startedAtMs: parseTime(value.started_at),
    stoppedAtMs: parseTime(value.stopped_at),
    lastHookAtMs: parseTime(value.last_hook_at),
  });
}

/** What is known of a marker's recorder at one moment. Times are milliseconds since the epoch. */
export interface RecorderFacts {
  /** Undefined when the marker could not be read as one. */
  readonly recording: Recording | undefined;
  readonly markerChangedAtMs: number;
  /** `unknown`: no pid is known. A pid that now belongs to a later process counts as dead. */
  readonly process: 'alive' | 'dead' | 'unknown';
  /** Newest change of raw.jsonl or of the agent's transcript. */
  readonly lastGrowthMs?: number;
}

export type Liveness = { readonly state: 'live' | 'stale'; readonly rule: string; readonly reason: string };

/** Some launchers record the pid of a shell that ends at once. */
const DEAD_GRACE_MS = 10 * MINUTE_MS;
/** Without a pid, silence this long means that nobody records any more. */
const SILENT_AFTER_MS = DAY_MS;

/** Whether a recording goes on. A clock that is wrong never makes a live one stale: negative ages are young. */
export function judgeLiveness(facts: RecorderFacts, now: number): Liveness {
  const { recording, process } = facts;
  const startedAt = recording?.startedAtMs ?? facts.markerChangedAtMs;
  if (recording?.stoppedAtMs !== undefined) return stale('explicit_stop', 'the recording was stopped');
  if (process === 'alive') return live('pid_alive', `the recording process (pid ${recording?.parentPid}) runs`);
  if (process === 'dead') {
    if (now - startedAt < DEAD_GRACE_MS)
      return live('pid_dead_grace_period', 'its process is gone, for less than 10 minutes');
    return stale('pid_dead', 'the recording process is gone');
  }
  const progress = [startedAt, recording?.lastHookAtMs, facts.lastGrowthMs].filter((time) => time !== undefined);
  if (now - Math.max(...progress) > SILENT_AFTER_MS)
    return stale('time_threshold', 'nothing was recorded for 24 hours');
  return live('time_not_reached', 'something was recorded within 24 hours, and no process is known');
}

function live(rule: string, reason: string): Liveness {
  return { state: 'live', rule, reason };
}

function stale(rule: string, reason: string): Liveness {
  return { state: 'stale', rule, reason };
}
