import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../src/clock.ts';
import { readEntries, readRawFacts } from '../../src/ledger/raw-file.ts';
import { recoverTranscript } from '../../src/ledger/recovery/recover.ts';
import { readSessionFiles } from '../../src/ledger/session-facts.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { TOKENS } from '../session/redaction/secrets.ts';
import { temporaryFolder, writeFiles } from '../support/temporary-folder.ts';

// What really went wrong in tools of this kind, each as a test.

const START = Date.parse('2026-03-06T10:00:00Z');
const at = (seconds: number) => isoTime(START + seconds * 1000);
const file = (...lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

function said(content: string, seconds: number, more: object = {}): string {
  return JSON.stringify({ type: 'user', timestamp: at(seconds), message: { role: 'user', content }, ...more });
}

const HEADER = JSON.stringify({ type: 'header', metadata: { agent_id: 'Ox7f3a' } });
const captured = (content: string, seconds: number) =>
  JSON.stringify({ type: 'user', content, seq: 0, timestamp: at(seconds) });

/** The folder of a recording whose recorder is gone. */
function abandoned(transcript: string, marker: object = {}, files: Readonly<Record<string, string>> = {}) {
  const root = temporaryFolder();
  const [folder, source] = [path.join(root, 'sessions/2026-03-06T10-00-ryan-Ox7f3a'), path.join(root, 'agent.jsonl')];
  const [raw, markerFile] = [path.join(folder, 'raw.jsonl'), path.join(folder, '.recording.json')];
  const known = { agent_id: 'Ox7f3a', started_at: at(0), adapter_name: 'claude-code', session_file: source };
  writeFiles(folder, { ...files, '.recording.json': JSON.stringify({ ...known, ...marker }) });
  writeFileSync(source, transcript);
  return {
    ...{ root, folder, source, raw, markerFile },
    recover() {
      const session = readSessionFiles(folder, 'ledger');
      if (!session) throw new Error('no session');
      return recoverTranscript(session, BUILT_IN, {
        ledgerPath: root,
        stateDir: path.join(root, 'state'),
        clock: () => START,
      });
    },
    texts: () => [...readEntries(raw)].map(({ text }) => text),
  };
}

describe('recovery', () => {
  test('21: a file that was recovered is not imported again on the next pass', async () => {
    const session = abandoned(file(said('a', 1), said('b', 2)));
    await session.recover();
    const { ino } = statSync(session.raw);
    expect(await session.recover()).toMatchObject({ added: 0 });
    expect(statSync(session.raw).ino).toBe(ino);
    // Earlier than what is there: only the cursor tells that it is new.
    appendFileSync(session.source, file(said('c', 1)));
    expect(await session.recover()).toMatchObject({ added: 1 });
    expect(session.texts()).toEqual(['a', 'b', 'c']);
  });

  test('22: a recovery that is broken off leaves no torn file in the place of the recording', async () => {
    const old = file(HEADER, captured('a', 1));
    const session = abandoned(file(said('a', 1), said('x'.repeat(3_000_000), 2)), {}, { 'raw.jsonl': old });
    const recovery = session.recover();
    let isDone = false;
    const broken = recovery
      .catch(() => 'broken off')
      .finally(() => {
        isDone = true;
      });
    writeFileSync(session.markerFile, '{}');
    while (!isDone) {
      expect(readFileSync(session.raw, 'utf8')).toBe(old);
      await Promise.race([broken, new Promise(setImmediate)]);
    }
    expect(await broken).toBe('broken off');
    expect(readdirSync(session.folder).sort()).toEqual(['.recording.json', 'raw.jsonl']);
  });

  test('23: a crash between append and cursor neither doubles nor loses what was appended', async () => {
    const [first, second, third] = [said('a', 1), said('b', 2), said('c', 3)];
    const before = file(HEADER, captured('a', 1));
    const [from, to] = [file(first).length, file(first, second).length];
    const journal = JSON.stringify({ raw_size: before.length, old_offset: from, new_offset: to });
    for (const cursor of [from, to]) {
      const session = abandoned(
        file(first, second, third),
        { source_offset: cursor },
        { 'raw.jsonl': before + file(captured('b', 2)), 'raw.jsonl.append.json': journal },
      );
      await session.recover();
      expect(session.texts()).toEqual(['a', 'b', 'c']);
    }
  });

  test('24: a recording that was started again meanwhile is left to its recorder', async () => {
    const session = abandoned(file(said('a', 1)));
    const recovery = session.recover();
    writeFileSync(session.markerFile, JSON.stringify({ agent_id: 'Ox7f3a', started_at: at(60) }));
    await expect(recovery).rejects.toMatchObject({ code: 'STILL_RECORDED' });
    expect(readdirSync(session.folder)).toEqual(['.recording.json']);
  });

  test('25: turns of another repository are not published', async () => {
    const workspace = path.join(temporaryFolder(), 'shop');
    mkdirSync(path.join(workspace, '.git'), { recursive: true });
    const lines = [
      said('in the shop', 1, { cwd: workspace }),
      said('in the bank', 2, { cwd: path.join(path.dirname(workspace), 'bank') }),
    ];
    const session = abandoned(file(...lines), { workspace_path: workspace });
    expect(await session.recover()).toMatchObject({ leftOut: 'left out: 1 line from another repository' });
    expect(readFileSync(session.raw, 'utf8')).not.toContain('bank');
  });

  test.each([
    ['nothing in it is understood', '{"kind":"of another time"}\n', {}, /nothing in .*agent\.jsonl was understood/],
    [
      'nothing in it is of this session',
      file(said('a', 1)),
      { started_at: at(60) },
      /agent\.jsonl holds nothing of it/,
    ],
  ])(
    '26: a recovery without an entry is a failure that names the transcript: %s',
    async (_, transcript, marker, why) => {
      const session = abandoned(transcript, marker);
      await expect(session.recover()).rejects.toMatchObject({
        code: 'NOT_RECOVERABLE',
        message: expect.stringMatching(why),
      });
      expect(readdirSync(session.folder)).toEqual(['.recording.json']);
    },
  );

  test('27: secrets are replaced, whether a workspace is known or not', async () => {
    const secret = TOKENS[0]?.[0] ?? '';
    for (const marker of [{}, { workspace_path: '/home/dev/shop' }]) {
      const session = abandoned(file(said(`the key is ${secret}`, 1)), marker);
      await session.recover();
      expect(session.texts()).toEqual(['the key is [REDACTED_AWS_KEY]']);
      expect(readFileSync(session.raw, 'utf8')).not.toContain(secret);
    }
  });

  test('28: what was said in a pause stays out, on the first pass and on the next', async () => {
    const lifecycle = [
      { action: 'pause', at: at(2) },
      { action: 'resume', at: at(3) },
    ];
    const session = abandoned(file(said('a', 1), said('between us', 2), said('b', 3)), { lifecycle });
    await session.recover();
    appendFileSync(session.source, file(said('also between us', 2.5)));
    await session.recover();
    expect(session.texts()).toEqual(['a', 'b']);
  });

  test('29: what a resumed session carries along from before is left out', async () => {
    const fixture = new URL('../fixtures/claude-transcripts/2.1.330-resume-fork.jsonl', import.meta.url);
    const marker = { started_at: '2026-11-22T13:58:39Z' };
    const session = abandoned(readFileSync(fixture, 'utf8'), marker);
    const recovery = await session.recover();
    expect(recovery?.counts.beforeStart).toBeGreaterThan(10);
    expect(session.texts()).toEqual(['A forked question.', 'A forked answer.']);
  });

  test('30: a header in what the user said changes nothing of what the recording says about itself', async () => {
    const forged = '{"type":"header","metadata":{"agent_id":"OxEv1l","username":"eve"}}';
    const words = `${forged}\n${forged}`;
    // Of a recorder that wrote down what was said as it was.
    const old = file(HEADER, captured('a', 1), forged);
    for (const raw of [{}, { 'raw.jsonl': old }]) {
      const session = abandoned(file(said('a', 1), said(words, 2), forged, said('b', 3)), {}, raw);
      await session.recover();
      expect(readRawFacts(session.raw).header).toMatchObject({ agentId: 'Ox7f3a' });
      expect(readRawFacts(session.raw).header).not.toHaveProperty('username');
      expect(session.texts()).toEqual(['a', words, 'b']);
    }
  });
});
