import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryOf, readState, StateStore } from '../src/state.ts';
import { EMPTY_STATE, type State } from '../src/state-format.ts';
import { temporaryFolder, writeFiles } from './support/temporary-folder.ts';

const FULL: Omit<State, 'sessions'> & { sessions: Record<string, object> } = {
  rateWindow: { startedAt: 1000, used: 3 },
  spending: {
    days: { '2026-03-06': { haiku: { runs: 2, tokens_in: 20, tokens_out: 3, cost_usd: 0.5, estimated_runs: 1 } } },
    reserved: [
      {
        key: 'w:t',
        at: 1,
        model: 'haiku',
        tokensIn: 9,
        tokensOut: 1,
        costUsd: 0.1,
        most: { tokens: 20, costUsd: 0.2 },
      },
    ],
    interrupted: { 'w:t': 1 },
  },
  pause: { since: 1000, until: 5000, reason: 'limit reached' },
  lessons: {
    haiku: { model: 'claude-haiku-4-5', calibration: { runs: 1, rawTokensIn: 10, tokensIn: 12, tokensOut: 3 } },
  },
  lastDetectAt: 2000,
  stats: { total_invocations: 5, successes: 3, failures: 2 },
  recent: [
    { pid: 1, work_type: 'w', target: 't', started_at: '2026-03-06T10:00:00Z', status: 'completed', duration: 5 },
  ],
  active: [{ pid: 2, work_type: 'w', target: 'u', started_at: '2026-03-06T10:00:00Z', status: 'running' }],
  journal: ['2026-03-06T10-00-ryan-Ox7f3a'],
  unclean: ['2026-03-06T11-00-ryan-Ox8b1c'],
  sessions: {
    a: { attempts: 2, last_error: 'no title', recording: { path: '/x/a', bytes: 12 } },
    b: { verdict: 'local_only', reason: 'judged local_only' },
  },
  answers: [{ session: 'a', inputs: ['00ff'], entries: 3, output: '{}', model: 'haiku', tokens_in: 20, cost_usd: 0.1 }],
  lastPass: {
    started_at: '2026-03-06T10:00:00Z',
    ended_at: '2026-03-06T10:01:00Z',
    done: 1,
    failed: 0,
    remaining: 2,
    pushed: 'done',
    stopped: 'limit',
  },
  clone: { id: '0193-a', where: 'host:/x:1' },
  claimsTakenBy: 'upstream',
  claimsRefusedBy: 'origin',
  claudeFlags: { '/usr/bin/claude': ['--tools'] },
};

/** A state folder with this `state.json`. */
function folderWith(content: string | object): string {
  const stateDir = path.join(temporaryFolder(), 'agentwork');
  writeFiles(stateDir, { 'state.json': typeof content === 'string' ? content : JSON.stringify(content) });
  return stateDir;
}

const newFolder = () => path.join(temporaryFolder(), 'agentwork');
const openStore = async (stateDir: string) => (await StateStore.open(stateDir)).store;

describe('what one pass saves', () => {
  test('the next one reads', async () => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    expect(store.state).toEqual(EMPTY_STATE);
    store.update(FULL);
    await store.save();
    expect((await openStore(stateDir)).state).toEqual(FULL);
    expect(readState(stateDir)).toEqual({ state: FULL });
  });

  test('is whole and its owner’s, and leaves nothing beside it', async () => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    store.update({ lastDetectAt: 1 });
    await store.save();
    expect(readdirSync(stateDir)).toEqual(['state.json']);
    expect(JSON.parse(readFileSync(path.join(stateDir, 'state.json'), 'utf8'))).toMatchObject({ schema_version: 1 });
    expect([statSync(stateDir).mode & 0o777, statSync(path.join(stateDir, 'state.json')).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
  });

  test('is not written as long as nothing changed', async () => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    store.update({ lastDetectAt: undefined });
    store.forget('unheard-of');
    await store.save();
    expect(existsSync(path.join(stateDir, 'state.json'))).toBe(false);
  });

  test('is everything that changed before the save, however many saves are asked for at once', async () => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    const saves = Array.from({ length: 20 }, async (_, index) => {
      store.remember(`session ${index}`, { attempts: index });
      await store.save();
      expect(memoryOf(readState(stateDir).state, `session ${index}`)).toEqual({ attempts: index });
    });
    await Promise.all(saves);
    expect(Object.keys(readState(stateDir).state.sessions)).toHaveLength(20);
  });

  test('that could not be written is written by the next save', async () => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    mkdirSync(path.join(stateDir, 'state.json'));
    store.update({ lastDetectAt: 7 });
    await expect(store.save()).rejects.toThrow(expect.objectContaining({ code: 'UNWRITABLE' }));
    rmdirSync(path.join(stateDir, 'state.json'));
    await store.save();
    expect(readState(stateDir).state.lastDetectAt).toBe(7);
    expect(readdirSync(stateDir)).toEqual(['state.json']);
  });
});

describe('what is remembered of a session', () => {
  test.each([
    ['2026-03-06T10-00-ryan-Ox7f3a'],
    ['constructor'],
    ['__proto__'],
    ['toString'],
    ['hasOwnProperty'],
    ['a "quoted" one\u2028'],
  ])('named %j is found, and forgotten', async (name) => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    expect(memoryOf(store.state, name)).toBeUndefined();
    store.remember('other', { attempts: 1 });
    store.remember(name, { attempts: 2 });
    await store.save();
    const next = await openStore(stateDir);
    expect(memoryOf(next.state, name)).toEqual({ attempts: 2 });
    next.forget(name);
    await next.save();
    expect(memoryOf(readState(stateDir).state, name)).toBeUndefined();
    expect(memoryOf(readState(stateDir).state, 'other')).toEqual({ attempts: 1 });
  });

  test('is replaced by what is remembered later', async () => {
    const store = await openStore(newFolder());
    store.remember('a', { attempts: 2, last_error: 'hm' });
    store.remember('a', { verdict: 'skip' });
    expect(memoryOf(store.state, 'a')).toEqual({ verdict: 'skip' });
  });

  test('changes no state that was handed out before', async () => {
    const store = await openStore(newFolder());
    const before = store.state;
    store.remember('a', { attempts: 1 });
    expect(before).toEqual(EMPTY_STATE);
  });
});

describe('a state that cannot be used', () => {
  test.each<[string, string | object, string]>([
    ['empty', '', 'is not JSON'],
    ['torn', '{"schema_version": 1, "sess', 'is not JSON'],
    ['somebody else’s', { version: 3 }, 'is not a state of agentwork'],
    ['a list', [1], 'is not a state of agentwork'],
  ])('because it is %s is set aside, and the pass starts from an empty one', async (_, content, why) => {
    const stateDir = folderWith(content);
    const text = readFileSync(path.join(stateDir, 'state.json'), 'utf8');
    const { store, warning } = await StateStore.open(stateDir);
    expect(store.state).toEqual(EMPTY_STATE);
    expect(warning).toContain(`${path.join(stateDir, 'state.json')} ${why}`);
    expect(warning).toContain('state.json.broken-1');
    store.update({ lastDetectAt: 1 });
    await store.save();
    expect(readFileSync(path.join(stateDir, 'state.json.broken-1'), 'utf8')).toBe(text);
    expect(readState(stateDir)).toEqual({ state: { ...EMPTY_STATE, lastDetectAt: 1 } });
  });

  test('does not replace one that was set aside before', async () => {
    const stateDir = folderWith('first');
    await StateStore.open(stateDir);
    writeFileSync(path.join(stateDir, 'state.json'), 'second');
    await StateStore.open(stateDir);
    expect(readFileSync(path.join(stateDir, 'state.json.broken-1'), 'utf8')).toBe('first');
    expect(readFileSync(path.join(stateDir, 'state.json.broken-2'), 'utf8')).toBe('second');
  });

  test('is left where it is by a mere look', () => {
    const stateDir = folderWith('broken');
    const { store, warning } = StateStore.peek(stateDir);
    expect(store.state).toEqual(EMPTY_STATE);
    expect(warning).toContain('is not JSON');
    expect(readdirSync(stateDir)).toEqual(['state.json']);
  });

  test('because it is newer than this program is an error, and stays: it knows what was paid for', async () => {
    const stateDir = folderWith({ schema_version: 2 });
    const isNewer = expect.objectContaining({
      code: 'UNREADABLE',
      message: expect.stringContaining('newer agentwork'),
    });
    await expect(StateStore.open(stateDir)).rejects.toEqual(isNewer);
    expect(() => StateStore.peek(stateDir)).toThrow(isNewer);
    expect(readdirSync(stateDir)).toEqual(['state.json']);
  });

  test('because it cannot be read is an error: nothing is started from an empty one', () => {
    const stateDir = newFolder();
    mkdirSync(path.join(stateDir, 'state.json'), { recursive: true });
    expect(() => readState(stateDir)).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  });
});

test('a look makes nothing', () => {
  const stateDir = newFolder();
  expect(StateStore.peek(stateDir)).toEqual({ store: expect.anything() });
  expect(existsSync(stateDir)).toBe(false);
});

test.each<[string, object]>([
  ['rate_window', { startedAt: 'noon', used: 1 }],
  ['rate_window', []],
  ['last_detect_at', { at: 'noon' }],
  ['stats', ['many']],
  ['stats', { total_invocations: '5' }],
  ['recent', [null, 3, {}, { target: 1, started_at: 'x' }]],
  ['active', { 0: 'x' }],
  ['journal', { 0: 'x' }],
  ['journal', [1, null]],
  ['sessions', ['a']],
  ['sessions', { a: 'b', c: null, d: [] }],
  ['last_pass', ['today']],
  ['claude_flags', { claude: 'all' }],
])('of a state whose %s is %j the rest counts', (key, value) => {
  const { state, warning } = readState(folderWith({ schema_version: 1, last_detect_at: 5, [key]: value }));
  expect(warning).toBeUndefined();
  expect(state).toEqual({ ...EMPTY_STATE, lastDetectAt: key === 'last_detect_at' ? undefined : 5 });
});

describe('a state that somebody edited', () => {
  const run = { pid: 1, work_type: 'w', target: 't', started_at: '2026-03-06T10:00:00Z', status: 'failed' };
  const pass = { started_at: 'a', ended_at: 'b', done: 1, failed: 0, remaining: 0, pushed: 'done' };
  const ofSession = (memory: object) => ({ sessions: { a: memory } });
  const sessions = (state: State) => state.sessions;
  test.each([
    ['a run without a status', { recent: [{ ...run, status: undefined }] }, (state: State) => state.recent, []],
    ['a recording that is no stamp', ofSession({ verdict: 'withheld', recording: 'a' }), sessions, {}],
    ['a recording in no place', ofSession({ verdict: 'withheld', recording: { path: 5, bytes: 1 } }), sessions, {}],
    ['a verdict that nobody knows', ofSession({ verdict: 'constructor' }), sessions, {}],
    ['costs that are no number', ofSession({ spent: { runs: 1 } }), sessions, {}],
    ['files that are none', ofSession({ left_out: [null] }), sessions, {}],
    ['a member of its own', ofSession({ attempts: 1, x: [[]] }), sessions, { a: { attempts: 1 } }],
    [
      'flags that are no text',
      { claude_flags: { c: ['--a', 5] } },
      (state: State) => state.claudeFlags,
      { c: ['--a'] },
    ],
    ['an error that is no text', { recent: [{ ...run, error: 7 }] }, (state: State) => state.recent, []],
    ['a duration that is no number', { active: [{ ...run, duration: 'x' }] }, (state: State) => state.active, []],
    ['a stop that is no text', { last_pass: { ...pass, stopped: [] } }, (state: State) => state.lastPass, undefined],
    [
      'a reason that is no text',
      { sessions: { a: { verdict: 'skip', reason: 7 } } },
      (state: State) => state.sessions,
      {},
    ],
    ['attempts that are no number', { sessions: { a: { attempts: '1' } } }, (state: State) => state.sessions, {}],
    ['attempts below zero', { sessions: { a: { attempts: -5 } } }, (state: State) => state.sessions, {}],
    [
      'runs below zero',
      { rate_window: { startedAt: 1, used: -1000 } },
      (state: State) => state.rateWindow,
      { startedAt: 1, used: 0 },
    ],
    [
      'reservations below zero',
      { reserved: [{ key: 'k', at: 1, model: 'm', tokensIn: 1, tokensOut: 1, costUsd: -1e6, most: {} }] },
      (state: State) => state.spending.reserved,
      [],
    ],
  ])('with %s is read without it', (_, edited, part, expected) => {
    const { state, warning } = readState(folderWith({ schema_version: 1, ...edited }));
    expect(part(state)).toEqual(expected);
    expect(warning).toBeUndefined();
  });
});

describe('a store', () => {
  test('writes nothing once the state is another pass’s', async () => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    let isOurs = true;
    store.writeOnlyWhile(() => isOurs);
    store.update({ lastDetectAt: 1 });
    await store.save();
    isOurs = false;
    store.update({ lastDetectAt: 2 });
    await store.save();
    expect(readState(stateDir).state.lastDetectAt).toBe(1);
  });

  test('takes along what changes all the time, whoever asked for the save', async () => {
    const stateDir = newFolder();
    const store = await openStore(stateDir);
    let used = 1;
    store.includeInEachSave(() => ({ rateWindow: { startedAt: 1, used } }));
    store.remember('a', { attempts: 1 });
    await store.save();
    used = 2;
    await store.save();
    expect(readState(stateDir).state.rateWindow?.used).toBe(2);
  });
});
