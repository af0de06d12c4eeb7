import { DETECT_COOLDOWN_MS, dayAndTime, parseTime } from '../clock.ts';
import type { LedgerStatus } from '../status.ts';
import type { AgentProcess } from '../work/status.ts';
import type { Usage } from '../work/usage.ts';
import { foldLine } from './folded-text.ts';
import { formatAgo, formatCost, formatCount, formatDuration, plural, someOf } from './format.ts';
import { paint, printable } from './style.ts';

const LABEL_WIDTH = 10;
const NS_PER_MS = 1_000_000;
/** As many as are kept. */
const MOST_RECENT = 10;

/** How much of a terminal there is to fill; without one, as much as is needed. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

const ALL: Room = { columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY };

/** The ledger at a glance: what waits, what runs, what was done, what is not pushed. */
export function formatStatus(status: LedgerStatus, now: number, room: Room = ALL): string {
  const lines = [
    line('ledger', printable(status.ledger)),
    line('backlog', backlog(status)),
    ...nextLook(status, now),
    line('agent', agent(status)),
    ...usage(status),
    ...(status.pause ? [line('paused', paint.yellow(pause(status.pause)))] : []),
    line('running', running(status, now)),
    ...(status.running ? (status.active ?? []).map((process) => `  ${formatActive(process, now)}`) : []),
    line('last pass', lastPass(status, now)),
    ...lastFailure(status, now),
    line('pushed', pushed(status)),
    ...redaction(status),
  ].flatMap((text) => foldLine(text, room.columns, indentOf(text)));
  const recent = (status.recent ?? []).slice(0, MOST_RECENT).map((process) => `  ${formatProcess(process, now)}`);
  return [...lines, ...whatFits(recent, room, lines.length)].join('\n');
}

/** The youngest first. */
function whatFits(recent: readonly string[], { columns, rows }: Room, taken: number): readonly string[] {
  if (recent.length === 0) return [];
  // The heading, and the prompt that comes below.
  const left = rows - taken - 2;
  const lines: string[] = [];
  for (const text of recent) {
    const more = foldLine(text, columns, indentOf(text));
    if (lines.length + more.length > left) break;
    lines.push(...more);
  }
  return lines.length === 0 ? [] : [line('recent', ''), ...lines];
}

/** The rest of a line stands below its text, and not below its label. */
const indentOf = (text: string): number => (text.startsWith('  ') ? 4 : LABEL_WIDTH + 1);

function line(label: string, text: string): string {
  return `${paint.dim(label.padEnd(LABEL_WIDTH))} ${text}`.trimEnd();
}

function backlog({ queue_depth, sessions }: LedgerStatus): string {
  const parts = Object.entries(sessions).map(([verdict, count]) => `${formatCount(count)} ${verdict}`);
  const waiting =
    queue_depth === 0 ? paint.green('nothing waits') : paint.yellow(`${plural(queue_depth, 'session')} waiting`);
  return parts.length === 0 ? `${waiting} · no sessions` : `${waiting} · of all: ${parts.join(', ')}`;
}

/** What a pull has brought within the pause after a look waits for the next one, or for the clock. */
function nextLook(
  { queue_depth, last_look_at, may_follow_pulls, next_pass }: LedgerStatus,
  now: number,
): readonly string[] {
  const due = parseTime(next_pass?.due_at);
  const last = parseTime(last_look_at);
  const isRecent = last !== undefined && last <= now && now - last < DETECT_COOLDOWN_MS;
  const isPausing = may_follow_pulls === true && queue_depth > 0 && isRecent;
  const parts = [
    ...(next_pass && due !== undefined ? [`by ${next_pass.started_by} in ${formatDuration(due - now)}`] : []),
    ...(isPausing ? [`a pull starts a pass again in ${formatDuration(last + DETECT_COOLDOWN_MS - now)}`] : []),
  ];
  return parts.length === 0 ? [] : [line('next', parts.join(' · '))];
}

function agent({ enabled, agent_type, agent_absence: absence, rate, stats }: LedgerStatus): string {
  if (!enabled) return 'switched off';
  const state = absence === undefined ? agent_type : paint.red(printable(absence));
  const runs = `${plural(stats.total_invocations, 'run')} ended, ${formatCount(stats.failures)} failed`;
  return `${state} · ${runs} · ${formatCount(rate.remaining)} of ${formatCount(rate.limit)} left this hour`;
}

function usage({ usage: { today, last_7_days: week }, limits }: LedgerStatus): readonly string[] {
  if (week.runs === 0 && Object.keys(limits).length === 0) return [];
  const allowed = [
    limits.max_cost_usd_per_day === undefined ? '' : formatCost(limits.max_cost_usd_per_day),
    limits.max_tokens_per_day === undefined ? '' : `${formatCount(limits.max_tokens_per_day)} tokens`,
  ].filter((limit) => limit !== '');
  const of = allowed.length === 0 ? '' : ` (at most ${allowed.join(', ')} a day)`;
  const models = Object.entries(week.models).map(([model, each]) => `  ${modelName(model)}: ${formatUsage(each)}`);
  return [
    line('today', `${formatUsage(today)}${of}`),
    line('7 days', formatUsage(week)),
    ...(week.runs > 0 ? models : []),
  ];
}

/** Runs that did not tell their model are entered as `unknown`. */
function modelName(model: string): string {
  return model === 'unknown' ? 'no model told' : printable(model);
}

function formatUsage({ runs, tokens_in, tokens_out, cost_usd, estimated_runs = 0 }: Usage): string {
  if (runs === 0) return 'no runs';
  if (tokens_in + tokens_out + cost_usd === 0) return `${plural(runs, 'run')}, nothing taken`;
  const tokens = `${formatCount(tokens_in)} tokens in, ${formatCount(tokens_out)} out`;
  const cost = cost_usd === 0 ? 'at no known price' : formatCost(cost_usd);
  const guessed =
    estimated_runs === 0 ? '' : ` (${plural(estimated_runs, 'run')} without figures, counted as expected)`;
  return `${plural(runs, 'run')}, ${tokens}, ${cost}${guessed}`;
}

function pause({ until, reason }: NonNullable<LedgerStatus['pause']>): string {
  return `until ${dayAndTime(parseTime(until) ?? 0)}: ${printable(reason)} (finalize --resume ends it)`;
}

function running({ running: lock }: LedgerStatus, now: number): string {
  if (!lock) return 'nothing';
  const since = formatDuration(Math.max(0, now - (parseTime(lock.started_at) ?? now)));
  return `pid ${lock.pid} on ${printable(lock.host)} for ${since}`;
}

function formatActive({ target, started_at }: AgentProcess, now: number): string {
  return `${printable(target)}  ${formatDuration(Math.max(0, now - (parseTime(started_at) ?? now)))}`;
}

function lastPass({ last_pass }: LedgerStatus, now: number): string {
  if (!last_pass) return 'none yet';
  const { ended_at, done, failed, remaining, stopped } = last_pass;
  const ago = formatAgo(now - (parseTime(ended_at) ?? now));
  const outcome = `${formatCount(done)} done, ${formatCount(failed)} failed, ${formatCount(remaining)} left`;
  return `${ago}: ${outcome}${stopped === undefined ? '' : `; ${printable(stopped)}`}`;
}

/** Off a terminal, where it is not told before anything else. */
function lastFailure({ last_failure }: LedgerStatus, now: number): readonly string[] {
  if (!last_failure) return [];
  const ago = formatAgo(now - (parseTime(last_failure.at) ?? now));
  return [line('failed', paint.red(`in the background, ${ago}: ${printable(last_failure.message)}`))];
}

function pushed(status: LedgerStatus): string {
  const { unpushed, unpushed_sessions: sessions = [], withheld = [], unclean = [], last_pass } = status;
  const refused = last_pass?.pushed.startsWith('refused') ? `; last push ${printable(last_pass.pushed)}` : '';
  if (unpushed === null) return `no upstream branch to compare with${refused}`;
  const which = sessions.length === 0 ? '' : ` (${someOf(sessions)})`;
  const stays = unclean.length === 0 ? '' : `; ${someOf(unclean)} stays here: unpushed commits hold secrets of it`;
  if (withheld.length > 0 && unpushed === 0)
    return paint.yellow(`everything but ${someOf(withheld)}: the remote refuses it`);
  if (unpushed === 0) return stays === '' ? 'everything' : paint.yellow(`everything else${stays}`);
  return paint.yellow(`${plural(unpushed, 'commit')} not pushed${which}${stays}${refused}`);
}

/** What of one's own rules is in force: nobody can see that otherwise before it is too late. */
function redaction({ redaction: { team, user, environment } }: LedgerStatus): readonly string[] {
  const parts = [
    team > 0 ? `${plural(team, 'rule')} of the ledger's REDACT.md` : '',
    user > 0 ? `${plural(user, 'rule')} of your own` : '',
    environment > 0 ? `${plural(environment, 'value')} of the environment` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [line('redacted', `${parts.join(', ')}, beside what is built in`)];
}

function formatProcess({ target, status, started_at, duration, error }: AgentProcess, now: number): string {
  const took = duration === undefined ? '' : ` in ${formatDuration(duration / NS_PER_MS)}`;
  const ago = formatAgo(now - (parseTime(started_at) ?? now));
  const mark = status === 'failed' ? paint.red('failed') : printable(status);
  return `${mark} ${printable(target)}${took}, ${ago}${error === undefined ? '' : `: ${printable(error)}`}`;
}
