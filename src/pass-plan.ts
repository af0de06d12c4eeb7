import { openLimits } from './agent-setup.ts';
import type { AgentName } from './config.ts';
import { ExpectedError } from './errors.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { PassOptions, World } from './pass.ts';
import { openPlanner } from './pass-setup.ts';
import type { SessionFinalizeHandler } from './session-finalize.ts';
import { assertKnown, type JudgedSession } from './session-finder.ts';
import { readState } from './state.ts';
import type { RunEstimate } from './work/estimate.ts';
import type { Estimator } from './work/estimator.ts';
import { PRICES_AS_OF } from './work/price.ts';
import type { RunRequest } from './work/runner.ts';

/** What a pass would do with one session, and what that would take. */
export interface PlannedSession extends JudgedSession {
  readonly need: 'commit' | 'render' | 'summary' | 'agent';
  /** The question, where one would be asked. */
  readonly question?: {
    readonly promptChars: number;
    readonly estimate: RunEstimate;
    /** The recording has to be completed first, so that its size is a guess. */
    readonly isRough: boolean;
  };
}

/** What a pass would do, and which of the named sessions it would leave. */
export interface PassPlan {
  readonly work: readonly PlannedSession[];
  readonly alreadyDone: readonly JudgedSession[];
  readonly total: PlanTotal;
}

export interface PlanTotal {
  readonly runs: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars; undefined where the price of a run is not known. */
  readonly costUsd: number | undefined;
  /** Undefined where nobody knows yet which model answers. */
  readonly model: string | undefined;
}

/** What a pass would work on, in the order in which it would; nothing is written, no agent is started. */
export async function planPass(ledger: Ledger, world: World, options: PassOptions): Promise<PassPlan> {
  const handler = openPlanner(ledger, world, options);
  const judged = await handler.survey(ledger.root);
  assertKnown(options.sessions, judged, ledger.sessionsDir);
  const { estimator } = openLimits(options.config, readState(ledger.stateDir).state, world.clock);
  const work = handler.selectWork(judged).map((found) => planSession(found, handler, estimator, options.config.agent));
  return { work, alreadyDone: withoutWork(handler, judged, options), total: totalOf(work) };
}

/** The named sessions that need nothing, or for which nothing can be done; each verdict says why. */
export function withoutWork(
  handler: SessionFinalizeHandler,
  judged: readonly JudgedSession[],
  { sessions }: PassOptions,
): readonly JudgedSession[] {
  const work = new Set(handler.selectWork(judged).map(({ session }) => session.folder));
  return judged.filter(({ session }) => sessions.includes(session.ledgerName) && !work.has(session.folder));
}

/** What `finalize --dry-run --json` prints: token counts and costs are estimates. */
export function planJson({ work, total }: PassPlan): object {
  const results = work.map(({ session, verdict, need, question }) => ({
    session: session.ledgerName,
    planned: true,
    verdict: verdict.verdict,
    reason: verdict.reason,
    need,
    ...(question && questionJson(question)),
  }));
  return {
    detected: work.length,
    results,
    remaining: results.map(({ session }) => session),
    pushed: 'off',
    total: {
      runs: total.runs,
      ...(total.model !== undefined && { model: total.model }),
      tokens_in: total.tokensIn,
      tokens_out: total.tokensOut,
      ...(total.costUsd !== undefined && { cost_usd: total.costUsd }),
    },
    prices_as_of: PRICES_AS_OF,
  };
}

function questionJson({ promptChars, estimate, isRough }: NonNullable<PlannedSession['question']>): object {
  return {
    prompt_chars: promptChars,
    tokens_in: estimate.tokensIn,
    tokens_out: estimate.tokensOut,
    ...(estimate.model !== undefined && { model: estimate.model }),
    ...(estimate.costUsd !== undefined && { cost_usd: estimate.costUsd }),
    ...(isRough && { rough: true }),
  };
}

function planSession(
  found: JudgedSession,
  handler: SessionFinalizeHandler,
  estimator: Estimator,
  agent: AgentName,
): PlannedSession {
  const { need, request, isRough } = foresee(found, handler, agent);
  if (!request) return { ...found, need };
  const promptChars = request.prompt.length + (request.systemPrompt?.length ?? 0);
  return { ...found, need, question: { promptChars, estimate: estimator.estimate(request), isRough } };
}

interface Foreseen {
  readonly need: PlannedSession['need'];
  readonly request: RunRequest | null;
  readonly isRough: boolean;
}

function foresee(found: JudgedSession, handler: SessionFinalizeHandler, agent: AgentName): Foreseen {
  const without = (need: PlannedSession['need']) => ({ need, request: null, isRough: false });
  if (found.verdict.verdict === 'unpushed' && !handler.lacksSummary(found)) return without('commit');
  if (!handler.lacksSummary(found)) return without('render');
  if (agent === 'none') return without('agent');
  if (agent === 'offline') return without('summary');
  const rough = roughRequest(found);
  if (rough) return { need: 'agent', request: rough, isRough: true };
  const request = previewed(found, handler);
  return request ? { need: 'agent', request, isRough: false } : without('summary');
}

/** A recording that cannot be read fails when its turn comes, and costs nothing. */
function previewed(found: JudgedSession, handler: SessionFinalizeHandler): RunRequest | null {
  try {
    return handler.previewPrompt(found);
  } catch (error) {
    if (error instanceof ExpectedError) return null;
    throw error;
  }
}

const ROUGH = { share: 0.1, most: 300_000, least: 6000 } as const;

/** What would be recovered is not there yet: of an agent's transcript about a tenth goes into a prompt. */
function roughRequest({ session }: JudgedSession): RunRequest | undefined {
  const { raw, transcript } = session.facts;
  if (raw.kind === 'content' || transcript.kind !== 'there') return undefined;
  const length = Math.min(ROUGH.most, Math.max(ROUGH.least, Math.round(transcript.bytes * ROUGH.share)));
  return { prompt: 'word '.repeat(length / 5) };
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
    model: estimates.find(({ model }) => model !== undefined)?.model,
  };
}
