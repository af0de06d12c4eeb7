import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import {
  judgeLiveness,
  type Pause,
  parseRecording,
  type RecorderFacts,
  type Recording,
} from '../../src/session/recording.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const ago = (ms: number) => NOW - ms;
const FOREVER = Number.POSITIVE_INFINITY;

describe('a marker', () => {
  test('of any version tells what decides', () => {
    const text = JSON.stringify({
      agent_id: 'Ox7f3a',
      started_at: '2026-03-06T12:00:00.5Z',
      adapter_name: 'claude-code',
      session_file: '/home/r/.claude/projects/x.jsonl',
      agent_session_id: '0b1c2d3e',
      title: 'Login',
      workspace_path: '/home/r/app',
      branch: 'main',
      parent_pid: 12345,
      session_id: 'ses_1',
      repo_id: 'repo_1',
      model: 'sonnet',
      username: 'ryan',
      start_offset: 0,
      source_offset: 900,
      stopped_at: '2026-03-06T12:00:01Z',
      last_hook_at: '2026-03-06T12:00:02Z',
      source_rejected: true,
      unknown_key: { kept: 'by others' },
    });
    expect(parseRecording(text)).toEqual({
      agentId: 'Ox7f3a',
      agentType: 'claude-code',
      adapterName: 'claude-code',
      agentSessionId: '0b1c2d3e',
      model: 'sonnet',
      username: 'ryan',
      sessionId: 'ses_1',
      repoId: 'repo_1',
      title: 'Login',
      branch: 'main',
      workspacePath: '/home/r/app',
      sessionFile: '/home/r/.claude/projects/x.jsonl',
      parentPid: 12345,
      startedAtMs: NOW + 500,
      stoppedAtMs: NOW + 1000,
      lastHookAtMs: NOW + 2000,
      startOffset: 0,
      sourceOffset: 900,
      isSourceRejected: true,
    });
  });

  test('names the agent by its type before its adapter', () => {
    expect(parseRecording('{"agent_type":"codex","adapter_name":"generic"}')).toEqual({
      agentType: 'codex',
      adapterName: 'generic',
    });
  });

  test.each([['0'], ['-1'], ['1.5'], ['"12"'], ['null'], ['1e400'], ['[12]'], ['true']])(
    'whose pid is %s has none',
    (pid) => {
      expect(parseRecording(`{"parent_pid":${pid}}`)).toEqual({});
    },
  );

  test.each([['-1'], ['0.5'], ['"10"'], ['null'], ['1e400'], ['9007199254740993'], ['{}']])(
    'whose offsets are %s has none',
    (offset) => {
      expect(parseRecording(`{"start_offset":${offset},"source_offset":${offset}}`)).toEqual({});
    },
  );

  test.each([[''], ['{"agent_id":"Ox'], ['[]'], ['null'], ['"x"'], ['7'], ['\u0000\u0000']])(
    'that reads %j is none',
    (text) => {
      expect(parseRecording(text)).toBeUndefined();
    },
  );

  test.each([['"0001-01-01T00:00:00Z"'], ['"soon"'], ['""'], ['1772798400'], ['null'], ['["2026-03-06T12:00:00Z"]']])(
    'whose times are %s has none',
    (time) => {
      const fields = ['started_at', 'stopped_at', 'last_hook_at', 'suspended_at'].map((name) => `"${name}":${time}`);
      expect(parseRecording(`{${fields.join()}}`)).toEqual({});
    },
  );

  test('whose names are no text, or empty, has none', () => {
    expect(parseRecording('{"agent_id":7,"title":"","session_file":["/x"],"agent_session_id":null}')).toEqual({});
  });

  test.each<[string, unknown, string | undefined]>([
    ['its own words', { agent_session_id: 'one', native_sessions: [{ id: 'two' }] }, 'one'],
    ['the last native session', { native_sessions: [{ id: 'one' }, { id: 'two' }] }, 'two'],
    ['the last native session, its own words empty', { agent_session_id: '', native_sessions: [{ id: 'two' }] }, 'two'],
    ['the last that is one', { native_sessions: [{ id: 'one' }, 'two', null] }, 'one'],
    ['nothing, where the last has no name', { native_sessions: [{ id: 'one' }, { name: 'two' }] }, undefined],
    ['nothing, where the last name is a number', { native_sessions: [{ id: 2 }] }, undefined],
    ['nothing, where there is none', { native_sessions: [] }, undefined],
    ['nothing, where it is no list', { native_sessions: { id: 'one' } }, undefined],
  ])('knows the agent’s own session by %s', (_, marker, id) => {
    expect(parseRecording(JSON.stringify(marker))?.agentSessionId).toBe(id);
  });

  test.each([[true], [1], ['yes']])('with source_rejected %j was rejected', (value) => {
    expect(parseRecording(JSON.stringify({ source_rejected: value }))).toEqual({ isSourceRejected: true });
  });

  test.each([[false], [0], [''], [null]])('with source_rejected %j was not', (value) => {
    expect(parseRecording(JSON.stringify({ source_rejected: value }))).toEqual({});
  });

  test('may hold anything, and is read or is none', () => {
    const keys = ['parent_pid', 'started_at', 'lifecycle', 'suspended_at', 'native_sessions', 'start_offset', 'title'];
    const marker = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.oneof(
          marker.map((value) => JSON.stringify(value)),
          fc.json(),
          fc.string(),
        ),
        (text) => {
          const recording = parseRecording(text);
          expect(Object.values(recording ?? {})).not.toContain(undefined);
        },
      ),
    );
  });
});

describe('the pauses of a marker', () => {
  const AT_10 = Date.UTC(2026, 2, 6, 10);
  const AT_11 = Date.UTC(2026, 2, 6, 11);
  const event = (action: string, at?: number, offset?: unknown) => ({
    action,
    ...(at !== undefined && { at: new Date(at).toISOString() }),
    ...(offset !== undefined && { offset }),
  });
  const pausesOf = (marker: object) => parseRecording(JSON.stringify(marker))?.pauses;

  test.each<[string, readonly unknown[], readonly Pause[] | undefined]>([
    ['none', [], undefined],
    ['none in a start and a stop', [event('start', AT_10), event('stop', AT_11)], undefined],
    ['one that was resumed', [event('pause', AT_10), event('resume', AT_11)], [{ fromMs: AT_10, toMs: AT_11 }]],
    ['one that goes on', [event('pause', AT_10)], [{ fromMs: AT_10, toMs: FOREVER }]],
    [
      'one that goes on after a stop',
      [event('pause', AT_10), event('stop', AT_11)],
      [{ fromMs: AT_10, toMs: FOREVER }],
    ],
    [
      'two, one after the other',
      [event('pause', AT_10), event('resume', AT_10 + 1), event('pause', AT_11), event('resume', AT_11 + 1)],
      [
        { fromMs: AT_10, toMs: AT_10 + 1 },
        { fromMs: AT_11, toMs: AT_11 + 1 },
      ],
    ],
    [
      'two, of which the last goes on',
      [event('pause', AT_10), event('resume', AT_10 + 1), event('pause', AT_11)],
      [
        { fromMs: AT_10, toMs: AT_10 + 1 },
        { fromMs: AT_11, toMs: FOREVER },
      ],
    ],
    [
      'the outer one of two pauses and a resume',
      [event('pause', AT_10), event('pause', AT_10 + 1), event('resume', AT_11)],
      [{ fromMs: AT_10, toMs: AT_11 }],
    ],
    [
      'one, with a resume too many',
      [event('pause', AT_10), event('resume', AT_11), event('resume', AT_11 + 1)],
      [{ fromMs: AT_10, toMs: AT_11 }],
    ],
    ['none in a resume without a pause', [event('resume', AT_11)], undefined],
    [
      'everything after the pause, where the clock was set back before the resume',
      [event('pause', AT_11), event('resume', AT_10)],
      [{ fromMs: AT_11, toMs: Number.POSITIVE_INFINITY }],
    ],
    [
      'one, after a resume without a pause',
      [event('resume', AT_10), event('pause', AT_11)],
      [{ fromMs: AT_11, toMs: FOREVER }],
    ],
    [
      'bytes, where both ends tell them',
      [event('pause', AT_10, 0), event('resume', AT_11, 700)],
      [{ fromMs: AT_10, toMs: AT_11, bytes: { from: 0, to: 700 } }],
    ],
    [
      'bytes to the end of what goes on',
      [event('pause', AT_10, 500)],
      [{ fromMs: AT_10, toMs: FOREVER, bytes: { from: 500, to: FOREVER } }],
    ],
    [
      'no bytes, where only the pause tells them',
      [event('pause', AT_10, 500), event('resume', AT_11)],
      [{ fromMs: AT_10, toMs: AT_11 }],
    ],
    [
      'no bytes, where only the resume tells them',
      [event('pause', AT_10), event('resume', AT_11, 700)],
      [{ fromMs: AT_10, toMs: AT_11 }],
    ],
    [
      'no bytes, where they run backwards',
      [event('pause', AT_10, 700), event('resume', AT_11, 500)],
      [{ fromMs: AT_10, toMs: AT_11 }],
    ],
    [
      'bytes, where nothing was written meanwhile',
      [event('pause', AT_10, 500), event('resume', AT_11, 500)],
      [{ fromMs: AT_10, toMs: AT_11, bytes: { from: 500, to: 500 } }],
    ],
    [
      'none of any length, where it was resumed at once',
      [event('pause', AT_10), event('resume', AT_10)],
      [{ fromMs: AT_10, toMs: AT_10 }],
    ],
    [
      'nothing but bytes, where only they are told',
      [event('pause', undefined, 500), event('resume', undefined, 700)],
      [{ fromMs: FOREVER, toMs: FOREVER, bytes: { from: 500, to: 700 } }],
    ],
    [
      'everything up to the resume, where the pause tells nothing',
      [event('pause'), event('resume', AT_11, 700)],
      [{ fromMs: -FOREVER, toMs: AT_11 }],
    ],
    [
      'everything up to the resume, where the pause tells bytes and the resume a time',
      [event('pause', undefined, 500), event('resume', AT_11)],
      [{ fromMs: -FOREVER, toMs: AT_11 }],
    ],
    [
      'everything after the pause, where the resume tells nothing',
      [event('pause', AT_10, 500), event('resume')],
      [{ fromMs: AT_10, toMs: FOREVER }],
    ],
    [
      'everything, where neither tells anything',
      [event('pause'), event('resume')],
      [{ fromMs: -FOREVER, toMs: FOREVER }],
    ],
    [
      'what the times say, where the offsets are hostile',
      [event('pause', AT_10, -5), event('resume', AT_11, 1e300)],
      [{ fromMs: AT_10, toMs: AT_11 }],
    ],
    [
      'what the times say, where the offsets are text',
      [event('pause', AT_10, '500'), event('resume', AT_11, '700')],
      [{ fromMs: AT_10, toMs: AT_11 }],
    ],
    [
      'one between events that are none',
      [null, 'pause', 7, ['pause'], { at: 'x' }, event('PAUSE', AT_10), event('pause', AT_11)],
      [{ fromMs: AT_11, toMs: FOREVER }],
    ],
    [
      'one whose time is none',
      [
        { action: 'pause', at: 'yesterday' },
        { action: 'resume', at: 1772798400 },
      ],
      [{ fromMs: -FOREVER, toMs: FOREVER }],
    ],
  ])('are %s', (_, lifecycle, pauses) => {
    expect(pausesOf({ lifecycle })).toEqual(pauses);
  });

  test.each([['pause'], [{ action: 'pause' }], [null], [7]])('are none where the lifecycle is %j', (lifecycle) => {
    expect(pausesOf({ lifecycle })).toBeUndefined();
  });

  test.each<[string, readonly object[], readonly Pause[]]>([
    ['alone', [], [{ fromMs: AT_11, toMs: FOREVER }]],
    ['that its pause tells too', [event('pause', AT_11)], [{ fromMs: AT_11, toMs: FOREVER }]],
    ['after a pause that goes on', [event('pause', AT_10)], [{ fromMs: AT_10, toMs: FOREVER }]],
    [
      'within a pause that is over',
      [event('pause', AT_10), event('resume', AT_11 + 1)],
      [{ fromMs: AT_10, toMs: AT_11 + 1 }],
    ],
    [
      'before a pause',
      [event('pause', AT_11 + 1), event('resume', AT_11 + 2)],
      [
        { fromMs: AT_11 + 1, toMs: AT_11 + 2 },
        { fromMs: AT_11, toMs: FOREVER },
      ],
    ],
    [
      'at the end of a pause',
      [event('pause', AT_10), event('resume', AT_11)],
      [
        { fromMs: AT_10, toMs: AT_11 },
        { fromMs: AT_11, toMs: FOREVER },
      ],
    ],
  ])('count a suspension %s once', (_, lifecycle, pauses) => {
    expect(pausesOf({ lifecycle, suspended_at: new Date(AT_11).toISOString() })).toEqual(pauses);
  });

  test('are one from the very beginning where the session went on in a pause', () => {
    const from = { fromMs: Number.NEGATIVE_INFINITY };
    expect(pausesOf({ inherited_pause: true })).toEqual([{ ...from, toMs: Number.POSITIVE_INFINITY }]);
    expect(pausesOf({ inherited_pause: true, lifecycle: [event('resume', AT_11)] })).toEqual([
      { ...from, toMs: AT_11 },
    ]);
  });

  test('cover every time that a pause and its resume enclose, and every byte', () => {
    const three = (max: number) =>
      fc.uniqueArray(fc.nat({ max }), { minLength: 3, maxLength: 3 }).map((numbers) => numbers.sort((a, b) => a - b));
    fc.assert(
      fc.property(three(HOUR_MS), three(1000), ([from = 0, within = 0, to = 0], [first = 0, middle = 0, last = 0]) => {
        const lifecycle = [event('pause', AT_10 + from, first), event('resume', AT_10 + to, last)];
        const pauses = pausesOf({ lifecycle }) ?? [];
        expect(pauses.some(({ fromMs, toMs }) => fromMs <= AT_10 + within && AT_10 + within < toMs)).toBe(true);
        expect(pauses.some(({ bytes }) => bytes && bytes.from <= middle && middle < bytes.to)).toBe(true);
      }),
    );
  });

  test('are never of times or bytes that nobody can compare', () => {
    const hostile = fc.record(
      {
        action: fc.constantFrom('pause', 'resume', 'stop'),
        at: fc.oneof(fc.constant('2026-03-06T10:00:00Z'), fc.jsonValue()),
        offset: fc.oneof(fc.double(), fc.nat(), fc.jsonValue()),
      },
      { requiredKeys: ['action'] },
    );
    fc.assert(
      fc.property(fc.array(hostile), (lifecycle) => {
        for (const { fromMs, toMs, bytes } of pausesOf({ lifecycle }) ?? []) {
          expect([fromMs, toMs, bytes?.from ?? 0, bytes?.to ?? 0].some(Number.isNaN)).toBe(false);
          expect(bytes?.from ?? 0).toBeGreaterThanOrEqual(0);
          // With neither a beginning in time nor bytes, nothing would be left out.
          expect(fromMs < FOREVER || bytes !== undefined).toBe(true);
        }
      }),
    );
  });
});

describe('a recorder', () => {
  const facts = (
    more: Partial<RecorderFacts> = {},
    recording: Recording = { startedAtMs: ago(HOUR_MS) },
  ): RecorderFacts => ({
    recording,
    markerChangedAtMs: ago(HOUR_MS),
    process: 'unknown',
    ...more,
  });
  const alive = (recording?: Recording) => facts({ process: 'alive', pid: 4711 }, recording);
  const dead = (recording?: Recording, more: Partial<RecorderFacts> = {}) =>
    facts({ process: 'dead', pid: 4711, ...more }, recording);

  test.each<[string, RecorderFacts, 'live' | 'stale', string]>([
    ['whose process runs', alive(), 'live', 'pid_alive'],
    ['whose process runs for days', alive({ startedAtMs: ago(9 * DAY_MS) }), 'live', 'pid_alive'],
    [
      'whose process runs, silent for days',
      facts({ process: 'alive', pid: 4711, lastGrowthMs: ago(9 * DAY_MS) }, { startedAtMs: ago(9 * DAY_MS) }),
      'live',
      'pid_alive',
    ],
    [
      'whose process was looked up, its marker torn',
      facts({ process: 'alive', pid: 4711, recording: undefined }),
      'live',
      'pid_alive',
    ],

    ['that was stopped, process or not', alive({ stoppedAtMs: ago(1) }), 'stale', 'explicit_stop'],
    ['that was stopped, its process just gone', dead({ startedAtMs: NOW, stoppedAtMs: NOW }), 'stale', 'explicit_stop'],
    ['that was stopped, of unknown process', facts({}, { stoppedAtMs: ago(1) }), 'stale', 'explicit_stop'],
    ['that was stopped by a clock ahead of ours', alive({ stoppedAtMs: NOW + HOUR_MS }), 'stale', 'explicit_stop'],
    [
      'that was stopped, and spoken to since',
      dead({ stoppedAtMs: ago(HOUR_MS), lastHookAtMs: ago(1) }, { lastSpokenMs: ago(1) }),
      'stale',
      'explicit_stop',
    ],

    ['whose process is gone', dead(), 'stale', 'pid_dead'],
    ['whose process is gone after ten minutes', dead({ startedAtMs: ago(10 * MINUTE_MS) }), 'stale', 'pid_dead'],
    ['whose process was gone at once', dead({ startedAtMs: ago(10 * MINUTE_MS - 1) }), 'live', 'pid_dead_grace_period'],
    ['whose process is gone, started now', dead({ startedAtMs: NOW }), 'live', 'pid_dead_grace_period'],
    [
      'whose process is gone, its start an hour ahead',
      dead({ startedAtMs: NOW + HOUR_MS }),
      'live',
      'pid_dead_grace_period',
    ],
    [
      'whose process is gone, its start a day ahead',
      dead({ startedAtMs: NOW + DAY_MS }),
      'live',
      'pid_dead_grace_period',
    ],
    [
      'whose process is gone, its start more than a day ahead, its marker old',
      dead({ startedAtMs: NOW + DAY_MS + 1 }),
      'stale',
      'pid_dead',
    ],
    [
      'whose process is gone, its start more than a day ahead, its marker young',
      dead({ startedAtMs: NOW + DAY_MS + 1 }, { markerChangedAtMs: ago(MINUTE_MS) }),
      'live',
      'pid_dead_grace_period',
    ],
    ['whose process is gone, its start unknown, its marker old', dead({}), 'stale', 'pid_dead'],
    [
      'whose process is gone, its start unknown, its marker young',
      dead({}, { markerChangedAtMs: ago(10 * MINUTE_MS - 1) }),
      'live',
      'pid_dead_grace_period',
    ],
    [
      'whose process is gone, started long ago, its marker young',
      dead({ startedAtMs: ago(HOUR_MS) }, { markerChangedAtMs: ago(MINUTE_MS) }),
      'stale',
      'pid_dead',
    ],
    [
      'whose process was looked up and is gone, its marker torn and old',
      facts({ process: 'dead', pid: 4711, recording: undefined }),
      'stale',
      'pid_dead',
    ],

    [
      'whose process is gone, with a hook just under ten minutes ago',
      dead({ startedAtMs: ago(HOUR_MS), lastHookAtMs: ago(10 * MINUTE_MS - 1) }),
      'live',
      'still_spoken',
    ],
    [
      'whose process is gone, with a hook ten minutes ago',
      dead({ startedAtMs: ago(HOUR_MS), lastHookAtMs: ago(10 * MINUTE_MS) }),
      'stale',
      'pid_dead',
    ],
    [
      'whose process is gone, with a hook by a clock ahead of ours',
      dead({ startedAtMs: ago(HOUR_MS), lastHookAtMs: NOW + HOUR_MS }),
      'live',
      'still_spoken',
    ],
    [
      'whose process is gone, with a word just under ten minutes ago',
      dead(undefined, { lastSpokenMs: ago(10 * MINUTE_MS - 1) }),
      'live',
      'still_spoken',
    ],
    [
      'whose process is gone, with a word ten minutes ago',
      dead(undefined, { lastSpokenMs: ago(10 * MINUTE_MS) }),
      'stale',
      'pid_dead',
    ],
    [
      'whose process is gone, with a word by a clock ahead of ours',
      dead(undefined, { lastSpokenMs: NOW + HOUR_MS }),
      'live',
      'still_spoken',
    ],
    [
      'whose process is gone, with an old hook and a young word',
      dead({ startedAtMs: ago(DAY_MS), lastHookAtMs: ago(HOUR_MS) }, { lastSpokenMs: ago(MINUTE_MS) }),
      'live',
      'still_spoken',
    ],
    [
      'whose process is gone, its file touched a minute ago with no new word in it',
      dead(undefined, { lastGrowthMs: ago(MINUTE_MS), lastSpokenMs: ago(HOUR_MS) }),
      'stale',
      'pid_dead',
    ],

    ['that started within a day', facts({}, { startedAtMs: ago(DAY_MS) }), 'live', 'time_not_reached'],
    ['that started longer ago', facts({}, { startedAtMs: ago(DAY_MS + 1) }), 'stale', 'time_threshold'],
    ['that runs ahead of our clock', facts({}, { startedAtMs: NOW + 9 * DAY_MS }), 'live', 'time_not_reached'],
    [
      'that started long ago, with a hook a day ago',
      facts({}, { startedAtMs: ago(9 * DAY_MS), lastHookAtMs: ago(DAY_MS) }),
      'live',
      'time_not_reached',
    ],
    [
      'that started long ago, with a hook longer ago than a day',
      facts({}, { startedAtMs: ago(9 * DAY_MS), lastHookAtMs: ago(DAY_MS + 1) }),
      'stale',
      'time_threshold',
    ],
    [
      'that started long ago, with a transcript that grew a day ago',
      facts({ lastGrowthMs: ago(DAY_MS) }, { startedAtMs: ago(9 * DAY_MS) }),
      'live',
      'time_not_reached',
    ],
    [
      'that started long ago, with a word a day ago',
      facts({ lastSpokenMs: ago(DAY_MS) }, { startedAtMs: ago(9 * DAY_MS) }),
      'live',
      'time_not_reached',
    ],
    [
      'whose transcript is as old as the rest',
      facts({ lastGrowthMs: ago(2 * DAY_MS) }, { startedAtMs: ago(9 * DAY_MS), lastHookAtMs: ago(3 * DAY_MS) }),
      'stale',
      'time_threshold',
    ],
    [
      'whose transcript has a time ahead of our clock',
      facts({ lastGrowthMs: NOW + DAY_MS }, { startedAtMs: ago(9 * DAY_MS) }),
      'live',
      'time_not_reached',
    ],

    ['whose marker is torn, and young', facts({ recording: undefined }), 'live', 'time_not_reached'],
    [
      'whose marker is torn, and a day old',
      facts({ recording: undefined, markerChangedAtMs: ago(DAY_MS) }),
      'live',
      'time_not_reached',
    ],
    [
      'whose marker is torn, and older',
      facts({ recording: undefined, markerChangedAtMs: ago(DAY_MS + 1) }),
      'stale',
      'time_threshold',
    ],
    [
      'whose marker is torn and old, while its file grows',
      facts({ recording: undefined, markerChangedAtMs: ago(2 * DAY_MS), lastGrowthMs: ago(MINUTE_MS) }),
      'live',
      'time_not_reached',
    ],
    [
      'whose marker does not say when, and is old',
      facts({ markerChangedAtMs: ago(2 * DAY_MS) }, {}),
      'stale',
      'time_threshold',
    ],
    [
      'whose marker does not say when, and comes from the future',
      facts({ markerChangedAtMs: NOW + DAY_MS }, {}),
      'live',
      'time_not_reached',
    ],
  ])('%s', (_, recorder, state, rule) => {
    const liveness = judgeLiveness(recorder, NOW);
    expect(liveness).toMatchObject({ state, rule });
    expect(liveness.reason).toMatch(/^(?!.*undefined).+$/);
  });

  test.each([[4711], [1]])('that lives is named by its pid %i', (pid) => {
    expect(judgeLiveness(facts({ process: 'alive', pid }), NOW).reason).toBe(`the recording process (pid ${pid}) runs`);
  });

  test('is named by the pid that was asked for, not by that of its marker', () => {
    const recorder = facts({ process: 'alive', pid: 815 }, { parentPid: 4711 });
    expect(judgeLiveness(recorder, NOW).reason).toBe('the recording process (pid 815) runs');
  });

  const KINDS = ['startedAtMs', 'lastHookAtMs', 'lastGrowthMs', 'lastSpokenMs'] as const;
  const withTimes = (times: Partial<Record<(typeof KINDS)[number], number>>): RecorderFacts => {
    const { startedAtMs, lastHookAtMs, ...progress } = times;
    const recording = {
      ...(startedAtMs !== undefined && { startedAtMs }),
      ...(lastHookAtMs !== undefined && { lastHookAtMs }),
    };
    return facts({ markerChangedAtMs: ago(40 * DAY_MS), ...progress }, recording);
  };
  const old = fc.integer({ min: ago(90 * DAY_MS), max: ago(DAY_MS + 1) });
  const oldTimes = fc.record(
    { startedAtMs: old, lastHookAtMs: old, lastGrowthMs: old, lastSpokenMs: old },
    { requiredKeys: [] },
  );

  test('of unknown process is live as long as its newest sign is of the last day, or of the future', () => {
    const recent = fc.integer({ min: ago(DAY_MS), max: NOW + 4000 * DAY_MS });
    fc.assert(
      fc.property(oldTimes, fc.constantFrom(...KINDS), recent, (times, kind, time) => {
        expect(judgeLiveness(withTimes({ ...times, [kind]: time }), NOW).state).toBe('live');
      }),
    );
  });

  test('of unknown process is stale when every sign is older', () => {
    fc.assert(
      fc.property(oldTimes, (times) => {
        expect(judgeLiveness(withTimes(times), NOW)).toMatchObject({ state: 'stale', rule: 'time_threshold' });
      }),
    );
  });

  test('of unknown process is as live under a clock set back as before', () => {
    fc.assert(
      fc.property(oldTimes, fc.nat({ max: 90 * DAY_MS }), fc.nat({ max: 400 * DAY_MS }), (times, forth, back) => {
        const recorder = withTimes(times);
        const at = ago(90 * DAY_MS) + forth;
        fc.pre(judgeLiveness(recorder, at).state === 'live');
        expect(judgeLiveness(recorder, at - back).state).toBe('live');
      }),
    );
  });
});
