import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DAY_MS, isoTime } from '../../../src/clock.ts';
import { tempName } from '../../../src/ledger/atomic-file.ts';
import {
  copyToTrash,
  deleteFromTrash,
  expiredTrash,
  listTrash,
  moveToTrash,
  restoreFromTrash,
  type TrashEntry,
  trashFolder,
} from '../../../src/ledger/trash/trash.ts';
import { orphanedRecords } from '../../../src/ledger/trash/trash-origins.ts';
import { temporaryFolder, writeFiles } from '../../support/temporary-folder.ts';

const NOW = Date.UTC(2026, 2, 6, 12);

/** A state folder, and a session beside it. */
function scene(files: Record<string, string> = { 'raw.jsonl': 'words', 'deep/x': 'y' }) {
  const folder = temporaryFolder();
  writeFiles(path.join(folder, 'session'), files);
  return { stateDir: path.join(folder, 'state'), session: path.join(folder, 'session') };
}

/** A folder on another disk; only where there is one. */
function otherDisk(): string {
  const folder = mkdtempSync('/dev/shm/agentwork-test-');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const hasOtherDisk = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync('/tmp').dev;
const namesIn = (stateDir: string) => listTrash(stateDir).map(({ name }) => name);
const records = (stateDir: string) => readdirSync(path.join(trashFolder(stateDir), '.origins')).sort();

function onlyEntry(stateDir: string): TrashEntry {
  const entries = listTrash(stateDir);
  expect(entries).toHaveLength(1);
  return entries[0] as TrashEntry;
}

describe('what is put away', () => {
  test('is out of sight and whole, and knows where it came from, when and why', async () => {
    const { stateDir, session } = scene();
    const target = await moveToTrash(session, 'a', stateDir, NOW, 'judged skip');
    expect(target).toBe(path.join(stateDir, 'trash', 'a'));
    expect(existsSync(session)).toBe(false);
    expect(readFileSync(path.join(target, 'raw.jsonl'), 'utf8')).toBe('words');
    expect(readFileSync(path.join(target, 'deep', 'x'), 'utf8')).toBe('y');
    const origin = { path: session, moved_at: isoTime(NOW), reason: 'judged skip' };
    expect(onlyEntry(stateDir)).toEqual({ name: 'a', path: target, putAwayAtMs: NOW, origin });
  });

  test('lies where only its owner can look', async () => {
    const { stateDir, session } = scene();
    await moveToTrash(session, 'a', stateDir, NOW);
    const folders = [trashFolder(stateDir), path.join(trashFolder(stateDir), '.origins')];
    expect(folders.map((folder) => statSync(folder).mode & 0o777)).toEqual([0o700, 0o700]);
    expect(statSync(path.join(trashFolder(stateDir), '.origins', 'a.json')).mode & 0o777).toBe(0o600);
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
    expect(onlyEntry(stateDir)).toMatchObject({ name: 'a.raw.jsonl', origin: { path: file } });
  });

  const hostile = [
    '../../out',
    '..',
    '.',
    '',
    '.origins',
    '/etc/passwd',
    'a\\b',
    'a\0b',
    '\u00e4'.repeat(127),
    'x'.repeat(255),
  ];
  test.each(hostile)('stays in the trash whatever it is called: %j', async (name) => {
    const { stateDir, session } = scene();
    const target = await moveToTrash(session, name, stateDir, NOW);
    expect(path.dirname(target)).toBe(trashFolder(stateDir));
    expect(readFileSync(path.join(target, 'raw.jsonl'), 'utf8')).toBe('words');
    const entry = onlyEntry(stateDir);
    expect(entry.origin?.path).toBe(session);
    restoreFromTrash(entry, entry.origin as NonNullable<TrashEntry['origin']>);
    expect(readFileSync(path.join(session, 'deep', 'x'), 'utf8')).toBe('y');
    expect([namesIn(stateDir), records(stateDir)]).toEqual([[], []]);
  });

  test.each(['trash', 'trash/.origins'])('goes through no link, and stays: %s', async (link) => {
    const { stateDir, session } = scene();
    const outside = temporaryFolder();
    mkdirSync(path.join(stateDir, path.dirname(link)), { recursive: true });
    symlinkSync(outside, path.join(stateDir, link));
    for (const puttingAway of [moveToTrash, copyToTrash]) {
      await expect(puttingAway(session, 'a', stateDir, NOW)).rejects.toThrow(/is a symbolic link/);
    }
    expect(() => orphanedRecords(trashFolder(stateDir))).toThrow(/is a symbolic link/);
    if (link === 'trash') expect(() => listTrash(stateDir)).toThrow(/is a symbolic link/);
    expect([readdirSync(outside), readdirSync(session).sort()]).toEqual([[], ['deep', 'raw.jsonl']]);
  });

  test('that is not there is an error that names both places, and leaves nothing', async () => {
    const { stateDir } = scene();
    await expect(moveToTrash('/nowhere/a', 'a', stateDir, NOW)).rejects.toThrow(
      expect.objectContaining({ code: 'UNWRITABLE', message: expect.stringMatching(/\/nowhere\/a to .*trash\/a/) }),
    );
    await expect(copyToTrash('/nowhere/a', 'a', stateDir, NOW)).rejects.toThrow(
      expect.objectContaining({ code: 'UNWRITABLE' }),
    );
    expect([listTrash(stateDir), records(stateDir)]).toEqual([[], []]);
    expect(readdirSync(stateDir)).toEqual(['trash']);
  });
});

describe('on another disk', () => {
  test.runIf(hasOtherDisk)('a session arrives whole, links as links, and can go back', async () => {
    const { session } = scene();
    symlinkSync('/etc/hostname', path.join(session, 'link'));
    const elsewhere = otherDisk();
    const target = await moveToTrash(session, 'a', elsewhere, NOW);
    expect(existsSync(session)).toBe(false);
    expect(readlinkSync(path.join(target, 'link'))).toBe('/etc/hostname');
    expect(statSync(target).mtimeMs).toBe(NOW);
    const entry = onlyEntry(elsewhere);
    restoreFromTrash(entry, entry.origin as NonNullable<TrashEntry['origin']>);
    expect(readFileSync(path.join(session, 'deep', 'x'), 'utf8')).toBe('y');
    expect(lstatSync(path.join(session, 'link')).isSymbolicLink()).toBe(true);
    expect(readdirSync(elsewhere, { recursive: true }).sort()).toEqual(['trash', 'trash/.origins']);
    expect(readdirSync(path.dirname(session))).toEqual(['session']);
  });

  test.runIf(hasOtherDisk)('a session that cannot be copied stays whole, and no half of it', async () => {
    const { session } = scene();
    const elsewhere = otherDisk();
    execFileSync('mkfifo', [path.join(session, 'z-pipe')]);
    const moving = moveToTrash(session, 'a', elsewhere, NOW);
    await expect(moving).rejects.toThrow(expect.objectContaining({ code: 'UNWRITABLE' }));
    expect(readdirSync(session).sort()).toEqual(['deep', 'raw.jsonl', 'z-pipe']);
    expect(readdirSync(elsewhere)).toEqual(['trash']);
    expect(listTrash(elsewhere)).toEqual([]);
  });

  test.runIf(hasOtherDisk && process.getuid?.() !== 0)(
    'a session that could not be taken away is not copied',
    async () => {
      const { session } = scene();
      const elsewhere = otherDisk();
      chmodSync(session, 0o500);
      await expect(moveToTrash(session, 'a', elsewhere, NOW)).rejects.toThrow(/EACCES/);
      chmodSync(session, 0o700);
      expect(listTrash(elsewhere)).toEqual([]);
    },
  );
});

describe('a kill', () => {
  test('before the move leaves a record of nothing, which is no entry and speaks for none', async () => {
    const { stateDir, session } = scene();
    const record = { path: '/elsewhere', moved_at: isoTime(NOW - 40 * DAY_MS), reason: 'x' };
    writeFiles(trashFolder(stateDir), { '.origins/a.json': JSON.stringify(record), '.origins/torn.json': '{"pa' });
    expect(listTrash(stateDir)).toEqual([]);
    await moveToTrash(session, 'a', stateDir, NOW);
    expect(onlyEntry(stateDir)).toMatchObject({ name: 'a.2', putAwayAtMs: NOW, origin: { path: session } });
    expect(orphanedRecords(trashFolder(stateDir)).map((file) => path.basename(file))).toEqual(['a.json', 'torn.json']);
  });

  test('right after the move costs no day: the record was there before', async () => {
    const { stateDir, session } = scene();
    const target = await moveToTrash(session, 'a', stateDir, NOW);
    utimesSync(target, new Date(0), new Date(0));
    expect(expiredTrash(stateDir, NOW + DAY_MS)).toEqual([]);
  });

  test('amid a copy leaves nothing that counts as put away, or as a session', async () => {
    const { stateDir } = scene();
    writeFiles(tempName(path.join(stateDir, 'copy')), { 'raw.jsonl': 'wor' });
    mkdirSync(trashFolder(stateDir));
    expect(listTrash(stateDir)).toEqual([]);
  });
});

describe('the trash', () => {
  test('is kept for thirty days from the day of the move, however old the things are', async () => {
    const { stateDir, session } = scene();
    await moveToTrash(session, 'a', stateDir, NOW);
    expect(expiredTrash(stateDir, NOW + 30 * DAY_MS)).toEqual([]);
    expect(expiredTrash(stateDir, NOW + 30 * DAY_MS + 1)).toEqual([onlyEntry(stateDir)]);
  });

  test('loses an entry together with its record', async () => {
    const { stateDir, session } = scene();
    await moveToTrash(session, 'a', stateDir, NOW);
    deleteFromTrash(onlyEntry(stateDir));
    expect([namesIn(stateDir), records(stateDir)]).toEqual([[], []]);
  });

  test('names the newest first', async () => {
    const { stateDir } = scene();
    for (const [index, name] of ['b', 'c', 'a'].entries()) {
      writeFiles(path.join(stateDir, name), { x: '' });
      await moveToTrash(path.join(stateDir, name), name, stateDir, NOW + index);
    }
    expect(namesIn(stateDir)).toEqual(['a', 'c', 'b']);
  });

  const ofNoUse: [string, string][] = [
    ['no record', ''],
    ['a torn one', '{"path":"/a"'],
    ['one without a time', '{"path":"/a","reason":"x","moved_at":"soon"}'],
    ['one whose path leads from nowhere', `{"path":"../a","reason":"x","moved_at":"${isoTime(NOW)}"}`],
  ];
  test.each(ofNoUse)('counts from the last change where an entry has %s', (_, record) => {
    const { stateDir } = scene();
    writeFiles(trashFolder(stateDir), { 'a/raw.jsonl': 'words', '.origins/a.json': record });
    utimesSync(path.join(trashFolder(stateDir), 'a'), new Date(NOW), new Date(NOW));
    expect(onlyEntry(stateDir)).toMatchObject({ putAwayAtMs: NOW, origin: undefined });
  });

  test('that nobody made is empty', () => {
    const { stateDir } = scene();
    expect(expiredTrash(stateDir, NOW)).toEqual([]);
    mkdirSync(trashFolder(stateDir), { recursive: true });
    expect(expiredTrash(stateDir, NOW)).toEqual([]);
  });

  test('that is none is said', () => {
    const { stateDir } = scene();
    writeFiles(stateDir, { trash: 'a file' });
    expect(() => listTrash(stateDir)).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  });
});
