import path from 'node:path';
import { surveyOf } from './cleanup.ts';
import type { Config } from './config.ts';
import { ExpectedError } from './errors.ts';
import { redactionMessage } from './ledger/git/own-commits.ts';
import { NO_PUSH, type PushOutcome, type PushReport } from './ledger/git/push.ts';
import { sessionsHeldBack } from './ledger/held-back.ts';
import { type HistorySearch, searchHistory } from './ledger/history-search.ts';
import type { Ledger } from './ledger/ledger.ts';
import { memoryKey } from './ledger/recording-stamp.ts';
import { applyRedaction, type PlannedFile, type RedactionPlan } from './ledger/session-redaction.ts';
import type { SurveyedSession } from './ledger/survey.ts';
import { listTrash } from './ledger/trash/trash.ts';
import { acquireLock, type PassLock } from './lock.ts';
import type { World } from './pass.ts';
import { PassRemote } from './pass-remote.ts';
import { findTargets, folderOf, type RedactionTarget } from './redaction-target.ts';
import type { InputDigest } from './session/summary.ts';
import { StateStore } from './state.ts';
import { searchUnclean } from './unclean-sessions.ts';

/** What became of a session that was to be redacted, or what would. */
export interface RedactedSession {
  readonly session: string;
  /** Files that were written. */
  readonly files: readonly PlannedFile[];
  readonly unsearched: RedactionPlan['unsearched'];
  readonly binary: RedactionPlan['binary'];
  /** Where all copies of these files lie that still have their secrets, absolute: those of earlier runs, too. */
  readonly originals: readonly string[];
  /** Undefined where there was nothing to commit. */
  readonly commit: string | undefined;
  readonly history: HistorySearch;
  /** Objects of git that are known to hold no secret, whatever their size. */
  readonly clean: ReadonlySet<string>;
  /** Why there is nothing to do for it: no commit holds it yet. */
  readonly left?: 'cached' | 'untracked';
}

export interface RedactionReport {
  readonly sessions: readonly RedactedSession[];
  /** What went wrong with others: what is done of it is taken up by the next run. */
  readonly failed: readonly { readonly session: string; readonly error: string }[];
  readonly push: PushReport;
  readonly isDryRun: boolean;
}

export interface RedactionOrder {
  readonly config: Config;
  /** Names of sessions. */
  readonly sessions: readonly string[];
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * Takes out of committed sessions what nobody is to read, commits each, pushes once, and tells what history still
 * holds; a dry run only looks. All names are looked at before the first file is written. Throws UNKNOWN_SESSION,
 * STILL_RECORDED, LEDGER_BUSY, LEDGER_LOCKED, NO_IDENTITY, UNREADABLE, UNWRITABLE, GIT_FAILED, REDACTION_FAILED.
 */
export async function runRedaction(ledger: Ledger, world: World, order: RedactionOrder): Promise<RedactionReport> {
  await ledger.git.readiness.requireVersion();
  await ledger.git.readiness.requireSettled();
  if (order.isDryRun) return rehearse(ledger, world, order);
  const lock = acquireLock(ledger.stateDir, 'cleanup', world.clock);
  try {
    await ledger.branch.ownHead();
    for (const message of await ledger.branch.recover()) world.tell({ type: 'warning', message });
    await ledger.branch.requireSignature();
    const { store, warning } = await StateStore.open(ledger.stateDir);
    if (warning !== undefined) world.tell({ type: 'warning', message: warning });
    store.writeOnlyWhile(() => lock.isHeld());
    await hearOfOthers(ledger, world);
    const targets = await findTargets(ledger, world, order);
    if (targets.some(isToWrite)) await ledger.git.readiness.requireIdentity();
    const { sessions, failed } = await redactAll(targets, { ledger, world, store, lock }, order.signal);
    return { sessions, failed, push: await pushRedaction(sessions, { ledger, world, store, order }), isDryRun: false };
  } finally {
    lock.release();
  }
}

/** Whether everything that was asked for is done. */
export function isRedactionWhole({ sessions, failed, push }: RedactionReport): boolean {
  return (
    failed.length === 0 &&
    typeof push.outcome === 'string' &&
    push.superseded.length === 0 &&
    sessions.every(({ unsearched }) => Object.keys(unsearched).length === 0)
  );
}

/** The report as `cleanup --redact --json` prints it. */
export interface RedactionJson {
  readonly redacted: readonly RedactedJson[];
  /** What went wrong with others: what is done of it is taken up by the next run. */
  readonly failed?: RedactionReport['failed'];
  readonly pushed: PushOutcome;
  /** Sessions that others changed meanwhile: theirs stand. */
  readonly superseded?: readonly string[];
  readonly dry_run: boolean;
}

export interface RedactedJson extends Pick<RedactedSession, 'session' | 'files' | 'originals' | 'left'> {
  /** File -> why it could not be searched. */
  readonly unsearched?: RedactedSession['unsearched'];
  /** Files that are no text, which nobody looks into. */
  readonly binary?: RedactedSession['binary'];
  /** Null where there was nothing to commit. */
  readonly commit: string | null;
  /** Commits whose version of these files still holds something, the newest first. */
  readonly history: HistorySearch['commits'];
  /** What of history was not looked into, and may hold more. */
  readonly history_unsearched?: readonly string[];
}

export function redactionJson({ sessions, failed, push, isDryRun }: RedactionReport): RedactionJson {
  const redacted = sessions.map(({ session, files, unsearched, binary, originals, commit, history, left }) => ({
    session,
    files,
    ...(Object.keys(unsearched).length > 0 && { unsearched }),
    ...(binary.length > 0 && { binary }),
    originals,
    commit: commit ?? null,
    history: history.commits,
    ...(history.unsearched.length > 0 && { history_unsearched: history.unsearched }),
    ...(left && { left }),
  }));
  const superseded = push.superseded.length > 0 && { superseded: push.superseded };
  return { redacted, ...(failed.length > 0 && { failed }), pushed: push.outcome, ...superseded, dry_run: isDryRun };
}

interface Setting {
  readonly ledger: Ledger;
  readonly world: World;
  readonly store: StateStore;
  readonly lock: PassLock;
}

const NOTHING: ReadonlySet<string> = new Set();
const NO_HISTORY: HistorySearch = { commits: [], unsearched: [], isUnpushedKnown: true };

async function rehearse(ledger: Ledger, world: World, order: RedactionOrder): Promise<RedactionReport> {
  const sessions: RedactedSession[] = [];
  for (const target of await findTargets(ledger, world, order)) {
    const { name: session } = target;
    if ('left' in target) sessions.push(leftAlone(target));
    else {
      const { files, unsearched, binary, policy } = target.plan;
      const history = await searchHistory(ledger, [folderOf(session)], policy);
      const looked = { session, files, unsearched, binary, history, clean: NOTHING };
      sessions.push({ ...looked, originals: [], commit: undefined });
    }
  }
  return { sessions, failed: [], push: NO_PUSH, isDryRun: true };
}

/** What is made of files that others have changed meanwhile would be for nothing: theirs stand. */
async function hearOfOthers({ remote }: Ledger, world: World): Promise<void> {
  const target = await remote.branch();
  const silence = target && (await remote.fetch(target));
  if (silence) world.tell({ type: 'warning', message: `what others did is not known: ${silence.message}` });
}

/** One after the other; what goes wrong with one keeps none of the rest. Throws where nothing else was done. */
async function redactAll(
  targets: readonly RedactionTarget[],
  setting: Setting,
  signal: AbortSignal,
): Promise<Pick<RedactionReport, 'sessions' | 'failed'>> {
  const sessions: RedactedSession[] = [];
  const errors: { readonly session: string; readonly error: ExpectedError }[] = [];
  for (const target of targets) {
    if (signal.aborted) break;
    try {
      sessions.push(await redactSession(target, setting));
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      errors.push({ session: target.name, error });
    }
  }
  const [first] = errors;
  if (first && sessions.length === 0) throw first.error;
  return { sessions, failed: errors.map(({ session, error }) => ({ session, error: error.message })) };
}

function isToWrite(target: RedactionTarget): boolean {
  return 'plan' in target && (target.isBegun || target.plan.files.length > 0);
}

async function redactSession(
  target: RedactionTarget,
  { ledger, world, store, lock }: Setting,
): Promise<RedactedSession> {
  if ('left' in target) return leftAlone(target);
  const { name, plan, tracked, isBegun } = target;
  const { files, unsearched, binary, policy } = plan;
  let [originals, commit]: [readonly string[], string | undefined] = [[], undefined];
  if (isToWrite(target)) {
    await ledger.branch.ownHead();
    // A kill may come before it is searched what else is to be pushed.
    store.update({ unclean: [...new Set([...store.state.unclean, name])] });
    await store.enterJournal(name);
    const done = await applyRedaction(plan, ledger, { ...world, ledgerPath: ledger.root, stateDir: ledger.stateDir });
    carryMemory(plan.session, done.digest, store);
    const written = isBegun ? tracked : files.map(({ file }) => `${folderOf(name)}/${file}`);
    originals = copiesOf(written, ledger);
    commit = await ledger.branch.commit(written, redactionMessage(name));
    await store.leaveJournal([name]);
    lock.beat();
  }
  const clean = await cleanObjects(target, ledger);
  const history = await searchHistory(ledger, [folderOf(name)], policy, clean);
  const isWithheld = plan.session.memory?.verdict === 'withheld';
  if (isWithheld && !mayLeak(history)) store.forget(memoryKey(plan.session));
  return { session: name, files, unsearched, binary, originals, commit, history, clean };
}

/** What HEAD has of the files that hold nothing any more, as it lies there: such may be of any size. */
async function cleanObjects(
  { name, plan }: Extract<RedactionTarget, { plan: unknown }>,
  { git }: Ledger,
): Promise<ReadonlySet<string>> {
  const searched = plan.there.filter((file) => !Object.hasOwn(plan.unsearched, file));
  const files = searched.map((file) => `${folderOf(name)}/${file}`);
  const changed = new Set(await git.changedFiles(files));
  const objects = await git.blobsIn('HEAD', folderOf(name));
  return new Set(files.filter((file) => !changed.has(file)).flatMap((file) => objects.get(file) ?? []));
}

/** Copies of these files (relative to the root) in the trash, whoever put them there. */
function copiesOf(files: readonly string[], { root, stateDir }: Ledger): readonly string[] {
  const places = new Set(files.map((file) => path.resolve(root, file)));
  return listTrash(stateDir).flatMap(({ path: copy, origin }) => (origin && places.has(origin.path) ? [copy] : []));
}

/** What is remembered holds for the same recording, which has other bytes now. */
function carryMemory(session: SurveyedSession, digest: InputDigest | undefined, store: StateStore): void {
  const { memory, summary, ledgerName } = session;
  if (!digest) return;
  store.answersBecame(ledgerName, digest);
  if (!memory?.recording) return;
  const { recording, upgraded } = memory;
  const isUpgraded = upgraded !== undefined && upgraded === summary?.agentwork?.input.sha256;
  const sha256 = recording.sha256 === undefined ? {} : { sha256: digest.sha256 };
  store.remember(memoryKey(session), {
    ...memory,
    recording: { ...recording, bytes: digest.bytes, ...sha256 },
    ...(isUpgraded && { upgraded: digest.sha256 }),
  });
}

/** Brings what was committed, by this run or before it, to the remote. */
async function pushRedaction(
  sessions: readonly RedactedSession[],
  { ledger, world, store, order }: Omit<Setting, 'lock'> & { readonly order: RedactionOrder },
): Promise<PushReport> {
  const { config, signal } = order;
  const leaky = sessions.filter(({ history }) => mayLeak(history)).map(({ session }) => session);
  const clean = new Map(sessions.map((each) => [each.session, each.clean]));
  const unclean = await searchUnclean(ledger, store, leaky, clean);
  const why = leaky.map((session) => unclean.get(session)).find((reason) => reason !== undefined);
  if (why !== undefined && config.push && (await ledger.git.hasRemote())) {
    return { ...NO_PUSH, outcome: { refused: why, kind: 'secret' } };
  }
  // Of a branch that follows none nobody knows how it stands to what is public.
  const isAhead = (await ledger.git.upstream())?.isAhead ?? sessions.some(isPublic);
  const hasCommitted = isAhead || sessions.some(({ commit }) => commit !== undefined);
  const options = { config: { ...config, claim: false }, sessions: [], again: false, limit: undefined, commit: true };
  const onTrouble = (message: string) => world.tell({ type: 'warning', message });
  const survey = surveyOf(ledger, { environment: world.environment, onTrouble }, config);
  const heldBack = () => sessionsHeldBack(survey, world.clock());
  const remote = await PassRemote.open({ ledger, world, options, store, signal, heldBack });
  const report = await remote.finish({ hasCommitted, failed: [], isWhole: false });
  await store.save();
  return report;
}

/** What of it would be pushed holds secrets, or may. */
const mayLeak = ({ commits, isUnpushedKnown }: HistorySearch) =>
  !isUnpushedKnown || commits.some(({ pushed }) => !pushed);

const isPublic = ({ history }: RedactedSession) => history.commits.some(({ pushed }) => pushed);

function leftAlone(target: Extract<RedactionTarget, { left: unknown }>): RedactedSession {
  const nothing = { files: [], unsearched: {}, binary: [], originals: [], commit: undefined };
  return { session: target.name, ...nothing, history: NO_HISTORY, clean: NOTHING, left: target.left };
}
