import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../../src/clock.ts';
import { systemErrorCode } from '../../../src/errors.ts';
import { readEntries, readRawFacts } from '../../../src/ledger/raw-file.ts';
import { type Recovery, recoverTranscript } from '../../../src/ledger/recovery/recover.ts';
import { readSessionFiles, type SessionFiles } from '../../../src/ledger/session-facts.ts';
import { BUILT_IN } from '../../../src/session/redaction/policy.ts';
import { TOKENS } from '../../session/redaction/secrets.ts';
import { runGit, temporaryLedger } from '../../support/ledger-dir.ts';
import { temporaryFolder, writeFiles } from '../../support/temporary-folder.ts';

const START = Date.parse('2026-03-06T10:00:00Z');
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const SOURCE_NAME = '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11.jsonl';
const SECRET = TOKENS[2]?.[0] ?? '';
const ALIEN = JSON.stringify({ type: 'hologram', words: 'none that we know' });

const at = (seconds: number) => isoTime(START + seconds * 1000);

/** A line of Claude Code in which the user said something. */
function said(content: string, seconds: number, more: object = {}): string {
  return JSON.stringify({ type: 'user', timestamp: at(seconds), message: { role: 'user', content }, ...more });
}

/** The same, as a recorder wrote it down. */
function captured(content: string, seconds: number): string {
  return JSON.stringify({ type: 'user', content, seq: 0, timestamp: at(seconds) });
}

const file = (...lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const bytesOf = (...lines: readonly string[]) => Buffer.byteLength(file(...lines));

const [A, B, C, D] = [said('a', 1), said('b', 2), said('c', 3), said('d', 4)];
const HEADER = JSON.stringify({
  metadata: { version: '1.0', agent_id: 'Ox7f3a', mood: 'good' },
  type: 'header',
  x: [1],
});
const META = JSON.stringify({ _meta: { schema_version: '1', agent_id: 'Ox7f3a', mood: 'good' }, x: [1] });
const FOOTER = JSON.stringify({ closed_at: at(60), entry_count: 2, type: 'footer' });

interface Scene {
  readonly transcript?: string | Uint8Array;
  readonly raw?: string | Uint8Array;
  readonly marker?: object;
  readonly journal?: object | string;
  readonly place?: 'ledger' | 'cache';
}

/** The folder of a recording whose recorder is gone, and what lies around it. */
class Abandoned {
  readonly root = temporaryFolder();
  readonly folder = path.join(this.root, 'sessions', NAME);
  readonly source = path.join(this.root, 'agent', SOURCE_NAME);
  readonly rawFile = path.join(this.folder, 'raw.jsonl');
  readonly markerFile = path.join(this.folder, '.recording.json');
  readonly #place: 'ledger' | 'cache';

  constructor({ transcript, raw, marker, journal, place = 'ledger' }: Scene) {
    this.#place = place;
    mkdirSync(path.join(this.root, 'shop'));
    mkdirSync(path.dirname(this.source));
    if (transcript !== undefined) writeFileSync(this.source, transcript);
    writeFiles(this.folder, {
      '.recording.json': JSON.stringify({
        agent_id: 'Ox7f3a',
        started_at: at(0),
        adapter_name: 'claude-code',
        session_file: this.source,
        workspace_path: path.join(this.root, 'shop'),
        ...marker,
      }),
      ...(raw !== undefined && { 'raw.jsonl': raw }),
      ...(journal !== undefined && {
        'raw.jsonl.append.json': typeof journal === 'string' ? journal : JSON.stringify(journal),
      }),
    });
  }

  look(isMarkerShared = false): SessionFiles {
    const session = readSessionFiles(this.folder, this.#place, { isMarkerShared });
    if (!session) throw new Error('no session');
    return session;
  }

  recover(session = this.look()): Promise<Recovery | undefined> {
    const stateDir = path.join(this.root, 'state');
    return recoverTranscript(session, BUILT_IN, { ledgerPath: this.root, stateDir, clock: () => START });
  }

  raw(): string {
    return readFileSync(this.rawFile, 'utf8');
  }

  header(): Record<string, Record<string, unknown>> {
    return JSON.parse(this.raw().split('\n')[0] ?? '');
  }

  texts(): readonly string[] {
    return [...readEntries(this.rawFile)].map(({ text }) => text);
  }

  /** What stands behind the header. */
  body(): string {
    return this.raw().slice(this.raw().indexOf('\n') + 1);
  }

  files(): readonly string[] {
    return readdirSync(this.folder).sort();
  }

  trash(): readonly string[] {
    const trash = path.join(this.root, 'state', 'trash');
    if (!existsSync(trash)) return [];
    const names = readdirSync(trash).filter((name) => name.endsWith('raw.jsonl'));
    return names.map((name) => readFileSync(path.join(trash, name), 'utf8'));
  }
}

describe('a recording of which nothing stands in raw.jsonl', () => {
  test.each<[string, string | undefined]>([
    ['missing', undefined],
    ['empty', ''],
    ['header-only', file(HEADER)],
    ['header-only, with a footer', file(HEADER, FOOTER)],
  ])('is read from the transcript: %s', async (_, raw) => {
    const session = new Abandoned({ transcript: file(A, B), ...(raw !== undefined && { raw }) });
    const recovery = await session.recover();
    expect(recovery).toMatchObject({ source: session.source, added: 2, leftOut: '' });
    expect(session.texts()).toEqual(['a', 'b']);
    expect(readRawFacts(session.rawFile).header).toMatchObject({ agentId: 'Ox7f3a', recovered: true });
    expect(session.files()).toEqual(['.recording.json', 'raw.jsonl']);
  });

  test('has a header of what marker and transcript tell, and entries of the known form', async () => {
    const answer = JSON.stringify({
      type: 'assistant',
      timestamp: at(2),
      version: '2.1.330',
      message: {
        role: 'assistant',
        model: 'claude-opus-5-5',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } },
        ],
      },
    });
    const marker = { username: 'ryan', session_id: 'ses_1', repo_id: 'repo_1', model: 'older' };
    const session = new Abandoned({ transcript: file(A, answer), marker });
    await session.recover();
    const [header, ...entries] = session.raw().trimEnd().split('\n');
    expect(JSON.parse(header ?? '')).toEqual({
      _meta: {
        schema_version: '1',
        agent_id: 'Ox7f3a',
        agent_type: 'claude-code',
        agent_version: '2.1.330',
        model: 'claude-opus-5-5',
        username: 'ryan',
        session_id: 'ses_1',
        repo_id: 'repo_1',
        started_at: at(0),
        recovered: true,
        source_name: SOURCE_NAME,
        source_offset: bytesOf(A, answer),
      },
    });
    expect(entries).toEqual([
      `{"ts":"${at(1)}","type":"user","content":"a"}`,
      `{"ts":"${at(2)}","type":"assistant","content":"I look."}`,
      `{"ts":"${at(2)}","type":"tool","content":"","tool_name":"Bash","tool_input":"{\\"command\\":\\"ls\\"}","call_id":"toolu_1"}`,
    ]);
  });

  test.each<['ledger' | 'cache', number]>([
    ['ledger', 0o644 & ~process.umask()],
    ['cache', 0o600],
  ])('in the %s gets a file with the rights of its place', async (place, mode) => {
    const session = new Abandoned({ transcript: file(A), place });
    await session.recover();
    expect(statSync(session.rawFile).mode & 0o777).toBe(mode);
  });

  test('starts where the recorder says that it started', async () => {
    const session = new Abandoned({ transcript: file(A, B, C), marker: { start_offset: bytesOf(A) } });
    expect(await session.recover()).toMatchObject({ added: 2, counts: { captured: 1 } });
    expect(session.texts()).toEqual(['b', 'c']);
  });

  test('is read whole when its start lies beyond the end of the transcript', async () => {
    const session = new Abandoned({ transcript: file(A, B), marker: { start_offset: 1e6 } });
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b']);
  });

  test('is not what its append journal speaks of: that went with raw.jsonl', async () => {
    const journal = { raw_size: 900, old_offset: bytesOf(A), new_offset: bytesOf(A, B) };
    for (const raw of [undefined, '']) {
      const marker = { source_offset: bytesOf(A) };
      const session = new Abandoned({ transcript: file(A, B), journal, marker, ...(raw !== undefined && { raw }) });
      await session.recover();
      expect(session.texts()).toEqual(['a', 'b']);
      expect(session.files()).toEqual(['.recording.json', 'raw.jsonl']);
    }
  });

  test('needs no cursor of the recorder: what it had written is not there', async () => {
    const session = new Abandoned({ transcript: file(A, B), marker: { source_offset: bytesOf(A, B) } });
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b']);
  });
});

describe('a recording with entries', () => {
  test.each<[string, Scene, readonly string[]]>([
    [
      'goes on at the cursor of its recorder',
      {
        raw: file(HEADER, captured('a', 1)),
        marker: { source_offset: bytesOf(A) },
        transcript: file(A, said('earlier', 0), C),
      },
      ['a', 'earlier', 'c'],
    ],
    [
      'goes on behind its newest entry where there is no cursor',
      { raw: file(HEADER, captured('a', 1), captured('b', 2)), transcript: file(A, B, C, D) },
      ['a', 'b', 'c', 'd'],
    ],
    [
      'takes of the moment of its newest entry what reads differently',
      { raw: file(HEADER, captured('b', 2)), transcript: file(A, B, said('as fast', 2), C) },
      ['b', 'as fast', 'c'],
    ],
    [
      'is not given an entry without a time, which may be there',
      { raw: file(HEADER, captured('a', 1)), transcript: file(A, said('when?', 0, { timestamp: undefined }), B) },
      ['a', 'b'],
    ],
    [
      'is not added to when none of its entries has a time',
      { raw: file(HEADER, '{"type":"user","content":"a"}'), transcript: file(A, B) },
      ['a'],
    ],
    [
      'is read by time when its cursor lies beyond the end of the transcript',
      { raw: file(HEADER, captured('a', 1)), marker: { source_offset: 1e6 }, transcript: file(A, B) },
      ['a', 'b'],
    ],
    [
      'is read by time when its cursor is one of another file',
      {
        raw: file(
          HEADER.replace('"mood":"good"', '"recovered":true,"source_name":"x.jsonl","source_offset":1'),
          captured('a', 1),
        ),
        transcript: file(A, B),
      },
      ['a', 'b'],
    ],
    [
      'has no header, and gets one',
      { raw: file(captured('a', 1)), marker: { source_offset: bytesOf(A) }, transcript: file(A, B) },
      ['a', 'b'],
    ],
    [
      'that nobody can read is read from the transcript, and stays',
      { raw: `${file(HEADER)}{"type":"user","content":"torn at its fi`, transcript: file(A, B) },
      ['a', 'b'],
    ],
  ])('%s', async (_, scene, texts) => {
    const session = new Abandoned(scene);
    await session.recover();
    expect(session.texts()).toEqual(texts);
    expect(readRawFacts(session.rawFile).header.agentId).toBe('Ox7f3a');
    const body = Buffer.from(scene.raw ?? '')
      .toString()
      .replace(/^\{"metadata".*\n/, '');
    expect(session.body().startsWith(body)).toBe(true);
  });

  test.each([
    ['metadata', HEADER],
    ['_meta', META],
  ])('keeps its header of the form %s, with what we do not know in it', async (key, header) => {
    const session = new Abandoned({ raw: file(header, captured('a', 1)), transcript: file(A, B) });
    await session.recover();
    const old = JSON.parse(header);
    const added = { recovered: true, source_name: SOURCE_NAME, source_offset: bytesOf(A, B) };
    expect(session.header()).toEqual({ ...old, [key]: { ...old[key], ...added } });
  });

  test('keeps its footers', async () => {
    const session = new Abandoned({ raw: file(HEADER, captured('a', 1), FOOTER), transcript: file(A, B) });
    await session.recover();
    expect(readRawFacts(session.rawFile).footer).toEqual({ closedAtMs: START + 60_000, entryCount: 2 });
  });

  test('keeps what was captured byte for byte, whatever it is', async () => {
    const bytes = Buffer.concat([
      Buffer.from(file(captured('a', 1), '', 'not JSON', '[1]', '{"type":"user","content":"\\ud800"}')),
      Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x0a]),
      Buffer.from('  {"type" : "user", "content":"spaced"}\r\n'),
    ]);
    const raw = Buffer.concat([Buffer.from(file(HEADER)), bytes]);
    const session = new Abandoned({ raw, transcript: file(A, B) });
    await session.recover();
    const now = readFileSync(session.rawFile);
    const from = now.indexOf(10) + 1;
    expect(now.subarray(from, from + bytes.length).equals(bytes)).toBe(true);
    expect(now.subarray(from + bytes.length).toString()).toBe(`{"ts":"${at(2)}","type":"user","content":"b"}\n`);
  });

  test('ends its torn last line, so that what is added stands on lines of its own', async () => {
    const torn = captured('b', 2).slice(0, -9);
    const raw = file(HEADER, captured('a', 1)) + torn;
    const session = new Abandoned({ raw, marker: { source_offset: bytesOf(A) }, transcript: file(A, B, C) });
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b', 'c']);
    expect(session.body()).toContain(`\n${torn}\n{`);
  });

  test('is not rewritten when the transcript has nothing new', async () => {
    const raw = file(HEADER, captured('a', 1), captured('b', 2)).trimEnd();
    const session = new Abandoned({ raw, transcript: file(A, B) });
    utimesSync(session.rawFile, START / 1000, START / 1000);
    expect(await session.recover()).toMatchObject({ added: 0, counts: { captured: 2 } });
    expect(session.raw()).toBe(raw);
    expect(statSync(session.rawFile).mtimeMs).toBe(START);
  });

  test('of which the transcript cannot be understood stays, and that is told', async () => {
    const raw = file(HEADER, captured('a', 1));
    const session = new Abandoned({ raw, transcript: file(ALIEN) });
    const recovery = await session.recover();
    expect(recovery).toMatchObject({ added: 0, leftOut: 'left out: 1 line of unknown type (hologram 1)' });
    expect(session.raw()).toBe(raw);
  });

  test.each<[string, Scene]>([
    [
      'a Git LFS pointer',
      { raw: `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n` },
    ],
    ['no transcript', { raw: file(HEADER, captured('a', 1)), marker: { session_file: undefined } }],
    ['an empty transcript', { raw: file(HEADER, captured('a', 1)), transcript: '' }],
    ['no readable marker', { raw: file(HEADER, captured('a', 1)), marker: { started_at: '\ud800' } }],
  ])('stays as it is: %s', async (name, scene) => {
    const session = new Abandoned({ transcript: file(A, B), ...scene });
    if (name === 'no readable marker') writeFileSync(session.markerFile, '{"agent_id":');
    expect(await session.recover()).toBeUndefined();
    expect(session.raw()).toBe(scene.raw);
  });
});

describe('a second recovery', () => {
  test.each<[string, Scene]>([
    ['of nothing', {}],
    ['of what a recorder had', { raw: file(HEADER, captured('a', 1)) }],
    ['with a cursor', { raw: file(HEADER, captured('a', 1)), marker: { source_offset: bytesOf(A) } }],
  ])('%s changes no byte', async (_, scene) => {
    const session = new Abandoned({ transcript: file(A, B, C), ...scene });
    await session.recover();
    const first = session.raw();
    utimesSync(session.rawFile, START / 1000, START / 1000);
    expect(await session.recover()).toMatchObject({ added: 0 });
    expect(session.raw()).toBe(first);
    expect(statSync(session.rawFile).mtimeMs).toBe(START);
  });

  test('adds only what was said since', async () => {
    const session = new Abandoned({ transcript: file(A, B) });
    await session.recover();
    appendFileSync(session.source, file(C, D));
    expect(await session.recover()).toMatchObject({ added: 2 });
    expect(session.texts()).toEqual(['a', 'b', 'c', 'd']);
    expect(session.header()._meta).toMatchObject({ source_offset: bytesOf(A, B, C, D) });
  });

  test('takes the line that was torn when the first one read it', async () => {
    const session = new Abandoned({ transcript: file(A) + B.slice(0, 30) });
    expect(await session.recover()).toMatchObject({ added: 1, leftOut: 'left out: 1 line malformed' });
    expect(session.header()._meta).toMatchObject({ source_offset: bytesOf(A) });
    writeFileSync(session.source, file(A, B));
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b']);
  });

  test('takes what was said while the first one read', async () => {
    const session = new Abandoned({ transcript: file(A, B) });
    const judged = session.look();
    appendFileSync(session.source, file(C));
    expect(await session.recover(judged)).toMatchObject({ added: 2 });
    expect(await session.recover()).toMatchObject({ added: 1 });
    expect(session.texts()).toEqual(['a', 'b', 'c']);
  });

  test('takes what a last line without a newline became', async () => {
    const session = new Abandoned({ transcript: file(A, B).trimEnd() });
    await session.recover();
    appendFileSync(session.source, `\n${file(C)}`);
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b', 'c']);
  });

  test('goes by time when the transcript is another file now', async () => {
    const session = new Abandoned({ transcript: file(A, B) });
    await session.recover();
    const other = path.join(session.root, 'agent', 'other.jsonl');
    writeFileSync(other, file(B, C));
    writeFileSync(session.markerFile, readFileSync(session.markerFile, 'utf8').replace(session.source, other));
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b', 'c']);
    expect(session.header()._meta).toMatchObject({ source_name: 'other.jsonl', source_offset: bytesOf(B, C) });
  });

  test('goes on where the recorder stopped when it had come back meanwhile', async () => {
    const session = new Abandoned({ transcript: file(A) });
    await session.recover();
    appendFileSync(session.rawFile, file(captured('b', 2)));
    appendFileSync(session.source, file(B, C));
    const marker = JSON.parse(readFileSync(session.markerFile, 'utf8'));
    writeFileSync(session.markerFile, JSON.stringify({ ...marker, source_offset: bytesOf(A, B) }));
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b', 'c']);
  });
});

describe('an append that nobody confirmed', () => {
  const whole = file(HEADER, captured('a', 1), captured('b', 2));
  const journal = { raw_size: bytesOf(HEADER, captured('a', 1)), old_offset: bytesOf(A), new_offset: bytesOf(A, B) };

  test.each<[string, Scene, { texts: readonly string[]; isCut: boolean }]>([
    ['is cut off and read again', { marker: { source_offset: bytesOf(A) } }, { texts: ['a', 'b', 'c'], isCut: true }],
    [
      'is cut off when it was not finished',
      { raw: whole.slice(0, -9), marker: { source_offset: bytesOf(A) } },
      { texts: ['a', 'b', 'c'], isCut: true },
    ],
    [
      'is cut off to the last byte when nothing of it arrived',
      { raw: file(HEADER, captured('a', 1)), marker: { source_offset: bytesOf(A) } },
      { texts: ['a', 'b', 'c'], isCut: false },
    ],
    [
      'stays when the cursor has it',
      { marker: { source_offset: bytesOf(A, B) } },
      { texts: ['a', 'b', 'c'], isCut: false },
    ],
    [
      'stays when the transcript has it no more',
      { marker: { source_offset: bytesOf(A) }, transcript: file(A, B).slice(0, -10) },
      { texts: ['a', 'b'], isCut: false },
    ],
    [
      'stays when the transcript is another file than the one that its offsets speak of',
      { marker: { source_offset: bytesOf(A), agent_session_id: undefined, session_file: '/gone/x.jsonl' } },
      { texts: ['a', 'b'], isCut: false },
    ],
  ])('%s', async (_, scene, { texts, isCut }) => {
    const session = new Abandoned({ raw: whole, transcript: file(A, B, C), journal, ...scene });
    const before = session.raw();
    await session.recover();
    expect(session.texts()).toEqual(texts);
    expect(session.trash()).toEqual(isCut ? [before] : []);
  });

  test('is settled once: the journal goes with it', async () => {
    const session = new Abandoned({
      ...{ raw: whole, transcript: file(A, B, C), journal },
      marker: { source_offset: bytesOf(A) },
    });
    await session.recover();
    expect(session.files()).toEqual(['.recording.json', 'raw.jsonl']);
  });

  test('is not cut off again by a pass that finds the journal of one that was killed', async () => {
    const session = new Abandoned({
      ...{ raw: whole, transcript: file(A, B, C), journal },
      marker: { source_offset: bytesOf(A) },
    });
    await session.recover();
    writeFileSync(path.join(session.folder, 'raw.jsonl.append.json'), JSON.stringify(journal));
    appendFileSync(session.source, file(D));
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('leaves the footers that came after it', async () => {
    const raw = `${whole}${file(FOOTER)}`;
    const session = new Abandoned({
      ...{ raw, transcript: file(A, B, C), marker: { source_offset: bytesOf(A) } },
      journal: { ...journal, final_size: Buffer.byteLength(whole) },
    });
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b', 'c']);
    expect(session.raw().endsWith(file(FOOTER))).toBe(true);
  });

  test.each<[string, Scene]>([
    ['a cursor that is neither', { marker: { source_offset: 7 } }],
    ['no cursor', {}],
    ['a torn journal', { marker: { source_offset: bytesOf(A) }, journal: '{"raw_size":' }],
    ['a journal without numbers', { marker: { source_offset: bytesOf(A) }, journal: { raw_size: '1' } }],
    [
      'a journal of a longer recording',
      { marker: { source_offset: bytesOf(A) }, journal: { ...journal, raw_size: 1e6 } },
    ],
  ])('that contradicts its marker is left alone: %s', async (_, scene) => {
    const session = new Abandoned({ raw: whole, transcript: file(A, B, C), journal, ...scene });
    await expect(session.recover()).rejects.toMatchObject({ code: 'NOT_RECOVERABLE' });
    expect(session.raw()).toBe(whole);
    expect(session.files()).toContain('raw.jsonl.append.json');
  });
});

describe('what does not belong to the recording', () => {
  const pause = (from: object, to?: object) => [
    { action: 'start', at: at(0) },
    { action: 'pause', ...from },
    ...(to ? [{ action: 'resume', ...to }] : []),
  ];

  test.each<[string, object, readonly string[], string]>([
    ['from before its start', { started_at: at(2) }, ['b', 'c', 'd'], '1 line from before its start'],
    ['from after its stop', { stopped_at: at(2) }, ['a', 'b'], '2 lines from after its stop'],
    ['from a pause', { lifecycle: pause({ at: at(2) }, { at: at(4) }) }, ['a', 'd'], '2 lines from pauses'],
    ['from a pause that goes on', { lifecycle: pause({ at: at(3) }) }, ['a', 'b'], '2 lines from pauses'],
    [
      'from a pause in bytes',
      { lifecycle: pause({ offset: bytesOf(A) }, { offset: bytesOf(A, B) }) },
      ['a', 'c', 'd'],
      '1 line from pauses',
    ],
    ['since it was suspended', { suspended_at: at(4) }, ['a', 'b', 'c'], '1 line from pauses'],
  ])('is left out and counted: %s', async (_, marker, texts, leftOut) => {
    const session = new Abandoned({ transcript: file(A, B, C, D), marker });
    expect(await session.recover()).toMatchObject({ added: texts.length, leftOut: `left out: ${leftOut}` });
    expect(session.texts()).toEqual(texts);
  });

  test('is what was said in another repository; not what was said in another worktree of the same', async () => {
    const ledger = temporaryLedger({ 'a/b/c': '' });
    const worktree = path.join(ledger.scratch, 'worktree');
    const stranger = path.join(ledger.scratch, 'stranger');
    ledger.git('worktree', 'add', '--quiet', worktree);
    runGit(ledger.scratch, ledger.environment, 'init', '--quiet', stranger);
    const lines = [
      said('here', 1, { cwd: ledger.root }),
      said('below', 2, { cwd: path.join(ledger.root, 'a/b') }),
      said('worktree', 3, { cwd: worktree }),
      said('stranger', 4, { cwd: stranger }),
      said('still there', 5),
      said('gone', 6, { cwd: path.join(ledger.root, 'gone') }),
    ];
    const session = new Abandoned({ transcript: file(...lines), marker: { workspace_path: ledger.root } });
    expect(await session.recover()).toMatchObject({ leftOut: 'left out: 2 lines from another repository' });
    expect(session.texts()).toEqual(['here', 'below', 'worktree', 'gone']);
  });

  test('is what a resumed session tells for the second time', async () => {
    const [first, again] = [said('a', 1, { uuid: 'u1' }), said('a', 1, { uuid: 'u1', sessionId: 'other' })];
    const session = new Abandoned({ transcript: file(first, again, B) });
    expect(await session.recover()).toMatchObject({ added: 2, leftOut: 'left out: 1 line told twice' });
  });

  test('is not what a marker says that came through git', async () => {
    const session = new Abandoned({ transcript: file(A) });
    expect(await session.recover(session.look(true))).toBeUndefined();
    expect(session.files()).toEqual(['.recording.json']);
  });
});

describe('a recording that goes on while it is recovered', () => {
  const again = (session: Abandoned) => writeFileSync(session.markerFile, JSON.stringify({ agent_id: 'Ox7f3a' }));

  test.each<[string, (session: Abandoned) => void]>([
    ['its marker changed', again],
    ['its marker is gone', (session) => rmSync(session.markerFile)],
    ['its recorder wrote on', (session) => appendFileSync(session.rawFile, file(captured('only here', 2)))],
  ])('stays as it is: %s', async (_, change) => {
    const raw = file(HEADER, captured('a', 1));
    for (const when of ['after it was judged', 'while it is written']) {
      const session = new Abandoned({ raw, transcript: file(A, B), marker: { source_offset: bytesOf(A) } });
      const judged = session.look();
      if (when === 'after it was judged') change(session);
      const recovery = session.recover(judged);
      if (when === 'while it is written') change(session);
      const now = session.raw();
      await expect(recovery).rejects.toMatchObject({
        code: 'STILL_RECORDED',
        message: expect.stringContaining(`${NAME} is recorded on`),
      });
      expect(session.raw()).toBe(now);
      expect(session.files().filter((name) => name.endsWith('tmp'))).toEqual([]);
    }
  });
});

describe('a marker that leads to something else than a transcript', () => {
  test.each<[string, (root: string) => string]>([
    ['relative', () => `agent/${SOURCE_NAME}`],
    ['a link', (root) => linkTo(path.join(root, 'agent', SOURCE_NAME), path.join(root, 'link'))],
    ['a link to nothing', (root) => linkTo(path.join(root, 'nothing'), path.join(root, 'link'))],
    ['a pipe', (root) => makePipe(path.join(root, 'pipe'))],
    ['a folder', (root) => root],
    ['a device', () => '/dev/zero'],
    ['not there', (root) => path.join(root, 'nothing')],
    ['no path', () => 'a\u0000b'],
    ['below a file', (root) => path.join(root, 'agent', SOURCE_NAME, 'x')],
  ])('adds nothing: %s', async (_, sessionFile) => {
    const session = new Abandoned({ transcript: file(A) });
    const marker = JSON.parse(readFileSync(session.markerFile, 'utf8'));
    writeFileSync(session.markerFile, JSON.stringify({ ...marker, session_file: sessionFile(session.root) }));
    expect(await session.recover()).toBeUndefined();
    expect(session.files()).toEqual(['.recording.json']);
  });
});

describe('a transcript of which nothing can be used is an error that names it', () => {
  test.each<[string, string, object, string]>([
    [
      'types that nobody knows',
      file(ALIEN, ALIEN),
      {},
      'was understood; left out: 2 lines of unknown type (hologram 2)',
    ],
    ['no JSON', 'root:x:0:0:root:/root:/bin/sh\n', {}, 'was understood; left out: 1 line malformed'],
    ['only bookkeeping', file('{"type":"mode","mode":"normal"}'), {}, 'was understood'],
    ['only blank lines', '\n\n', {}, 'was understood'],
    [
      'of an earlier day',
      file(A, B),
      { started_at: at(9) },
      'holds nothing of it; left out: 2 lines from before its start',
    ],
    [
      'paused from the start',
      file(A),
      { lifecycle: [{ action: 'pause', at: at(0) }] },
      'holds nothing of it; left out: 1 line from pauses',
    ],
  ])('%s', async (_, transcript, marker, why) => {
    const session = new Abandoned({ transcript, marker });
    const error = await session.recover().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'NOT_RECOVERABLE' });
    expect(error.message).toContain(session.source);
    expect(error.message).toMatch(new RegExp(`${why.replace(/[()]/g, '\\$&')}$`));
    expect(session.files()).toEqual(['.recording.json']);
  });
});

describe('the transcripts of other agents', () => {
  const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
  const marker = (adapter: string) => ({ adapter_name: adapter, workspace_path: '/home/dev/shop' });

  test.each<[string, string, number, string]>([
    ['codex', 'codex-transcripts/exec-command.jsonl', 17, 'The sum is right now.'],
    ['gemini', 'gemini-transcripts/document.json', 16, 'Done.'],
    ['gemini', 'gemini-transcripts/records.jsonl', 7, 'Thanks.'],
  ])('%s: %s is recovered, and the second time no byte changes', async (adapter, fixture, added, last) => {
    const transcript = readFileSync(path.join(FIXTURES, fixture));
    const session = new Abandoned({ transcript, marker: marker(adapter) });
    expect(await session.recover()).toMatchObject({ added });
    expect(session.texts().at(-1)).toBe(last);
    const first = session.raw();
    await session.recover();
    expect(session.raw()).toBe(first);
  });

  test('a document that was written anew gives only what is new, secrets or not', async () => {
    const message = (content: string, seconds: number) => ({ type: 'user', timestamp: at(seconds), content });
    const document = (...messages: readonly object[]) => JSON.stringify({ sessionId: 's', messages }, undefined, 2);
    const [first, second] = [message('hello', 1), message(`the token is ${SECRET}`, 2)];
    const session = new Abandoned({ transcript: document(first, second), marker: marker('gemini') });
    await session.recover();
    expect(await session.recover()).toMatchObject({ added: 0 });
    writeFileSync(session.source, document(first, second, message('thanks', 3)));
    expect(await session.recover()).toMatchObject({ added: 1 });
    expect(session.texts()).toEqual(['hello', 'the token is [REDACTED_GITHUB_TOKEN]', 'thanks']);
  });

  test('a document has no bytes that a cursor could tell: time decides', async () => {
    const messages = ['a', 'b'].map((content, index) => ({ type: 'user', timestamp: at(index + 1), content }));
    const session = new Abandoned({
      transcript: JSON.stringify({ sessionId: 's', messages }, undefined, 2),
      raw: file(HEADER, captured('a', 1)),
      marker: { ...marker('gemini'), source_offset: 3 },
    });
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b']);
  });

  test.each<[string, string | undefined, string]>([
    ['of an agent that nobody knows are read as messages', 'newcomer', '{"role":"user","content":"a"}'],
    ['of a recorder that names none are those of Claude Code', undefined, A],
  ])('%s', async (_, adapter, line) => {
    const session = new Abandoned({ transcript: file(line), marker: { adapter_name: adapter } });
    await session.recover();
    expect(session.texts()).toEqual(['a']);
  });
});

/** Undefined for a file that was renamed between the look at its folder and the look into it. */
function textOf(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

describe('a secret in the transcript', () => {
  test('is in no file that is written, not for a moment', async () => {
    const long = Array.from({ length: 400 }, (_, index) => said(`${'x'.repeat(2000)} ${SECRET} ${index}`, 1 + index));
    const result = { type: 'tool_result', tool_use_id: 't', content: `TOKEN=${SECRET}` };
    const tool = JSON.stringify({ type: 'user', timestamp: at(500), message: { role: 'user', content: [result] } });
    const marker = { username: SECRET, model: SECRET };
    const session = new Abandoned({ transcript: file(...long, tool), marker, place: 'cache' });
    let isDone = false;
    const recovery = session.recover().finally(() => {
      isDone = true;
    });
    const seen = new Set<string>();
    while (!isDone) {
      for (const name of session.files().filter((file) => file !== '.recording.json')) {
        const text = textOf(path.join(session.folder, name));
        if (text !== undefined) seen.add(name);
        expect(text ?? '').not.toContain(SECRET);
      }
      await nextTurn();
    }
    expect(await recovery).toMatchObject({ added: 401 });
    expect([...seen].some((name) => name.endsWith('.agentwork-tmp'))).toBe(true);
    expect(session.raw()).not.toContain(SECRET);
    expect(session.raw().match(/\[REDACTED_GITHUB_TOKEN\]/g)?.length).toBe(403);
  });

  test('that the recorder had replaced already is not added for the second time', async () => {
    const line = (token: string) => `my token is ${token}`;
    const session = new Abandoned({
      raw: file(HEADER, captured(line('[REDACTED_GITHUB_TOKEN]'), 1)),
      transcript: file(said(line(SECRET), 1), B),
    });
    expect(await session.recover()).toMatchObject({ added: 1 });
    expect(session.texts()).toEqual([line('[REDACTED_GITHUB_TOKEN]'), 'b']);
  });
});

test('a long line is taken whole, and one that is too long for a string is counted', async () => {
  const long = said('y'.repeat(3_000_000), 1);
  const session = new Abandoned({ transcript: file(long) });
  truncateSync(session.source, bytesOf(long) + 257 * 1024 * 1024);
  appendFileSync(session.source, `\n${file(B)}`);
  expect(await session.recover()).toMatchObject({ added: 2, leftOut: 'left out: 1 line malformed' });
  expect(session.texts().map(({ length }) => length)).toEqual([3_000_000, 1]);
});

describe('whatever was captured before, and however often it is recovered', () => {
  /** Bookkeeping, unknown and unreadable lines between what was said; several things in one moment. */
  const line = fc.record({
    kind: fc.constantFrom('said', 'said', 'said', 'blocks', 'mode', 'alien', 'broken', 'blank'),
    later: fc.nat(2),
    words: fc.string({ unit: fc.constantFrom('a', 'ß', '🚀', '\n', '"', '{', '\\') }),
  });

  const scene = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 12 }),
    /** Parts of the transcript: what was captured, what of it was confirmed, how far it had come at each recovery. */
    capturedPart: fc.nat(100),
    confirmedPart: fc.nat(100),
    recorder: fc.constantFrom('cursor', 'no cursor', 'journal at its start', 'journal at its end'),
    torn: fc.nat(100),
    growths: fc.array(fc.nat(100), { maxLength: 3 }),
  });
  type Drawn = typeof scene extends fc.Arbitrary<infer T> ? T : never;

  function linesOf(drawn: Drawn['lines']) {
    let seconds = 0;
    return drawn.map(({ kind, later, words }, index) => {
      seconds += later;
      const text = `${index} ${words.trim()}.`;
      const texts = kind === 'said' ? [text] : kind === 'blocks' ? [`${text}1`, `${text}2`] : [];
      return { line: lineOf(kind, texts, seconds), texts, seconds };
    });
  }

  function lineOf(kind: string, texts: readonly string[], seconds: number): string {
    if (kind === 'said') return said(texts[0] ?? '', seconds);
    if (kind === 'mode') return '{"type":"mode"}';
    if (kind === 'alien') return ALIEN;
    if (kind !== 'blocks') return kind === 'broken' ? '{"type":' : '';
    const content = texts.map((text) => ({ type: 'text', text }));
    return JSON.stringify({ type: 'assistant', timestamp: at(seconds), message: { role: 'assistant', content } });
  }

  /** What is on disk when the recorder is lost. */
  function sceneOf({ lines, capturedPart, confirmedPart, recorder, torn }: Drawn) {
    const all = linesOf(lines);
    const count = Math.floor((capturedPart / 101) * (all.length + 1));
    const confirmed = Math.floor((confirmedPart / 101) * (count + 1));
    const upTo = (end: number) => bytesOf(...all.slice(0, end).map(({ line }) => line));
    const entries = (from: number, to: number) =>
      all.slice(from, to).flatMap(({ line, texts, seconds }) => {
        const type = line.includes('"assistant"') ? 'assistant' : 'user';
        return texts.map((content) => JSON.stringify({ type, content, timestamp: at(seconds) }));
      });
    const before = file(HEADER, ...entries(0, confirmed));
    const appended = Buffer.from(file(...entries(confirmed, count)));
    const isJournal = recorder === 'journal at its start';
    const arrived = isJournal ? appended.subarray(0, Math.ceil((torn / 100) * appended.length)) : appended;
    const journal = { raw_size: Buffer.byteLength(before), old_offset: upTo(confirmed), new_offset: upTo(count) };
    return {
      transcript: Buffer.from(file(...all.map(({ line }) => line))),
      texts: all.flatMap(({ texts }) => texts),
      seen: upTo(count),
      raw: Buffer.concat([Buffer.from(before), arrived]),
      marker: recorder === 'no cursor' ? {} : { source_offset: isJournal ? upTo(confirmed) : upTo(count) },
      ...(recorder.startsWith('journal') && { journal }),
    };
  }

  test('the recording ends with each entry of the transcript once, in order', async () => {
    const run = async (drawn: Drawn) => {
      const { transcript, texts, seen, ...rest } = sceneOf(drawn);
      const session = new Abandoned({ transcript, ...rest });
      const sizes = drawn.growths.map((part) => seen + Math.floor((part / 100) * (transcript.length - seen)));
      for (const size of [...sizes.sort((a, b) => a - b), transcript.length]) {
        writeFileSync(session.source, transcript.subarray(0, size));
        await session.recover().catch((error) => {
          // Nothing was said so far, or ever: that is told.
          expect(error.message).toMatch(/nothing in .* was understood/);
        });
      }
      expect(session.texts()).toEqual(texts);
    };
    await fc.assert(fc.asyncProperty(scene, run), { numRuns: 80 });
  });

  test('an interruption leaves the old file or the new one, and nothing beside it', async () => {
    const run = async (drawn: Drawn, turns: number) => {
      const { texts: _, seen: __, ...rest } = sceneOf(drawn);
      const undisturbed = new Abandoned(rest);
      await undisturbed.recover().catch(() => {});
      const session = new Abandoned(rest);
      const recovery = session.recover();
      const settled = recovery.then(
        () => undisturbed.raw(),
        () => rest.raw.toString(),
      );
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      if (existsSync(session.markerFile)) appendFileSync(session.markerFile, ' ');
      expect(session.raw()).toBe(await settled);
      expect(session.files().filter((name) => name.endsWith('tmp'))).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(scene, fc.nat(8), run), { numRuns: 40 });
  });
});

function linkTo(target: string, link: string): string {
  symlinkSync(target, link);
  return link;
}

function makePipe(pipe: string): string {
  execFileSync('mkfifo', [pipe]);
  return pipe;
}
