import { openLimits, openRunner } from './agent-setup.ts';
import { whyNoRoom } from './disk-room.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { PassOptions, World } from './pass.ts';
import { StateStore } from './state.ts';
import { AgentGate, type Attempted } from './work/agent-gate.ts';
import type { AgentStop } from './work/agent-stop.ts';
import type { RunEstimate } from './work/estimate.ts';
import type { Estimator } from './work/estimator.ts';
import type { RunRequest } from './work/runner.ts';

/** Asks the gate of a pass for each run in turn, as if every one had taken what is expected. */
export class Rehearsal {
  readonly #estimator: Estimator;
  readonly #gate: AgentGate;
  #startable = 0;

  private constructor(gate: AgentGate, estimator: Estimator) {
    this.#gate = gate;
    this.#estimator = estimator;
  }

  static async open(ledger: Ledger, world: World, { config, resume }: PassOptions): Promise<Rehearsal> {
    const { store } = StateStore.peek(ledger.stateDir);
    const runner = openRunner(config, world, store, ledger.redaction.general);
    const pause = resume ? undefined : store.state.pause;
    const { clock } = world;
    const limits = openLimits(config, store.state, clock);
    const gate = new AgentGate({ ...limits, runner, clock, pause, whyNoRoom: () => whyNoRoom([ledger.root]) });
    gate.open((await runner?.available()) === true);
    // One of its own: that of the gate learns from runs that are only supposed.
    return new Rehearsal(gate, openLimits(config, store.state, clock).estimator);
  }

  /** How many runs would start. */
  get startable(): number {
    return this.#startable;
  }

  /** What would keep the others from starting; undefined when nothing does. */
  get stop(): AgentStop | undefined {
    return this.#gate.reason;
  }

  /** Why nobody would be asked about this item any more; undefined while somebody may be. */
  hopeless(item: Attempted): Error | undefined {
    return this.#gate.hopeless(item);
  }

  /** What the run is expected to take, whether it would start or not. */
  try(key: string, request: RunRequest): RunEstimate {
    const estimate = this.#estimator.estimate(request);
    if (this.#gate.admit(key, request).to !== 'go') return estimate;
    const { tokensIn, tokensOut, costUsd = 0 } = estimate;
    this.#gate.settle(key, { output: '', duration: 0, exitCode: 0, tokensIn, tokensOut, costUsd });
    this.#startable += 1;
    return estimate;
  }
}
