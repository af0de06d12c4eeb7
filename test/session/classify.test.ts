import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { classifySession, isPushOnly, isWork, type VerdictName } from '../../src/session/classify.ts';
import { type AgentTranscript, ARTIFACTS, type RawState, type SessionFacts } from '../../src/session/facts.ts';
import type { RecorderFacts, Recording } from '../../src/session/recording.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const ago = (ms: number) => NOW - ms;

const DIGEST = { sha256: 'a'.repeat(64), bytes: 100, entries: 5 };
const CONTENT = { kind: 'content', bytes: 100 } as const;
const LONGER = { kind: 'content', bytes: 120, entries: 6 } as const;
const GROWN = { raw: LONGER, summarised: DIGEST } as const;
const POINTER = { kind: 'pointer', oid: 'a'.repeat(64), size: 18233 } as const;
const POINTER_HERE = { ...POINTER, content: { kind: 'here', path: '/lfs/aa/aa/aaaa' } } as const;
const POINTER_ELSEWHERE = { ...POINTER, content: { kind: 'elsewhere' } } as const;
const POINTER_WITHOUT_LFS = { ...POINTER, content: { kind: 'without-lfs' } } as const;
const lackingPointer = (triedAtMs: number) =>
  ({ ...POINTER, content: { kind: 'lacking', reason: 'the remote lacks its content', triedAtMs } }) as const;
const HEADER_ONLY = { kind: 'header-only' } as const;
const EMPTY = { kind: 'empty' } as const;
const NO_RAW = { kind: 'missing' } as const;
const LOCKED = { kind: 'unreadable', reason: 'raw.jsonl: EACCES' } as const;
const PIPE = { kind: 'foreign', reason: 'raw.jsonl is not a regular file' } as const;

const TRANSCRIPT: AgentTranscript = {
  kind: 'there',
  path: '/home/r/.claude/projects/app/0b1c.jsonl',
  bytes: 900,
  changedAtMs: ago(HOUR_MS),
  foundBy: 'marker',
};
const WORDLESS: AgentTranscript = { ...TRANSCRIPT, isSilent: true };
const UNCLEAR: AgentTranscript = { kind: 'unclear', path: '/mnt/home/0b1c.jsonl', reason: 'permission denied' };

const recorder = (process: RecorderFacts['process'], ageMs: number, more: Recording = {}): RecorderFacts => ({
  recording: { parentPid: 4711, startedAtMs: ago(ageMs), ...more },
  markerChangedAtMs: ago(ageMs),
  process,
  ...(process !== 'unknown' && { pid: 4711 }),
});
const torn = (ageMs: number): RecorderFacts => ({
  recording: undefined,
  markerChangedAtMs: ago(ageMs),
  process: 'unknown',
});
const ALIVE = recorder('alive', HOUR_MS);
const DEAD = recorder('dead', HOUR_MS);
const JUST_DEAD = recorder('dead', MINUTE_MS);
const DEAD_BUT_HEARD = { ...DEAD, lastSpokenMs: ago(MINUTE_MS) };
const SILENT = recorder('unknown', 2 * DAY_MS);
const BUSY = recorder('unknown', HOUR_MS);
const STOPPED = recorder('unknown', HOUR_MS, { stoppedAtMs: ago(MINUTE_MS) });
const STOPPED_ALIVE = recorder('alive', HOUR_MS, { stoppedAtMs: ago(MINUTE_MS) });
const STOPPED_DEAD = recorder('dead', MINUTE_MS, { stoppedAtMs: ago(MINUTE_MS) });
const REJECTED = recorder('dead', HOUR_MS, { isSourceRejected: true });
const TORN_YOUNG = torn(HOUR_MS);
const TORN_OLD = torn(2 * DAY_MS);

const judged = (verdict: NonNullable<SessionFacts['remembered']>['verdict']) => ({
  remembered: { verdict, reason: `an earlier pass said ${verdict}` },
});
const THEIRS = { foreign: 'a session of another ledger (repo_2)' };
const NO_FOLDER = { unreadable: 'the folder cannot be read: EACCES' };
const IN_LEDGER_ALREADY = { supersededBy: 'the ledger holds this recording', place: 'cache' } as const;
const AT_REMOTE = { finishedIn: 'origin/main' };
const IN_CACHE = { place: 'cache' } as const;

/** A session of the ledger with all its artifacts, but for what is said otherwise. */
const finished = (more: Partial<SessionFacts> = {}): SessionFacts => ({
  name: 's',
  place: 'ledger',
  raw: CONTENT,
  isMarkerShared: false,
  transcript: { kind: 'none' },
  missing: [],
  meta: 'readable',
  isDraft: false,
  isHeld: false,
  isDownloaded: false,
  isSummaryOwed: false,
  isGivenUp: false,
  ...more,
});
const partial = (more: Partial<SessionFacts> = {}) => finished({ missing: ['session.html'], ...more });
const unfinished = (more: Partial<SessionFacts> = {}) => finished({ missing: ARTIFACTS, meta: 'missing', ...more });
const draft = (more: Partial<SessionFacts> = {}) => unfinished({ isDraft: true, meta: 'readable', ...more });

const ROWS: readonly (readonly [string, SessionFacts, VerdictName, string])[] = [
  // Without a marker: what is there of its artifacts.
  ['that has everything', finished(), 'finished', 'complete'],
  ['that has everything but meta.json', finished({ meta: 'missing' }), 'finished', 'complete'],
  ['that has no artifact', unfinished(), 'missing-artifacts', 'missing'],
  ['that lacks the page', partial(), 'missing-artifacts', 'missing'],
  ['that lacks the summary', finished({ missing: ['summary.json'] }), 'missing-artifacts', 'missing'],
  ['that lacks one and grew', partial(GROWN), 'missing-artifacts', 'missing'],
  ['that lacks one, and grows', partial(grownAt(ago(MINUTE_MS))), 'missing-artifacts', 'missing'],
  ['that lacks one and is owed a summary', partial({ isSummaryOwed: true }), 'missing-artifacts', 'missing'],
  ['that lacks one since it was given up', partial({ isGivenUp: true }), 'missing-artifacts', 'missing'],
  ['that lacks one and waits for a push', partial({ isPushed: false }), 'missing-artifacts', 'missing'],
  ['finished, and its raw gone', finished({ raw: NO_RAW }), 'finished', 'complete'],
  ['finished, and its raw emptied', finished({ raw: EMPTY }), 'finished', 'complete'],
  ['finished as brief, of a header', finished({ raw: HEADER_ONLY }), 'finished', 'complete'],

  // What grew after its summary.
  ['that grew since its summary', finished(GROWN), 'stale-artifacts', 'grown'],
  [
    'that has as many entries as its summary',
    finished({ raw: { ...LONGER, entries: 5 }, summarised: DIGEST }),
    'finished',
    'complete',
  ],
  [
    'that shrank since its summary',
    finished({ raw: { ...LONGER, entries: 4 }, summarised: DIGEST }),
    'finished',
    'complete',
  ],
  ['whose entries nobody counted', finished({ summarised: DIGEST }), 'finished', 'complete'],
  ['whose summary does not say of what it was made', finished({ raw: LONGER }), 'finished', 'complete'],
  ['that grew, and is a pointer now', finished({ raw: POINTER, summarised: DIGEST }), 'finished', 'complete'],
  ['that grew, and has no raw now', finished({ raw: NO_RAW, summarised: DIGEST }), 'finished', 'complete'],
  ['that grew a minute ago', finished(grownAt(ago(MINUTE_MS))), 'recording', 'still_growing'],
  ['that grew almost ten minutes ago', finished(grownAt(ago(10 * MINUTE_MS - 1))), 'recording', 'still_growing'],
  ['that grew ten minutes ago', finished(grownAt(ago(10 * MINUTE_MS))), 'stale-artifacts', 'grown'],
  ['that grew by a clock a minute ahead', finished(grownAt(NOW + MINUTE_MS)), 'recording', 'still_growing'],
  ['that grew by a clock two days ahead', finished(grownAt(NOW + 2 * DAY_MS)), 'stale-artifacts', 'grown'],
  [
    'that was spoken in a minute ago, and holds no more than its summary',
    finished({ raw: { ...LONGER, entries: 5, lastAtMs: ago(MINUTE_MS) }, summarised: DIGEST }),
    'finished',
    'complete',
  ],
  [
    'that was spoken in a minute ago, and has no artifact',
    unfinished({ raw: { ...LONGER, lastAtMs: ago(MINUTE_MS) } }),
    'missing-artifacts',
    'missing',
  ],
  ['that grows in a cache', finished({ ...grownAt(ago(MINUTE_MS)), ...IN_CACHE }), 'recording', 'still_growing'],
  ['that grew in a cache', finished({ ...GROWN, ...IN_CACHE }), 'stale-artifacts', 'grown'],
  ['that grew before its commit', finished({ ...GROWN, isCommitted: false }), 'stale-artifacts', 'grown'],
  ['that grew before its push', finished({ ...GROWN, isPushed: false }), 'stale-artifacts', 'grown'],
  ['that grew after the agent failed for good', finished({ ...GROWN, isGivenUp: true }), 'stale-artifacts', 'grown'],
  ['that grew and is owed a summary', finished({ ...GROWN, isSummaryOwed: true }), 'stale-artifacts', 'grown'],
  [
    'that grows and is owed a summary',
    finished({ ...grownAt(ago(MINUTE_MS)), isSummaryOwed: true }),
    'recording',
    'still_growing',
  ],

  // What its recorder asks a summary for.
  [
    'owed a summary of other bytes',
    finished({ raw: { ...CONTENT, bytes: 99 }, summarised: DIGEST, isSummaryOwed: true }),
    'stale-artifacts',
    'needs_summary',
  ],
  [
    'owed a summary, where the last does not say of what',
    finished({ isSummaryOwed: true }),
    'stale-artifacts',
    'needs_summary',
  ],
  [
    'owed a summary that was made of these very bytes',
    finished({ summarised: DIGEST, isSummaryOwed: true }),
    'finished',
    'complete',
  ],
  ['owed a summary, and is a pointer', finished({ raw: POINTER, isSummaryOwed: true }), 'finished', 'complete'],
  ['owed a summary, and its raw gone', finished({ raw: NO_RAW, isSummaryOwed: true }), 'finished', 'complete'],
  ['owed a summary, without any', unfinished({ isSummaryOwed: true }), 'missing-artifacts', 'missing'],
  ['owed a summary in a cache', finished({ isSummaryOwed: true, ...IN_CACHE }), 'stale-artifacts', 'needs_summary'],
  [
    'owed a summary before its commit',
    finished({ isSummaryOwed: true, isCommitted: false }),
    'stale-artifacts',
    'needs_summary',
  ],
  [
    'owed a summary after the agent failed for good on other bytes',
    finished({ isSummaryOwed: true, isGivenUp: true, summarised: { ...DIGEST, bytes: 90 } }),
    'stale-artifacts',
    'needs_summary',
  ],
  [
    'owed a summary after the agent failed for good on these bytes',
    finished({ isSummaryOwed: true, isGivenUp: true, summarised: DIGEST }),
    'given-up',
    'unrecoverable',
  ],
  [
    'owed a summary, with nothing but a header',
    unfinished({ isSummaryOwed: true, raw: HEADER_ONLY }),
    'header-only',
    'header_only',
  ],

  // On its way into the ledger, a commit, the remote.
  ['complete in a cache', finished(IN_CACHE), 'missing-artifacts', 'not_in_ledger'],
  [
    'complete in a cache, of an agent that failed for good',
    finished({ ...IN_CACHE, isGivenUp: true }),
    'missing-artifacts',
    'not_in_ledger',
  ],
  ['without artifacts in a cache', unfinished(IN_CACHE), 'missing-artifacts', 'missing'],
  ['complete and not committed', finished({ isCommitted: false }), 'unpushed', 'not_committed'],
  [
    'complete, neither committed nor pushed',
    finished({ isCommitted: false, isPushed: false }),
    'unpushed',
    'not_committed',
  ],
  ['committed and not pushed', finished({ isCommitted: true, isPushed: false }), 'unpushed', 'not_pushed'],
  ['not pushed, and unclean', finished({ isPushed: false, isUnclean: true }), 'unpushed', 'unclean'],
  ['not committed, and unclean', finished({ isCommitted: false, isUnclean: true }), 'unpushed', 'not_committed'],
  [
    'pushed, and unclean when it was last searched',
    finished({ isPushed: true, isUnclean: true }),
    'finished',
    'complete',
  ],
  ['without artifacts, and unclean', unfinished({ isUnclean: true }), 'missing-artifacts', 'missing'],
  ['not pushed, and nobody asked for its commit', finished({ isPushed: false }), 'unpushed', 'not_pushed'],
  ['committed, where nobody can tell of a push', finished({ isCommitted: true }), 'finished', 'complete'],
  ['committed and pushed', finished({ isCommitted: true, isPushed: true }), 'finished', 'complete'],
  ['a complete pointer, not committed', finished({ raw: POINTER, isCommitted: false }), 'unpushed', 'not_committed'],
  ['a complete pointer, not pushed', finished({ raw: POINTER, isPushed: false }), 'unpushed', 'not_pushed'],
  ['whose agent failed for good', finished({ isGivenUp: true }), 'given-up', 'unrecoverable'],
  [
    'whose agent failed for good, committed and pushed',
    finished({ isGivenUp: true, isCommitted: true, isPushed: true }),
    'given-up',
    'unrecoverable',
  ],
  ['given up and not committed', finished({ isGivenUp: true, isCommitted: false }), 'unpushed', 'not_committed'],
  ['given up and not pushed', finished({ isGivenUp: true, isPushed: false }), 'unpushed', 'not_pushed'],

  // With a marker, and content in raw.jsonl.
  ['that records', unfinished({ recorder: ALIVE }), 'recording', 'pid_alive'],
  ['that records for three weeks', unfinished({ recorder: recorder('alive', 21 * DAY_MS) }), 'recording', 'pid_alive'],
  ['whose recorder ended a minute ago', unfinished({ recorder: JUST_DEAD }), 'recording', 'pid_dead_grace_period'],
  ['whose recorder is gone', unfinished({ recorder: DEAD }), 'abandoned', 'pid_dead'],
  [
    'whose recorder is gone, while somebody speaks',
    unfinished({ recorder: DEAD_BUT_HEARD }),
    'recording',
    'still_spoken',
  ],
  ['whose recorder is unknown, and was heard today', unfinished({ recorder: BUSY }), 'recording', 'time_not_reached'],
  [
    'whose recorder is unknown, and silent for two days',
    unfinished({ recorder: SILENT }),
    'abandoned',
    'time_threshold',
  ],
  ['that was stopped', unfinished({ recorder: STOPPED }), 'abandoned', 'explicit_stop'],
  ['that was stopped, its process alive', unfinished({ recorder: STOPPED_ALIVE }), 'abandoned', 'explicit_stop'],
  [
    'that was stopped a minute ago, its process gone',
    unfinished({ recorder: STOPPED_DEAD }),
    'abandoned',
    'explicit_stop',
  ],
  ['whose marker is torn, and young', unfinished({ recorder: TORN_YOUNG }), 'recording', 'time_not_reached'],
  ['whose marker is torn, and old', unfinished({ recorder: TORN_OLD }), 'abandoned', 'time_threshold'],
  ['that records in a cache', unfinished({ recorder: ALIVE, ...IN_CACHE }), 'recording', 'pid_alive'],
  ['whose recorder is gone, in a cache', unfinished({ recorder: DEAD, ...IN_CACHE }), 'abandoned', 'pid_dead'],
  ['whose recorder is gone, one artifact missing', partial({ recorder: DEAD }), 'abandoned', 'pid_dead'],
  ['that records, one artifact missing', partial({ recorder: ALIVE }), 'recording', 'pid_alive'],
  [
    'whose recorder is gone, and the transcript there beside its content',
    unfinished({ recorder: DEAD, transcript: TRANSCRIPT }),
    'abandoned',
    'pid_dead',
  ],
  [
    'whose recorder is gone, and the transcript unclear beside its content',
    unfinished({ recorder: DEAD, transcript: UNCLEAR }),
    'abandoned',
    'pid_dead',
  ],
  ['that records on after its summary', finished({ recorder: ALIVE }), 'recording', 'pid_alive'],
  [
    'that records on in a cache after its summary',
    finished({ recorder: ALIVE, ...IN_CACHE }),
    'recording',
    'pid_alive',
  ],
  ['that grew and records on', finished({ ...GROWN, recorder: ALIVE }), 'recording', 'pid_alive'],
  ['that grew, its recorder gone', finished({ ...GROWN, recorder: DEAD }), 'stale-artifacts', 'grown'],
  [
    'that grew a minute ago, its recorder gone and heard no more',
    finished({ ...grownAt(ago(MINUTE_MS)), recorder: DEAD }),
    'stale-artifacts',
    'grown',
  ],
  [
    'that grew a minute ago, and was stopped',
    finished({ ...grownAt(ago(MINUTE_MS)), recorder: STOPPED }),
    'stale-artifacts',
    'grown',
  ],
  ['owed a summary, and records on', finished({ isSummaryOwed: true, recorder: ALIVE }), 'recording', 'pid_alive'],
  [
    'owed a summary, its recorder gone',
    finished({ isSummaryOwed: true, recorder: DEAD }),
    'stale-artifacts',
    'needs_summary',
  ],
  ['complete, with the marker of the dead', finished({ recorder: DEAD }), 'abandoned', 'pid_dead'],
  ['complete, with the marker of a stop', finished({ recorder: STOPPED }), 'abandoned', 'explicit_stop'],
  ['complete, with the marker of the silent', finished({ recorder: SILENT }), 'abandoned', 'time_threshold'],
  ['complete, with an old torn marker', finished({ recorder: TORN_OLD }), 'abandoned', 'time_threshold'],
  [
    'complete, with the marker of the just dead',
    finished({ recorder: JUST_DEAD }),
    'recording',
    'pid_dead_grace_period',
  ],
  [
    'complete and not committed, with the marker of the dead',
    finished({ recorder: DEAD, isCommitted: false }),
    'abandoned',
    'pid_dead',
  ],
  [
    'complete and not pushed, with the marker of the dead',
    finished({ recorder: DEAD, isPushed: false }),
    'abandoned',
    'pid_dead',
  ],
  ['given up, with the marker of the dead', finished({ recorder: DEAD, isGivenUp: true }), 'abandoned', 'pid_dead'],
  [
    'complete in a cache, with the marker of the dead',
    finished({ recorder: DEAD, ...IN_CACHE }),
    'missing-artifacts',
    'not_in_ledger',
  ],
  [
    'complete, its raw gone, with the marker of the dead',
    finished({ raw: NO_RAW, recorder: DEAD }),
    'finished',
    'complete',
  ],
  [
    'finished as brief, of a header, with the marker of the dead',
    finished({ raw: HEADER_ONLY, recorder: DEAD }),
    'finished',
    'complete',
  ],

  // Nothing in raw.jsonl, and no marker.
  [
    'without raw, and without one artifact',
    finished({ raw: NO_RAW, missing: ['summary.json'] }),
    'header-only',
    'no_raw',
  ],
  ['with a header only', unfinished({ raw: HEADER_ONLY }), 'header-only', 'header_only'],
  [
    'with a header only, and without one artifact',
    finished({ raw: HEADER_ONLY, missing: ['summary.json'] }),
    'header-only',
    'header_only',
  ],
  ['with an empty file', unfinished({ raw: EMPTY }), 'header-only', 'header_only'],
  ['with a header only, in a cache', unfinished({ raw: HEADER_ONLY, ...IN_CACHE }), 'header-only', 'header_only'],
  ['with a header only, not pushed', unfinished({ raw: HEADER_ONLY, isPushed: false }), 'header-only', 'header_only'],
  [
    'with a header only, and a transcript that no marker vouches for',
    unfinished({ raw: HEADER_ONLY, transcript: TRANSCRIPT }),
    'header-only',
    'header_only',
  ],
  [
    'with a header only, and an unclear transcript that no marker vouches for',
    unfinished({ raw: HEADER_ONLY, transcript: UNCLEAR }),
    'header-only',
    'header_only',
  ],

  // Nothing in raw.jsonl, and a marker.
  ['that records and has nothing yet', unfinished({ raw: NO_RAW, recorder: ALIVE }), 'recording', 'pid_alive'],
  ['that records and has a header', unfinished({ raw: HEADER_ONLY, recorder: ALIVE }), 'recording', 'pid_alive'],
  ['that records and has an empty file', unfinished({ raw: EMPTY, recorder: ALIVE }), 'recording', 'pid_alive'],
  [
    'that has nothing yet, just dead',
    unfinished({ raw: NO_RAW, recorder: JUST_DEAD }),
    'recording',
    'pid_dead_grace_period',
  ],
  [
    'that has a header, just dead',
    unfinished({ raw: HEADER_ONLY, recorder: JUST_DEAD }),
    'recording',
    'pid_dead_grace_period',
  ],
  [
    'that has a header, dead but heard',
    unfinished({ raw: HEADER_ONLY, recorder: DEAD_BUT_HEARD }),
    'recording',
    'still_spoken',
  ],
  [
    'that has nothing yet, of unknown process',
    unfinished({ raw: NO_RAW, recorder: BUSY }),
    'recording',
    'time_not_reached',
  ],
  [
    'that has nothing yet, and a torn marker',
    unfinished({ raw: NO_RAW, recorder: TORN_YOUNG }),
    'recording',
    'time_not_reached',
  ],
  ['without raw, its process gone', unfinished({ raw: NO_RAW, recorder: DEAD }), 'ghost', 'ghost'],
  ['with a header only, its process gone', unfinished({ raw: HEADER_ONLY, recorder: DEAD }), 'ghost', 'ghost'],
  ['with an empty file, its process gone', unfinished({ raw: EMPTY, recorder: DEAD }), 'ghost', 'ghost'],
  ['with a silent transcript', unfinished({ raw: NO_RAW, recorder: DEAD, transcript: WORDLESS }), 'ghost', 'ghost'],
  [
    'with a silent transcript that was called unreadable before',
    unfinished({
      ...{ raw: NO_RAW, recorder: DEAD, transcript: WORDLESS },
      remembered: { verdict: 'unreadable', reason: 'nothing was understood' },
    }),
    'ghost',
    'ghost',
  ],
  [
    'with a header only, its process gone, in a cache',
    unfinished({ raw: HEADER_ONLY, recorder: DEAD, ...IN_CACHE }),
    'ghost',
    'ghost',
  ],
  ['with a header and a page, its process gone', partial({ raw: HEADER_ONLY, recorder: DEAD }), 'ghost', 'ghost'],
  ['without raw, silent', unfinished({ raw: NO_RAW, recorder: SILENT }), 'header-only', 'no_raw'],
  ['without raw, stopped', unfinished({ raw: NO_RAW, recorder: STOPPED }), 'header-only', 'no_raw'],
  [
    'without raw, stopped, its process gone',
    unfinished({ raw: NO_RAW, recorder: STOPPED_DEAD }),
    'header-only',
    'no_raw',
  ],
  ['without raw, its marker torn and old', unfinished({ raw: NO_RAW, recorder: TORN_OLD }), 'header-only', 'no_raw'],
  ['with a header only, silent', unfinished({ raw: HEADER_ONLY, recorder: SILENT }), 'header-only', 'header_only'],
  ['with a header only, stopped', unfinished({ raw: HEADER_ONLY, recorder: STOPPED }), 'header-only', 'header_only'],
  ['with an empty file, silent', unfinished({ raw: EMPTY, recorder: SILENT }), 'header-only', 'header_only'],
  [
    'with an empty file, its marker torn and old',
    unfinished({ raw: EMPTY, recorder: TORN_OLD }),
    'header-only',
    'header_only',
  ],

  // Nothing in raw.jsonl, a marker, and the agent's own transcript.
  [
    'to recover, its process gone',
    unfinished({ raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT }),
    'abandoned',
    'pid_dead',
  ],
  [
    'to recover, silent',
    unfinished({ raw: NO_RAW, recorder: SILENT, transcript: TRANSCRIPT }),
    'abandoned',
    'time_threshold',
  ],
  [
    'to recover, stopped',
    unfinished({ raw: NO_RAW, recorder: STOPPED, transcript: TRANSCRIPT }),
    'abandoned',
    'explicit_stop',
  ],
  [
    'to recover beside a header',
    unfinished({ raw: HEADER_ONLY, recorder: DEAD, transcript: TRANSCRIPT }),
    'abandoned',
    'pid_dead',
  ],
  [
    'to recover beside an empty file',
    unfinished({ raw: EMPTY, recorder: SILENT, transcript: TRANSCRIPT }),
    'abandoned',
    'time_threshold',
  ],
  [
    'to recover in a cache',
    unfinished({ raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT, ...IN_CACHE }),
    'abandoned',
    'pid_dead',
  ],
  [
    'to recover, with a page',
    partial({ raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT }),
    'abandoned',
    'pid_dead',
  ],
  [
    'that could be recovered, and records',
    unfinished({ raw: NO_RAW, recorder: ALIVE, transcript: TRANSCRIPT }),
    'recording',
    'pid_alive',
  ],
  [
    'that could be recovered, just dead',
    unfinished({ raw: NO_RAW, recorder: JUST_DEAD, transcript: TRANSCRIPT }),
    'recording',
    'pid_dead_grace_period',
  ],
  [
    'finished, its raw gone, with a transcript',
    finished({ raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT }),
    'finished',
    'complete',
  ],
  [
    'whose transcript is unclear, its process gone',
    unfinished({ raw: NO_RAW, recorder: DEAD, transcript: UNCLEAR }),
    'unreadable',
    'transcript_unclear',
  ],
  [
    'whose transcript is unclear beside a header, silent',
    unfinished({ raw: HEADER_ONLY, recorder: SILENT, transcript: UNCLEAR }),
    'unreadable',
    'transcript_unclear',
  ],
  [
    'whose transcript is unclear, and records',
    unfinished({ raw: NO_RAW, recorder: ALIVE, transcript: UNCLEAR }),
    'recording',
    'pid_alive',
  ],
  [
    'finished, its raw gone, its transcript unclear',
    finished({ raw: NO_RAW, recorder: DEAD, transcript: UNCLEAR }),
    'finished',
    'complete',
  ],

  // A Git LFS pointer in the place of raw.jsonl.
  ['that is a complete pointer', finished({ raw: POINTER }), 'finished', 'complete'],
  ['that is a pointer without artifacts', unfinished({ raw: POINTER }), 'pointer', 'raw_pointer'],
  ['that is a pointer, and lacks the page', partial({ raw: POINTER }), 'pointer', 'raw_pointer'],
  ['that is a pointer, in a cache', unfinished({ raw: POINTER, ...IN_CACHE }), 'pointer', 'raw_pointer'],
  [
    'that is a complete pointer, in a cache',
    finished({ raw: POINTER, ...IN_CACHE }),
    'missing-artifacts',
    'not_in_ledger',
  ],
  ['that is a pointer, and records', unfinished({ raw: POINTER, recorder: ALIVE }), 'recording', 'pid_alive'],
  ['that is a pointer, its process gone', unfinished({ raw: POINTER, recorder: DEAD }), 'pointer', 'raw_pointer'],
  ['that is a pointer, stopped', unfinished({ raw: POINTER, recorder: STOPPED }), 'pointer', 'raw_pointer'],
  [
    'that is a pointer, with a transcript',
    unfinished({ raw: POINTER, recorder: DEAD, transcript: TRANSCRIPT }),
    'pointer',
    'raw_pointer',
  ],
  [
    'that is a pointer, its transcript unclear',
    unfinished({ raw: POINTER, recorder: DEAD, transcript: UNCLEAR }),
    'pointer',
    'raw_pointer',
  ],
  [
    'that is a complete pointer, with the marker of the dead',
    finished({ raw: POINTER, recorder: DEAD }),
    'finished',
    'complete',
  ],
  ['that is a complete pointer, given up', finished({ raw: POINTER, isGivenUp: true }), 'given-up', 'unrecoverable'],
  [
    'that is a pointer, and downloaded',
    unfinished({ raw: POINTER, isDownloaded: true, ...IN_CACHE }),
    'pointer',
    'raw_pointer',
  ],
  ['that is a pointer, and was judged', unfinished({ raw: POINTER, ...judged('skip') }), 'pointer', 'raw_pointer'],
  [
    'that is a pointer to what can be fetched',
    unfinished({ raw: POINTER_ELSEWHERE }),
    'missing-artifacts',
    'pointer_fetchable',
  ],
  [
    'that is a pointer to what can be fetched, and lacks the page',
    partial({ raw: POINTER_ELSEWHERE }),
    'missing-artifacts',
    'pointer_fetchable',
  ],
  ['that is a pointer to what is here', unfinished({ raw: POINTER_HERE }), 'missing-artifacts', 'missing'],
  ['that is a pointer, without git-lfs', unfinished({ raw: POINTER_WITHOUT_LFS }), 'pointer', 'raw_pointer'],
  ['that is a pointer to what is lacking', unfinished({ raw: lackingPointer(NOW) }), 'pointer', 'raw_pointer'],
  [
    'that is a pointer to what was lacking a day ago',
    unfinished({ raw: lackingPointer(NOW - DAY_MS) }),
    'missing-artifacts',
    'pointer_fetchable',
  ],
  [
    'that is a pointer to what was lacking by a clock that was ahead',
    unfinished({ raw: lackingPointer(NOW + 1) }),
    'missing-artifacts',
    'pointer_fetchable',
  ],
  [
    'that is a pointer to what can be fetched, its process gone',
    unfinished({ raw: POINTER_ELSEWHERE, recorder: DEAD, transcript: TRANSCRIPT }),
    'abandoned',
    'pid_dead',
  ],
  [
    'that is a pointer to what can be fetched, and records',
    unfinished({ raw: POINTER_ELSEWHERE, recorder: ALIVE }),
    'recording',
    'pid_alive',
  ],
  [
    'that is a pointer to what can be fetched, and was judged',
    unfinished({ raw: POINTER_ELSEWHERE, ...judged('skip') }),
    'local-only',
    'judged_skip',
  ],

  // What cannot be read.
  ['whose folder cannot be read', unfinished(NO_FOLDER), 'unreadable', 'folder_unreadable'],
  [
    'whose folder cannot be read, nor its raw be one',
    unfinished({ ...NO_FOLDER, raw: PIPE }),
    'unreadable',
    'folder_unreadable',
  ],
  ['whose meta.json cannot be read', unfinished({ meta: 'unreadable' }), 'unreadable', 'meta_unreadable'],
  ['complete, and meta.json unreadable', finished({ meta: 'unreadable' }), 'unreadable', 'meta_unreadable'],
  [
    'whose meta.json cannot be read, and records',
    unfinished({ meta: 'unreadable', recorder: ALIVE }),
    'unreadable',
    'meta_unreadable',
  ],
  [
    'whose meta.json cannot be read, its process gone',
    unfinished({ meta: 'unreadable', recorder: DEAD }),
    'unreadable',
    'meta_unreadable',
  ],
  [
    'whose meta.json cannot be read, with nothing recorded',
    unfinished({ meta: 'unreadable', raw: NO_RAW, recorder: DEAD }),
    'unreadable',
    'meta_unreadable',
  ],
  [
    'whose meta.json cannot be read, and is held',
    unfinished({ meta: 'unreadable', isHeld: true }),
    'unreadable',
    'meta_unreadable',
  ],
  [
    'whose meta.json cannot be read, of which the ledger has another copy',
    unfinished({ meta: 'unreadable', ...IN_LEDGER_ALREADY }),
    'unreadable',
    'meta_unreadable',
  ],
  ['whose raw cannot be read', unfinished({ raw: LOCKED }), 'unreadable', 'raw_unreadable'],
  ['complete, and raw unreadable', finished({ raw: LOCKED }), 'unreadable', 'raw_unreadable'],
  [
    'whose raw cannot be read now, nor gave an entry before',
    unfinished({ raw: LOCKED, ...judged('unreadable') }),
    'unreadable',
    'raw_unreadable',
  ],
  ['whose raw cannot be read, and records', unfinished({ raw: LOCKED, recorder: ALIVE }), 'recording', 'pid_alive'],
  [
    'whose raw cannot be read, its process gone',
    unfinished({ raw: LOCKED, recorder: DEAD }),
    'unreadable',
    'raw_unreadable',
  ],
  [
    'whose raw cannot be read, with a transcript',
    unfinished({ raw: LOCKED, recorder: DEAD, transcript: TRANSCRIPT }),
    'unreadable',
    'raw_unreadable',
  ],
  [
    'whose raw cannot be read, downloaded',
    unfinished({ raw: LOCKED, isDownloaded: true }),
    'unreadable',
    'raw_unreadable',
  ],
  [
    'whose raw cannot be read, finished elsewhere',
    unfinished({ raw: LOCKED, ...AT_REMOTE }),
    'unreadable',
    'raw_unreadable',
  ],
  ['in which an earlier pass found no entry', unfinished(judged('unreadable')), 'unreadable', 'judged_unreadable'],
  [
    'in which an earlier pass found no entry, and records again',
    unfinished({ ...judged('unreadable'), recorder: ALIVE }),
    'recording',
    'pid_alive',
  ],
  [
    'in which an earlier pass found no entry, its process gone',
    unfinished({ ...judged('unreadable'), recorder: DEAD }),
    'unreadable',
    'judged_unreadable',
  ],
  [
    'whose transcript gave no entry to an earlier pass',
    unfinished({ ...judged('unreadable'), raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT }),
    'unreadable',
    'judged_unreadable',
  ],
  [
    'without an entry here, finished elsewhere',
    unfinished({ ...judged('unreadable'), ...AT_REMOTE }),
    'unreadable',
    'judged_unreadable',
  ],
  [
    'without an entry, downloaded',
    unfinished({ ...judged('unreadable'), isDownloaded: true }),
    'unreadable',
    'judged_unreadable',
  ],

  // What is not ours.
  ['of another ledger', unfinished(THEIRS), 'foreign', 'foreign'],
  ['of another ledger, finished', finished(THEIRS), 'foreign', 'foreign'],
  ['of another ledger that records', unfinished({ ...THEIRS, recorder: ALIVE }), 'foreign', 'foreign'],
  [
    'of another ledger with nothing recorded',
    unfinished({ ...THEIRS, raw: NO_RAW, recorder: DEAD }),
    'foreign',
    'foreign',
  ],
  ['of another ledger, its folder unreadable', unfinished({ ...THEIRS, ...NO_FOLDER }), 'foreign', 'foreign'],
  ['of another ledger, its meta.json unreadable', unfinished({ ...THEIRS, meta: 'unreadable' }), 'foreign', 'foreign'],
  ['whose raw is a pipe', unfinished({ raw: PIPE }), 'foreign', 'raw_file_type'],
  ['complete, and raw a pipe', finished({ raw: PIPE }), 'foreign', 'raw_file_type'],
  ['whose raw is a pipe, and records', unfinished({ raw: PIPE, recorder: ALIVE }), 'foreign', 'raw_file_type'],
  [
    'whose raw is a pipe, and meta.json unreadable',
    unfinished({ raw: PIPE, meta: 'unreadable' }),
    'foreign',
    'raw_file_type',
  ],
  ['whose raw is a pipe, and is held', unfinished({ raw: PIPE, isHeld: true }), 'foreign', 'raw_file_type'],

  // Of which there is another copy.
  ['that the ledger has already', unfinished(IN_LEDGER_ALREADY), 'finished', 'superseded'],
  ['that the ledger has already, complete', finished(IN_LEDGER_ALREADY), 'finished', 'superseded'],
  ['that was staged', finished({ ...IN_LEDGER_ALREADY, ...judged('staged') }), 'finished', 'superseded'],
  [
    'that the ledger has already, and records',
    unfinished({ ...IN_LEDGER_ALREADY, recorder: ALIVE }),
    'finished',
    'superseded',
  ],
  [
    'that the ledger has already, its process gone',
    unfinished({ ...IN_LEDGER_ALREADY, recorder: DEAD }),
    'finished',
    'superseded',
  ],
  ['that the ledger has already, held', unfinished({ ...IN_LEDGER_ALREADY, isHeld: true }), 'finished', 'superseded'],
  ['that the ledger has already, a draft', draft(IN_LEDGER_ALREADY), 'finished', 'superseded'],
  [
    'that the ledger has already, raw unreadable',
    unfinished({ ...IN_LEDGER_ALREADY, raw: LOCKED }),
    'finished',
    'superseded',
  ],

  // Drafts: a dead process or a stop ends one, age does not.
  ['that is a draft without a marker', draft(), 'draft', 'draft'],
  ['that is a draft without raw', draft({ raw: NO_RAW }), 'draft', 'draft'],
  ['that is a draft, and records', draft({ recorder: ALIVE }), 'draft', 'draft'],
  ['that is a draft, just dead', draft({ recorder: JUST_DEAD }), 'draft', 'draft'],
  ['that is a draft, dead but heard', draft({ recorder: DEAD_BUT_HEARD }), 'draft', 'draft'],
  ['that is a draft, and silent for two days', draft({ recorder: SILENT }), 'draft', 'draft'],
  ['that is a draft, its marker torn and old', draft({ recorder: TORN_OLD }), 'draft', 'draft'],
  [
    'that is a draft, silent, with a transcript',
    draft({ raw: NO_RAW, recorder: SILENT, transcript: TRANSCRIPT }),
    'draft',
    'draft',
  ],
  ['that is a draft, its process gone', draft({ recorder: DEAD }), 'abandoned', 'pid_dead'],
  ['that is a draft, and stopped', draft({ recorder: STOPPED }), 'abandoned', 'explicit_stop'],
  ['that is a draft, and stopped, its process alive', draft({ recorder: STOPPED_ALIVE }), 'abandoned', 'explicit_stop'],
  [
    'that is a draft, its process gone, with a transcript',
    draft({ raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT }),
    'abandoned',
    'pid_dead',
  ],
  ['that is a draft, its process gone, with nothing', draft({ raw: NO_RAW, recorder: DEAD }), 'ghost', 'ghost'],
  ['that is a draft, stopped, with nothing', draft({ raw: NO_RAW, recorder: STOPPED }), 'header-only', 'no_raw'],
  ['that is a draft, its process gone, and held', draft({ recorder: DEAD, isHeld: true }), 'held', 'held'],
  ['that is a draft, and held', draft({ isHeld: true }), 'draft', 'draft'],
  ['that is a draft and a pointer', draft({ raw: POINTER }), 'draft', 'draft'],
  ['that is a draft, finished elsewhere', draft(AT_REMOTE), 'draft', 'draft'],
  ['complete, and still marked a draft', finished({ isDraft: true }), 'draft', 'draft'],
  ['that is a draft of unreadable meta.json', draft({ meta: 'unreadable' }), 'unreadable', 'meta_unreadable'],

  // Held.
  ['that is held', unfinished({ isHeld: true }), 'held', 'held'],
  ['that is held, and complete', finished({ isHeld: true }), 'held', 'held'],
  ['that is held, and not committed', finished({ isHeld: true, isCommitted: false }), 'held', 'held'],
  ['that is held, and grew', finished({ ...GROWN, isHeld: true }), 'held', 'held'],
  ['that is held, complete in a cache', finished({ isHeld: true, ...IN_CACHE }), 'held', 'held'],
  ['that is held, and owed a summary', finished({ isHeld: true, isSummaryOwed: true }), 'held', 'held'],
  ['that is held, and records', unfinished({ isHeld: true, recorder: ALIVE }), 'recording', 'pid_alive'],
  ['that is held, its process gone', unfinished({ isHeld: true, recorder: DEAD }), 'held', 'held'],
  [
    'that is held and nothing but a header',
    unfinished({ isHeld: true, raw: HEADER_ONLY, recorder: DEAD }),
    'held',
    'held',
  ],
  [
    'that is held, to recover',
    unfinished({ isHeld: true, raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT }),
    'held',
    'held',
  ],
  ['that is held and a pointer', unfinished({ isHeld: true, raw: POINTER }), 'held', 'held'],
  [
    'that is held, a pointer, and records',
    unfinished({ isHeld: true, raw: POINTER, recorder: ALIVE }),
    'recording',
    'pid_alive',
  ],
  ['that is held, its raw unreadable', unfinished({ isHeld: true, raw: LOCKED }), 'held', 'held'],
  ['that is held, and finished elsewhere', unfinished({ isHeld: true, ...AT_REMOTE }), 'held', 'held'],
  ['that is held, and was judged', unfinished({ isHeld: true, ...judged('skip') }), 'held', 'held'],
  ['whose recorder rejected the transcript', unfinished({ recorder: REJECTED }), 'held', 'source_rejected'],
  [
    'whose recorder rejected the transcript that is there',
    unfinished({ raw: NO_RAW, recorder: REJECTED, transcript: TRANSCRIPT }),
    'held',
    'source_rejected',
  ],
  [
    'whose recorder rejected the transcript, with nothing',
    unfinished({ raw: NO_RAW, recorder: REJECTED }),
    'held',
    'source_rejected',
  ],
  [
    'whose recorder rejected the transcript, and is held',
    unfinished({ recorder: REJECTED, isHeld: true }),
    'held',
    'held',
  ],
  [
    'whose recorder rejected the transcript, and runs',
    unfinished({ recorder: { ...REJECTED, process: 'alive' } }),
    'recording',
    'pid_alive',
  ],
  [
    'whose recorder rejected the transcript, raw unreadable',
    unfinished({ raw: LOCKED, recorder: REJECTED }),
    'held',
    'source_rejected',
  ],

  // Finished by somebody else, and not pulled yet.
  ['that the remote has finished', unfinished(AT_REMOTE), 'finished', 'finished_at_remote'],
  ['that the remote has finished, one artifact missing here', partial(AT_REMOTE), 'finished', 'finished_at_remote'],
  [
    'that the remote has finished, and records here',
    unfinished({ ...AT_REMOTE, recorder: ALIVE }),
    'recording',
    'pid_alive',
  ],
  [
    'that the remote has finished, its process gone',
    unfinished({ ...AT_REMOTE, recorder: DEAD }),
    'finished',
    'finished_at_remote',
  ],
  [
    'that the remote has finished, a pointer here',
    unfinished({ ...AT_REMOTE, raw: POINTER }),
    'finished',
    'finished_at_remote',
  ],
  [
    'that the remote has finished, a header here',
    unfinished({ ...AT_REMOTE, raw: HEADER_ONLY }),
    'finished',
    'finished_at_remote',
  ],
  [
    'that the remote has finished, nothing here',
    unfinished({ ...AT_REMOTE, raw: NO_RAW, recorder: DEAD }),
    'finished',
    'finished_at_remote',
  ],
  [
    'that the remote has finished, to recover here',
    unfinished({ ...AT_REMOTE, raw: NO_RAW, recorder: DEAD, transcript: TRANSCRIPT }),
    'finished',
    'finished_at_remote',
  ],
  [
    'that the remote has finished, judged here',
    unfinished({ ...AT_REMOTE, ...judged('local_only') }),
    'finished',
    'finished_at_remote',
  ],
  [
    'that the remote has finished, in a cache here',
    unfinished({ ...AT_REMOTE, ...IN_CACHE }),
    'finished',
    'finished_at_remote',
  ],
  [
    'that the remote has finished, not committed here',
    finished({ ...AT_REMOTE, isCommitted: false }),
    'finished',
    'finished_at_remote',
  ],

  // Copies of others.
  ['that was downloaded', unfinished({ isDownloaded: true, ...IN_CACHE }), 'downloaded', 'downloaded'],
  ['that was downloaded, complete', finished({ isDownloaded: true, ...IN_CACHE }), 'downloaded', 'downloaded'],
  [
    'that was downloaded, and grew',
    finished({ ...GROWN, isDownloaded: true, ...IN_CACHE }),
    'downloaded',
    'downloaded',
  ],
  ['that was downloaded, and records', unfinished({ isDownloaded: true, recorder: ALIVE }), 'recording', 'pid_alive'],
  [
    'that was downloaded, its process gone',
    unfinished({ isDownloaded: true, recorder: DEAD }),
    'downloaded',
    'downloaded',
  ],
  [
    'that was downloaded, and is owed a summary',
    finished({ isDownloaded: true, isSummaryOwed: true }),
    'downloaded',
    'downloaded',
  ],
  [
    'that was downloaded, a header only',
    unfinished({ isDownloaded: true, raw: HEADER_ONLY }),
    'downloaded',
    'downloaded',
  ],
  [
    'that was downloaded, a header only, its process gone',
    unfinished({ isDownloaded: true, raw: HEADER_ONLY, recorder: DEAD }),
    'downloaded',
    'downloaded',
  ],
  [
    'that was downloaded, whose marker names a transcript that is there',
    unfinished({ isDownloaded: true, raw: HEADER_ONLY, recorder: DEAD, transcript: TRANSCRIPT }),
    'downloaded',
    'downloaded',
  ],
  [
    'that was downloaded, and judged',
    unfinished({ isDownloaded: true, ...judged('skip') }),
    'downloaded',
    'downloaded',
  ],

  // Judged by an earlier pass.
  ['that was judged local', unfinished(judged('local_only')), 'local-only', 'judged_local_only'],
  [
    'that was judged local, complete in a cache',
    finished({ ...judged('local_only'), ...IN_CACHE }),
    'local-only',
    'judged_local_only',
  ],
  [
    'that was judged local, its process gone',
    unfinished({ ...judged('local_only'), recorder: DEAD }),
    'local-only',
    'judged_local_only',
  ],
  [
    'that was judged local, owed a summary',
    finished({ ...judged('local_only'), isSummaryOwed: true }),
    'local-only',
    'judged_local_only',
  ],
  [
    'that was judged local, not committed',
    finished({ ...judged('local_only'), isCommitted: false }),
    'local-only',
    'judged_local_only',
  ],
  ['that was judged not worth it', unfinished(judged('skip')), 'local-only', 'judged_skip'],
  ['that was judged, and records again', unfinished({ ...judged('skip'), recorder: ALIVE }), 'recording', 'pid_alive'],
  [
    'that was judged, and a header only',
    unfinished({ ...judged('skip'), raw: HEADER_ONLY }),
    'header-only',
    'header_only',
  ],
  [
    'that an agent failed on, then cut to a header',
    partial({ ...judged('given_up'), raw: HEADER_ONLY }),
    'header-only',
    'header_only',
  ],
  ['that an agent failed on', finished(judged('given_up')), 'given-up', 'judged_given_up'],
  [
    'that an agent failed on since it grew',
    finished({ ...GROWN, ...judged('given_up') }),
    'given-up',
    'judged_given_up',
  ],
  [
    'that an agent failed on, and grew a minute ago',
    finished({ ...grownAt(ago(MINUTE_MS)), ...judged('given_up') }),
    'given-up',
    'judged_given_up',
  ],
  [
    'that an agent failed on, owed a summary',
    finished({ ...judged('given_up'), isSummaryOwed: true }),
    'given-up',
    'judged_given_up',
  ],
  [
    'that an agent failed on, with the marker of the dead',
    finished({ ...judged('given_up'), recorder: DEAD }),
    'given-up',
    'judged_given_up',
  ],
  [
    'that an agent failed on, complete in a cache',
    finished({ ...judged('given_up'), ...IN_CACHE }),
    'given-up',
    'judged_given_up',
  ],
  [
    'that an agent failed on, and records on',
    finished({ ...judged('given_up'), recorder: ALIVE }),
    'recording',
    'pid_alive',
  ],
  [
    'that an agent failed on, committed and pushed',
    finished({ ...judged('given_up'), isCommitted: true, isPushed: true }),
    'given-up',
    'judged_given_up',
  ],
  [
    'that an agent failed on since it grew, its good older summary never committed',
    finished({ ...GROWN, ...judged('given_up'), isCommitted: false }),
    'unpushed',
    'not_committed',
  ],
  [
    'that an agent failed on, owed a summary, never committed',
    finished({ ...judged('given_up'), isSummaryOwed: true, isCommitted: false }),
    'unpushed',
    'not_committed',
  ],
  [
    'that an agent failed on since it grew, its good older summary never pushed',
    finished({ ...GROWN, ...judged('given_up'), isPushed: false }),
    'unpushed',
    'not_pushed',
  ],

  // A marker that came through git.
  [
    'with a marker of another machine, young',
    unfinished({ isMarkerShared: true, recorder: BUSY }),
    'recording',
    'time_not_reached',
  ],
  [
    'with a marker of another machine, silent',
    unfinished({ isMarkerShared: true, recorder: SILENT }),
    'abandoned',
    'time_threshold',
  ],
  [
    'with a marker of another machine, stopped',
    unfinished({ isMarkerShared: true, recorder: STOPPED }),
    'abandoned',
    'explicit_stop',
  ],
  [
    'with a marker of another machine, silent, nothing recorded',
    unfinished({ isMarkerShared: true, raw: NO_RAW, recorder: SILENT }),
    'header-only',
    'no_raw',
  ],
  [
    'with a marker of another machine, silent, a header only',
    unfinished({ isMarkerShared: true, raw: HEADER_ONLY, recorder: SILENT }),
    'header-only',
    'header_only',
  ],
  [
    'that is a draft of another machine, silent',
    draft({ isMarkerShared: true, raw: NO_RAW, recorder: SILENT }),
    'draft',
    'draft',
  ],
  [
    'complete, with a marker of another machine, silent',
    finished({ isMarkerShared: true, recorder: SILENT }),
    'abandoned',
    'time_threshold',
  ],
];

/** The closed set: what a pass works on, and what it leaves alone. */
const WORK: Readonly<Record<VerdictName, boolean>> = {
  abandoned: true,
  'missing-artifacts': true,
  'stale-artifacts': true,
  unpushed: true,
  finished: false,
  recording: false,
  pointer: false,
  'header-only': false,
  ghost: false,
  held: false,
  draft: false,
  downloaded: false,
  'local-only': false,
  'given-up': false,
  unreadable: false,
  foreign: false,
};

/** Of every verdict's rules; `abandoned` and `recording` bear those of `judgeLiveness`. */
const RULES = [
  ...['foreign', 'folder_unreadable', 'raw_file_type', 'meta_unreadable', 'superseded'],
  ...['draft', 'pid_alive', 'pid_dead_grace_period', 'still_spoken', 'time_not_reached', 'held', 'source_rejected'],
  ...['raw_unreadable', 'judged_unreadable', 'finished_at_remote'],
  ...['raw_pointer', 'downloaded', 'transcript_unclear', 'ghost', 'no_raw', 'header_only'],
  ...['judged_given_up', 'judged_local_only', 'judged_skip'],
  ...[
    'pid_dead',
    'explicit_stop',
    'time_threshold',
    'missing',
    'pointer_fetchable',
    'still_growing',
    'grown',
    'needs_summary',
  ],
  ...['not_in_ledger', 'not_committed', 'unclean', 'not_pushed', 'unrecoverable', 'complete'],
];

describe('a session', () => {
  test.each(ROWS)('%s', (_, session, verdict, rule) => {
    const judgement = classifySession(session, NOW);
    expect(judgement).toMatchObject({ verdict, rule });
    expect(judgement.reason).toMatch(PLAIN_WORDS);
    expect(isPushOnly(judgement)).toBe(rule === 'not_pushed');
    expect(isWork(judgement)).toBe(WORK[verdict] && rule !== 'not_pushed' && rule !== 'unclean');
  });

  test('has many rows here, no two of them alike', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(150);
    expect(new Set(ROWS.map(([sentence]) => sentence)).size).toBe(ROWS.length);
    expect(new Set(ROWS.map(([, session]) => JSON.stringify(session))).size).toBe(ROWS.length);
  });

  test('meets every verdict and every rule in them', () => {
    expect(unique(ROWS.map(([, , verdict]) => verdict))).toEqual(unique(Object.keys(WORK)));
    expect(unique(ROWS.map(([, , , rule]) => rule))).toEqual(unique(RULES));
  });

  test.each<[string, SessionFacts, string]>([
    ['that lacks all artifacts', unfinished(), 'no artifacts'],
    ['that lacks some', finished({ missing: ['summary.json', 'session.md'] }), 'summary.json, session.md missing'],
    ['that grew', finished(GROWN), 'continued after its summary: 6 entries, 5 summarised'],
    ['that records', unfinished({ recorder: ALIVE }), 'the recording process (pid 4711) runs'],
    ['whose recorder is gone', unfinished({ recorder: DEAD }), 'the recording process is gone; no artifacts'],
    [
      'to recover',
      unfinished({ raw: NO_RAW, recorder: STOPPED, transcript: TRANSCRIPT }),
      "the recording was stopped; the agent's transcript can be recovered",
    ],
    [
      'whose transcript is unclear',
      unfinished({ raw: NO_RAW, recorder: DEAD, transcript: UNCLEAR }),
      "its agent's transcript /mnt/home/0b1c.jsonl cannot be read: permission denied",
    ],
    [
      'that died before it began',
      unfinished({ raw: EMPTY, recorder: DEAD }),
      'the recording process is gone, and nothing was recorded',
    ],
    ['without raw', unfinished({ raw: NO_RAW, recorder: SILENT }), 'nothing was recorded'],
    ['with a header only', unfinished({ raw: HEADER_ONLY }), 'raw.jsonl holds no entry'],
    [
      'that only another machine recorded',
      unfinished({ isMarkerShared: true, raw: HEADER_ONLY, recorder: SILENT }),
      'nothing was recorded here: its marker came through git from another machine',
    ],
    ['that somebody else finished', unfinished(AT_REMOTE), 'origin/main has it finished; git pull brings it here'],
    [
      'complete, with a marker left',
      finished({ recorder: SILENT }),
      'nothing was recorded for 24 hours; its marker is still there',
    ],
    ['that was judged', unfinished(judged('skip')), 'an earlier pass said skip'],
    ['that is held', unfinished({ isHeld: true }), 'a .held marker asks to leave it alone'],
    [
      'that is held elsewhere',
      unfinished({ isHeld: true, heldIn: '/cache/s' }),
      'a .held marker asks to leave it alone (in /cache/s)',
    ],
    [
      'that is a pointer, without git-lfs',
      unfinished({ raw: POINTER_WITHOUT_LFS }),
      'raw.jsonl is a Git LFS pointer, and git-lfs is not installed',
    ],
    [
      'that is a pointer of which nothing is known',
      unfinished({ raw: POINTER }),
      'raw.jsonl is a Git LFS pointer: its content is not in this clone',
    ],
    [
      'whose content is fetched',
      unfinished({ raw: POINTER_ELSEWHERE }),
      'no artifacts; raw.jsonl is fetched from Git LFS',
    ],
    ['whose content is here', unfinished({ raw: POINTER_HERE }), 'no artifacts'],
  ])('%s is told in plain words', (_, session, reason) => {
    expect(classifySession(session, NOW).reason).toBe(reason);
  });
});

describe('a session that a pattern excludes', () => {
  const excludedBy = 'agentwork.exclude path:~/clients/** asks to leave it alone';
  const left: readonly VerdictName[] = ['foreign', 'recording', 'draft', 'held', 'downloaded', 'unreadable'];

  test.each(ROWS)('%s', (_, session, verdict, rule) => {
    const judgement = classifySession({ ...session, excludedBy }, NOW);
    const otherwise = classifySession(session, NOW);
    if (left.includes(verdict)) expect(judgement).toEqual(otherwise);
    else if (verdict === 'finished')
      expect(judgement).toEqual({ verdict, rule, reason: `${otherwise.reason}; ${excludedBy}` });
    else expect(judgement).toEqual({ verdict: 'held', rule: 'excluded', reason: excludedBy });
  });
});

describe('whatever is known of a session', () => {
  test('it has one verdict of the closed set, in plain words', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const { verdict, rule, reason } = classifySession(facts, NOW);
        expect(Object.keys(WORK)).toContain(verdict);
        expect(rule).toMatch(/^[a-z_]+$/);
        expect(reason).toMatch(PLAIN_WORDS);
      }),
    );
  });

  test('a live recorder leaves nothing to do and nothing to remove', () => {
    fc.assert(
      fc.property(anyFacts(liveRecorder()), (facts) => {
        const verdict = classifySession(facts, NOW);
        expect(isWork(verdict) || isPushOnly(verdict)).toBe(false);
        expect(['recording', 'foreign', 'unreadable', 'finished', 'draft']).toContain(verdict.verdict);
      }),
    );
  });

  test('a live recorder is recording, but for what is not ours, not readable, elsewhere or a draft', () => {
    const ours = anyFacts(liveRecorder()).filter(
      ({ foreign, unreadable, raw, meta, supersededBy, isDraft }) =>
        !foreign && !unreadable && raw.kind !== 'foreign' && meta !== 'unreadable' && !supersededBy && !isDraft,
    );
    fc.assert(
      fc.property(ours, (facts) => {
        expect(classifySession(facts, NOW)).toMatchObject({ verdict: 'recording', rule: 'pid_alive' });
      }),
    );
  });

  test.each<[string, Partial<SessionFacts>]>([
    ['a hold', { isHeld: true }],
    ['a mark of download', { isDownloaded: true }],
    ['a better copy elsewhere', { supersededBy: 'the ledger holds this recording' }],
    ['a finished one at the remote', AT_REMOTE],
    ['another owner', THEIRS],
    ['an unreadable meta.json', { meta: 'unreadable' }],
    ['an unreadable raw.jsonl', { raw: LOCKED }],
  ])('%s never makes it work', (_, more) => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        expect(isWork(classifySession({ ...facts, ...more }, NOW))).toBe(false);
      }),
    );
  });

  test('a pointer is neither empty nor abandoned', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const { verdict } = classifySession({ ...facts, raw: POINTER }, NOW);
        expect(['ghost', 'header-only', 'abandoned']).not.toContain(verdict);
      }),
    );
  });

  test('content is not empty', () => {
    fc.assert(
      fc.property(anyFacts(), anyContent(), (facts, raw) => {
        expect(['ghost', 'header-only']).not.toContain(classifySession({ ...facts, raw }, NOW).verdict);
      }),
    );
  });

  test('a ghost has a dead recorder, and nothing that could be lost', () => {
    const raws = fc.oneof(anyContent(), fc.constantFrom<RawState>(NO_RAW, EMPTY, HEADER_ONLY, POINTER));
    fc.assert(
      fc.property(anyFacts(fc.constant(DEAD)), raws, (facts, raw) => {
        fc.pre(classifySession({ ...facts, raw }, NOW).verdict === 'ghost');
        expect(['missing', 'empty', 'header-only']).toContain(raw.kind);
        expect(facts.transcript.kind).toBe('none');
        expect(facts.missing).not.toEqual([]);
        expect(facts.isHeld || facts.isDownloaded).toBe(false);
      }),
    );
  });

  test('without a process that is known to be gone there is no ghost', () => {
    fc.assert(
      fc.property(anyFacts(fc.oneof(anyRecorder({ process: 'unknown' }), liveRecorder())), (facts) => {
        expect(classifySession(facts, NOW).verdict).not.toBe('ghost');
      }),
    );
  });

  test('a clock set back ends no recording', () => {
    fc.assert(
      fc.property(anyFacts(anyRecorder()), fc.nat({ max: 60 * DAY_MS }), (facts, back) => {
        fc.pre(classifySession(facts, NOW).verdict === 'recording');
        expect(classifySession(facts, NOW - back).verdict).toBe('recording');
      }),
    );
  });

  test('the order in which the facts came does not matter', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const reversed = Object.fromEntries(Object.entries(facts).reverse()) as unknown as SessionFacts;
        expect(classifySession(reversed, NOW)).toEqual(classifySession(facts, NOW));
      }),
    );
  });
});

const PLAIN_WORDS = /^(?!.*(?:undefined|null|NaN|\[object)).*[a-z]{2}/;

function grownAt(lastAtMs: number): Pick<SessionFacts, 'raw' | 'summarised'> {
  return { raw: { ...LONGER, lastAtMs }, summarised: DIGEST };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/** Near the limits as often as anywhere within a month. */
function anyTime(): fc.Arbitrary<number> {
  const limits = [0, MINUTE_MS, 10 * MINUTE_MS, DAY_MS].flatMap((limit) => [limit - 1, limit, limit + 1]);
  const near = fc.constantFrom(...limits.flatMap((limit) => [NOW - limit, NOW + limit]));
  return fc.oneof(near, fc.integer({ min: NOW - 30 * DAY_MS, max: NOW + 30 * DAY_MS }));
}

type Process = Pick<RecorderFacts, 'process' | 'pid'>;

/** A marker is written when the recording begins, or later. */
function anyRecorder(known?: Process): fc.Arbitrary<RecorderFacts> {
  const process = known
    ? fc.constant(known)
    : fc.constantFrom<Process>({ process: 'unknown' }, { process: 'alive', pid: 4711 }, { process: 'dead', pid: 4711 });
  const recording = fc.record(
    { startedAtMs: anyTime(), stoppedAtMs: anyTime(), lastHookAtMs: anyTime(), isSourceRejected: fc.boolean() },
    { requiredKeys: [] },
  );
  const progress = fc.record({ lastGrowthMs: anyTime(), lastSpokenMs: anyTime() }, { requiredKeys: [] });
  return fc
    .tuple(process, fc.option(recording, { nil: undefined, freq: 8 }), anyTime(), progress)
    .map(([pid, marker, changedAtMs, times]) => ({
      recording: marker,
      markerChangedAtMs: Math.max(changedAtMs, marker?.startedAtMs ?? changedAtMs),
      ...pid,
      ...times,
    }));
}

function liveRecorder(): fc.Arbitrary<RecorderFacts> {
  return anyRecorder({ process: 'alive', pid: 4711 }).map(({ recording, ...known }) => {
    const { stoppedAtMs: _, ...running } = recording ?? {};
    return { ...known, recording: running };
  });
}

function anyContent(): fc.Arbitrary<RawState> {
  return fc.record(
    {
      kind: fc.constant('content' as const),
      bytes: fc.constantFrom(1, 100, 120),
      entries: fc.nat({ max: 9 }),
      lastAtMs: anyTime(),
    },
    { requiredKeys: ['kind', 'bytes'] },
  );
}

function anyFacts(
  recorders: fc.Arbitrary<RecorderFacts | undefined> = fc.option(anyRecorder(), { nil: undefined }),
): fc.Arbitrary<SessionFacts> {
  const rarely = fc.nat({ max: 7 }).map((number) => number === 0);
  const sometimes = <T>(value: T) => fc.option(fc.constant(value), { nil: undefined, freq: 1 });
  const seldom = <T>(value: T) => rarely.map((is) => (is ? value : undefined));
  return fc
    .record({
      name: fc.constant('s'),
      place: fc.constantFrom('ledger', 'cache'),
      foreign: seldom(THEIRS.foreign),
      unreadable: seldom(NO_FOLDER.unreadable),
      raw: fc.oneof(anyContent(), fc.constantFrom<RawState>(NO_RAW, EMPTY, HEADER_ONLY, POINTER, LOCKED, PIPE)),
      recorder: recorders,
      isMarkerShared: rarely,
      transcript: fc.constantFrom<AgentTranscript>({ kind: 'none' }, TRANSCRIPT, UNCLEAR),
      missing: fc.oneof(fc.constant([]), fc.constant(ARTIFACTS), fc.subarray([...ARTIFACTS])),
      meta: fc.constantFrom('missing', 'readable', 'readable', 'unreadable'),
      isDraft: rarely,
      isHeld: rarely,
      isDownloaded: rarely,
      isSummaryOwed: fc.boolean(),
      summarised: sometimes(DIGEST),
      isGivenUp: fc.boolean(),
      remembered: fc.option(
        fc
          .constantFrom('staged', 'local_only', 'skip', 'given_up', 'unreadable')
          .map((name) => judged(name).remembered),
        { nil: undefined, freq: 1 },
      ),
      supersededBy: seldom(IN_LEDGER_ALREADY.supersededBy),
      finishedIn: seldom(AT_REMOTE.finishedIn),
      isCommitted: fc.option(fc.boolean(), { nil: undefined }),
      isPushed: fc.option(fc.boolean(), { nil: undefined }),
    })
    .map(withoutUndefined);
}

function withoutUndefined(facts: object): SessionFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as never;
}
