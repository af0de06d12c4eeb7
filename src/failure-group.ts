import { asExpected, ExpectedError } from './errors.ts';
import { RunError } from './work/runner.ts';

/** What went wrong with one session. */
export interface SessionFailure {
  /** `AGENT_TIMED_OUT` for a run, `BAD_ANSWER` and the like for what we expected, `BUG` for what we did not. */
  readonly code: string;
  readonly message: string;
  /** What a person can do, or the next pass does. */
  readonly advice: string;
}

/** Sessions that failed of one cause, in the order of their failing. */
export interface FailureGroup extends SessionFailure {
  readonly sessions: readonly string[];
  /** Nobody tries again by himself; `offline`: an offline summary was written, `kept`: the older one stays. */
  readonly givenUp?: 'offline' | 'kept';
}

/** What of a session's report tells of its failure. */
export interface FailedSession {
  readonly session: string;
  readonly verdict?: string;
  readonly agent: string;
  readonly error?: SessionFailure;
}

export function errorCode(error: Error): string {
  if (error instanceof RunError) return `AGENT_${error.kind.toUpperCase()}`;
  const known = asExpected(error);
  return known instanceof ExpectedError ? known.code : 'BUG';
}

export function failureOf(error: Error): SessionFailure {
  const code = errorCode(error);
  const suggested = error instanceof ExpectedError ? error.suggestions[0] : undefined;
  return { code, message: error.message, advice: suggested ?? adviceFor(code) };
}

/** What can be done about failures of this code. */
export function adviceFor(code: string): string {
  return ADVICE[code] ?? LOOK_CLOSER;
}

/** Those that failed alike stand together, the largest group first. */
export function groupFailures(failed: readonly FailedSession[]): readonly FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const each of failed) {
    const group = groupOf(each);
    const key = JSON.stringify([group.code, group.givenUp, causeOf(group.message, each.session)]);
    const known = groups.get(key);
    groups.set(key, known ? { ...known, sessions: [...known.sessions, each.session] } : group);
  }
  return [...groups.values()].sort((a, b) => b.sessions.length - a.sessions.length);
}

function groupOf({ session, verdict, agent, error = UNTOLD }: FailedSession): FailureGroup {
  if (verdict !== 'given-up') return { ...error, sessions: [session] };
  const givenUp = agent === 'offline' ? 'offline' : 'kept';
  return { ...error, advice: ASK_ONCE_MORE, sessions: [session], givenUp };
}

/** The same for failures that differ in nothing but a name, a number or the id of a request. */
function causeOf(message: string, session: string): string {
  return message.replaceAll(session, '…').replaceAll(/(?<!exit status )\b(?=[\w-]*\d)[\w-]+/g, '#');
}

const LOOK_CLOSER = 'agentwork detect --explain SESSION tells more of one';
const ASK_ONCE_MORE = 'agentwork finalize --again SESSION asks once more';
const UNTOLD: SessionFailure = { code: 'BUG', message: 'nobody knows why', advice: LOOK_CLOSER };

const ASKED_AGAIN = 'the next pass asks again';
const GOES_ON = 'mend that; the next pass goes on';

const ADVICE: Readonly<Record<string, string>> = {
  AGENT_TIMED_OUT: `${ASKED_AGAIN}; --timeout or agentwork.timeout gives it longer`,
  AGENT_CRASHED: `${ASKED_AGAIN}; agentwork setup check says whether claude is well`,
  AGENT_NOT_STARTED: `${ASKED_AGAIN}; agentwork setup check says whether claude is well`,
  AGENT_RATE_LIMITED: `${ASKED_AGAIN}; --concurrency 1 asks more slowly`,
  AGENT_SERVER_ERROR: ASKED_AGAIN,
  AGENT_NETWORK: `${ASKED_AGAIN}; see whether network and proxy let claude through`,
  AGENT_OVER_BUDGET: `${ASKED_AGAIN}; agentwork finalize --dry-run says what a session can cost`,
  AGENT_MALFORMED: `${ASKED_AGAIN}; another model may do better (--model)`,
  BAD_ANSWER: `${ASKED_AGAIN}; another model may do better (--model)`,
  COMMIT_FAILED: 'its files are written; the next pass commits them',
  STILL_RECORDED: 'a later pass finishes it, when its recorder is gone',
  LEDGER_BUSY: GOES_ON,
  GIT_FAILED: GOES_ON,
  UNWRITABLE: GOES_ON,
  SYSTEM_FAILED: GOES_ON,
  BUG: 'this is a bug in agentwork; please report it',
};
