import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { planNoteRemoval } from '../../src/setup/note.ts';
import { planTimerNote, readTimerNote } from '../../src/setup/timer-note.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ORDER = {
  ledger: '/ledger',
  schedule: { every: '6h', minute: 17, hour: 4 },
  program: { node: '/usr/bin/node', script: '/run.cjs' },
  ...{ path: '/usr/bin', home: '/home/mia' },
};

async function noted() {
  const place = { root: '/ledger', stateDir: path.join(temporaryFolder(), 'agentwork') };
  const change = planTimerNote(place, 'systemd', ORDER);
  await change.apply();
  return { place, file: change.what };
}

test('what was set up is known until it is taken away, to this work tree of the clone alone', async () => {
  const { place, file } = await noted();
  const note = { with: 'systemd', every: '6h', minute: 17, hour: 4, path: '/usr/bin' };
  expect(readTimerNote(place)).toEqual(note);
  expect(readTimerNote({ ...place, root: '/other' })).toBeUndefined();
  expect([statSync(file).mode & 0o777, statSync(place.stateDir).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(planTimerNote(place, 'systemd', ORDER)).toMatchObject({ before: expect.stringContaining('"6h"') });
  for (const change of planNoteRemoval(place, 'timer')) await change.apply();
  expect([readTimerNote(place), planNoteRemoval(place, 'timer')]).toEqual([undefined, []]);
});

test.each([
  ['{"with":'],
  ['[]'],
  [''],
  ['{"with":"at","every":"1h","minute":0,"hour":0,"path":""}'],
  ['{"with":"systemd","every":"1h","minute":60,"hour":0,"path":""}'],
  ['{"with":"systemd","every":"__proto__","minute":0,"hour":0,"path":""}'],
  ['{"with":"systemd","every":"1h","minute":-1,"hour":0,"path":""}'],
  [' '.repeat(70_000)],
])('a note that nobody can understand is none: %.60s', async (text) => {
  const { place, file } = await noted();
  writeFileSync(file, text);
  expect(readTimerNote(place)).toBeUndefined();
});

test('a link in the place of one is not looked behind', async () => {
  const { place, file } = await noted();
  const other = { ...place, root: '/other' };
  symlinkSync(file, fileOf(other));
  expect(readTimerNote(other)).toBeUndefined();
});

function fileOf(place: { root: string; stateDir: string }): string {
  return planTimerNote(place, 'crontab', ORDER).what;
}
