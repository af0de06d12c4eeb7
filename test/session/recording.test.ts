import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { judgeLiveness, parseRecording, type RecorderFacts, type Recording } from '../../src/session/recording.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const ago = (ms: number) => NOW - ms;

describe('a marker', () => {
  test('of any version tells what decides', () => {
    const text = JSON.stringify({
      agent_id: 'Ox7f3a',
      started_at: '2026-03-06T12:00:00.5Z',
      adapter_name: 'claude-code',
      session_file: '/home/r/.claude/projects/x.jsonl',
      title: 'Login',
      workspace_path: '/home/r/app',
      branch: 'main',
      parent_pid: 12345,
      session_id: 'ses_1',
      repo_id: 'repo_1',
      model: 'sonnet',
      username: 'ryan',
      stopped_at: '2026-03-06T12:00:01Z',
      last_hook_at: '2026-03-06T12:00:02Z',
      unknown_key: { kept: 'by others' },
    });
    expect(parseRecording(text)).toEqual({
      agentId: 'Ox7f3a',
      agentType: 'claude-code',
      adapterName: 'claude-code',
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
    });
  });

  test('names the agent by its type before its adapter', () => {
    expect(parseRecording('{"agent_type":"codex","adapter_name":"generic"}')).toEqual({
      agentType: 'codex',
      adapterName: 'generic',
    });
  });

  test.each([['0'], ['-1'], ['1.5'], ['"12"'], ['null'], ['1e400']])('whose pid is %s has none', (pid) => {
    expect(parseRecording(`{"parent_pid":${pid}}`)).toEqual({});
  });

  test.each([[''], ['{"agent_id":"Ox'], ['[]'], ['null'], ['"x"']])('that reads %j is none', (text) => {
    expect(parseRecording(text)).toBeUndefined();
  });

  test('that has nothing but Go’s zero times has no times', () => {
    expect(parseRecording('{"started_at":"0001-01-01T00:00:00Z","stopped_at":"0001-01-01T00:00:00Z"}')).toEqual({});
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

  test.each<[string, RecorderFacts, 'live' | 'stale', string]>([
    ['whose process runs', facts({ process: 'alive' }), 'live', 'pid_alive'],
    ['whose process runs for days', facts({ process: 'alive' }, { startedAtMs: ago(9 * DAY_MS) }), 'live', 'pid_alive'],
    [
      'that was stopped, process or not',
      facts({ process: 'alive' }, { stoppedAtMs: ago(1) }),
      'stale',
      'explicit_stop',
    ],
    ['whose process is gone', facts({ process: 'dead' }), 'stale', 'pid_dead'],
    [
      'whose process is gone after ten minutes',
      facts({ process: 'dead' }, { startedAtMs: ago(10 * MINUTE_MS) }),
      'stale',
      'pid_dead',
    ],
    [
      'whose process was gone at once',
      facts({ process: 'dead' }, { startedAtMs: ago(10 * MINUTE_MS - 1) }),
      'live',
      'pid_dead_grace_period',
    ],
    [
      'whose process is gone and whose clock runs ahead',
      facts({ process: 'dead' }, { startedAtMs: NOW + HOUR_MS }),
      'live',
      'pid_dead_grace_period',
    ],
    ['that started within a day', facts({}, { startedAtMs: ago(DAY_MS) }), 'live', 'time_not_reached'],
    ['that started longer ago', facts({}, { startedAtMs: ago(DAY_MS + 1) }), 'stale', 'time_threshold'],
    ['that runs ahead of our clock', facts({}, { startedAtMs: NOW + 9 * DAY_MS }), 'live', 'time_not_reached'],
    [
      'that started long ago, with a hook today',
      facts({}, { startedAtMs: ago(9 * DAY_MS), lastHookAtMs: ago(HOUR_MS) }),
      'live',
      'time_not_reached',
    ],
    [
      'that started long ago, with a transcript that grew today',
      facts({ lastGrowthMs: ago(HOUR_MS) }, { startedAtMs: ago(9 * DAY_MS) }),
      'live',
      'time_not_reached',
    ],
    [
      'whose transcript is as old as the rest',
      facts({ lastGrowthMs: ago(2 * DAY_MS) }, { startedAtMs: ago(9 * DAY_MS), lastHookAtMs: ago(3 * DAY_MS) }),
      'stale',
      'time_threshold',
    ],
    ['whose marker is torn, and young', facts({ recording: undefined }), 'live', 'time_not_reached'],
    [
      'whose marker is torn, and old',
      facts({ recording: undefined, markerChangedAtMs: ago(2 * DAY_MS) }),
      'stale',
      'time_threshold',
    ],
    [
      'whose marker does not say when, and is old',
      facts({ markerChangedAtMs: ago(2 * DAY_MS) }, {}),
      'stale',
      'time_threshold',
    ],
  ])('%s', (_, recorder, state, rule) => {
    const liveness = judgeLiveness(recorder, NOW);
    expect(liveness).toMatchObject({ state, rule });
    expect(liveness.reason).not.toBe('');
  });

  test('that lives is named by its pid', () => {
    const recorder = facts({ process: 'alive' }, { parentPid: 4711 });
    expect(judgeLiveness(recorder, NOW).reason).toBe('the recording process (pid 4711) runs');
  });
});
