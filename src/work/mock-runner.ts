import type { Runner, RunRequest, RunResult } from './runner.ts';

/** A runner for tests: it starts nothing, remembers what it was asked, and answers what the test says. */
export class MockRunner implements Runner {
  readonly agentType = 'mock';
  readonly requests: RunRequest[] = [];
  /** Set by a test to answer, or to reject with a RunError. */
  runFunc: (request: RunRequest, signal: AbortSignal) => Promise<RunResult> = async () => EMPTY_RESULT;
  readonly #available: boolean;

  constructor(available: boolean) {
    this.#available = available;
  }

  run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    this.requests.push(request);
    return this.runFunc(request, signal);
  }

  async available(): Promise<boolean> {
    return this.#available;
  }
}

const EMPTY_RESULT: RunResult = { output: '', duration: 0, exitCode: 0 };
