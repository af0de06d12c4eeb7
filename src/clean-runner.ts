import { BUILT_IN } from './session/redaction/policy.ts';
import { createRedactor } from './session/redaction/redactor.ts';
import { RunError, type Runner } from './work/runner.ts';

/** The same runner, but what it says of a failure holds no secret: that goes into reports, logs and the state. */
export function cleanRunner(runner: Runner): Runner {
  return {
    agentType: runner.agentType,
    available: () => runner.available(),
    ...(runner.absence && { absence: () => runner.absence?.() ?? '' }),
    async run(request, signal) {
      try {
        return await runner.run(request, signal);
      } catch (error) {
        throw error instanceof RunError ? cleanError(error) : error;
      }
    },
  };
}

function cleanError(error: RunError): RunError {
  const redactor = createRedactor(BUILT_IN);
  const { kind, exitCode, resetsAt, usage, cause } = error;
  const stderr = redactor.text(error.stderr);
  return new RunError(kind, redactor.text(error.message), { exitCode, resetsAt, stderr, usage, cause });
}
