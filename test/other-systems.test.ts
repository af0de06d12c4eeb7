import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseTime } from '../src/clock.ts';
import { openerOf } from '../src/file-opener.ts';
import { patiently, patientlySync } from '../src/held-file.ts';
import { gitPath } from '../src/ledger/git/git-path.ts';
import { isProcessAlive, startIn } from '../src/process-facts.ts';
import { endOfGroup } from '../src/work/claude/process-group.ts';

const refusal = (code: string) => Object.assign(new Error(code), { code });

/** Refused so many times, then done; and how often it was tried. */
function heldFor(times: number, code: string) {
  const tries = { count: 0 };
  const replace = () => {
    tries.count += 1;
    if (tries.count <= times) throw refusal(code);
  };
  return { tries, replace };
}

describe('a file that somebody has open', () => {
  test.each(['EPERM', 'EACCES', 'EBUSY'])('is replaced on Windows as soon as it is free: %s', async (code) => {
    const [now, later] = [heldFor(3, code), heldFor(3, code)];
    const waited: number[] = [];
    const patience = { platform: 'win32', wait: (pause: number) => waited.push(pause) } as const;
    patientlySync(now.replace, patience);
    await patiently(async () => later.replace(), patience);
    expect([now.tries.count, later.tries.count, waited]).toEqual([4, 4, [10, 20, 50, 10, 20, 50]]);
  });

  test.each([
    ['win32', 'EPERM', 7],
    ['win32', 'ENOENT', 1],
    ['linux', 'EPERM', 1],
    ['darwin', 'EACCES', 1],
  ] as const)('or the refusal is told: %s, %s, after %i tries', async (platform, code, tries) => {
    const [now, later] = [heldFor(99, code), heldFor(99, code)];
    const patience = { platform, wait: () => {} };
    expect(() => patientlySync(now.replace, patience)).toThrow(code);
    await expect(patiently(async () => later.replace(), patience)).rejects.toThrow(code);
    expect([now.tries.count, later.tries.count]).toEqual([tries, tries]);
  });
});

test.each([
  ['linux', { target: -42, signal: 'SIGTERM' }],
  ['darwin', { target: -42, signal: 'SIGTERM' }],
  ['win32', { command: 'taskkill', words: ['/pid', '42', '/t', '/f'] }],
] as const)('a program ends with all that it started: %s', (platform, end) => {
  expect(endOfGroup(42, 'SIGTERM', platform)).toEqual(end);
});

test.each([
  ['win32', path.win32, 'C:\\Users\\mia\\ledger', 'C:\\Users\\mia\\ledger\\sessions\\a\\raw.jsonl'],
  ['posix', path.posix, '/home/mia/ledger', '/home/mia/ledger/sessions/a/raw.jsonl'],
])('git is told a path with slashes: %s', (_, paths, root, file) => {
  expect(gitPath(root, file, paths)).toBe('sessions/a/raw.jsonl');
});

test.each([
  // As ps of macOS 14 prints it, in the time of the machine.
  ['Fri Mar  6 12:00:05 2026    \n', new Date(2026, 2, 6, 12, 0, 5).getTime()],
  ['Tue Nov 24 09:15:00 2026\n', new Date(2026, 10, 24, 9, 15, 0).getTime()],
  ['', undefined],
])('when a process started, by what ps says: %j', (answer, expected) => {
  expect(parseTime(startIn(answer))).toBe(expected);
});

test('a process is known by its id on every system', () => {
  expect([isProcessAlive(process.pid), isProcessAlive(2 ** 30)]).toEqual([true, false]);
});

test.each([
  ['darwin', ['open', '/tmp/a b.html']],
  ['linux', ['xdg-open', '/tmp/a b.html']],
  // No shell reads it, and no sign of the path means anything.
  ['win32', ['rundll32', 'url.dll,FileProtocolHandler', 'file:///tmp/a%20b.html']],
] as const)('a page is shown by what the system has: %s', (platform, words) => {
  expect(openerOf(platform, '/tmp/a b.html')).toEqual(words);
});
