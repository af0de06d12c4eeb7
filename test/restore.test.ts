import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../src/clock.ts';
import { type Ledger, openLedger } from '../src/ledger/ledger.ts';
import { surveySessions } from '../src/ledger/survey.ts';
import { copyToTrash, listTrash, moveToTrash, trashFolder } from '../src/ledger/trash/trash.ts';
import { acquireLock, lockPath } from '../src/lock.ts';
import { runRestore } from '../src/restore.ts';
import { classifySession } from '../src/session/classify.ts';
import { memoryOf, readState, StateStore } from '../src/state.ts';
import { temporaryLedger } from './support/ledger-dir.ts';
import { writeFiles } from './support/temporary-folder.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const RAW = '{"type":"header","metadata":{"agent_id":"Ox7f3a"}}\n{"type":"user","content":"find out why"}\n';

interface Scene extends Ledger {
  readonly cache: string;
  /** Puts a session away, as a pass does. */
  discard(folder: string, name: string, now?: number): Promise<string>;
}

async function openScene(): Promise<Scene> {
  const { root, scratch, environment } = temporaryLedger({ 'sessions/.gitignore': '' });
  const ledger = await openLedger(root, { cwd: root, environment });
  return {
    ...ledger,
    cache: path.join(scratch, 'cache'),
    async discard(folder, name, now = NOW) {
      writeFiles(folder, { 'raw.jsonl': RAW });
      return moveToTrash(folder, name, ledger.stateDir, now, 'judged skip');
    },
  };
}

const told: string[] = [];
const world = { clock: () => NOW, onTrouble: (message: string) => void told.push(message) };
const restore = (ledger: Ledger, name: string, isDryRun = false) => runRestore(ledger, world, { name, isDryRun });
const memoryIn = ({ stateDir }: Ledger, key: string) => memoryOf(readState(stateDir).state, key);

/** What a pass would now say of every session. */
async function verdicts(ledger: Scene): Promise<readonly string[]> {
  const { state } = readState(ledger.stateDir);
  const remembered = (key: string) => memoryOf(state, key);
  const options = { ledger, caches: [ledger.cache], remembered, journal: [], git: null };
  const sessions = await surveySessions(options);
  return sessions.map(({ facts, ledgerName }) => `${ledgerName}: ${classifySession(facts, NOW).verdict}`);
}

describe('a session that is taken back from the trash', () => {
  test('lies in the ledger where it lay, and stays on this machine', async () => {
    const ledger = await openScene();
    const folder = path.join(ledger.sessionsDir, 'a');
    await ledger.discard(folder, 'a');
    expect(await restore(ledger, 'a')).toEqual({ name: 'a', path: folder, session: 'a' });
    expect(readFileSync(path.join(folder, 'raw.jsonl'), 'utf8')).toBe(RAW);
    const recording = { path: folder, bytes: RAW.length };
    expect(memoryIn(ledger, 'a')).toEqual({ verdict: 'local_only', reason: 'restored from the trash', recording });
    expect(await verdicts(ledger)).toEqual(['a: local-only']);
    expect([listTrash(ledger.stateDir), existsSync(lockPath(ledger.stateDir))]).toEqual([[], false]);
  });

  test('lies in its cache, although that is gone, under a name that the trash made up', async () => {
    const ledger = await openScene();
    await ledger.discard(path.join(ledger.sessionsDir, 'a'), 'a');
    const folder = path.join(ledger.cache, 'a');
    await ledger.discard(folder, 'a');
    rmSync(ledger.cache, { recursive: true });
    expect(await restore(ledger, 'a.2')).toEqual({ name: 'a.2', path: folder, session: 'a' });
    expect(memoryIn(ledger, folder)).toMatchObject({ verdict: 'local_only', recording: { path: folder } });
    expect(memoryIn(ledger, 'a')).toBeUndefined();
    expect(await verdicts(ledger)).toEqual(['a: local-only']);
  });

  test('takes the place of what was remembered of it', async () => {
    const ledger = await openScene();
    const folder = path.join(ledger.cache, 'a');
    const { store } = await StateStore.open(ledger.stateDir);
    const recording = { path: folder, bytes: RAW.length, sha256: 'x' };
    store.remember(folder, { verdict: 'staged', staged_as: 'a', recording });
    await store.save();
    await ledger.discard(folder, 'a');
    await restore(ledger, 'a');
    expect(memoryIn(ledger, folder)).toMatchObject({ verdict: 'local_only' });
  });

  test('may be the original of a recording, when its place is free', async () => {
    const ledger = await openScene();
    const raw = path.join(ledger.sessionsDir, 'a', 'raw.jsonl');
    writeFiles(path.dirname(raw), { 'raw.jsonl': RAW });
    await copyToTrash(raw, 'a.raw.jsonl', ledger.stateDir, NOW);
    await expect(restore(ledger, 'a.raw.jsonl')).rejects.toThrow(`something is in its place already: ${raw}`);
    rmSync(raw);
    expect(await restore(ledger, 'a.raw.jsonl')).toEqual({ name: 'a.raw.jsonl', path: raw, session: 'a' });
    expect(readFileSync(raw, 'utf8')).toBe(RAW);
    expect(await verdicts(ledger)).toEqual(['a: local-only']);
  });

  test('may be any other file: nothing is remembered then', async () => {
    const ledger = await openScene();
    const notes = path.join(ledger.sessionsDir, 'a', 'notes.txt');
    writeFiles(path.dirname(notes), { 'notes.txt': 'mine' });
    await moveToTrash(notes, 'notes', ledger.stateDir, NOW);
    expect(await restore(ledger, 'notes')).toEqual({ name: 'notes', path: notes, session: undefined });
    expect(readState(ledger.stateDir).state.sessions).toEqual({});
  });

  test('is only named by a dry run', async () => {
    const ledger = await openScene();
    const folder = path.join(ledger.sessionsDir, 'a');
    const lying = await ledger.discard(folder, 'a');
    acquireLock(ledger.stateDir, 'finalize', world.clock);
    expect(await restore(ledger, 'a', true)).toEqual({ name: 'a', path: folder, session: 'a' });
    expect([existsSync(lying), existsSync(folder)]).toEqual([true, false]);
    expect(readdirSync(ledger.stateDir).sort()).toEqual(['pass.lock', 'trash']);
  });

  test('waits for a pass that runs', async () => {
    const ledger = await openScene();
    await ledger.discard(path.join(ledger.sessionsDir, 'a'), 'a');
    acquireLock(ledger.stateDir, 'finalize', world.clock);
    await expect(restore(ledger, 'a')).rejects.toThrow(expect.objectContaining({ code: 'LEDGER_LOCKED' }));
    expect(listTrash(ledger.stateDir)).toHaveLength(1);
  });

  test('is remembered before it moves, and comes with the next try when it could not', async () => {
    const ledger = await openScene();
    const folder = path.join(ledger.cache, 'a');
    await ledger.discard(folder, 'a');
    rmSync(ledger.cache, { recursive: true });
    writeFileSync(ledger.cache, 'in the way');
    await expect(restore(ledger, 'a')).rejects.toThrow(expect.objectContaining({ code: 'UNWRITABLE' }));
    expect(memoryIn(ledger, folder)).toMatchObject({ verdict: 'local_only' });
    expect(listTrash(ledger.stateDir)).toMatchObject([{ name: 'a', origin: { path: folder } }]);
    rmSync(ledger.cache);
    await restore(ledger, 'a');
    expect(await verdicts(ledger)).toEqual(['a: local-only']);
  });

  test('keeps a state that cannot be used aside, and says so', async () => {
    const ledger = await openScene();
    await ledger.discard(path.join(ledger.sessionsDir, 'a'), 'a');
    writeFiles(ledger.stateDir, { 'state.json': 'no json' });
    told.length = 0;
    await restore(ledger, 'a');
    expect(told).toEqual([expect.stringContaining('is not JSON')]);
    expect(memoryIn(ledger, 'a')).toMatchObject({ verdict: 'local_only' });
  });
});

describe('what cannot be taken back', () => {
  test('is what is not there: the newest five that are there are named', async () => {
    const ledger = await openScene();
    for (let number = 1; number <= 6; number += 1) {
      await ledger.discard(path.join(ledger.sessionsDir, `s${number}`), `s${number}`, NOW + number);
    }
    await expect(restore(ledger, 'nobody')).rejects.toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_SESSION',
        exitStatus: 2,
        message: 'there is no "nobody" in the trash',
        suggestions: ['s6', 's5', 's4', 's3', 's2'].map((name) => `agentwork cleanup --restore ${name}`),
      }),
    );
  });

  test.each(['a', '..', '.origins', '', '../state.json', '/etc/passwd'])('is %j in an empty trash', async (name) => {
    const ledger = await openScene();
    mkdirSync(path.join(trashFolder(ledger.stateDir), '.origins'), { recursive: true });
    await expect(restore(ledger, name)).rejects.toThrow(
      expect.objectContaining({ code: 'UNKNOWN_SESSION', message: expect.stringContaining('the trash is empty') }),
    );
  });

  test('is what something took the place of: nothing is ever overwritten', async () => {
    const ledger = await openScene();
    const folder = path.join(ledger.sessionsDir, 'a');
    const lying = await ledger.discard(folder, 'a');
    mkdirSync(folder);
    await expect(restore(ledger, 'a')).rejects.toThrow(
      expect.objectContaining({ code: 'UNWRITABLE', exitStatus: 3, suggestions: [expect.stringContaining(lying)] }),
    );
    expect([readdirSync(folder), statSync(lying).isDirectory()]).toEqual([[], true]);
    expect(readState(ledger.stateDir).state.sessions).toEqual({});
  });

  test('is what nobody knows the place of: where it lies is named', async () => {
    const ledger = await openScene();
    const lying = path.join(trashFolder(ledger.stateDir), 'old');
    writeFiles(lying, { 'raw.jsonl': RAW });
    utimesSync(lying, new Date(NOW - DAY_MS), new Date(NOW - DAY_MS));
    await expect(restore(ledger, 'old')).rejects.toThrow(
      expect.objectContaining({ code: 'NOT_RECOVERABLE', suggestions: [`it lies in ${lying}: move it by hand`] }),
    );
  });
});
