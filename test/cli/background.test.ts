import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCli, runJson } from '../support/cli.ts';
import { isAlive } from '../support/living.ts';
import { gitIn } from '../support/machines.ts';
import { PATIENCE } from '../support/patience.ts';
import { HAS_TERMINAL, onTerminal } from '../support/pseudo-terminal.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function sample() {
  const { root } = createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now());
  const at = (name: string) => path.join(root, '.git', 'agentwork', name);
  return {
    ...{ cwd: root, at, git: (...words: readonly string[]) => gitIn(root, ...words) },
    log: () => readFileSync(at('finalize.log'), 'utf8'),
    failure: () => JSON.parse(readFileSync(at('last-failure.json'), 'utf8')),
  };
}

interface Started {
  readonly background: { readonly pid: number };
}

const untilGone = ({ background: { pid } }: Started) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENCE);

describe('a pass in the background', () => {
  test('goes on when who started it is gone, and says what it did in a log that nobody else reads', async () => {
    const ledger = sample();
    const { status, stdout, json } = await runJson<Started>(['finalize', '--background', '--agent', 'offline'], ledger);
    expect([status, JSON.parse(stdout).schema_version]).toEqual([0, 1]);
    await untilGone(json);
    expect(ledger.log()).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z pid \d+\n/);
    expect(ledger.log()).toContain('6 done');
    expect(statSync(ledger.at('finalize.log')).mode & 0o777).toBe(0o600);
    expect((await runJson<{ queue_depth: number }>(['status'], ledger)).json.queue_depth).toBe(0);
  });

  test('is not started with words that no pass takes', async () => {
    const ledger = sample();
    expect(await runCli(['finalize', '--background', '--limit', 'x'], ledger)).toMatchObject({ status: 2, stdout: '' });
    const both = await runCli(['finalize', '--background', '--dry-run'], ledger);
    expect(both).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('nobody to hear it') });
    expect(existsSync(ledger.at('finalize.log'))).toBe(false);
  });

  test('is not started for a session that is nowhere', async () => {
    const ledger = sample();
    const [known = ''] = readdirSync(path.join(ledger.cwd, 'sessions'));
    const words = ['finalize', '--background', '--agent', 'none'];
    const refused = await runCli([...words, known, 'no-such'], ledger);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('there is no session "no-such" in');
    expect(existsSync(ledger.at('finalize.log'))).toBe(false);
    mkdirSync(path.join(ledger.cwd, '..', 'cache', 'cached'), { recursive: true });
    const env = { AGENTWORK_SESSION_CACHE: path.join(ledger.cwd, '..', 'cache') };
    for (const name of [known, `sessions/${known}/`, 'cached', 'cached-2']) {
      const { status, json } = await runJson<Started>([...words, name], { ...ledger, env });
      expect(status, name).toBe(0);
      await untilGone(json);
    }
  });
});

describe('the log', () => {
  test('takes all that a pass says, and nothing of one with nothing to say', async () => {
    const ledger = sample();
    expect(await runCli(['finalize', '--agent', 'offline', '--log'], ledger)).toEqual({
      ...{ status: 0, stdout: '', stderr: '' },
    });
    const before = ledger.log();
    await runCli(['finalize', '--agent', 'offline', '--log'], ledger);
    expect(ledger.log()).toBe(before);
  });

  test('begins anew when it has grown, and the one before is kept', async () => {
    const ledger = sample();
    await runCli(['finalize', '--agent', 'offline', '--log', '--limit', '1'], ledger);
    writeFileSync(ledger.at('finalize.log'), 'x'.repeat(1024 * 1024 + 1));
    await runCli(['finalize', '--agent', 'offline', '--log'], ledger);
    expect(ledger.log()).toContain('5 done');
    expect(readFileSync(ledger.at('finalize.log.1'), 'utf8')).toMatch(/^x+$/);
  });
});

describe('what a pass failed of that nobody watched', () => {
  test('is in the status until a pass ends well', async () => {
    const ledger = sample();
    const author = ledger.git('config', 'user.name');
    ledger.git('config', 'user.name', '');
    const words = ['finalize', '--agent', 'offline', '--log'];
    expect((await runCli(words, ledger)).status).toBe(2);
    expect(ledger.failure()).toMatchObject({
      exit_status: 2,
      message: expect.stringContaining('git does not know who'),
    });
    expect((await runCli(['status'], ledger)).stdout).toMatch(/failed +in the background, .* git does not know who/);
    expect((await runJson(['status'], ledger)).json).toMatchObject({ last_failure: { exit_status: 2 } });
    ledger.git('config', 'user.name', author);
    await runCli(words, ledger);
    expect((await runJson(['status'], ledger)).json).not.toHaveProperty('last_failure');
  });

  test('is not that another pass does the work', async () => {
    const ledger = sample();
    const now = new Date().toISOString();
    const lock = {
      id: 'x',
      pid: process.pid,
      host: hostname(),
      command: 'finalize',
      started_at: now,
      heartbeat_at: now,
    };
    await runCli(['finalize', '--agent', 'offline', '--log', '--limit', '1'], ledger);
    writeFileSync(ledger.at('pass.lock'), JSON.stringify(lock));
    expect((await runCli(['finalize', '--agent', 'offline', '--log'], ledger)).status).toBe(11);
    expect(existsSync(ledger.at('last-failure.json'))).toBe(false);
  });

  test('is forgotten after a day, and when nobody can read it', async () => {
    const ledger = sample();
    await runCli(['finalize', '--agent', 'offline'], ledger);
    const failure = { at: new Date(Date.now() - 25 * 3_600_000).toISOString(), exit_status: 3, message: 'long ago' };
    for (const text of [JSON.stringify(failure), '{"at":', '']) {
      writeFileSync(ledger.at('last-failure.json'), text);
      expect((await runCli(['status'], ledger)).stdout).not.toContain('in the background');
    }
  });

  test.skipIf(!HAS_TERMINAL)('is told once on a terminal', async () => {
    const ledger = sample();
    ledger.git('config', 'user.name', '');
    await runCli(['finalize', '--agent', 'offline', '--log'], ledger);
    expect(onTerminal(ledger.cwd, 'detect').shown).toContain('the last pass in the background failed');
    expect(onTerminal(ledger.cwd, 'detect').shown).not.toContain('in the background');
  });
});

test('that nothing can be pushed is told when it begins, and not by each pass', async () => {
  const ledger = sample();
  renameSync(path.join(ledger.cwd, '..', 'remote.git'), path.join(ledger.cwd, '..', 'moved.git'));
  const words = ['finalize', '--agent', 'offline'];
  expect((await runCli(words, ledger)).stdout).toContain('not pushed');
  expect(await runCli(words, ledger)).toEqual({ status: 3, stdout: '', stderr: '' });
});
