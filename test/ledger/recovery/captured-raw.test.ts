import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  areOffsetsOf,
  type CapturedRaw,
  capturedBytes,
  readCaptured,
} from '../../../src/ledger/recovery/captured-raw.ts';
import { readSessionFiles } from '../../../src/ledger/session-facts.ts';
import type { RecoveredEntry } from '../../../src/session/adapters/adapter.ts';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { TOKENS } from '../../session/redaction/secrets.ts';
import { temporaryFolder, writeFiles } from '../../support/temporary-folder.ts';

const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const TRANSCRIPT = { path: '/agent/s.jsonl', bytes: 1000 };
const TIME = '2026-03-06T10:00:05Z';

const line = (value: object) => `${JSON.stringify(value)}\n`;
const header = (known: object = {}) => line({ type: 'header', metadata: { agent_id: 'Ox7f3a', ...known } });
const entry = (content: string, timestamp?: string) => line({ type: 'user', content, timestamp });
const recoveredAt = (source_offset: unknown, source_name = 's.jsonl') =>
  header({ recovered: true, source_name, source_offset });

interface Left {
  readonly raw: string | Uint8Array;
  readonly marker?: object;
  readonly journal?: unknown;
  readonly transcript?: { path: string; bytes: number };
}

function capturedIn({ raw, marker, journal, transcript = TRANSCRIPT }: Left): { captured: CapturedRaw; file: string } {
  const folder = path.join(temporaryFolder(), NAME);
  writeFiles(folder, {
    'raw.jsonl': raw,
    '.recording.json': JSON.stringify({ session_file: TRANSCRIPT.path, ...marker }),
    ...(journal !== undefined && { 'raw.jsonl.append.json': JSON.stringify(journal) }),
  });
  const session = readSessionFiles(folder, 'cache');
  if (!session) throw new Error('no session');
  return { captured: readCaptured(session, transcript, BUILT_IN), file: path.join(folder, 'raw.jsonl') };
}

function textOf(file: string, range: { from: number; to: number }): string {
  return Buffer.concat([...capturedBytes(file, range)]).toString();
}

describe('what was captured', () => {
  test.each<[string, string, { header: boolean; body: string }]>([
    ['nothing', '', { header: false, body: '' }],
    ['a header', header(), { header: true, body: '' }],
    ['a header without a newline', header().trimEnd(), { header: true, body: '' }],
    ['a header and entries', `${header()}${entry('a')}`, { header: true, body: entry('a') }],
    ['entries without a header', entry('a'), { header: false, body: entry('a') }],
    ['a torn line', `${header()}{"type`, { header: true, body: '{"type\n' }],
    ['a torn header', header().slice(0, 20), { header: false, body: `${header().slice(0, 20)}\n` }],
    [
      'a header in another place than the first line',
      `${entry('a')}${header()}`,
      { header: false, body: `${entry('a')}${header()}` },
    ],
  ])('%s stays as it is, the header aside', (_, raw, expected) => {
    const { captured, file } = capturedIn({ raw });
    expect(captured.header !== undefined).toBe(expected.header);
    expect(textOf(file, captured.body)).toBe(expected.body);
    expect(textOf(file, captured.tail)).toBe('');
    expect(captured.isCut).toBe(false);
  });

  test('is copied block by block, whatever bytes it is of', () => {
    const bytes = Buffer.alloc(700_000, Uint8Array.of(0xff, 0x0a, 0x00, 0x7b, 0xc3));
    const { captured, file } = capturedIn({ raw: Buffer.concat([Buffer.from(header()), bytes, Buffer.from('\n')]) });
    const blocks = [...capturedBytes(file, captured.body)];
    expect(Buffer.concat(blocks).equals(Buffer.concat([bytes, Buffer.from('\n')]))).toBe(true);
    expect(blocks.length).toBeGreaterThan(1);
  });
});

describe('the place in the transcript from which a recovery goes on', () => {
  const some = entry('a', TIME);

  test.each<[string, Left, number | undefined]>([
    ['is the cursor of the recorder', { raw: header() + some, marker: { source_offset: 500 } }, 500],
    ['is where an earlier recovery ended', { raw: recoveredAt(700) + some }, 700],
    ['is the later of both', { raw: recoveredAt(700) + some, marker: { source_offset: 500 } }, 700],
    [
      'is the later of both, the other way round',
      { raw: recoveredAt(300) + some, marker: { source_offset: 500 } },
      500,
    ],
    ['is the end of the transcript', { raw: header() + some, marker: { source_offset: 1000 } }, 1000],
    ['is not behind the end of the transcript', { raw: header() + some, marker: { source_offset: 1001 } }, undefined],
    ['is unknown where nobody wrote it down', { raw: header() + some }, undefined],
    ['is unknown where nothing was captured', { raw: header(), marker: { source_offset: 500 } }, undefined],
    ['is none of another transcript', { raw: recoveredAt(700, 'x.jsonl') + some }, undefined],
    [
      'is none of the transcript that the recorder read, where that is gone',
      { raw: header() + some, marker: { source_offset: 500, session_file: '/agent/gone.jsonl' } },
      undefined,
    ],
    [
      'holds in the same transcript in another folder',
      { raw: header() + some, marker: { source_offset: 500, session_file: '/old/s.jsonl' } },
      500,
    ],
    ['is no text', { raw: recoveredAt('700') + some }, undefined],
    ['is not negative', { raw: recoveredAt(-1) + some }, undefined],
    ['is not what a header says that no recovery wrote', { raw: header({ source_offset: 7 }) + some }, undefined],
  ])('%s', (_, left, cursor) => {
    expect(capturedIn(left).captured.cursor).toBe(cursor);
  });
});

describe('an append that was begun', () => {
  const [before, appended, footer] = [header() + entry('a'), entry('b'), line({ type: 'footer' })];
  const journal = { raw_size: before.length, old_offset: 100, new_offset: 200 };
  const kept = { isCut: false, body: entry('a') + appended, tail: '' };

  test.each<[string, Omit<Left, 'raw'>, { isCut: boolean; body: string; tail: string; cursor: number | undefined }]>([
    [
      'goes when its cursor was not saved',
      { marker: { source_offset: 100 } },
      { isCut: true, body: entry('a'), tail: '', cursor: 100 },
    ],
    ['stays when its cursor was saved', { marker: { source_offset: 200 } }, { ...kept, cursor: 200 }],
    [
      'stays when the transcript is shorter, and time decides',
      { marker: { source_offset: 100 }, transcript: { ...TRANSCRIPT, bytes: 199 } },
      { ...kept, cursor: undefined },
    ],
    [
      'stays when the transcript is another one, and time decides',
      { marker: { source_offset: 100 }, transcript: { ...TRANSCRIPT, path: '/agent/x.jsonl' } },
      { ...kept, cursor: undefined },
    ],
    [
      'of nothing is no cut',
      { marker: { source_offset: 100 }, journal: { ...journal, raw_size: (before + appended).length } },
      { ...kept, cursor: 100 },
    ],
  ])('%s', (_, left, { cursor, ...expected }) => {
    const { captured, file } = capturedIn({ raw: before + appended, journal, ...left });
    const [body, tail] = [textOf(file, captured.body), textOf(file, captured.tail)];
    expect({ isCut: captured.isCut, body, tail }).toEqual(expected);
    expect(captured.cursor).toBe(cursor);
  });

  test.each<[string, object, string]>([
    ['its end is known', { final_size: (before + appended).length }, footer],
    ['its end is that of the file', { final_size: (before + appended + footer).length }, ''],
    ['its end is behind that of the file', { final_size: 1e9 }, ''],
    ['its end is before its beginning', { final_size: 1 }, ''],
    ['its end is not known', {}, ''],
  ])('goes without what stands behind it: %s', (_, more, tail) => {
    const { captured, file } = capturedIn({
      ...{ raw: before + appended + footer, journal: { ...journal, ...more }, marker: { source_offset: 100 } },
    });
    expect(textOf(file, captured.body)).toBe(entry('a'));
    expect(textOf(file, captured.tail)).toBe(tail);
  });

  test('may have been the first, header and all', () => {
    const { captured, file } = capturedIn({
      ...{ raw: before, journal: { raw_size: 0, old_offset: 0, new_offset: 100 }, marker: { source_offset: 0 } },
    });
    expect(captured).toMatchObject({ isCut: true, cursor: 0 });
    expect(captured.header).toBeUndefined();
    expect(textOf(file, captured.body)).toBe('');
  });

  test('is not there any more when it is cut off', () => {
    const [first, second] = [header() + entry('a', TIME), entry('b', '2026-03-06T10:00:06Z')];
    const { captured } = capturedIn({
      ...{ raw: first + second, marker: { source_offset: 100 }, journal: { ...journal, raw_size: first.length } },
    });
    const has = (content: string, ts: string) => captured.has({ type: 'user', content, ts });
    expect([has('a', TIME), has('b', '2026-03-06T10:00:06Z')]).toEqual([true, false]);
  });

  test('is over when a recovery has come further, though its journal is still there', () => {
    const raw = recoveredAt(900) + entry('a') + appended;
    const { captured, file } = capturedIn({ raw, journal, marker: { source_offset: 100 } });
    expect(captured).toMatchObject({ isCut: false, cursor: 900 });
    expect(textOf(file, captured.body)).toBe(entry('a') + appended);
  });

  test.each<[string, unknown, object]>([
    ['a cursor between both', journal, { source_offset: 150 }],
    ['no cursor', journal, {}],
    ['more captured than there is', { ...journal, raw_size: 1e6 }, { source_offset: 100 }],
    ['null', null, { source_offset: 100 }],
    ['a list', [1], { source_offset: 100 }],
    ['negative sizes', { ...journal, raw_size: -1 }, { source_offset: 100 }],
    ['an end before its beginning', { ...journal, new_offset: 50 }, { source_offset: 100 }],
    ['fractions', { ...journal, old_offset: 1.5 }, { source_offset: 100 }],
  ])('contradicts its marker: %s', (_, contradiction, marker) => {
    const { raw } = { raw: before + appended };
    expect(() => capturedIn({ raw, journal: contradiction, marker })).toThrow(
      `${NAME} cannot be recovered: its append journal contradicts its marker`,
    );
  });
});

describe('without a cursor, an entry is there', () => {
  const token = TOKENS[2]?.[0] ?? '';
  const raw =
    header() + entry('old', '2026-03-06T10:00:01Z') + entry('now', TIME) + entry('later told', '2026-03-06T10:00:02Z');
  const of = (content: string, ts?: string): RecoveredEntry => ({ type: 'user', content, ...(ts && { ts }) });

  test.each<[string, RecoveredEntry, boolean]>([
    ['when it is older than the newest', of('unheard of', '2026-03-06T10:00:03Z'), true],
    ['when it is of the same moment and says the same', of('now', '2026-03-06T11:00:05+01:00'), true],
    ['not when it is of the same moment and says something else', of('as fast', TIME), false],
    ['not when it is newer', of('now', '2026-03-06T10:00:06Z'), false],
    ['when nobody knows its time', of('now'), true],
    ['when its time is none', of('now', 'yesterday'), true],
  ])('%s', (_, recovered, expected) => {
    expect(capturedIn({ raw }).captured.has(recovered)).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ['never when none was read', `${header()}{"torn`, false],
    ['always when none that was read has a time', header() + entry('a'), true],
  ])('%s', (_, content, expected) => {
    expect(capturedIn({ raw: content }).captured.has(of('b', TIME))).toBe(expected);
  });

  test.each([
    ['here', entry(`it is ${token}`, TIME)],
    ['there', entry('it is [REDACTED_GITHUB_TOKEN]', TIME)],
  ])('when its secret is still to be seen %s', (_, content) => {
    expect(capturedIn({ raw: header() + content }).captured.has(of(`it is ${token}`, TIME))).toBe(true);
  });

  test('when it is the call, not the result, of the same moment', () => {
    const call = { type: 'tool', content: '', tool_name: 'Bash', tool_input: '{"command":"ls"}' } as const;
    const { captured } = capturedIn({ raw: header() + line({ ...call, seq: 3, timestamp: TIME }) });
    expect(captured.has({ ...call, ts: TIME, call_id: 'toolu_1' })).toBe(true);
    expect(captured.has({ type: 'tool', content: '', tool_output: 'a.ts', ts: TIME })).toBe(false);
  });
});

test.each<[string | undefined, boolean]>([
  ['/agent/s.jsonl', true],
  ['/moved/s.jsonl', true],
  ['/agent/x.jsonl', false],
  [undefined, true],
])('the offsets of a marker that names %s are those of s.jsonl: %s', (sessionFile, expected) => {
  expect(areOffsetsOf(sessionFile === undefined ? {} : { sessionFile }, TRANSCRIPT)).toBe(expected);
});

test('reading changes nothing', () => {
  const raw = header() + entry('a', TIME);
  const { captured, file } = capturedIn({ raw });
  captured.has({ type: 'user', content: 'b', ts: TIME });
  expect(readFileSync(file, 'utf8')).toBe(raw);
});
