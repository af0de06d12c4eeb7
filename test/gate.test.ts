import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildConfig } from '../src/config.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { type PassEvent, runPass } from '../src/pass.ts';
import { passJson } from '../src/pass-json.ts';
import { formatResult } from '../src/ui/pass-text.ts';
import { MockRunner } from '../src/work/mock-runner.ts';
import { RunError } from '../src/work/runner.ts';
import { runGit, type TemporaryLedger, temporaryLedger } from './support/ledger-dir.ts';
import { loginEntries, marker, recording } from './support/sample-ledger.ts';
import { writeFiles } from './support/temporary-folder.ts';

// One gate: whatever leaves a transcript passes one redactor, whoever put it there and whoever made it.

const START = Date.parse('2026-03-06T10:00:00Z');
const CACHED = '2026-03-06T10-00-ryan-Ox7f3a';
const IN_LEDGER = '2026-03-06T11-00-ryan-Ox8b1c';

/** What nobody may see again, by what makes it a secret. */
const SECRETS = {
  token: ['ghp', 'a1B2c3D4'.repeat(5)].join('_'),
  team: 'project heather',
  environment: 'gamma-delta-epsilon',
  private: 'what my doctor said',
};
const ALL = `${SECRETS.token} ${SECRETS.team} ${SECRETS.environment} <private>${SECRETS.private}</private>`;

const RULES = `\`\`\`redact\nliteral "${SECRETS.team}" -> [TEAM]\n\`\`\`\n`;

const entries = () => [
  ...loginEntries(START),
  { type: 'user', content: `please use ${ALL}` },
  { type: 'assistant', content: ALL },
  { type: 'tool', tool_name: `Bash ${ALL}`, tool_input: { command: ALL, [ALL]: 1 }, tool_output: `{"a":"${ALL}"}` },
];

const answer = {
  title: `About ${ALL}`,
  summary: `It was about ${ALL}, and about more that is worth a sentence.`,
  outcome: 'success',
  key_actions: [ALL, 'looked', 'found'],
  topics_found: [ALL],
  quality_score: 0.9,
  quality_category: 'share',
};

interface Scene {
  readonly ledger: TemporaryLedger;
  readonly runner: MockRunner;
  readonly events: PassEvent[];
  readonly json: string;
}

/** As a recorder leaves it behind, and with all that a recorder may write into it. */
const abandoned = {
  ...JSON.parse(marker(START, 'Ox7f3a', 2 ** 22 + 1)),
  ...Object.fromEntries(['title', 'branch', 'git_branch', 'repo_url', 'agent_type'].map((key) => [key, ALL])),
};

async function play(rules: string, run?: MockRunner['runFunc']): Promise<Scene> {
  const ledger = temporaryLedger({ '.gitignore': '.sageox/cache/\n', 'README.md': 'ledger\n' });
  const raw = recording(START, '', 'Ox7f3a', entries());
  // Not committed: what lists the words that nobody may read is no example of them.
  writeFileSync(path.join(ledger.root, 'REDACT.md'), rules);
  writeFiles(ledger.root, {
    // Its header does not say whose it is, so that the marker does.
    [`.sageox/cache/sessions/${CACHED}/raw.jsonl`]: raw
      .replace(/"username":"[^"]*"/, '"x":"y"')
      .replace('"model"', '"y"'),
    [`.sageox/cache/sessions/${CACHED}/.recording.json`]: JSON.stringify({ ...abandoned, username: ALL, model: ALL }),
    [`sessions/${IN_LEDGER}/raw.jsonl`]: recording(START, `ryan ${ALL}`, 'Ox8b1c', entries()),
    [`sessions/${IN_LEDGER}/meta.json`]: JSON.stringify({ username: ALL, [ALL]: ALL, title: ALL }),
  });
  const environment = { ...ledger.environment, DEPLOY_TOKEN: SECRETS.environment };
  const runner = new MockRunner(true);
  if (run) runner.runFunc = run;
  const events: PassEvent[] = [];
  const opened = await openLedger(ledger.root, { cwd: ledger.root, environment });
  const report = await runPass(
    opened,
    {
      clock: () => START + 48 * 3_600_000,
      environment,
      runner,
      tell: (event) => events.push(event),
      wait: async () => {},
    },
    { config: buildConfig({}, {}, ''), sessions: [], again: false, limit: undefined, commit: true },
    new AbortController().signal,
  );
  return { ledger, runner, events, json: JSON.stringify(passJson(report)) };
}

/** Every place that others can read, or that is kept: by name, its text. */
function placesOf({ ledger, runner, events, json }: Scene): readonly (readonly [string, string])[] {
  const state = path.join(ledger.root, '.git/agentwork/state.json');
  return [
    ['the history of the remote', runGit(ledger.remote, ledger.environment, 'log', '-p', '--all')],
    ...runner.requests.map(({ prompt, systemPrompt = '' }) => ['a prompt', prompt + systemPrompt] as const),
    ['the report', json],
    ['what is told', JSON.stringify(events)],
    ['the state', readFileSync(state, 'utf8')],
  ];
}

function expectClean(scene: Scene): void {
  for (const [place, text] of placesOf(scene)) {
    for (const [kind, secret] of Object.entries(SECRETS)) {
      expect(text.includes(secret), `${place} holds the secret of the ${kind}`).toBe(false);
    }
  }
}

test('an agent that repeats everything that it should not leaks nothing', async () => {
  const scene = await play(RULES, async () => ({ output: JSON.stringify(answer), duration: 1, exitCode: 0 }));
  expectClean(scene);
  expect(scene.runner.requests).toHaveLength(2);
  expect(scene.runner.requests[0]?.prompt).toContain('[TEAM]');
  const published = scene.ledger.git('ls-tree', '-r', '--name-only', 'HEAD', 'sessions');
  for (const session of [CACHED, IN_LEDGER]) expect(published).toContain(`sessions/${session}/session.html`);
  const { results } = JSON.parse(scene.json) as { results: { session: string }[] };
  expect(results.find(({ session }) => session === CACHED)).toMatchObject({
    redactions: 24,
    redacted: { github_token: 6, 'team:2': 6, environment_value: 6, private_span: 6 },
  });
});

test('what an agent prints when it fails is clean, too', async () => {
  const scene = await play(RULES, async () => {
    throw new RunError('crashed', `it said ${ALL}`, { stderr: ALL, exitCode: 1 });
  });
  expectClean(scene);
  expect(scene.json).toContain('[TEAM]');
});

test('an answer that is of no use is kept, and told, clean', async () => {
  const scene = await play(RULES, async () => ({ output: `I cannot: ${ALL}`, duration: 1, exitCode: 0 }));
  expectClean(scene);
});

async function finish(ledger: TemporaryLedger, commit = true) {
  const { root, environment } = ledger;
  return runPass(
    await openLedger(root, { cwd: root, environment }),
    { clock: () => START + 48 * 3_600_000, environment, tell: () => {} },
    {
      config: { ...buildConfig({}, {}, ''), agent: 'offline' },
      ...{ sessions: [], again: false, limit: undefined, commit },
    },
    new AbortController().signal,
  );
}

test('a recording that is committed stays as it is, and that is told', async () => {
  const said = [{ type: 'user', content: `use ${SECRETS.token}` }, ...loginEntries(START)];
  const raw = recording(START, 'ryan', 'Ox8b1c', said);
  const ledger = temporaryLedger({ [`sessions/${IN_LEDGER}/raw.jsonl`]: raw });
  const report = await finish(ledger);
  expect(readFileSync(path.join(ledger.root, 'sessions', IN_LEDGER, 'raw.jsonl'), 'utf8')).toBe(raw);
  expect(passJson(report)).toMatchObject({ results: [{ redactions: 1, raw_unclean: true }] });
  expect(report.results.map(formatResult).join()).toContain(
    `raw.jsonl is committed and still holds them: agentwork cleanup --redact ${IN_LEDGER}`,
  );
});

test('what was finished before anybody knew its rule is clean when it is committed', async () => {
  const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
  const said = [{ type: 'user', content: `Start ${SECRETS.team} at last` }, ...loginEntries(START)];
  writeFiles(ledger.root, { [`sessions/${IN_LEDGER}/raw.jsonl`]: recording(START, 'ryan', 'Ox8b1c', said) });
  const file = (name: string) => path.join(ledger.root, 'sessions', IN_LEDGER, name);
  await finish(ledger, false);
  expect(readFileSync(file('meta.json'), 'utf8')).toContain(SECRETS.team);
  writeFileSync(path.join(ledger.root, 'REDACT.md'), RULES);
  expect((await finish(ledger)).push.outcome).toBe('done');
  expect(runGit(ledger.remote, ledger.environment, 'log', '-p', '--all')).not.toContain(SECRETS.team);
  const { files } = JSON.parse(readFileSync(file('meta.json'), 'utf8')) as { files: Record<string, { size: number }> };
  const sizes = Object.keys(files).map((name) => [name, readFileSync(file(name)).length]);
  expect(Object.entries(files).map(([name, { size }]) => [name, size])).toEqual(sizes);
});

test('a ledger with a rule that is none is not worked on', async () => {
  await expect(play(RULES.replace('literal', 'litteral'))).rejects.toMatchObject({ code: 'BAD_CONFIG' });
});

test('nothing is written of a session that cannot be searched', async () => {
  const ledger = temporaryLedger({ 'README.md': 'ledger\n' });
  writeFiles(ledger.root, { [`sessions/${IN_LEDGER}/raw.jsonl`]: recording(START, 'ryan', 'Ox8b1c', entries()) });
  const opened = await openLedger(ledger.root, { cwd: ledger.root, environment: ledger.environment });
  const broken = {
    name: 'broken',
    placeholder: '[BROKEN]',
    mightFind: () => true,
    find(): never {
      throw new RangeError(`Maximum call stack size exceeded at ${SECRETS.token}`);
    },
  };
  const policy = { rules: [broken] };
  const redaction = Object.assign(Object.create(opened.redaction), { general: policy, of: async () => policy });
  const runner = new MockRunner(true);
  const report = await runPass(
    { ...opened, redaction },
    { clock: () => START + 48 * 3_600_000, environment: ledger.environment, runner, tell: () => {} },
    { config: buildConfig({}, {}, ''), sessions: [], again: false, limit: undefined, commit: true },
    new AbortController().signal,
  );
  expect(report.results).toMatchObject([{ success: false, error: { code: 'REDACTION_FAILED' } }]);
  expect(JSON.stringify(passJson(report))).not.toContain(SECRETS.token);
  expect(runner.requests).toEqual([]);
  expect(readdirSync(path.join(ledger.root, 'sessions', IN_LEDGER))).toEqual(['raw.jsonl']);
});
