import { existsSync } from 'node:fs';
import { type AgentUser, checkAgent, readJson } from './agent-check.ts';
import { DAY_MS, dayAndTime, parseTime } from './clock.ts';
import { whyNoRoom } from './disk-room.ts';
import { ExpectedError } from './errors.ts';
import { presentCaches, recorderCache, sessionCaches } from './ledger/caches.ts';
import type { Ledger } from './ledger/ledger.ts';
import { hasStaleLock } from './lock.ts';
import type { World } from './pass.ts';
import { isNeeded } from './setup/change.ts';
import { error, type Finding, ok, warning } from './setup/finding.ts';
import { findHookFolder, isKept, planHookRemoval, planHooks } from './setup/git-hook.ts';
import { formerRoots } from './setup/note.ts';
import type { ThisProgram } from './setup/program.ts';
import {
  commandOf,
  doubleRecordings,
  formatDouble,
  recordedBy,
  recorderIn,
  recordScript,
  settingsFile,
} from './setup/recorder.ts';
import { recorderPlaces } from './setup/recorder-note.ts';
import { nextDue } from './setup/schedule.ts';
import { makeOrder } from './setup/timer.ts';
import { readTimerNote } from './setup/timer-note.ts';
import { openTimers, presentTimers, whyNot } from './setup/timers.ts';
import type { LedgerStatus } from './status.ts';
import { findProgram } from './work/claude/program.ts';

/** What a check-up looks at. */
export interface Patient extends AgentUser {
  readonly ledger: Ledger;
  readonly world: World;
  readonly program: ThisProgram;
  readonly status: LedgerStatus;
  /** When the oldest transcript that a session waits for was written last, in milliseconds since the epoch. */
  readonly oldestMs: number | undefined;
}

type Check = (patient: Patient) => Promise<readonly Finding[]> | readonly Finding[];

/** Each of them ends in bounded time, and one that cannot be made is an error of its own. Nothing is changed. */
const CHECKS: Readonly<Record<string, Check>> = {
  git: checkGit,
  'git-lfs': checkLfs,
  remote: checkRemote,
  agent: checkAgent,
  hook: checkHook,
  cron: checkCron,
  recorder: checkRecorder,
  clock: checkClock,
  disk: ({ ledger }) => {
    const why = whyNoRoom([ledger.root]);
    return [why === undefined ? ok('disk', 'there is room') : error('disk', why, 'make room')];
  },
  lock: checkLock,
  caches: checkCaches,
  backlog: checkBacklog,
};

/** Everything that a pass needs, looked at one by one. */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  const findings = [ok('node', `${process.versions.node} at ${process.execPath}`), ok('ledger', patient.ledger.root)];
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      findings.push(...(await check(patient)));
    } catch (thrown) {
      if (!(thrown instanceof ExpectedError)) throw thrown;
      findings.push(error(name, thrown.message, thrown.suggestions[0]));
    }
  }
  return findings;
}

async function checkGit({ ledger: { git, root } }: Patient): Promise<readonly Finding[]> {
  await git.readiness.requireVersion();
  await git.readiness.requireIdentity();
  await git.readiness.requireSettled();
  return [ok('git', `may commit in ${root}`)];
}

async function checkLfs({ ledger: { lfs } }: Patient): Promise<readonly Finding[]> {
  if (!(await lfs.isUsed())) return [ok('git-lfs', 'the ledger does not use it')];
  if (await lfs.isThere()) return [ok('git-lfs', 'is there')];
  return [error('git-lfs', 'the ledger uses it, and it is not installed', 'install git-lfs, then: git lfs install')];
}

/** A push of nothing knocks at the same door; what the remote's own rules say of a real one, only that shows. */
async function checkRemote({ ledger, status, config }: Patient): Promise<readonly Finding[]> {
  const target = await ledger.remote.branch();
  if (!target) return [warning('remote', 'the branch follows none: nothing is pushed', 'git push -u origin HEAD')];
  const refusal = await ledger.remote.knock(target);
  if (refusal) return [error('remote', `${target.remote}: ${refusal.message}`, 'git push tells more')];
  const findings = [ok('remote', `${target.remote} answers, and lets us push`)];
  if (!config.push)
    findings.push(warning('push', 'is switched off (agentwork.push)', 'git config agentwork.push true'));
  if (status.claims_refused) {
    const says = `${target.remote} takes no claims: other machines may work on the same sessions at the same time`;
    findings.push(warning('claims', says, 'allow refs/agentwork/* there'));
  }
  return findings;
}

async function checkHook({ ledger, program, world }: Patient): Promise<readonly Finding[]> {
  const folder = await findHookFolder(ledger);
  if (folder.keeper) {
    const has = isKept(folder, ledger.root);
    const mend = 'agentwork setup hook prints the lines for it';
    return [has ? ok('hook', `${folder.keeper} keeps it`) : warning('hook', `${folder.keeper} keeps the hooks`, mend)];
  }
  if (planHookRemoval(folder).length === 0) {
    return [ok('hook', 'none: agentwork setup hook has each pull followed by a pass')];
  }
  const plan = planHooks(folder, program);
  if ('changes' in plan && plan.changes.some(isNeeded)) {
    return [warning('hook', 'is not what this version would write', 'agentwork setup hook')];
  }
  const search = { environment: world.environment, platform: process.platform };
  // What stands in the tree has no paths of this machine.
  if (!folder.isShared || (await findProgram('agentwork', search))) return [ok('hook', `in place: ${folder.folder}`)];
  const says = `in place in ${folder.folder}, and starts agentwork from PATH, where it is not`;
  return [warning('hook', says, 'npm install --global agentwork')];
}

/** Whether Claude Code would start it, and whether it is there. */
function checkRecorder({ ledger, program, world }: Patient): readonly Finding[] {
  const cache = recorderCache(ledger);
  const { settings, caches } = recorderPlaces(ledger, cache, world.environment);
  const [usual = ''] = settings;
  const file = settings.find((each) => recorderIn(each, cache)) ?? usual;
  const found = recorderIn(file, cache);
  if (!found && settings.some((each) => caches.some((former) => recorderIn(each, former)))) {
    return [warning('recorder', 'records for where this clone was before', 'agentwork setup recorder PROJECT…')];
  }
  if (!found) return [ok('recorder', 'none of ours: agentwork setup recorder records sessions of Claude Code')];
  if (found.isOff) return [warning('recorder', 'all hooks of Claude Code are off (disableAllHooks)', 'switch them on')];
  const isCurrent = found.command.startsWith(commandOf({ cache, projects: [], program }).split(' || true')[0] ?? '');
  if (!isCurrent) return [warning('recorder', 'is another program than this one', 'agentwork setup recorder PROJECT…')];
  const script = recordScript(program);
  if (!existsSync(script))
    return [error('recorder', `${script} is gone: nothing is recorded`, 'install agentwork anew')];
  const twice = doubleRecordings(recordedBy(file), cache);
  if (twice.length > 0) return [warning('recorder', formatDouble(twice), 'agentwork setup remove in one of them')];
  if (file !== usual) {
    const says = `in place in ${file}, and not where this login has its settings (CLAUDE_CONFIG_DIR)`;
    return [warning('recorder', says, 'agentwork setup recorder PROJECT… records here, too')];
  }
  return [ok('recorder', `in place, sessions wait in ${cache}`)];
}

/** One of them, as it was set up, and switched on. */
function checkCron({ ledger, program, world }: Patient): readonly Finding[] {
  const note = readTimerNote(ledger);
  const former = formerRoots(ledger);
  const timers = openTimers(ledger.root, world.environment, former);
  const [timer, ...others] = presentTimers(timers);
  const unwell = (says: string) => [warning('cron', says, 'agentwork setup cron')];
  const refusal = note && !timer ? whyNot(timers[note.with]) : undefined;
  if (refusal) return [error('cron', refusal.message, refusal.suggestions[0])];
  if (!timer && note) return unwell(`what was set up with ${note.with} is gone`);
  const strays = Object.values(timers).flatMap((each) => each.strays?.() ?? []);
  if (strays.length > 0) {
    const says = `starts passes for a ledger that is gone: ${strays.join(', ')}`;
    return [warning('cron', says, 'crontab -e, and take out the lines between its two marks')];
  }
  if (!timer) return [ok('cron', 'none: agentwork setup cron has a pass made every hour')];
  if (others.length > 0) {
    return unwell(`several start passes: ${[timer, ...others].map(({ kind }) => kind).join(', ')}`);
  }
  const other = `${timer.kind}: is not what this version would write`;
  if (!note && former.length > 0) return unwell(`${timer.kind}: starts passes where this clone was before`);
  if (note?.with !== timer.kind) return unwell(other);
  const order = { ...makeOrder(ledger.root, note, program, world.environment), path: note.path };
  const needed = timer.plan(order).filter(isNeeded);
  if (needed.some(({ isCommand }) => !isCommand)) return unwell(other);
  if (needed.length > 0) return unwell(`${timer.kind}: is switched off`);
  const due = nextDue(note, world.clock());
  return [ok('cron', `${timer.kind}${due === undefined ? '' : `: next pass ${dayAndTime(due)}`}`)];
}

function checkClock({ status, world }: Patient): readonly Finding[] {
  const last = parseTime(status.last_pass?.ended_at);
  const isAhead = last !== undefined && last > world.clock() + DAY_MS;
  if (!isAhead) return [ok('clock', dayAndTime(world.clock()))];
  return [warning('clock', `the last pass ended on ${dayAndTime(last)}, which is still to come`, 'set the clock')];
}

function checkLock({ ledger, status, world }: Patient): readonly Finding[] {
  const { running } = status;
  if (running) return [ok('lock', `a pass is running: pid ${running.pid} on ${running.host}`)];
  const isStale = hasStaleLock(ledger.stateDir, world.clock());
  return [isStale ? ok('lock', 'a killed pass left it; the next one takes it over') : ok('lock', 'free')];
}

function checkCaches({ ledger, world, config }: Patient): readonly Finding[] {
  const there = presentCaches(sessionCaches(ledger, world.environment, config.sessionCache));
  return [ok('caches', there.length === 0 ? 'none is here' : there.join(', '))];
}

/** Claude Code removes transcripts, which are all that is left of a recording whose agent crashed. */
function checkBacklog({ status, oldestMs, world }: Patient): readonly Finding[] {
  const { queue_depth: waiting, unpushed, pause, last_failure: failure } = status;
  const findings = [ok('backlog', waiting === 0 ? 'nothing waits' : `sessions that wait for a pass: ${waiting}`)];
  const keptMs = keptDays(world.environment) * DAY_MS;
  if (oldestMs !== undefined && world.clock() - oldestMs > keptMs) {
    const days = Math.round(keptMs / DAY_MS);
    const says = `sessions wait for longer than the ${days} days for which Claude Code keeps transcripts`;
    findings.push(warning('retention', says, 'agentwork finalize; or a larger cleanupPeriodDays in its settings'));
  }
  if (pause) {
    findings.push(warning('pause', `until ${dayAndTime(parseTime(pause.until) ?? 0)}: ${pause.reason}`, RESUME));
  }
  if (unpushed !== null && unpushed > 0) {
    findings.push(warning('unpushed', `commits with sessions that are not pushed: ${unpushed}`, 'agentwork finalize'));
  }
  if (failure) findings.push(warning('background', `the last pass failed: ${failure.message}`, 'agentwork finalize'));
  return findings;
}

const RESUME = 'agentwork finalize --resume asks at once';
const USUAL_DAYS = 30;

function keptDays(environment: NodeJS.ProcessEnv): number {
  const days = readJson(settingsFile(environment))?.cleanupPeriodDays;
  return typeof days === 'number' && days >= 0 ? days : USUAL_DAYS;
}
