import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HOUR_MS } from '../src/clock.ts';
import { BUILT_IN } from '../src/session/redaction/policy.ts';
import { SessionFinalizeHandler } from '../src/session-finalize.ts';
import { NO_MEMORIES } from '../src/session-memory.ts';
import { loginEntries, marker, recording } from './support/sample-ledger.ts';
import { temporaryFolder, writeFiles } from './support/temporary-folder.ts';

test('a recorder that only the look-up knows keeps its session from being taken for abandoned', async () => {
  const root = temporaryFolder();
  const start = Date.now();
  writeFiles(path.join(root, 'sessions', 'a'), {
    'raw.jsonl': recording(start, 'mia', 'OxA', loginEntries(start).slice(0, 2), false),
    '.recording.json': marker(start, 'OxA', spawnSync('true').pid),
  });
  const handler = new SessionFinalizeHandler({
    ...{ agent: 'offline', git: null, caches: [], memories: NO_MEMORIES, again: new Set() },
    redaction: { of: async () => BUILT_IN },
    clock: () => start + HOUR_MS,
  });
  const verdict = async () => (await handler.finder.survey(root)).map((found) => found.verdict.verdict);
  expect(await verdict()).toEqual(['abandoned']);
  const asked: string[] = [];
  handler.setPIDLookup((agent) => {
    asked.push(agent);
    return process.pid;
  });
  expect(await verdict()).toEqual(['recording']);
  expect(asked).toEqual(['OxA']);
});
