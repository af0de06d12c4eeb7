import { createHash } from 'node:crypto';
import { isoTime } from '../../../src/clock.ts';
import { EMPTY_STATE, type State } from '../../../src/state-format.ts';

/** A state with everything in it that a pass may leave, of a session that lies in this folder. */
export function fullState(folder: string, raw: string, now: number): State {
  const recording = { path: folder, bytes: raw.length, sha256: createHash('sha256').update(raw).digest('hex') };
  const usage = { runs: 2, tokens_in: 8000, tokens_out: 1800, cost_usd: 0.02, estimated_runs: 1 };
  const process = { pid: 4711, work_type: 'session-finalize', target: 'a', started_at: isoTime(now) } as const;
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  return {
    ...EMPTY_STATE,
    rateWindow: { startedAt: now, used: 3 },
    spending: {
      days: { [isoTime(now).slice(0, 10)]: { 'claude-haiku-4-5': usage } },
      reserved: [
        {
          ...{ key: 'k', at: now, model: 'claude-haiku-4-5', tokensIn: 4000, tokensOut: 900, costUsd: 0.01 },
          most: { tokens: 12_000, costUsd: 0.05 },
        },
      ],
      interrupted: { k: 1 },
    },
    pause: { since: now - 1000, until: now + 3_600_000, reason: 'You have hit your limit' },
    lessons: {
      'claude-haiku-4-5': {
        model: 'claude-haiku-4-5',
        calibration: { runs: 3, rawTokensIn: 4000, tokensIn: 4100, tokensOut: 900 },
        price: { input: 1, output: 5 },
      },
    },
    lastDetectAt: now - 1000,
    stats: { total_invocations: 5, successes: 3, failures: 2 },
    recent: [{ ...process, status: 'failed', duration: 1e9, error: 'exit status 1', exit_code: 1, cost_usd: 0.1 }],
    active: [{ ...process, status: 'running' }],
    journal: [name],
    unclean: ['b'],
    sessions: {
      [name]: {
        ...{ attempts: 1, last_error: 'exit status 1', complaint: 'title: missing or blank', recording },
        spent: { runs: 1, tokens_in: 4000, tokens_out: 900, cost_usd: 0.01 },
        left_out: [{ file: 'raw.jsonl', reason: 'it is too large' }],
      },
      b: { verdict: 'withheld', reason: 'the remote refuses it', withheld_at: now, recording },
      c: { unfetched: { reason: 'the remote lacks its content', at: now, is_broken: true }, recording },
      d: { verdict: 'staged', staged_as: 'd-2', reason: 'staged', recording, upgraded: recording.sha256 },
    },
    answers: [
      {
        ...{ session: name, inputs: [recording.sha256], entries: 21, output: ANSWER, model: 'claude-haiku-4-5' },
        ...{ tokens_in: 4000, tokens_out: 900, cost_usd: 0.1 },
      },
    ],
    lastPass: {
      ...{ started_at: isoTime(now - 5000), ended_at: isoTime(now), done: 2, failed: 1, remaining: 3 },
      ...{ pushed: 'refused: no access', stopped: 'the limit is reached', stopped_by: 'usage_limited' },
    },
    clone: { id: '0190a1b2-0000-7000-8000-000000000000', where: 'laptop /home/dev/ledger 42' },
    claimsTakenBy: 'https://git.example/ledger.git',
    claimsRefusedBy: 'https://git.example/other.git',
    claudeFlags: { '/usr/bin/claude|1|2': ['--tools', '--setting-sources', '--strict-mcp-config'] },
  };
}

const ANSWER = JSON.stringify({
  title: 'Return people to where they came from',
  summary: 'The login kept the place that people came from nowhere. It does now, and its tests say so.',
  key_actions: ['Found the hard-coded target', 'Allowed only paths of this site', 'Ran the tests'],
  outcome: 'success',
  quality_score: 0.8,
});
