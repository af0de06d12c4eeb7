import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { HOUR_MS } from '../src/clock.ts';
import { LONGEST_KEPT_BYTES } from '../src/ledger/kept-entries.ts';
import { BUILT_IN } from '../src/session/redaction/policy.ts';
import { SessionFinalizeHandler } from '../src/session-finalize.ts';
import { WorkQueue } from '../src/work/queue.ts';
import { loginEntries, recording } from './support/sample-ledger.ts';
import { temporaryFolder, writeFiles } from './support/temporary-folder.ts';

const START = Date.UTC(2026, 0, 1);

afterEach(() => void vi.restoreAllMocks());

/** A session is finished without git, or asked about; how often each of its lines is parsed meanwhile. */
async function parsesOf(agent: 'offline' | 'claude', words: string): Promise<number> {
  const root = temporaryFolder();
  const raw = recording(START, 'mia', 'OxA', [...loginEntries(START), { type: 'assistant', content: words }]);
  writeFiles(path.join(root, 'sessions', 'a'), { 'raw.jsonl': raw });
  const redaction = { of: async () => BUILT_IN };
  const handler = new SessionFinalizeHandler({ agent, redaction, clock: () => START + HOUR_MS });
  const queue = new WorkQueue();
  for (const found of await handler.detect(root)) queue.enqueue(found);
  const item = queue.dequeue() as Parameters<typeof handler.buildPrompt>[0];
  const parse = vi.spyOn(JSON, 'parse');
  const line = JSON.stringify({ type: 'assistant', content: words });
  const request = await handler.buildPrompt(item);
  if (agent === 'offline') await handler.processResult(item, null);
  expect(request === null).toBe(agent === 'offline');
  return parse.mock.calls.filter(([text]) => text === line).length;
}

test.each(['offline', 'claude'] as const)(
  'a short recording is parsed once, whatever is made of it (%s)',
  async (agent) => {
    expect(await parsesOf(agent, 'it was the clock')).toBe(1);
  },
);

test('a long one is read again for each of its pages, and not held', async () => {
  expect(await parsesOf('offline', 'x'.repeat(LONGEST_KEPT_BYTES))).toBe(3);
});
