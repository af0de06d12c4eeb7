import path from 'node:path';
import { expect } from 'vitest';
import { limitsState, openLimits } from '../../../src/agent-setup.ts';
import { isoTime } from '../../../src/clock.ts';
import { buildConfig } from '../../../src/config.ts';
import { describeClaim, formatClaim, isExpired, parseClaim } from '../../../src/ledger/claims/claim.ts';
import { deleteFromTrash, expiredTrash, listTrash } from '../../../src/ledger/trash/trash.ts';
import { orphanedRecords } from '../../../src/ledger/trash/trash-origins.ts';
import { acquireLock, hasStaleLock, lockPath, readLiveLock } from '../../../src/lock.ts';
import { NO_MEMORIES, withheldSessions } from '../../../src/session-memory.ts';
import { memoryOf, StateStore } from '../../../src/state.ts';
import { formatState, parseState, type State } from '../../../src/state-format.ts';
import type { LedgerStatus } from '../../../src/status.ts';
import { formatStatus } from '../../../src/ui/status-text.ts';
import { missingIsolation } from '../../../src/work/claude/flags.ts';
import { standingPause } from '../../../src/work/pause.ts';
import { RunLog } from '../../../src/work/run-log.ts';
import { totalUsage, usageByModel } from '../../../src/work/usage.ts';
import { loginEntries, recording } from '../sample-ledger.ts';
import { writeFiles } from '../temporary-folder.ts';
import { fullState } from './full-state.ts';
import { buffers, type InputFormat } from './input-format.ts';
import { FINISHED_ONE_IN, NAME, NO_PID, NOW, SessionScene, START } from './session-scene.ts';

const RAW = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
const CONFIG = buildConfig({}, {}, '');

/** What a clone keeps for itself, and what machines tell each other. */
export function stateFormats(place: string): readonly InputFormat[] {
  const scene = new SessionScene(place);
  const stateDir = path.join(place, 'agentwork');
  const trash = path.join(stateDir, 'trash');
  const at = (name: string) => path.join(stateDir, name);
  return [
    {
      name: 'state.json',
      thousands: 4,
      samples: buffers(formatState(fullState(path.join(scene.root, 'sessions', NAME), RAW, NOW))),
      read: async (bytes) => {
        writeFiles(stateDir, { 'state.json': bytes });
        const { store } = StateStore.peek(stateDir);
        const { state } = store;
        const text = formatState(state);
        expect(formatState(parseState(text)) === text).toBe(true);
        return [
          readLimits(state),
          readStatus(state),
          await readMemories(scene, state, bytes.length % FINISHED_ONE_IN === 0),
        ];
      },
      named: at('state.json'),
    },
    {
      name: 'pass.lock',
      thousands: 5,
      samples: buffers(LOCK, LOCK.replace(String(NO_PID), String(process.pid))),
      read: (bytes) => {
        writeFiles(stateDir, { 'pass.lock': bytes });
        const seen = [readLiveLock(stateDir, NOW), hasStaleLock(stateDir, NOW)];
        const lock = acquireLock(stateDir, 'finalize', () => NOW);
        lock.beat();
        lock.release();
        return seen;
      },
      // Of a live one the holder is named, who can be asked.
      named: new RegExp(`${lockPath(stateDir)}|another pass is running on this clone`),
    },
    {
      name: 'origin of what is in the trash',
      thousands: 5,
      samples: buffers(ORIGIN),
      read: (bytes) => {
        writeFiles(trash, { 'a/raw.jsonl': RAW, '.origins/a.json': bytes, '.origins/gone.json': bytes });
        const all = [listTrash(stateDir), orphanedRecords(trash)];
        expiredTrash(stateDir, NOW).forEach(deleteFromTrash);
        return all;
      },
      named: trash,
    },
    {
      name: 'claim',
      thousands: 20,
      samples: buffers(formatClaim(CLAIM), formatClaim({ ...CLAIM, state: 'unpushed' })),
      read: (bytes) => {
        const standing = { oid: 'a'.repeat(40), committedAtMs: NOW, claim: parseClaim(bytes.toString('utf8')) };
        const words = describeClaim(standing);
        expect(words).toMatch(/^[^\p{Cc}]{1,400}$/u);
        return [isExpired(standing, NOW), words];
      },
    },
  ];
}

export const LOCK = JSON.stringify({
  ...{ id: '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11', pid: NO_PID, host: 'laptop', started_at: isoTime(NOW) },
  ...{ process_started: '12345', command: 'finalize', heartbeat_at: isoTime(NOW) },
});
export const ORIGIN = `${JSON.stringify({ path: '/home/dev/ledger/sessions/a', moved_at: isoTime(START), reason: 'x' })}\n`;
export const CLAIM = {
  ...{ claim_id: 'c1', clone_id: 'k1', session: NAME, host: 'laptop', user: 'mia', input: '100 B' },
  ...{ started_at: isoTime(NOW), expires_at: isoTime(NOW + 60_000), state: 'working' as const },
} as const;

function readLimits(state: State): unknown {
  const limits = openLimits(CONFIG, state, () => NOW);
  const request = { prompt: 'what happened?', systemPrompt: 'say it', model: 'claude-haiku-4-5' };
  const estimate = limits.estimator.estimate(request);
  const refusal = limits.budget.reserve('key', estimate);
  limits.budget.settle('key', { tokensIn: 1, tokensOut: 1, costUsd: 1 });
  limits.estimator.learn(request, estimate, { model: 'claude-haiku-4-5', tokensIn: 4000, tokensOut: 900, costUsd: 1 });
  limits.limiter.allow();
  formatState({ ...state, ...limitsState(limits) });
  return [refusal, Object.values(state.claudeFlags).map(missingIsolation)];
}

/** As `status` tells it to people. */
function readStatus(state: State): string {
  const { limiter, budget } = openLimits(CONFIG, state, () => NOW);
  const log = new RunLog(() => NOW, { stats: state.stats, recent: state.recent });
  const usage = totalUsage(usageByModel(budget.memory.days, NOW, 7));
  const pause = standingPause(state.pause, NOW);
  const told: LedgerStatus = {
    ...{ enabled: true, agent_type: 'claude', agent_available: true, queue_depth: 1, ledger: 'ledger', sessions: {} },
    ...{
      active: state.active,
      recent: log.recent,
      stats: log.stats,
      unpushed: null,
      unclean: state.unclean,
      limits: {},
    },
    usage: {
      today: { ...usage, models: {} },
      last_7_days: { ...usage, models: usageByModel(budget.memory.days, NOW, 7) },
    },
    ...(state.lastPass && { last_pass: state.lastPass }),
    ...(pause && { pause: { since: isoTime(pause.since), until: isoTime(pause.until), reason: pause.reason } }),
    running: { pid: NO_PID, host: 'laptop', started_at: isoTime(NOW), heartbeat_at: isoTime(NOW) },
    redaction: { team: 0, user: 0, environment: 0 },
    rate: { remaining: limiter.remaining(), limit: limiter.maxTokens, refills_at: isoTime(limiter.refillsAt()) },
  };
  const text = formatStatus(told, NOW);
  expect(text.replaceAll(/\x1b\[\d+m/g, '')).not.toMatch(/[^\P{Cc}\n]/u);
  return text;
}

async function readMemories(scene: SessionScene, state: State, isFinished: boolean): Promise<unknown> {
  const memories = {
    ...NO_MEMORIES,
    get: (key: string) => memoryOf(state, key),
    answersOf: (session: string) => state.answers.filter((answer) => answer.session === session),
    journal: state.journal,
    unclean: state.unclean,
  };
  const upgrade = true;
  return [withheldSessions(state.sessions, NOW), await scene.readWith(RAW, { memories, upgrade }, isFinished)];
}
