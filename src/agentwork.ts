/**
 * The library: what the Go package `agentwork` exports, under the same names, and the pass that puts it together.
 * `agentwork` on the command line is a thin layer over this.
 */
export { type Clock, systemClock } from './clock.ts';
export { buildConfig, type Config } from './config.ts';
export { type ErrorCode, EXIT_STATUS, ExpectedError } from './errors.ts';
export { type Ledger, openLedger } from './ledger/ledger.ts';
export { type PassEvent, type PassOptions, runPass, type World } from './pass.ts';
export { type PassPlan, type PlannedSession, planPass } from './pass-plan.ts';
export { exitStatusOf, type PassReport, type SessionReport } from './pass-report.ts';
export {
  SessionFinalizeHandler,
  type SessionFinalizeOptions,
} from './session-finalize.ts';
export type { JudgedSession, SessionFinalizePayload } from './session-finder.ts';
export type { SessionOutcome } from './session-finisher.ts';
export { type LedgerStatus, readStatus } from './status.ts';
export type {
  CheckDocument,
  CleanupDocument,
  CompletionDocument,
  DetectDocument,
  ErrorDocument,
  FinalizeDocument,
  SetupDocument,
  StatusDocument,
} from './ui/documents.ts';
export type { AgentStop } from './work/agent-stop.ts';
export { Budget, type BudgetLimits, type BudgetMemory } from './work/budget.ts';
export { ClaudeRunner, type ClaudeRunnerOptions } from './work/claude-runner.ts';
export type { WorkResult } from './work/drain.ts';
export { Estimator } from './work/estimator.ts';
export type { WorkHandler } from './work/handler.ts';
export { type DrainReport, Manager, type ManagerOptions } from './work/manager.ts';
export { MockRunner } from './work/mock-runner.ts';
export { MAX_QUEUE_DEPTH, type NewWorkItem, type WorkItem, WorkQueue } from './work/queue.ts';
export { RateLimiter, type RateWindow } from './work/rate-limiter.ts';
export { RunError, type RunFailureKind, type Runner, type RunRequest, type RunResult } from './work/runner.ts';
export type { AgentProcess, AgentWorkStats, AgentWorkStatus } from './work/status.ts';
