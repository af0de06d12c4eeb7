import { expect, test } from 'vitest';
import { MockRunner } from '../../src/work/mock-runner.ts';
import { RunError } from '../../src/work/runner.ts';

const SIGNAL = new AbortController().signal;

test('a mock answers nothing, and remembers what it was asked', async () => {
  const runner = new MockRunner(true);
  expect([runner.agentType, await runner.available()]).toEqual(['mock', true]);
  expect(await runner.run({ prompt: 'a' }, SIGNAL)).toEqual({ output: '', duration: 0, exitCode: 0 });
  expect(runner.requests).toEqual([{ prompt: 'a' }]);
});

test('a mock answers or fails as the test says', async () => {
  const runner = new MockRunner(false);
  expect(await runner.available()).toBe(false);
  runner.runFunc = async ({ prompt }) => ({ output: `${prompt}!`, duration: 1, exitCode: 0 });
  expect((await runner.run({ prompt: 'a' }, SIGNAL)).output).toBe('a!');
  runner.runFunc = async () => {
    throw new RunError('rate_limited', 'no more');
  };
  await expect(runner.run({ prompt: 'b' }, SIGNAL)).rejects.toThrow('no more');
});
