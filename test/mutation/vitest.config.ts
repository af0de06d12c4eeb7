import { defineConfig } from 'vitest/config';
import { GROUPS } from './groups.ts';

// Stryker could be told the tests itself, but then it leaves whole what is computed as a file is loaded.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: [...(GROUPS[process.env.AGENTWORK_MUTATION_GROUP ?? '']?.tests ?? [])],
    testTimeout: 60_000,
  },
});
