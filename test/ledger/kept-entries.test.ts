import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { EntryKeeper, LONGEST_KEPT_BYTES } from '../../src/ledger/kept-entries.ts';
import { readDigest } from '../../src/ledger/raw-file.ts';
import {
  redactedEntries,
  studiedEntries,
  studyTranscript,
  type TranscriptStudy,
  withoutEntries,
} from '../../src/ledger/transcript-file.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { secretSessionLines } from '../bench/secret-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const line = (content: string) => `${JSON.stringify({ type: 'user', content })}\n`;

function recorded(content: string): { file: string; study: TranscriptStudy } {
  const file = path.join(temporaryFolder(), 'raw.jsonl');
  writeFileSync(file, content);
  return { file, study: studyTranscript(file, BUILT_IN) };
}

const texts = (file: string, study: TranscriptStudy) => [...studiedEntries(file, study)].map(({ text }) => text);

describe('the entries of a short recording', () => {
  test('are kept as they are shown', () => {
    const secrets = [...secretSessionLines(1)]
      .map((planted) => planted.line)
      .join('')
      .slice(0, LONGEST_KEPT_BYTES / 2);
    const { file, study } = recorded(`${secrets}\n${line(`my token is ${TOKEN}`)}`);
    expect(study.kept?.entries).toEqual([...redactedEntries(file, BUILT_IN)]);
    expect(study.kept?.sha256).toBe(readDigest(file, 0).sha256);
    expect(study.kept?.entries.at(-1)?.text).toBe('my token is [REDACTED_GITHUB_TOKEN]');
  });

  test('are not read again while its bytes are the same', () => {
    const { file, study } = recorded(line('one'));
    expect(studiedEntries(file, study)).toBe(study.kept?.entries);
  });

  test('are read again, and searched, when something was added', () => {
    const { file, study } = recorded(line('one'));
    appendFileSync(file, line(TOKEN));
    expect(texts(file, study)).toEqual(['one', '[REDACTED_GITHUB_TOKEN]']);
  });

  test('are read again when it says something else of the same length', () => {
    const { file, study } = recorded(line('one'));
    writeFileSync(file, line('two'));
    expect(texts(file, study)).toEqual(['two']);
  });

  test('are read again when they were let go', () => {
    const { file, study } = recorded(line('one'));
    expect(withoutEntries(study)).toMatchObject({ raw: { entryCount: 1 }, kept: undefined });
    expect(texts(file, withoutEntries(study))).toEqual(['one']);
  });
});

describe('memory', () => {
  const perLine = 64 * 1024;
  const lines = (bytes: number) => line('x'.repeat(perLine)).repeat(Math.ceil(bytes / perLine));

  test('holds nothing of a long recording', () => {
    const { file, study } = recorded(lines(LONGEST_KEPT_BYTES));
    expect(study.kept).toBeUndefined();
    expect(texts(file, study)).toHaveLength(study.raw.entryCount);
  });

  test('holds all of one that is just short enough', () => {
    const { study } = recorded(lines(LONGEST_KEPT_BYTES - 2 * perLine));
    expect(study.kept?.entries).toHaveLength(study.raw.entryCount);
  });

  test('lets go of one that turns out to be long while it is read', () => {
    const keeper = new EntryKeeper();
    const block = Buffer.alloc(LONGEST_KEPT_BYTES / 4);
    const held: (number | undefined)[] = [];
    for (const _ of keeper.watch(Array.from({ length: 6 }, () => block))) {
      keeper.keep({ seq: held.length, kind: 'user', text: '' });
      held.push(keeper.count);
    }
    expect(held).toEqual([1, 2, 3, 4, 0, 0]);
    expect(keeper.finish()).toBeUndefined();
  });
});
