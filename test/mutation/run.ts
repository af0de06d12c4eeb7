/**
 * Breaks the source in small ways, one at a time, and looks whether a test notices. `npm run mutate -- lock` does it to
 * one group of files. What is named behind it is done alone, and quickly: a source file, or lines of it, and the tests for
 * it, as in `npm run mutate -- engine src/work/queue.ts:20-40 test/work/queue.test.ts`.
 * What breaks a file so that it cannot be loaded is counted as survived: then no test runs, and none fails.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { GROUPS } from './groups.ts';

const LEAST_KILLED_PERCENT = 85;

const [name = '', ...named] = process.argv.slice(2);
const group = GROUPS[name];
if (group === undefined) {
  process.stderr.write(`which of ${Object.keys(GROUPS).join(', ')}?\n`);
  process.exit(2);
}

const source = named.filter((file) => !file.startsWith('test/'));
const tests = named.filter((file) => file.startsWith('test/'));

const scratch = mkdtempSync(path.join(tmpdir(), 'agentwork-mutation-'));
// A broken source leaves behind what it should have removed.
process.env.TMPDIR = path.join(scratch, 'tmp');
mkdirSync(process.env.TMPDIR);
process.env.AGENTWORK_MUTATION_TESTS = JSON.stringify(tests.length > 0 ? tests : group.tests);

const stryker = new Stryker({
  mutate: source.length > 0 ? source : [...group.source],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 10_000,
  // Nothing looks at types on the way to a test.
  disableTypeChecks: false,
  ignorePatterns: ['/dist', '/test/fixtures/*.png'],
  tempDirName: path.join(scratch, 'sandbox'),
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: `node_modules/.cache/mutation/${name}.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 100, low: LEAST_KILLED_PERCENT, break: LEAST_KILLED_PERCENT },
});
try {
  await stryker.runMutationTest();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
