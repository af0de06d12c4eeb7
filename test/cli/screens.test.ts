import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../src/clock.ts';
import { EMPTY_STATE, formatState, type State } from '../../src/state-format.ts';
import { BIN, isolatedEnvironment } from '../support/cli.ts';
import { addMachine, createFleet } from '../support/machines.ts';
import { HAS_SCREEN, openScreen } from '../support/screen.ts';
import type { StandInScenario } from '../support/stand-in-claude.ts';

const NOW = Date.UTC(2026, 2, 6, 12);
const ago = (ms: number) => isoTime(NOW - ms);
/** As long as the real one: what is folded at a column is folded there with either. */
const FOLDER = '/tmp/aw-ledger';
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 24 },
] as const;

/** A ledger with sessions that wait, in a folder whose path is as long on each machine. */
async function scene(sessions: number, claude: StandInScenario = {}) {
  const folder = mkdtempSync('/tmp/aw-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const fleet = await createFleet(folder, sessions, claude);
  const machine = addMachine(fleet, 'mia');
  const stateDir = path.join(machine.cwd, '.git', 'agentwork');
  mkdirSync(path.join(machine.cwd, 'sessions'), { recursive: true });
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(fleet.claudeFolder, 'crontab'), '#!/bin/sh\n', { mode: 0o755 });
  const write = (name: string, text: string) => writeFileSync(path.join(stateDir, name), text, { mode: 0o600 });
  return { ...machine, folder, stateDir, write, names: fleet.sessions };
}

type Scene = Awaited<ReturnType<typeof scene>>;
type Size = (typeof SIZES)[number];

/** The real program, for which it is always the same moment. */
function show({ folder, ...machine }: Scene, words: readonly string[], size: Size, env: object = {}) {
  const standing = `data:text/javascript,Date.now=()=>${NOW}`;
  const command = [process.execPath, '--import', standing, BIN, ...words];
  return openScreen(command, { folder, cwd: machine.cwd, env: { ...isolatedEnvironment(machine), ...env }, ...size });
}

/** What differs from run to run, by something of the same width. */
function settled(lines: readonly string[], { folder }: Pick<Scene, 'folder'>): string {
  const text = `${lines.join('\n')}\n`
    .replaceAll(folder, FOLDER)
    .replace(/"Session [0-9a-f]{8} /g, '"Session 00000000 ');
  // Which session comes first is open; versions and paths of the machine stand where it is told of them.
  return text
    .replace(/2026-01-\d\d(T10-00-mia-Ox)\d{4}/g, '2026-01-01$10000')
    .replace(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '⠋')
    .replace(/^(\w+ +node\b).*\n(?: .*\n)*/m, '$1 …\n');
}

/** No line that the terminal had to break, but for a path that is to be copied whole; and nothing that it should have obeyed. */
function expectTidy(lines: readonly string[], { columns }: Size): void {
  const wide = lines.filter((line) => line.length > columns && !/^ *\S*[\w ]* ?\S*\/\S+$/.test(line));
  expect(wide).toEqual([]);
  expect(lines.join('\n')).not.toMatch(/\u001b|\[[\d;]*m|\ufffd/);
}

const TAKEN = { runs: 12, tokens_in: 123_456, tokens_out: 12_345, cost_usd: 1.23 };

/** What a pass left that ran an hour ago. */
function worked(names: readonly string[]): State {
  const process = { pid: 0, work_type: 'session-finalize', exit_code: 0 };
  const recent = names.slice(0, 10).map((target, index) => ({
    ...{ ...process, target, started_at: ago(HOUR_MS + index * MINUTE_MS), duration: 12e9 },
    ...(index === 1 ? { status: 'failed', error: 'claude gave no answer within 300 s' } : { status: 'completed' }),
  })) as State['recent'];
  return {
    ...EMPTY_STATE,
    stats: { total_invocations: 120, successes: 110, failures: 10 } as State['stats'],
    spending: {
      ...EMPTY_STATE.spending,
      days: { [isoTime(NOW).slice(0, 10)]: { 'claude-sonnet-4-6': TAKEN } } as State['spending']['days'],
    },
    lastDetectAt: NOW - HOUR_MS,
    recent,
    lastPass: {
      started_at: ago(HOUR_MS),
      ended_at: ago(HOUR_MS - MINUTE_MS),
      done: 9,
      failed: 1,
      remaining: 3,
      pushed: 'done',
    },
  };
}

const STATUS: Readonly<Record<string, (ledger: Scene) => void>> = {
  empty: () => {},
  busy: ({ write, names }) => {
    const active = [
      { pid: 0, work_type: 'session-finalize', target: names[0] ?? '', started_at: ago(75_000), status: 'running' },
    ];
    write('state.json', formatState({ ...worked(names), active: active as State['active'] }));
    const times = { started_at: ago(3 * MINUTE_MS), heartbeat_at: ago(MINUTE_MS) };
    write('pass.lock', JSON.stringify({ id: 'x', pid: 4711, host: 'mias-laptop', command: 'finalize', ...times }));
  },
  paused: ({ write, names }) => {
    const pause = {
      reason: 'claude reached a usage limit: you have hit your limit, resets 3pm',
      until: NOW + 3 * HOUR_MS,
    };
    write('state.json', formatState({ ...worked(names), pause: { ...pause, since: NOW } as State['pause'] }));
  },
  failed: ({ write, names }) => {
    write('state.json', formatState(worked(names)));
    const message = `${names[0]} (and 2 more): claude ended with exit status 137 without an answer: boom`;
    write('last-failure.json', JSON.stringify({ at: ago(DAY_MS / 2), exit_status: 3, message }));
  },
};

const COLOURS = [
  ['with colours', {}],
  ['without colours', { NO_COLOR: '1' }],
] as const;

describe.skipIf(!HAS_SCREEN)('on a screen', { timeout: 120_000 }, () => {
  describe.each(SIZES)('of $columns columns', (size) => {
    const capture = (name: string) => `__screens__/${name}-${size.columns}.txt`;

    test.each(Object.keys(STATUS))('status of a ledger: %s', async (name) => {
      const ledger = await scene(name === 'empty' ? 0 : 12);
      for (const [, env] of COLOURS) {
        STATUS[name]?.(ledger);
        const screen = show(ledger, ['status'], size, env);
        expect(await screen.end()).toBe(0);
        const lines = screen.lines();
        expectTidy(lines, size);
        expect(screen.scrolled()).toBe(0);
        await expect(settled(lines, ledger)).toMatchFileSnapshot(capture(`status-${name}`));
        expect(screen.painted().includes('\u001b[')).toBe(!('NO_COLOR' in env));
      }
    });

    test('detect', async () => {
      const ledger = await scene(5);
      for (const [, env] of COLOURS) {
        const screen = show(ledger, ['detect'], size, env);
        expect(await screen.end()).toBe(0);
        expectTidy(screen.lines(), size);
        await expect(settled(screen.lines(), ledger)).toMatchFileSnapshot(capture('detect'));
      }
    });

    test('finalize --dry-run', async () => {
      const ledger = await scene(2);
      const screen = show(ledger, ['finalize', '--dry-run'], size);
      expect(await screen.end()).toBe(0);
      expectTidy(screen.lines(), size);
      await expect(settled(screen.lines(), ledger)).toMatchFileSnapshot(capture('finalize-planned'));
    });

    test('cleanup', async () => {
      const ledger = await scene(1);
      for (const id of ['OxA1', 'OxA2']) {
        const folder = path.join(ledger.stateDir, 'recordings', `2026-03-05T10-00-mia-${id}`);
        mkdirSync(folder, { recursive: true });
        const marker = { agent_id: id, parent_pid: 2 ** 30, started_at: ago(DAY_MS) };
        writeFileSync(path.join(folder, '.recording.json'), JSON.stringify(marker));
      }
      const stages = { 'cleanup-planned': ['--dry-run'], cleanup: [], 'cleanup-nothing': [] };
      for (const [name, words] of Object.entries(stages)) {
        const screen = show(ledger, ['cleanup', ...words], size);
        expect(await screen.end()).toBe(0);
        expectTidy(screen.lines(), size);
        await expect(settled(screen.lines(), ledger)).toMatchFileSnapshot(capture(name));
      }
    });

    test('setup check', async () => {
      const ledger = await scene(3);
      for (const [, env] of COLOURS) {
        const screen = show(ledger, ['setup', 'check'], size, env);
        expect(await screen.end()).toBe(0);
        expectTidy(screen.lines(), size);
        await expect(settled(screen.lines(), ledger)).toMatchFileSnapshot(capture('setup-check'));
      }
    });

    test('finalize while agents work, and interrupted', async () => {
      const ledger = await scene(3, { calls: [{}, { hang: true }] });
      const screen = show(ledger, ['finalize', '--concurrency', '1'], size);
      await screen.until('1 of 3 sessions');
      await expect(settled(screen.lines(), ledger)).toMatchFileSnapshot(capture('finalize-live'));
      screen.press('C-c');
      expect(await screen.end()).toBe(130);
      expectTidy(screen.lines(), size);
      await expect(settled(screen.lines(), ledger)).toMatchFileSnapshot(capture('finalize-interrupted'));
    });

    test('finalize to its end, where some sessions fail', async () => {
      const crash = { stderr: 'out of memory in request req_0a1b2c3d4e5f\n', exitCode: 137 };
      const ledger = await scene(6, { calls: [{}, crash, crash, crash, crash, {}] });
      const screen = show(ledger, ['finalize', '--concurrency', '1'], size);
      expect(await screen.end()).toBe(3);
      expectTidy(screen.lines(), size);
      await expect(settled(screen.lines(), ledger)).toMatchFileSnapshot(capture('finalize-failed'));
    });
  });
});
