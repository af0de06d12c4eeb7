import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { type HostileLedger, hostileLedger } from '../support/hostile-ledger.ts';
import { type StandInAct, writeStandInClaude } from '../support/stand-in-claude.ts';

/** What a terminal would obey, and what nobody would see. */
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u{e0000}-\u{e007f}]/u;

const EVIL =
  '\u001b]0;owned\u0007\u001b[2J<script>alert(1)</script>[go](javascript:alert(1)) ![x](https://evil.example/x.png) \u202e\u{e0041}../../../escape';

const ANSWER = {
  title: `Show ${EVIL}`,
  summary: `The session was about this: ${EVIL}. `.repeat(3),
  key_actions: [EVIL, EVIL, EVIL],
  outcome: 'success',
  topics_found: [EVIL],
  final_plan: `# Plan\n\n${EVIL}`,
  diagrams: [`graph TD\n\`\`\`\n# ${EVIL}`],
  chapter_titles: [EVIL],
  aha_moments: [{ seq: 0, role: EVIL, type: 'insight', highlight: EVIL, why: EVIL }],
  agent_summary: { decisions: [{ what: EVIL, why: EVIL, owner: EVIL }] },
  quality_category: 'share',
  quality_score: 1e308,
  // None of these is a model's to say.
  ...{ provider: 'somebody', summary_status: 'unrecoverable', files_changed: [{ path: '../../../escape', added: 1 }] },
  agentwork: { version: 1, agent: 'somebody', input: { sha256: 'x', bytes: 0, entries: 0 } },
  ...{ raw_path: '../../../escape', session: '../../../escape', files: { '../../../escape': 'owned' } },
};

/** A pass whose agent acts so, and everything that a person then sees of it. */
async function finalize(ledger: HostileLedger, act: StandInAct) {
  const claudeFolder = path.join(ledger.scratch, 'bin');
  await writeStandInClaude(claudeFolder, { calls: [act] });
  const options = { cwd: ledger.root, claudeFolder };
  const pass = await runCli(['finalize'], options);
  const status = await runCli(['status'], options);
  const seen = [pass.stdout, pass.stderr, status.stdout, status.stderr].join('\n');
  return { status: pass.status, seen, message: ledger.git('log', '-1', '--format=%B') };
}

test('whatever an answer claims, its session is finished with plain words, and nothing else is touched', async () => {
  const ledger = hostileLedger();
  const hostile = JSON.stringify(ANSWER).replace(/\}$/, ',"__proto__":{"title":"Owned","provider":"x"}}');
  const { status, seen, message } = await finalize(ledger, { answer: hostile });
  expect(status).toBe(0);
  expect(seen).not.toMatch(UNPRINTABLE);
  expect(message).not.toMatch(/owned|evil|escape/i);
  const changed = ledger.git('show', '--format=', '--name-only').split('\n').sort();
  const written = ['meta.json', 'session.html', 'session.md', 'summary.json', 'summary.md'];
  expect(changed).toEqual(written.map((name) => `sessions/${ledger.session}/${name}`));
  expect(ledger.git('status', '--porcelain', '--ignored')).toBe('');
  const read = (name: string) => readFileSync(path.join(ledger.root, 'sessions', ledger.session, name), 'utf8');
  const summary = JSON.parse(read('summary.json'));
  expect(summary).toMatchObject({ provider: 'claude', agentwork: { agent: 'claude', input: { entries: 36 } } });
  expect(summary).not.toHaveProperty('summary_status');
  expect(summary).not.toHaveProperty('files_changed.0');
  for (const name of written) expect(read(name), name).not.toMatch(UNPRINTABLE);
  expect(read('session.html')).not.toMatch(/<script>alert|<img|(?:src|href)="(?:javascript|https?:\/\/evil)/);
});

const lines = (...values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const begun = { type: 'system', subtype: 'init' };
const result = { type: 'result', subtype: 'success', is_error: false, result: '', total_cost_usd: 0.1 };
const says = (model: string) => ({ type: 'assistant', message: { model, content: [{ type: 'text', text: 'no' }] } });
const usage = { inputTokens: 5, outputTokens: 5 };

test.each<[string, StandInAct]>([
  ['an error before the start', { stderr: `${EVIL}\n`, exitCode: 1 }],
  ['an error of the service', { stdout: lines(begun, { ...result, is_error: true, result: EVIL }), exitCode: 1 }],
  ['the name of a kind of result', { stdout: lines(begun, { ...result, subtype: EVIL }), exitCode: 0 }],
  ['the name of a model', { stdout: lines(begun, says(EVIL), { ...result, modelUsage: { [EVIL]: usage } }) }],
])('%s is shown and kept without what a terminal obeys', async (_, act) => {
  const ledger = hostileLedger();
  const { status, seen } = await finalize(ledger, act);
  expect([3, 12]).toContain(status);
  expect(seen).not.toMatch(UNPRINTABLE);
  const state = readFileSync(path.join(ledger.root, '.git', 'agentwork', 'state.json'), 'utf8');
  expect(JSON.stringify(JSON.parse(state))).not.toMatch(/\\u001b|\\u0007|\u202e|\u{e0041}/iu);
});
