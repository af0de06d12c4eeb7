import { defineConfig } from 'vitest/config';

// Stryker could be told the tests itself, but then it leaves whole what is computed as a file is loaded.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: JSON.parse(process.env.AGENTWORK_MUTATION_TESTS ?? '[]') as string[],
    testTimeout: 60_000,
  },
});
