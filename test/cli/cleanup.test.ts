import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/clock.ts';
import { moveToTrash } from '../../src/ledger/trash/trash.ts';
import { runCli, runJson } from '../support/cli.ts';
import { createSampleLedger, loginEntries, recording } from '../support/sample-ledger.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const NOW = Date.now();

interface CleanupJson {
  removed: { path: string; kind: string; reason: string }[];
  dry_run: boolean;
}

/** A sample ledger, and a temporary folder of its own for everything that is started on it. */
function scene() {
  const folder = path.join(temporaryFolder(), 'work');
  const ledger = createSampleLedger(folder, NOW);
  const temporary = path.join(folder, 'tmp');
  mkdirSync(temporary);
  const options = { cwd: ledger.root, env: { TMPDIR: temporary } };
  return {
    ...ledger,
    temporary,
    stateDir: path.join(ledger.root, '.git', 'agentwork'),
    sessionsDir: path.join(ledger.root, 'sessions'),
    cache: path.join(ledger.root, '.sageox', 'cache', 'sessions'),
    run: (...words: string[]) => runCli(words, options),
    json: <T>(...words: string[]) => runJson<T>(words, options),
  };
}

/** A session that a pass has put away, and that git knows nothing of. */
async function discarded(name = 'discarded') {
  const ledger = scene();
  const folder = path.join(ledger.sessionsDir, name);
  writeFiles(folder, { 'raw.jsonl': recording(NOW, 'eve', 'Ox7f3a', loginEntries(NOW)) });
  await moveToTrash(folder, name, ledger.stateDir, NOW, 'judged skip');
  return { ...ledger, folder };
}

describe('cleanup', () => {
  test('removes the folder that a killed pass left for its agent, and says the same rows in a dry run', async () => {
    const { temporary, json, sessionsDir, sessions } = scene();
    const dead = spawnSync(process.execPath, ['--version']).pid;
    const folder = path.join(temporary, `agentwork-${dead}-a1B2c3`);
    mkdirSync(folder);
    utimesSync(folder, new Date(NOW - HOUR_MS), new Date(NOW - HOUR_MS));
    const planned = await json<CleanupJson>('cleanup', '--dry-run');
    expect(planned.json.removed.map(({ kind, path }) => [kind, path])).toEqual([
      ['ghost', path.join(sessionsDir, sessions.ghost)],
      ['agent-folder', folder],
    ]);
    expect(existsSync(folder)).toBe(true);
    const real = await json<CleanupJson>('cleanup');
    expect(JSON.stringify(real.json.removed)).toBe(JSON.stringify(planned.json.removed));
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('puts the cached copy of a pushed session into the trash, and takes it back to stay', async () => {
    const { cache, sessions, run, json } = scene();
    const folder = path.join(cache, sessions.cached);
    const raw = readFileSync(path.join(folder, 'raw.jsonl'), 'utf8');
    expect((await run('finalize', '--agent', 'offline', '--no-push')).status).toBe(0);
    expect((await json<CleanupJson>('cleanup')).json.removed).toEqual([]);
    expect((await run('finalize', '--agent', 'offline')).status).toBe(0);
    const { json: cleaned } = await json<CleanupJson>('cleanup');
    expect(cleaned.removed.map(({ kind, path }) => [kind, path])).toEqual([['pushed-copy', folder]]);
    expect(existsSync(folder)).toBe(false);

    const { stdout, status } = await run('cleanup', '--restore', sessions.cached);
    expect([status, stdout.split('\n')[0]]).toEqual([0, `restored ${sessions.cached} to ${folder}`]);
    expect(readFileSync(path.join(folder, 'raw.jsonl'), 'utf8')).toBe(raw);
    expect((await json<CleanupJson>('cleanup')).json.removed).toEqual([]);
    expect((await json<{ items: [] }>('detect')).json.items).toEqual([]);
  });

  test('leaves with --quiet nothing to read', async () => {
    const { run } = scene();
    expect(await run('cleanup', '--quiet')).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('cleanup --restore', () => {
  test('brings a discarded session back, which no pass then touches until it is named', async () => {
    const { run, json, folder } = await discarded();
    await run('finalize', '--agent', 'offline');
    const { status, stdout } = await run('cleanup', '--restore', 'discarded');
    expect(status).toBe(0);
    expect(stdout).toBe(
      `restored discarded to ${folder}\nit stays on this machine, and no pass touches it; agentwork finalize --again discarded summarises it anew`,
    );
    expect((await json<{ detected: number }>('finalize', '--agent', 'offline')).json.detected).toBe(0);
    expect(readdirSync(folder)).toEqual(['raw.jsonl']);
    const again = await json<{ results: { success: boolean }[] }>(
      'finalize',
      '--agent',
      'offline',
      '--again',
      'discarded',
    );
    expect(again.json.results).toEqual([expect.objectContaining({ success: true })]);
    expect(readdirSync(folder)).toContain('summary.json');
  });

  test('says in a dry run what it would do', async () => {
    const { run, folder } = await discarded();
    const { stdout } = await run('cleanup', '--dry-run', '--restore', 'discarded');
    expect(stdout.split('\n')[0]).toBe(`would restore discarded to ${folder}`);
    expect(existsSync(folder)).toBe(false);
  });

  test('answers machines', async () => {
    const { json, folder } = await discarded();
    expect((await json('cleanup', '--restore', 'discarded')).json).toEqual({
      schema_version: 1,
      restored: { name: 'discarded', path: folder },
      dry_run: false,
    });
  });

  test('is silent with --quiet', async () => {
    const { run, folder } = await discarded();
    expect(await run('cleanup', '--quiet', '--restore', 'discarded')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(folder)).toBe(true);
  });

  test('names what there is when there is no such thing', async () => {
    const { run } = await discarded();
    const { status, stderr } = await run('cleanup', '--restore', 'nobody');
    expect(status).toBe(2);
    expect(stderr).toBe('error: there is no "nobody" in the trash\n  → agentwork cleanup --restore discarded');
  });

  test('overwrites nothing', async () => {
    const { run, folder } = await discarded();
    writeFiles(folder, { 'raw.jsonl': 'newer' });
    const { status, stderr } = await run('cleanup', '--restore', 'discarded');
    expect([status, stderr.split('\n')[0]]).toEqual([3, `error: something is in its place already: ${folder}`]);
    expect(readFileSync(path.join(folder, 'raw.jsonl'), 'utf8')).toBe('newer');
  });
});
