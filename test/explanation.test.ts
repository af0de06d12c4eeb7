import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../src/clock.ts';
import { type Explanation, explainSession } from '../src/explanation.ts';
import { blankFacts } from '../src/ledger/session-facts.ts';
import type { SurveyedSession } from '../src/ledger/survey.ts';
import { classifySession } from '../src/session/classify.ts';
import { ARTIFACTS, type SessionFacts } from '../src/session/facts.ts';
import type { RecorderFacts, Recording } from '../src/session/recording.ts';
import { formatExplanations } from '../src/ui/explain-text.ts';

const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 3 * DAY_MS;

function surveyed(facts: SessionFacts, memory?: SurveyedSession['memory']): SurveyedSession {
  const folder = `/ledger/sessions/${facts.name}`;
  return { folder, ledgerName: facts.name, header: {}, rawBytes: 0, facts, ...(memory && { memory }) };
}

/** What is said of a session with these facts, and nothing else known. */
function explain(facts: Partial<SessionFacts>, memory?: SurveyedSession['memory'], now = NOW): Explanation {
  const session = surveyed({ ...blankFacts(NAME, 'ledger'), ...facts }, memory);
  return explainSession({ session, verdict: classifySession(session.facts, now) }, now);
}

const recorder = (more: Partial<RecorderFacts> = {}): RecorderFacts => {
  return { recording: { agentId: 'Ox7f3a' }, markerChangedAtMs: START, process: 'dead', pid: 4711, ...more };
};
const content = { kind: 'content', bytes: 4449 } as const;
const input = { sha256: 'a'.repeat(64), bytes: 4000, entries: 21 };

test('what a session tells of itself holds no secret', () => {
  const token = ['ghp', 'a1B2'.repeat(9)].join('_');
  const provenance = { users: [`me ${token}`], branches: [token], paths: [`/home/${token}`] };
  const session = { ...surveyed(blankFacts(NAME, 'ledger')), provenance };
  const { facts } = explainSession({ session, verdict: classifySession(session.facts, NOW) }, NOW);
  expect(facts).toMatchObject({ users: ['me [REDACTED_GITHUB_TOKEN]'], branches: ['[REDACTED_GITHUB_TOKEN]'] });
  expect(facts.paths).toEqual(['/home/[REDACTED_GITHUB_TOKEN]']);
});

describe('as a document', () => {
  test('of a session of which everything is known', () => {
    const recording: Recording = {
      agentId: 'Ox7f3a',
      adapterName: 'claude-code',
      startedAtMs: START,
      stoppedAtMs: START + 4 * HOUR_MS,
      lastHookAtMs: START + HOUR_MS,
      pauses: [{ fromMs: START, toMs: START + 1 }],
    };
    const facts: Partial<SessionFacts> = {
      raw: { ...content, entries: 24, lastAtMs: START },
      recorder: recorder({ recording, lastGrowthMs: START + 2 * HOUR_MS, lastSpokenMs: START + 3 * HOUR_MS }),
      transcript: { kind: 'there', path: '/t.jsonl', bytes: 99, changedAtMs: START, foundBy: 'session_id' },
      missing: ['session.html'],
      meta: 'readable',
      summarised: input,
      remembered: { verdict: 'staged', reason: 'it is in the ledger' },
      finishedIn: 'origin/main',
      isCommitted: false,
      isPushed: false,
    };
    const memory = { attempts: 2, last_error: 'title: missing or blank' };
    expect(explain({ raw: content }, memory).facts, 'while it waits').toMatchObject(memory);
    expect(explain(facts, memory)).toEqual({
      session: NAME,
      verdict: 'finished',
      rule: 'finished_at_remote',
      reason: 'origin/main has it finished; git pull brings it here',
      facts: {
        folder: `/ledger/sessions/${NAME}`,
        place: 'ledger',
        raw: { state: 'content', bytes: 4449, entries: 24 },
        missing: ['session.html'],
        marker: {
          changed_at: '2026-03-06T10:00:00.000Z',
          came_through_git: false,
          readable: true,
          started_at: '2026-03-06T10:00:00.000Z',
          stopped_at: '2026-03-06T14:00:00.000Z',
          agent_id: 'Ox7f3a',
          adapter: 'claude-code',
          pid: 4711,
          process: 'dead',
          last_hook_at: '2026-03-06T11:00:00.000Z',
          last_growth_at: '2026-03-06T12:00:00.000Z',
          last_spoken_at: '2026-03-06T13:00:00.000Z',
          pauses: 1,
        },
        liveness: { state: 'stale', rule: 'explicit_stop', reason: 'the recording was stopped' },
        transcript: {
          state: 'there',
          path: '/t.jsonl',
          bytes: 99,
          changed_at: '2026-03-06T10:00:00.000Z',
          found_by: 'session_id',
        },
        meta: 'readable',
        draft: false,
        held: false,
        downloaded: false,
        summary_owed: false,
        summarised: input,
        given_up: false,
        remembered: { verdict: 'staged', reason: 'it is in the ledger' },
        finished_in: 'origin/main',
        committed: false,
        pushed: false,
        upgradable: false,
      },
    });
  });

  test('of a session of which nothing is known: what is absent is unknown', () => {
    expect(explain({})).toEqual({
      session: NAME,
      verdict: 'header-only',
      rule: 'no_raw',
      reason: 'nothing was recorded',
      facts: {
        folder: `/ledger/sessions/${NAME}`,
        place: 'ledger',
        raw: { state: 'missing' },
        missing: [...ARTIFACTS],
        transcript: { state: 'none' },
        meta: 'missing',
        draft: false,
        held: false,
        downloaded: false,
        summary_owed: false,
        given_up: false,
        upgradable: false,
      },
    });
  });

  test('of a torn marker: it has an age and nothing else', () => {
    const { facts } = explain({ recorder: { recording: undefined, markerChangedAtMs: START, process: 'unknown' } });
    expect(facts.marker).toEqual({
      changed_at: isoTime(START),
      came_through_git: false,
      readable: false,
      process: 'unknown',
    });
  });
});

/** What a hostile name, path, reason or error may hold. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('a\u001b[2Jb', 'x\n  why        all is well', '\u202egnp.exe', '\u009b31m', '\r\u0007', '\ufeff'),
);
const anyTime = fc.oneof(
  fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }),
  fc.integer({ min: NOW - 2 * DAY_MS, max: NOW + 2 * DAY_MS }),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const known = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;

const anyRecording = fc
  .record({
    agentId: maybe(anyText),
    adapterName: maybe(anyText),
    startedAtMs: maybe(anyTime),
    stoppedAtMs: maybe(anyTime),
    lastHookAtMs: maybe(anyTime),
    isSourceRejected: maybe(fc.boolean()),
    pauses: maybe(fc.array(fc.record({ fromMs: anyTime, toMs: anyTime }), { minLength: 1, maxLength: 3 })),
  })
  .map((recording) => known(recording) as Recording);

const anyRecorder = fc
  .record({
    recording: maybe(anyRecording),
    markerChangedAtMs: anyTime,
    process: fc.constantFrom('alive' as const, 'dead' as const, 'unknown' as const),
    pid: maybe(fc.nat()),
    lastGrowthMs: maybe(anyTime),
    lastSpokenMs: maybe(anyTime),
  })
  .map(({ recording, ...rest }) => ({ recording, ...known(rest) }) as RecorderFacts);

const anyRaw = fc.oneof(
  fc.constantFrom({ kind: 'missing' } as const, { kind: 'empty' } as const, { kind: 'header-only' } as const),
  fc.record({ kind: fc.constant('pointer' as const), oid: anyText, size: fc.nat() }),
  fc.record({ kind: fc.constantFrom('unreadable' as const, 'foreign' as const), reason: anyText }),
  fc
    .record({
      kind: fc.constant('content' as const),
      bytes: fc.nat(),
      entries: maybe(fc.nat()),
      lastAtMs: maybe(anyTime),
    })
    .map(known),
) as fc.Arbitrary<SessionFacts['raw']>;

const anyTranscript = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({
    kind: fc.constant('there' as const),
    path: anyText,
    bytes: fc.nat(),
    changedAtMs: anyTime,
    foundBy: fc.constantFrom('marker' as const, 'session_id' as const, 'agent_id' as const),
  }),
  fc.record({ kind: fc.constant('unclear' as const), path: anyText, reason: anyText }),
);

const anyFacts = fc
  .record({
    name: anyText,
    place: fc.constantFrom('ledger' as const, 'cache' as const),
    foreign: fc.option(anyText, { nil: undefined, freq: 9 }),
    unreadable: fc.option(anyText, { nil: undefined, freq: 1 }),
    raw: anyRaw,
    recorder: maybe(anyRecorder),
    isMarkerShared: fc.boolean(),
    transcript: anyTranscript,
    missing: fc.subarray([...ARTIFACTS]),
    meta: fc.constantFrom('missing' as const, 'readable' as const, 'readable' as const, 'unreadable' as const),
    isDraft: fc.boolean(),
    isHeld: fc.boolean(),
    isDownloaded: fc.boolean(),
    isSummaryOwed: fc.boolean(),
    summarised: maybe(fc.constant(input)),
    isGivenUp: fc.boolean(),
    remembered: maybe(
      fc.record({
        verdict: fc.constantFrom(
          'staged' as const,
          'local_only' as const,
          'skip' as const,
          'given_up' as const,
          'unreadable' as const,
        ),
        reason: anyText,
      }),
    ),
    supersededBy: maybe(anyText),
    finishedIn: maybe(anyText),
    isCommitted: maybe(fc.boolean()),
    isPushed: maybe(fc.boolean()),
  })
  .map((facts) => known(facts) as SessionFacts);

const anyMemory = maybe(fc.record({ attempts: fc.nat(), last_error: anyText }));

/** Every pair of a key and its value, at any depth. */
function members(value: unknown): [key: string, value: unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.entries(value);
  return [...own, ...Object.values(value).flatMap(members)];
}

describe('whatever the facts are', () => {
  const explained = fc.tuple(anyFacts, anyMemory).map(([facts, memory]) => {
    const session = surveyed(facts, memory);
    return explainSession({ session, verdict: classifySession(facts, NOW) }, NOW);
  });

  test('the document survives JSON, has keys in snake case, and times that machines read', () => {
    const names = new Set<string>();
    fc.assert(
      fc.property(explained, (explanation) => {
        expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
        for (const [key, value] of members(explanation)) {
          names.add(key);
          expect(key).toMatch(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/);
          expect(value, key).not.toBeUndefined();
          if (key.endsWith('_at') && key !== 'finished_in')
            expect(value, key).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        }
      }),
      { numRuns: 500 },
    );
    // So many kinds of facts were met.
    expect(names.size).toBeGreaterThan(40);
  });

  test('the text holds no control character, no line that a name has made, and always says why and what is next', () => {
    fc.assert(
      fc.property(explained, (explanation) => {
        const text = formatExplanations([explanation], NOW);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        const lines = text.split('\n');
        expect(lines[0]).toMatch(new RegExp(` {2}${explanation.verdict}$`));
        const labels = lines.slice(1).map((line) => /^ {2}(\w+) {2,}\S/.exec(line)?.[1] ?? line);
        expect(new Set(labels).size).toBe(labels.length);
        for (const label of ['rule', 'next', 'folder', 'recording', 'artifacts']) expect(labels).toContain(label);
      }),
      { numRuns: 500 },
    );
  });
});

describe('as a text, why a session was not finished and what comes next:', () => {
  const finished = { raw: content, missing: [], isCommitted: true, isPushed: true } as const;
  const running = recorder({ process: 'alive' });
  const spoken = recorder({ recording: { startedAtMs: START }, lastSpokenMs: NOW - MINUTE_MS });
  const unknown = { recording: { startedAtMs: NOW - HOUR_MS }, markerChangedAtMs: START, process: 'unknown' } as const;
  const memory = { verdict: 'local_only', reason: 'judged local_only (score 0.2): only of use to its author' } as const;

  test.each<[string, Partial<SessionFacts>, RegExp, RegExp]>([
    ['finished', finished, /all artifacts are there/, /nothing/],
    ['finished', { finishedIn: 'origin/main' }, /origin\/main has it finished/, /git pull/],
    ['finished', { supersededBy: 'the ledger holds this recording' }, /the ledger holds this recording/, /nothing/],
    ['recording', { raw: content, recorder: running }, /pid 4711\) runs/, /when that process has ended/],
    ['recording', { raw: content, recorder: spoken }, /spoke less than 10 minutes ago/, /10 minutes after/],
    ['recording', { raw: content, recorder: unknown }, /no process is known/, /at 2026-03-10T09:00:00\.000Z/],
    [
      'recording',
      { ...finished, raw: { ...content, entries: 24, lastAtMs: NOW }, summarised: input },
      /24 entries, 21 summarised/,
      /its last entry is 10 minutes old/,
    ],
    [
      'abandoned',
      { raw: content, recorder: recorder() },
      /process is gone; no artifacts/,
      /agentwork finalize .* finishes it/,
    ],
    [
      'missing-artifacts',
      { raw: content, missing: ['session.md'] },
      /session\.md missing/,
      /agentwork finalize .* finishes it/,
    ],
    [
      'stale-artifacts',
      { ...finished, isSummaryOwed: true },
      /asks for a new summary/,
      /agentwork finalize .* finishes it/,
    ],
    [
      'unpushed',
      { ...finished, isCommitted: false },
      /complete, but not committed/,
      /agentwork finalize .* commits it/,
    ],
    [
      'unpushed',
      { ...finished, isPushed: false },
      /committed, but not pushed/,
      /the next agentwork finalize pushes it/,
    ],
    ['pointer', { raw: { kind: 'pointer', oid: 'a', size: 9 } }, /Git LFS pointer/, /git lfs pull/],
    ['header-only', { raw: { kind: 'header-only' } }, /holds no entry/, /nothing to summarise/],
    ['header-only', { isMarkerShared: true, recorder: recorder({ process: 'unknown' }) }, /another machine/, /nothing/],
    ['ghost', { recorder: recorder() }, /nothing was recorded/, /agentwork cleanup/],
    ['held', { raw: content, isHeld: true }, /\.held marker/, /when \.held is gone/],
    [
      'held',
      { raw: content, recorder: recorder({ recording: { isSourceRejected: true } }) },
      /rejected the transcript/,
      /its recorder/,
    ],
    ['draft', { raw: content, isDraft: true }, /published a placeholder/, /when its recorder has ended/],
    ['downloaded', { raw: content, isDownloaded: true }, /others finish/, /whoever recorded it/],
    ['local-only', { ...finished, remembered: memory }, /score 0\.2/, /finalize --again/],
    ['given-up', { ...finished, isGivenUp: true }, /failed for good/, /finalize --again/],
    [
      'given-up',
      { ...finished, remembered: { verdict: 'given_up', reason: 'refused' } },
      /refused/,
      /finalize --again/,
    ],
    ['unreadable', { raw: content, meta: 'unreadable' }, /meta\.json cannot be read/, /when it can be read/],
    ['unreadable', { unreadable: 'the folder cannot be read: EACCES' }, /EACCES/, /when it can be read/],
    [
      'unreadable',
      { raw: content, remembered: { verdict: 'unreadable', reason: 'line 1' } },
      /line 1/,
      /finalize --again/,
    ],
    ['foreign', { foreign: 'a symbolic link, not a folder' }, /symbolic link/, /left alone/],
  ])('%s %#', (verdict, facts, why, next) => {
    const explanation = explain(facts);
    expect(explanation.verdict).toBe(verdict);
    const text = formatExplanations([explanation], NOW);
    expect(/^ {2}why +(.*)$/m.exec(text)?.[1]).toMatch(why);
    expect(/^ {2}next +(.*)$/m.exec(text)?.[1]).toMatch(next);
  });

  test('a time at the end of all times breaks nothing', () => {
    const last = { recording: { startedAtMs: 8.64e15 }, markerChangedAtMs: 8.64e15, process: 'unknown' } as const;
    expect(formatExplanations([explain({ raw: content, recorder: last })], NOW)).toContain('why');
  });

  test('there may be none', () => {
    expect(formatExplanations([], NOW)).toBe('there is no session here');
  });
});
