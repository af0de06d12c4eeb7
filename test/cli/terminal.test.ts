import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { addMachine, createFleet, gitIn } from '../support/machines.ts';
import { HAS_TERMINAL, onTerminal, terminalOf } from '../support/pseudo-terminal.ts';
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

  test('a variable that nobody reads is told where somebody sees it, and nowhere else', async () => {
    const { root } = createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now());
    const machine = { cwd: root, env: { AGENTWORK_LEDGR: root } };
    const { shown } = await terminalOf(machine, 'status').end;
    expect(shown).toContain(': AGENTWORK_LEDGR is no setting of agentwork; AGENTWORK_LEDGER is one');
    expect((await terminalOf(machine, 'status', '--quiet').end).shown).not.toContain('warning');
    expect((await runCli(['status'], machine)).stderr).toBe('');
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

describe.skipIf(!HAS_TERMINAL)('Ctrl-C on a terminal', () => {
  test('ends agents and pass, says that what is finished stays, and that is so', async () => {
    const fleet = await createFleet(path.join(temporaryFolder(), 'fleet'), 2, { calls: [{}, { hang: true }] });
    const machine = addMachine(fleet, 'mia');
    const finish = terminalOf(machine, 'finalize', '--concurrency', '1', '--no-claim');
    // The first is finished, the second runs.
    await finish.until('1 of 2 sessions');
    finish.press('\u0003');
    const { status, shown } = await finish.end;
    expect([status, shown]).toEqual([130, expect.stringContaining('interrupted')]);
    expect(shown).toContain('what is finished stays');
    const { json } = await runJson<{ queue_depth: number; running?: object }>(['status'], machine);
    expect([json.queue_depth, json.running]).toEqual([1, undefined]);
    expect(gitIn(machine.cwd, 'log', '-1', '--format=%s')).toMatch(/^finalize session /);
  });
});
