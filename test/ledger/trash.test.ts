import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { copyToTrash, expiredTrash, moveToTrash, trashFolder } from '../../src/ledger/trash.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

const NOW = Date.UTC(2026, 2, 6, 12);

/** A state folder, and a session beside it. */
function scene(files: Record<string, string> = { 'raw.jsonl': 'words', 'deep/x': 'y' }) {
  const folder = temporaryFolder();
  writeFiles(path.join(folder, 'session'), files);
  return { stateDir: path.join(folder, 'state'), session: path.join(folder, 'session') };
}

describe('what is put away', () => {
  test('is out of sight and whole', async () => {
    const { stateDir, session } = scene();
    const target = await moveToTrash(session, 'a', stateDir, NOW);
    expect(target).toBe(path.join(stateDir, 'trash', 'a'));
    expect(existsSync(session)).toBe(false);
    expect(readFileSync(path.join(target, 'raw.jsonl'), 'utf8')).toBe('words');
    expect(readFileSync(path.join(target, 'deep', 'x'), 'utf8')).toBe('y');
  });

  test('lies where only its owner can look', async () => {
    const { stateDir, session } = scene();
    await moveToTrash(session, 'a', stateDir, NOW);
    expect(statSync(trashFolder(stateDir)).mode & 0o777).toBe(0o700);
  });

  test('never takes the place of what was put away under the same name', async () => {
    const { stateDir, session } = scene();
    writeFiles(trashFolder(stateDir), { 'a/raw.jsonl': 'first', 'a.2/raw.jsonl': 'second' });
    const target = await moveToTrash(session, 'a', stateDir, NOW);
    expect(path.basename(target)).toBe('a.3');
    expect(readFileSync(path.join(trashFolder(stateDir), 'a', 'raw.jsonl'), 'utf8')).toBe('first');
    expect(readFileSync(path.join(target, 'raw.jsonl'), 'utf8')).toBe('words');
  });

  test('may be a copy: the original stays', async () => {
    const { stateDir, session } = scene();
    const file = path.join(session, 'raw.jsonl');
    const target = await copyToTrash(file, 'a.raw.jsonl', stateDir, NOW);
    expect([readFileSync(file, 'utf8'), readFileSync(target, 'utf8')]).toEqual(['words', 'words']);
  });

  test.runIf(existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync('/tmp').dev)(
    'arrives on another disk, too',
    async () => {
      const { session } = scene();
      const elsewhere = mkdtempSync('/dev/shm/agentwork-test-');
      onTestFinished(() => rmSync(elsewhere, { recursive: true }));
      const target = await moveToTrash(session, 'a', elsewhere, NOW);
      expect(existsSync(session)).toBe(false);
      expect(readFileSync(path.join(target, 'deep', 'x'), 'utf8')).toBe('y');
      expect(statSync(target).mtimeMs).toBe(NOW);
    },
  );

  test('that is not there is an error that names both places', async () => {
    const { stateDir } = scene();
    await expect(moveToTrash('/nowhere/a', 'a', stateDir, NOW)).rejects.toThrow(
      expect.objectContaining({ code: 'UNWRITABLE', message: expect.stringMatching(/\/nowhere\/a to .*trash\/a/) }),
    );
    await expect(copyToTrash('/nowhere/a', 'a', stateDir, NOW)).rejects.toThrow(
      expect.objectContaining({ code: 'UNWRITABLE' }),
    );
    expect(readdirSync(trashFolder(stateDir))).toEqual([]);
  });
});

describe('the trash', () => {
  test('is kept for thirty days from the day of the move, however old the things are', async () => {
    const { stateDir, session } = scene();
    const target = await moveToTrash(session, 'a', stateDir, NOW);
    expect(expiredTrash(stateDir, NOW + 30 * DAY_MS)).toEqual([]);
    expect(expiredTrash(stateDir, NOW + 30 * DAY_MS + 1)).toEqual([target]);
  });

  test('that nobody made is empty', () => {
    const { stateDir } = scene();
    expect(expiredTrash(stateDir, NOW)).toEqual([]);
    mkdirSync(trashFolder(stateDir), { recursive: true });
    expect(expiredTrash(stateDir, NOW)).toEqual([]);
  });
});
