import type { AgentName } from './config.ts';
import { ExpectedError } from './errors.ts';
import { assertKnown } from './known-sessions.ts';
import type { Ledger } from './ledger/ledger.ts';
import { hasContent } from './ledger/recording-content.ts';
import type { PassOptions, World } from './pass.ts';
import { leftAloneJson, type PassJson } from './pass-json.ts';
import { Rehearsal } from './pass-rehearsal.ts';
import { openPlanner } from './pass-setup.ts';
import { type StopJson, stopJson } from './pass-stop.ts';
import type { VerdictName } from './session/classify.ts';
import type { SessionFacts } from './session/facts.ts';
import type { SessionFinalizeHandler } from './session-finalize.ts';
import type { JudgedSession } from './session-finder.ts';
import type { AgentStop } from './work/agent-stop.ts';
import type { RunEstimate } from './work/estimate.ts';
import { PRICES_AS_OF } from './work/price.ts';
import type { RunRequest } from './work/runner.ts';

/** What a pass would do with one session, and what that would take. */
export interface PlannedSession extends JudgedSession {
  /** `nothing`: its recording cannot be read. */
  readonly need: 'commit' | 'render' | 'summary' | 'agent' | 'nothing';
  /** Why, in the place of the verdict's reason. */
  readonly because?: string;
  /** The question, where one would be asked. */
  readonly question?: {
    readonly promptChars: number;
    readonly estimate: RunEstimate;
    /** The recording has to be completed, or fetched, first, so that its size is a guess. */
    readonly isRough: boolean;
  };
}

/** What a pass would do, and which of the named sessions it would leave. */
export interface PassPlan {
  readonly work: readonly PlannedSession[];
  /** Names of sessions that wait, too, and that the limit leaves for another pass. */
  readonly beyondLimit: readonly string[];
  readonly alreadyDone: readonly JudgedSession[];
  readonly total: PlanTotal;
  /** How many agent runs would start now, and what would stop the others. */
  readonly startable: number;
  readonly stop?: AgentStop;
}

export interface PlanTotal {
  readonly runs: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars; undefined where the price of a run is not known. */
  readonly costUsd: number | undefined;
  /** The most that one of the runs can take, in US dollars. */
  readonly mostUsd: number | undefined;
  /** Undefined where nobody knows yet which model answers. */
  readonly model: string | undefined;
}

/** What a pass would work on, in the order in which it would; nothing is written, no agent is started. */
export async function planPass(ledger: Ledger, world: World, options: PassOptions): Promise<PassPlan> {
  const handler = openPlanner(ledger, world, options, { isShared: (await ledger.remote.branch()) !== undefined });
  const judged = await handler.finder.survey(ledger.root);
  assertKnown(options.sessions, judged, ledger.sessionsDir);
  const planner = new Planner(handler, await Rehearsal.open(ledger, world, options), {
    agent: options.config.agent,
    ledgerPath: ledger.root,
  });
  const work: PlannedSession[] = [];
  // One after the other: each takes of what is left of the limits.
  for (const found of handler.finder.selectWork(judged)) work.push(await planner.plan(found));
  const { startable, stop } = planner.rehearsal;
  return {
    work,
    beyondLimit: handler.finder.beyondLimit,
    alreadyDone: withoutWork(handler, judged, options),
    total: totalOf(work),
    startable,
    ...(stop && startable < totalOf(work).runs && { stop }),
  };
}

/** The named sessions that need nothing, or for which nothing can be done; each verdict says why. */
export function withoutWork(
  handler: SessionFinalizeHandler,
  judged: readonly JudgedSession[],
  { sessions }: PassOptions,
): readonly JudgedSession[] {
  const work = new Set(handler.finder.selectWork(judged).map(({ session }) => session.folder));
  const named = new Set(sessions.filter((name) => !handler.finder.beyondLimit.includes(name)));
  return judged.filter(({ session }) => named.has(session.ledgerName) && !work.has(session.folder));
}

/** What `finalize --dry-run --json` prints: token counts and costs are estimates. */
export interface PlanJson extends Partial<StopJson>, Pick<PassJson, 'left_alone'> {
  /** Sessions that wait, beyond the limit of this pass, too. */
  readonly detected: number;
  readonly results: readonly PlannedJson[];
  /** Their names: nothing is done. */
  readonly remaining: readonly string[];
  readonly pushed: 'off';
  readonly total: {
    readonly runs: number;
    readonly model?: string;
    readonly tokens_in: number;
    readonly tokens_out: number;
    /** US dollars; absent where the price of a run is not known. */
    readonly cost_usd?: number;
  };
  /** How many of the runs would start now. */
  readonly startable: number;
  /** The day of the built-in table of prices, such as `2026-03-06`. */
  readonly prices_as_of: string;
}

/** What would become of one session. What comes after `need` is of the question to an agent, where one would be asked. */
export interface PlannedJson {
  readonly session: string;
  readonly planned: true;
  readonly verdict: VerdictName;
  readonly reason: string;
  readonly need: PlannedSession['need'];
  /** Characters of the question. */
  readonly prompt_chars?: number;
  readonly tokens_in?: number;
  readonly tokens_out?: number;
  readonly model?: string;
  readonly cost_usd?: number;
  /** A guess by size: the recording has to be completed, or fetched, first. */
  readonly rough?: true;
}

export function planJson({ work, beyondLimit, alreadyDone, total, startable, stop }: PassPlan): PlanJson {
  const results = work.map(
    ({ session, verdict, need, because, question }): PlannedJson => ({
      session: session.ledgerName,
      planned: true,
      verdict: verdict.verdict,
      reason: because ?? verdict.reason,
      need,
      ...(question && questionJson(question)),
    }),
  );
  return {
    detected: work.length + beyondLimit.length,
    results,
    remaining: [...results.map(({ session }) => session), ...beyondLimit],
    ...leftAloneJson(alreadyDone),
    pushed: 'off',
    total: {
      runs: total.runs,
      ...(total.model !== undefined && { model: total.model }),
      tokens_in: total.tokensIn,
      tokens_out: total.tokensOut,
      ...(total.costUsd !== undefined && { cost_usd: total.costUsd }),
    },
    startable,
    ...(stop && stopJson(stop)),
    prices_as_of: PRICES_AS_OF,
  };
}

function questionJson({
  promptChars,
  estimate,
  isRough,
}: NonNullable<PlannedSession['question']>): Partial<PlannedJson> {
  return {
    prompt_chars: promptChars,
    tokens_in: estimate.tokensIn,
    tokens_out: estimate.tokensOut,
    ...(estimate.model !== undefined && { model: estimate.model }),
    ...(estimate.costUsd !== undefined && { cost_usd: estimate.costUsd }),
    ...(isRough && { rough: true }),
  };
}

class Planner {
  readonly rehearsal: Rehearsal;
  readonly #handler: SessionFinalizeHandler;
  readonly #agent: AgentName;
  readonly #ledgerPath: string;

  constructor(
    handler: SessionFinalizeHandler,
    rehearsal: Rehearsal,
    { agent, ledgerPath }: { readonly agent: AgentName; readonly ledgerPath: string },
  ) {
    this.#handler = handler;
    this.rehearsal = rehearsal;
    this.#agent = agent;
    this.#ledgerPath = ledgerPath;
  }

  /** Holds no question longer than it takes to weigh it. */
  async plan(found: JudgedSession): Promise<PlannedSession> {
    const { request, isRough = false, ...foreseen } = await this.#foresee(found);
    if (!request) return { ...found, ...foreseen };
    const promptChars = request.prompt.length + (request.systemPrompt?.length ?? 0);
    const estimate = this.rehearsal.try(this.#item(found).dedupKey, request);
    return { ...found, ...foreseen, question: { promptChars, estimate, isRough } };
  }

  async #foresee(found: JudgedSession): Promise<Foreseen> {
    if (found.verdict.verdict === 'unpushed' && !this.#handler.lacksSummary(found)) return { need: 'commit' };
    if (!this.#handler.lacksSummary(found)) return { need: 'render' };
    if (this.#agent === 'none') return { need: 'agent' };
    if (this.#agent === 'offline') return { need: 'summary' };
    const hopeless = this.rehearsal.hopeless(this.#item(found));
    if (hopeless) return { need: 'summary', because: hopeless.message };
    const because = this.#handler.finder.isUpgrade(found) ? { because: 'it has only an offline summary' } : {};
    const rough = roughRequest(found);
    return rough ? { need: 'agent', request: rough, isRough: true } : { ...because, ...(await this.#preview(found)) };
  }

  #item(found: JudgedSession) {
    return this.#handler.finder.workItem(found, this.#ledgerPath);
  }

  async #preview(found: JudgedSession): Promise<Foreseen> {
    try {
      const request = await this.#handler.previewPrompt(found);
      return request ? { need: 'agent', request } : { need: 'summary' };
    } catch (error) {
      if (error instanceof ExpectedError) return { need: 'nothing', because: error.message };
      throw error;
    }
  }
}

interface Foreseen extends Pick<PlannedSession, 'need' | 'because'> {
  readonly request?: RunRequest;
  readonly isRough?: boolean;
}

const ROUGH = { share: 0.1, most: 300_000, least: 6000 } as const;

/** What would be recovered, or fetched, is not there yet: of a transcript about a tenth goes into a prompt. */
function roughRequest({ session: { facts } }: JudgedSession): RunRequest | undefined {
  const bytes = bytesToCome(facts);
  if (bytes === undefined) return undefined;
  const length = Math.min(ROUGH.most, Math.max(ROUGH.least, Math.round(bytes * ROUGH.share)));
  return { prompt: 'word '.repeat(length / 5) };
}

/** Undefined where the recording is there. */
function bytesToCome({ raw, transcript }: SessionFacts): number | undefined {
  if (raw.kind === 'pointer') return hasContent(raw) ? undefined : raw.size;
  return raw.kind === 'content' || transcript.kind !== 'there' ? undefined : transcript.bytes;
}

function totalOf(work: readonly PlannedSession[]): PlanTotal {
  const estimates = work.flatMap(({ question }) => (question ? [question.estimate] : []));
  const sum = (pick: (estimate: RunEstimate) => number) => estimates.reduce((total, each) => total + pick(each), 0);
  const isPriced = estimates.every(({ costUsd }) => costUsd !== undefined);
  return {
    runs: estimates.length,
    tokensIn: sum(({ tokensIn }) => tokensIn),
    tokensOut: sum(({ tokensOut }) => tokensOut),
    costUsd: isPriced ? sum(({ costUsd }) => costUsd ?? 0) : undefined,
    mostUsd: isPriced ? Math.max(0, ...estimates.map(({ most }) => most.costUsd ?? 0)) : undefined,
    model: estimates.find(({ model }) => model !== undefined)?.model,
  };
}
