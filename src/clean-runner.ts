import type { RedactionPolicy } from './session/redaction/policy.ts';
import { createRedactor } from './session/redaction/redactor.ts';
import { RunError, type Runner } from './work/runner.ts';

/**
 * The same runner, but nothing that it says holds a secret: not its answer, which is kept in the state until it is
 * published and is cut to what a summary may be long, nor what it says of a failure, which goes into reports.
 */
export function cleanRunner(runner: Runner, policy: RedactionPolicy): Runner {
  return {
    agentType: runner.agentType,
    available: () => runner.available(),
    ...(runner.absence && { absence: () => runner.absence?.() ?? '' }),
    async run(request, signal) {
      try {
        const result = await runner.run(request, signal);
        return { ...result, output: createRedactor(policy).json(result.output) };
      } catch (error) {
        throw error instanceof RunError ? cleanError(error, policy) : error;
      }
    },
  };
}

function cleanError(error: RunError, policy: RedactionPolicy): RunError {
  const redactor = createRedactor(policy);
  const { kind, exitCode, resetsAt, usage, cause } = error;
  const stderr = redactor.text(error.stderr);
  return new RunError(kind, redactor.text(error.message), { exitCode, resetsAt, stderr, usage, cause });
}
