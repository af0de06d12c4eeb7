import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const PEOPLE = [
  'ryan@example.com',
  'mei',
  'oluwaseun',
  'anna-lena',
  'tomás',
  'priya',
  'jonas',
  'sofia',
  'kenji',
  'ivy',
];
const AREAS = ['login', 'checkout', 'search', 'billing', 'webhooks', 'onboarding', 'the export', 'reports', 'the API'];
const WORK = [
  ['Fix the redirect loop in', 'bug'],
  ['Make pages faster in', 'performance'],
  ['Add tests for', 'testing'],
  ['Move to the new client in', 'migration'],
  ['Find out why requests time out in', 'bug'],
  ['Write down how things work in', 'docs'],
  ['Retry what fails by itself in', 'reliability'],
] as const;
const TOPICS = ['typescript', 'postgres', 'react', 'redis', 'http', 'oauth', 'vitest', 'docker', 'graphql', 'css'];
const FILES = ['index', 'client', 'guard', 'routes', 'schema', 'handler', 'queue', 'session', 'cache', 'format'];
const HOUR_MS = 3_600_000;

/** A ledger with so many sessions as teams have them, the same each time; without recordings that are worth the name. */
export function manySessions(root: string, count: number, end: number): void {
  mkdirSync(root, { recursive: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', root]);
  const random = randomOf(count);
  const span = Math.min(count * 5, 24 * 640);
  for (let index = 0; index < count; index += 1)
    writeSession(root, index, end - random() ** 1.4 * span * HOUR_MS, random);
}

function writeSession(root: string, index: number, startMs: number, random: () => number): void {
  const pick = <T>(list: readonly T[], bias = 1): T => list[Math.floor(random() ** bias * list.length)] as T;
  const who = pick(PEOPLE, 2);
  const time = new Date(startMs).toISOString();
  const name = `${time.slice(0, 16).replace(':', '-')}-${who}-Ox${(index + 4096).toString(16)}`;
  const folder = path.join(root, 'sessions', name);
  const [what, kind] = pick(WORK);
  const [area, second] = [pick(AREAS), pick(AREAS)];
  const files = Array.from({ length: 1 + Math.floor(random() ** 3 * 14) }, () => ({
    path: `src/${pick(AREAS).replace('the ', '').toLowerCase()}/${pick(FILES)}${pick(['', '.test', '-view'])}.ts`,
    added: Math.floor(random() * 90),
    removed: Math.floor(random() * 40),
  }));
  const tokens = Math.floor(3000 + random() ** 3 * 90_000);
  const summary = {
    title: `${what} ${area}${random() < 0.4 ? ` and ${second}` : ''}`,
    provider: 'claude',
    summary: `The user asked to ${what.toLowerCase()} ${area}, since people had complained about it for a while. The agent read ${files.length + 3} files, found that ${pick(FILES)} and ${pick(FILES)} disagreed about who owns the state of ${second}, and changed ${files.length} files. The tests ${random() < 0.7 ? 'pass' : 'fail in one place, which is left open'}; ${pick(FILES)} was not touched, because it is about to be replaced. Left to do: look at ${pick(AREAS)} again once the release is out.`,
    key_actions: ['Read the code', 'Changed it', 'Ran the tests'],
    outcome: pick(['success', 'success', 'success', 'success', 'success', 'partial', 'partial', 'failed']),
    topics_found: [...new Set([kind, pick(TOPICS, 1.6), pick(TOPICS), area.replace('the ', '').toLowerCase()])],
    files_changed: files,
    chapter_titles: ['Looking around', 'Changing it', 'Proving it'],
    quality_score: 0.8,
    agentwork: {
      version: 1,
      input: { sha256: 'a'.repeat(64), bytes: 20_000, entries: 60 },
      agent: 'claude',
      model: 'claude-haiku-4-5',
      runs: 1,
      tokens_in: tokens,
      tokens_out: 900,
      cost_usd: Number((tokens * 1.1e-6 + 0.0045).toFixed(6)),
    },
  };
  const meta = {
    version: '1.0',
    session_name: name,
    username: who,
    agent_type: 'claude-code',
    created_at: time,
    title: summary.title,
  };
  mkdirSync(folder, { recursive: true });
  const write = (file: string, content: object) =>
    writeFileSync(path.join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  writeFileSync(path.join(folder, 'raw.jsonl'), '{"type":"header"}\n');
  write('meta.json', meta);
  if (random() < 0.02) return;
  write('summary.json', summary);
  writeFileSync(path.join(folder, 'session.html'), '<!doctype html><title>a session</title>');
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
