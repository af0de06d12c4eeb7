import { defineConfig } from 'vitest/config';
import { PATIENCE } from './support/patience.ts';

export default defineConfig(({ mode }) => ({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // The default leaves a core idle, which on two cores is half of them.
    maxWorkers: '100%',
    env: { AGENTWORK_TORTURE: mode === 'torture' ? 'long' : 'short' },
    // Hundreds of ledgers are taken away after one test of the long form.
    // A second is not enough for a browser on a slow machine.
    expect: { poll: PATIENCE },
    hookTimeout: mode === 'torture' ? 3_600_000 : 30_000,
    testTimeout: mode === 'torture' ? 12 * 3_600_000 : 60_000,
  },
}));
