import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, isolatedEnvironment } from '../support/cli.ts';
import { HAS_TERMINAL, onTerminal } from '../support/pseudo-terminal.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe.skipIf(!HAS_TERMINAL)('on a terminal', () => {
  test.each([
    [['detect'], 0, '6 sessions waiting'],
    [['status'], 0, 'backlog'],
    [['cleanup', '--dry-run'], 0, 'would remove ghost'],
    [['finalize', '--dry-run'], 0, 'nothing was written'],
    [['finalize', '--again'], 2, '--again wants the names of sessions'],
    [['finalize', '--agent', 'offline'], 0, '6 done'],
  ])('%j ends by itself', (words, expected, sentence) => {
    const { root } = createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now());
    const { status, shown } = onTerminal(root, ...words);
    expect(shown).toContain(sentence);
    expect(status).toBe(expected);
  });

  test('a pass says that there is nothing to do', () => {
    const { root } = createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now());
    execFileSync(process.execPath, [BIN, 'finalize', '--agent', 'offline'], {
      cwd: root,
      env: isolatedEnvironment({ cwd: root }),
      stdio: 'ignore',
    });
    expect(onTerminal(root, 'finalize', '--agent', 'offline').shown).toContain('nothing to do');
  });
});
