import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { buildConfig } from '../../src/config.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { runPass, type World } from '../../src/pass.ts';
import { runRedaction } from '../../src/redact-session.ts';
import { FLAVOURS, type Fuse, runBoot } from '../support/crash.ts';
import { runGit, statusOf, type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';
import { shortOrLong, tellFigures } from '../support/torture.ts';

/**
 * A redaction that is killed, at any of its changes to the disk or to git, leaves each file as it was or as it is to
 * be, and the next one goes on. Disk and git are real, and the kill is as in `support/crash.ts`.
 */

vi.mock('node:fs', async () => (await import('../support/crash.ts')).crashingFs());
vi.mock('node:fs/promises', async () => (await import('../support/crash.ts')).crashingPromises());
vi.mock('simple-git', async (actual) => (await import('../support/paper-git.ts')).crashingGit(await actual()));
vi.mock('../../src/process-facts.ts', async () => (await import('../support/crash.ts')).processFacts);

const START = Date.parse('2026-03-06T10:00:00Z');
const NOW = START + 48 * 3_600_000;
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';
const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
/** In the short form every so many of the changes to disk and git is killed at. */
const STRIDE = shortOrLong(50, 1);

const filesOf = ({ root }: TemporaryLedger) => {
  const folder = path.join(root, 'sessions', NAME);
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
};
const config = { ...buildConfig({}, {}, ''), agent: 'offline', claim: false } as const;
const signal = new AbortController().signal;
const open = ({ root, environment }: TemporaryLedger) => openLedger(root, { cwd: root, environment });
const worldOf = ({ environment }: TemporaryLedger): World => ({ clock: () => NOW, environment, tell: () => {} });

async function pass(ledger: TemporaryLedger): Promise<number> {
  const options = { config, sessions: [], again: false, limit: undefined, commit: true };
  return (await runPass(await open(ledger), worldOf(ledger), options, signal)).detected;
}

const redact = (ledger: TemporaryLedger, fuse?: Fuse) =>
  runBoot({ fuse, now: NOW, deviceOf: () => 'disk' }, async () =>
    runRedaction(await open(ledger), worldOf(ledger), { config, sessions: [NAME], isDryRun: false, signal }),
  );

let before: Readonly<Record<string, string>>;
let after: Readonly<Record<string, string>>;
let steps: readonly string[];

/** What files say of each other's bytes follows when these are as they are to be. */
const withoutFigures = (text = '') => text.replace(/"(?:sha256|bytes|size)": \S+/g, '');

/** A session that was finished when nobody knew yet that it holds a secret. */
const scene = () =>
  temporaryLedger(Object.fromEntries(Object.entries(before).map(([name, text]) => [`sessions/${NAME}/${name}`, text])));

beforeAll(async () => {
  const said = { type: 'user', content: 'use 12345 to log in' };
  const ledger = temporaryLedger({
    [`sessions/${NAME}/raw.jsonl`]: recording(START, 'ryan', 'Ox7f3a', [...loginEntries(START), said]),
  });
  await pass(ledger);
  before = Object.fromEntries(
    Object.entries(filesOf(ledger)).map(([name, text]) => [name, text.replaceAll('use 12345', `use ${TOKEN}`)]),
  );
  const clean = scene();
  const end = await redact(clean);
  expect(end.ended).toBe('well');
  after = filesOf(clean);
  steps = end.steps;
  expect(JSON.stringify(after)).not.toContain(TOKEN);
  expect(steps.length).toBeGreaterThan(100);
});

test.each(FLAVOURS.map((flavour, index) => ({ flavour, first: index * 17 })))(
  'killed $flavour one of its changes, it goes on',
  async ({ flavour, first }) => {
    const points = steps.map((_, at) => at).filter((at) => at % STRIDE === first % STRIDE);
    for (const nth of points) await goesOn({ where: '', nth, flavour });
    tellFigures(`a redaction that is killed ${flavour} a change`, { points: points.length });
  },
);

async function goesOn(fuse: Fuse): Promise<void> {
  const ledger = scene();
  const killed = await redact(ledger, fuse);
  expect(killed.ended).toBe('killed');
  const at = 'at' in killed && killed.at;
  for (const [name, text] of Object.entries(filesOf(ledger)).filter(([file]) => file in before)) {
    expect([before[name], after[name]].map(withoutFigures), `${name} after ${at}`).toContain(withoutFigures(text));
  }
  const next = await redact(ledger);
  expect(next).toMatchObject({ ended: 'well' });
  expect(filesOf(ledger)).toMatchObject(after);
  expect(statusOf(ledger).filter((line) => !line.includes('agentwork-tmp'))).toEqual([]);
  expect(runGit(ledger.remote, ledger.environment, 'grep', '--text', '', 'main', '--', 'sessions')).not.toContain(
    TOKEN,
  );
  expect(await pass(ledger)).toBe(0);
}
