import { expect, test } from 'vitest';
import { runCli, runJson } from '../support/cli.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';

const START = Date.parse('2026-03-06T10:00:00Z');
const RYANS = '2026-03-06T10-00-ryan-Ox7f3a';
const MIAS = '2026-03-06T10-00-mia-Ox9n3s';

/** Two unfinished sessions, one of them made on a branch that its meta.json tells. */
function openLedger() {
  const raw = (user: string, id: string) => recording(START, user, id, loginEntries(START));
  return temporaryLedger({
    [`sessions/${RYANS}/raw.jsonl`]: raw('ryan', 'Ox7f3a'),
    [`sessions/${RYANS}/meta.json`]: JSON.stringify({ branch: 'private/talks', workspace_path: '/home/ryan/shop' }),
    [`sessions/${MIAS}/raw.jsonl`]: raw('mia', 'Ox9n3s'),
  });
}

test('finalize leaves alone what agentwork.exclude names, and detect --explain says why', async () => {
  const { root, git } = openLedger();
  const options = { cwd: root };
  git('config', '--add', 'agentwork.exclude', 'branch:private/*');
  git('config', '--add', 'agentwork.exclude', 'path:~/nothing/**');
  const finalized = await runJson(['finalize', '--agent', 'offline'], options);
  expect(finalized).toMatchObject({ status: 0, json: { detected: 1, results: [{ session: MIAS }] } });
  const named = await runCli(['finalize', '--agent', 'offline', '--again', RYANS], options);
  expect(named.status).toBe(0);
  expect(named.stdout).toMatch(/agentwork\.exclude in \S*config excludes branch:private\/\*/);
  expect(git('ls-tree', '-r', '--name-only', 'origin/main', `sessions/${RYANS}`).split('\n')).toHaveLength(2);
  const { stdout } = await runCli(['detect', '--explain', RYANS], options);
  expect(stdout.split('\n').map((row) => row.trim().replace(/ {2,}/, ': '))).toEqual(
    expect.arrayContaining([
      `${RYANS}: held`,
      expect.stringMatching(/^why: +agentwork\.exclude in \S*config excludes branch:private\/\*$/),
      'rule: excluded',
      'next: nothing, as long as that pattern stands in agentwork.exclude',
      'told: user ryan; branch private/talks; path /home/ryan/shop',
    ]),
  );
  expect((await runCli(['detect', '--exit-code'], options)).status).toBe(0);
});

test('the environment adds to what is excluded', async () => {
  const { root, git } = openLedger();
  git('config', 'agentwork.exclude', 'user:ryan');
  const options = { cwd: root, env: { AGENTWORK_EXCLUDE: 'branch:{a,b}/*,user:mia' } };
  expect(await runJson(['detect'], options)).toMatchObject({ json: { items: [], counts: { held: 2 } } });
});

test.each([
  ['team:core', {}, /agentwork\.exclude in \S*config: 'team:core' is not user:GLOB/],
  ['user:ryan', { AGENTWORK_EXCLUDE: 'path:shop' }, /AGENTWORK_EXCLUDE: 'path:shop' is not user:GLOB/],
])('a bad pattern is refused with its place, whatever is asked: %s', async (pattern, env, message) => {
  const { root, git } = openLedger();
  git('config', 'agentwork.exclude', pattern);
  for (const command of ['finalize', 'detect', 'status', 'cleanup']) {
    const { status, stderr } = await runCli([command], { cwd: root, env });
    expect({ command, status }).toEqual({ command, status: 2 });
    expect(stderr).toMatch(message);
  }
});
