import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { ARTIFACTS, classifySession, isWork, type SessionFacts, type VerdictName } from '../../src/session/classify.ts';
import type { RecorderFacts } from '../../src/session/recording.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const DIGEST = { sha256: 'a'.repeat(64), bytes: 100, entries: 5 };
const CONTENT = { kind: 'content', bytes: 100 } as const;
const POINTER = { kind: 'pointer', oid: 'a'.repeat(64) } as const;
const HEADER_ONLY = { kind: 'header-only' } as const;
const NONE = { kind: 'missing' } as const;

const recorder = (process: RecorderFacts['process'], ageMs: number, more: object = {}): RecorderFacts => ({
  recording: { parentPid: 4711, startedAtMs: NOW - ageMs, ...more },
  markerChangedAtMs: NOW - ageMs,
  process,
});
const ALIVE = recorder('alive', HOUR_MS);
const DEAD = recorder('dead', HOUR_MS);
const JUST_DEAD = recorder('dead', MINUTE_MS);
const SILENT = recorder('unknown', 2 * DAY_MS);
const STOPPED = recorder('alive', HOUR_MS, { stoppedAtMs: NOW - MINUTE_MS });

/** A finished session of the ledger, but for what is said otherwise. */
const facts = (more: Partial<SessionFacts> = {}): SessionFacts => ({
  name: 's',
  place: 'ledger',
  raw: CONTENT,
  hasTranscript: false,
  missing: [],
  meta: 'readable',
  isDraft: false,
  isHeld: false,
  isDownloaded: false,
  isGivenUp: false,
  isCommitted: true,
  ...more,
});
const unfinished = (more: Partial<SessionFacts> = {}) => facts({ missing: ARTIFACTS, meta: 'missing', ...more });

describe('a session', () => {
  test.each<[string, SessionFacts, VerdictName, string]>([
    ['that has everything', facts(), 'finished', 'complete'],
    ['whose commit nobody asked about', unset(facts(), 'isCommitted'), 'finished', 'complete'],
    ['that has no artifact', unfinished(), 'missing-artifacts', 'missing'],
    ['that lacks one', facts({ missing: ['session.html'] }), 'missing-artifacts', 'missing'],
    ['that is complete and not committed', facts({ isCommitted: false }), 'unpushed', 'not_committed'],
    ['that is complete in a cache', facts({ place: 'cache' }), 'missing-artifacts', 'not_in_ledger'],
    [
      'that grew since its summary',
      facts({ raw: { ...CONTENT, entries: 6 }, summarised: DIGEST }),
      'stale-artifacts',
      'grown',
    ],
    [
      'that has as many entries as its summary',
      facts({ raw: { ...CONTENT, entries: 5 }, summarised: DIGEST }),
      'finished',
      'complete',
    ],
    [
      'that shrank since its summary',
      facts({ raw: { ...CONTENT, entries: 4 }, summarised: DIGEST }),
      'finished',
      'complete',
    ],
    [
      'whose summary does not say of what it was made',
      facts({ raw: { ...CONTENT, entries: 9 } }),
      'finished',
      'complete',
    ],
    ['whose agent failed for good', facts({ isGivenUp: true }), 'given-up', 'unrecoverable'],
    [
      'that was given up and is not committed',
      facts({ isGivenUp: true, isCommitted: false }),
      'unpushed',
      'not_committed',
    ],

    ['that records', unfinished({ recorder: ALIVE }), 'recording', 'pid_alive'],
    ['that records on after it was finished', facts({ recorder: ALIVE }), 'recording', 'pid_alive'],
    ['whose recorder ended a minute ago', unfinished({ recorder: JUST_DEAD }), 'recording', 'pid_dead_grace_period'],
    ['whose recorder is gone', unfinished({ recorder: DEAD }), 'abandoned', 'pid_dead'],
    ['that was silent for two days', unfinished({ recorder: SILENT }), 'abandoned', 'time_threshold'],
    ['that was stopped', unfinished({ recorder: STOPPED }), 'abandoned', 'explicit_stop'],
    ['that is complete, with a marker of the dead', facts({ recorder: DEAD }), 'finished', 'complete'],

    [
      'without raw, with a transcript',
      unfinished({ raw: NONE, recorder: DEAD, hasTranscript: true }),
      'abandoned',
      'pid_dead',
    ],
    [
      'with a header, and a transcript',
      unfinished({ raw: HEADER_ONLY, recorder: SILENT, hasTranscript: true }),
      'abandoned',
      'time_threshold',
    ],
    ['without anything, its process gone', unfinished({ raw: NONE, recorder: DEAD }), 'ghost', 'ghost'],
    ['with a header only, its process gone', unfinished({ raw: HEADER_ONLY, recorder: DEAD }), 'ghost', 'ghost'],
    ['with an empty file, its process gone', unfinished({ raw: { kind: 'empty' }, recorder: DEAD }), 'ghost', 'ghost'],
    [
      'without anything, silent, of unknown process',
      unfinished({ raw: NONE, recorder: SILENT }),
      'header-only',
      'no_raw',
    ],
    ['without anything, stopped', unfinished({ raw: NONE, recorder: STOPPED }), 'header-only', 'no_raw'],
    ['with a header only', unfinished({ raw: HEADER_ONLY }), 'header-only', 'header_only'],
    ['with an empty file', unfinished({ raw: { kind: 'empty' } }), 'header-only', 'header_only'],
    ['that records and has nothing yet', unfinished({ raw: NONE, recorder: ALIVE }), 'recording', 'pid_alive'],
    ['finished, and its raw gone', facts({ raw: NONE }), 'finished', 'complete'],

    ['that is a pointer', facts({ raw: POINTER }), 'finished', 'complete'],
    ['that is a pointer without artifacts', unfinished({ raw: POINTER }), 'pointer', 'raw_pointer'],
    ['that is a pointer, its process gone', unfinished({ raw: POINTER, recorder: DEAD }), 'pointer', 'raw_pointer'],
    [
      'that is a pointer, with a transcript',
      unfinished({ raw: POINTER, recorder: DEAD, hasTranscript: true }),
      'pointer',
      'raw_pointer',
    ],

    ['whose meta.json cannot be read', unfinished({ meta: 'unreadable' }), 'unreadable', 'meta_unreadable'],
    [
      'whose raw cannot be read',
      unfinished({ raw: { kind: 'unreadable', reason: 'EACCES' } }),
      'unreadable',
      'raw_unreadable',
    ],
    ['whose folder cannot be read', unfinished({ unreadable: 'EACCES' }), 'unreadable', 'folder_unreadable'],
    ['whose raw is no file', unfinished({ raw: { kind: 'foreign', reason: 'a pipe' } }), 'foreign', 'raw_file_type'],
    ['of another ledger', unfinished({ foreign: 'theirs' }), 'foreign', 'foreign'],
    ['of another ledger that records', unfinished({ foreign: 'theirs', recorder: ALIVE }), 'foreign', 'foreign'],

    ['that is held', unfinished({ isHeld: true }), 'held', 'held'],
    ['that is held, its process gone', unfinished({ isHeld: true, recorder: DEAD }), 'held', 'held'],
    [
      'that is held and nothing but a header',
      unfinished({ isHeld: true, raw: HEADER_ONLY, recorder: DEAD }),
      'held',
      'held',
    ],
    ['that is a draft', unfinished({ isDraft: true, meta: 'readable', raw: NONE }), 'draft', 'draft'],
    ['that is a draft, and silent', unfinished({ isDraft: true, recorder: SILENT }), 'draft', 'draft'],
    ['that is a draft, its process gone', unfinished({ isDraft: true, recorder: DEAD }), 'abandoned', 'pid_dead'],
    ['that is a draft, and stopped', unfinished({ isDraft: true, recorder: STOPPED }), 'abandoned', 'explicit_stop'],
    ['that is a draft, and records', unfinished({ isDraft: true, recorder: ALIVE }), 'draft', 'draft'],

    ['that was downloaded', unfinished({ isDownloaded: true, place: 'cache' }), 'downloaded', 'downloaded'],
    [
      'that the ledger has already',
      facts({ supersededBy: 'the ledger has it', place: 'cache' }),
      'finished',
      'superseded',
    ],
    [
      'that was judged local',
      unfinished({ remembered: { verdict: 'local_only', reason: 'r' } }),
      'local-only',
      'judged_local_only',
    ],
    [
      'that was judged not worth it',
      unfinished({ remembered: { verdict: 'skip', reason: 'r' } }),
      'local-only',
      'judged_skip',
    ],
    [
      'that was given up',
      unfinished({ remembered: { verdict: 'given_up', reason: 'r' } }),
      'given-up',
      'judged_given_up',
    ],
    [
      'that was judged, and records again',
      unfinished({ remembered: { verdict: 'skip', reason: 'r' }, recorder: ALIVE }),
      'recording',
      'pid_alive',
    ],
  ])('%s', (_, session, verdict, rule) => {
    expect(classifySession(session, NOW)).toMatchObject({ verdict, rule });
  });

  test('that lacks some artifacts names them; one that lacks all says so', () => {
    expect(classifySession(facts({ missing: ['summary.json', 'session.md'] }), NOW).reason).toBe(
      'summary.json, session.md missing',
    );
    expect(classifySession(unfinished(), NOW).reason).toBe('no artifacts');
  });

  test('that grew says by how much', () => {
    const grown = facts({ raw: { ...CONTENT, entries: 9 }, summarised: DIGEST });
    expect(classifySession(grown, NOW).reason).toBe('continued after its summary: 9 entries, 5 summarised');
  });
});

test.each<[VerdictName, boolean]>([
  ['abandoned', true],
  ['missing-artifacts', true],
  ['stale-artifacts', true],
  ['unpushed', true],
  ['finished', false],
  ['recording', false],
  ['pointer', false],
  ['header-only', false],
  ['ghost', false],
  ['held', false],
  ['draft', false],
  ['downloaded', false],
  ['local-only', false],
  ['given-up', false],
  ['unreadable', false],
  ['foreign', false],
])('%s is work: %s', (verdict, expected) => {
  expect(isWork(verdict)).toBe(expected);
});

function unset(from: SessionFacts, key: 'isCommitted'): SessionFacts {
  const { [key]: _, ...rest } = from;
  return rest;
}
