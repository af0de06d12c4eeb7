import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { runGit, type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';

// Colleagues choose the names of sessions, and a recorder takes them from what people call themselves.

const START = Date.parse('2026-03-06T10:00:00Z');
const RAW = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
const TOKEN = ['ghp', `${'a1B2c3D4'.repeat(4)}Zz12`].join('_');
/** What a terminal or an eye would be fooled by, as bytes. */
const FOOLING =
  /[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f\xad]|\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xa9]|\xef\xbb\xbf|\xf3\xa0/;

/** Odd, and a session's all the same. */
const ODD = [
  "a'b",
  'a"b',
  'a*',
  'ab',
  '[a]b',
  '?b',
  ':(exclude)sessions',
  ':!x',
  ':',
  '%s%n',
  '$(touch x)',
  '`id`',
  '#a',
  '!a',
];
const MORE_ODD = [
  ' a ',
  'HEAD',
  '...',
  '@{u}',
  'a&b;c',
  'a,b{c}',
  'constructor',
  '__proto__',
  '🎉',
  '~',
  'Finalized-by: agentwork',
];
/** Left alone, whatever lies in them. */
const REFUSED = [
  '-rf',
  '--all',
  'a\nb',
  'a\u001b[31mb',
  'a\tb',
  'a\u007fb',
  'a\u202ebc',
  'a\u200fb',
  'a\u200bb',
  '\ufeffa',
];
const MORE_REFUSED = [
  '.git',
  '.GIT',
  'git~1',
  '.git ',
  '.g\u200cit',
  '.gitmodules',
  `2026-01-01T10-00-${TOKEN}-Ox7f3a`,
];
const NOT_UTF8 = Buffer.from([0x61, 0xff, 0xfe]);

function writeSession(parent: string, name: string | Buffer): void {
  const folder = Buffer.concat([Buffer.from(`${parent}/`), Buffer.from(name as string)]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(Buffer.concat([folder, Buffer.from('/raw.jsonl')]), RAW);
}

async function printed(ledger: TemporaryLedger, words: readonly string[]) {
  const { status, stdout, stderr } = await runCli(words, { cwd: ledger.root, env: { AGENTWORK_AGENT: 'offline' } });
  return { status, bytes: Buffer.from(`${stdout}\n${stderr}`).toString('latin1') };
}

async function expectHarmless(ledger: TemporaryLedger, words: readonly string[]): Promise<void> {
  const { status, bytes } = await printed(ledger, words);
  expect([words, status]).toEqual([words, 0]);
  const lines = bytes.split('\n').filter((line) => FOOLING.test(line) || line.includes(TOKEN));
  expect([words, lines]).toEqual([words, []]);
}

describe.each(['sessions', '.sageox/cache/sessions'])('of sessions in %s', (place) => {
  test('odd names are finished and told as they are, and those that could fool somebody are left alone', async () => {
    const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n', 'sessions/.keep': '' });
    const parent = path.join(ledger.root, place);
    for (const name of [...ODD, ...MORE_ODD, ...REFUSED, ...MORE_REFUSED, NOT_UTF8]) writeSession(parent, name);
    for (const words of [
      ['detect', '--explain'],
      ['status', '--html'],
      ['finalize'],
      ['detect', '--explain'],
      ['cleanup'],
    ]) {
      await expectHarmless(ledger, words);
    }
    const committed = runGit(
      ledger.remote,
      ledger.environment,
      'ls-tree',
      '-rz',
      '--name-only',
      'main',
      '--',
      'sessions',
    );
    const finished = committed.split('\0').filter((file) => file.endsWith('/summary.json'));
    expect(finished.map((file) => file.split('/')[1]).sort()).toEqual([...ODD, ...MORE_ODD].sort());
    const messages = runGit(ledger.remote, ledger.environment, 'log', '--format=%B', 'main');
    expect([FOOLING.test(Buffer.from(messages).toString('latin1')), messages.includes(TOKEN)]).toEqual([false, false]);
  });
});
