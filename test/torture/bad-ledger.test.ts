import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { test } from 'vitest';
import { claimRef, formatClaim } from '../../src/ledger/claims/claim.ts';
import { formatState } from '../../src/state-format.ts';
import { HELP } from '../support/bad-input/agent-formats.ts';
import { BadLedger, HEALTHY, removeAll } from '../support/bad-input/bad-ledger.ts';
import { REDACT } from '../support/bad-input/config-formats.ts';
import { fullState } from '../support/bad-input/full-state.ts';
import { buffers, fixturesCalled } from '../support/bad-input/input-format.ts';
import { bytesOf, MUTANT } from '../support/bad-input/mutant.ts';
import { expectToHold } from '../support/bad-input/seeded-property.ts';
import { ATTRIBUTES } from '../support/bad-input/session-formats.ts';
import { CLAIM, LOCK, ORIGIN } from '../support/bad-input/state-formats.ts';
import type { CliOptions } from '../support/cli.ts';
import { runGit } from '../support/ledger-dir.ts';
import { writeStandInClaude } from '../support/stand-in-claude.ts';
import { writeFiles } from '../support/temporary-folder.ts';
import { shortOrLong, tellFigures } from '../support/torture.ts';

/** The real program on real clones, of which much is wrong. */

const OFFLINE = { env: { AGENTWORK_AGENT: 'offline' } };
const SESSIONS = 12;
const LEDGERS = shortOrLong(1, 40);
const AROUND = shortOrLong(1, 60);

const badFiles = fc.array(fc.tuple(fc.nat(), MUTANT), { minLength: SESSIONS, maxLength: SESSIONS });

test('looks and a pass without an agent end well, although sessions and state are bad', async () => {
  const property = fc.asyncProperty(badFiles, MUTANT, async (files, mutant) => {
    const bad = new BadLedger(files);
    const raw = readFileSync(path.join(bad.healthy, 'raw.jsonl'), 'utf8');
    const state = formatState(fullState(bad.healthy, raw, Date.now()));
    writeFiles(bad.stateDir, { 'state.json': bytesOf(buffers(state), mutant) });
    for (const words of LOOKS) await bad.run(words, OFFLINE);
    await bad.run(['detect', '--explain', ...bad.committed], OFFLINE);
    bad.expectNothingTouched();
    await finish(bad, OFFLINE);
  });
  await expectToHold(property, 0, LEDGERS);
  tellFigures('bad sessions and state', { ledgers: LEDGERS, files: LEDGERS * (SESSIONS + 1) });
});

test('a pass that asks an agent finishes what is healthy beside bad sessions', async () => {
  const property = fc.asyncProperty(badFiles, async (files) => {
    const bad = new BadLedger(files);
    await writeStandInClaude(claudeIn(bad));
    await finish(bad, { claudeFolder: claudeIn(bad) });
  });
  await expectToHold(property, 1, LEDGERS);
  tellFigures('bad sessions and an agent', { ledgers: LEDGERS, files: LEDGERS * SESSIONS });
});

const LOOKS = [
  ['detect', '--json'],
  ['finalize', '--dry-run'],
  ['status', '--html'],
];

async function finish(bad: BadLedger, options: Partial<CliOptions>): Promise<void> {
  await bad.run(['finalize', '--json'], options);
  bad.expectNothingTouched();
  bad.expectHealthyPublished();
  await bad.run(['cleanup'], options);
  await bad.run(['cleanup', '--redact', ...bad.committed], options);
  await bad.run(['status'], options);
  bad.expectNothingTouched();
}

/** What is bad, how it comes there, and how it goes again. */
interface Surrounding {
  readonly name: string;
  readonly samples: readonly Buffer[];
  readonly put: (bad: BadLedger, bytes: Buffer) => void | Promise<void>;
  readonly takeAway: (bad: BadLedger) => void | Promise<void>;
}

const claudeIn = (bad: BadLedger) => path.join(bad.ledger.scratch, 'bin');
const fileIn = (name: string, folderOf: (bad: BadLedger) => string, ...samples: readonly string[]): Surrounding => ({
  name,
  samples: buffers(...samples),
  put: (bad, bytes) => writeFiles(folderOf(bad), { [name]: bytes }),
  takeAway: (bad) => removeAll(path.join(folderOf(bad), name)),
});
const inState = (name: string, sample: string) => fileIn(name, ({ stateDir }) => stateDir, sample);

const MOVE = { ref: 'refs/heads/main', from: 'a'.repeat(40), to: 'b'.repeat(40), held: [] };
const CONFIG =
  '[agentwork]\n\tagent = claude\n\tmaxConcurrent = 2\n\ttimeout = 1m\n\texclude = user:nobody*\n\tpush = true\n';

const SURROUNDINGS: readonly Surrounding[] = [
  inState('pass.lock', LOCK),
  inState('trash/.origins/a.json', ORIGIN),
  inState('branch-move-.git', JSON.stringify(MOVE)),
  inState('index-lock-.git', 'A pass of agentwork holds the index.\n'),
  fileIn('REDACT.md', ({ ledger }) => ledger.root, REDACT),
  fileIn('.gitattributes', ({ healthy }) => healthy, ...ATTRIBUTES.map(String)),
  fileIn('config.worktree', ({ ledger }) => path.join(ledger.root, '.git'), CONFIG),
  {
    name: '.git/config',
    samples: buffers(CONFIG),
    put: ({ ledger }, bytes) => appendFileSync(path.join(ledger.root, '.git', 'config'), bytes),
    takeAway({ ledger, configBytes }) {
      const file = path.join(ledger.root, '.git', 'config');
      writeFileSync(file, readFileSync(file).subarray(0, configBytes));
    },
  },
  {
    name: 'claim of another machine',
    samples: buffers(formatClaim({ ...CLAIM, session: HEALTHY[0] })),
    put: ({ ledger: { remote, environment, scratch } }, bytes) => {
      const file = path.join(scratch, 'claim');
      const tree = runGit(remote, environment, 'rev-parse', 'main^{tree}');
      const head = `tree ${tree}\nauthor a <a> 1700000000 +0000\ncommitter a <a> 1700000000 +0000\n\n`;
      writeFileSync(file, Buffer.concat([Buffer.from(head), bytes]));
      const commit = runGit(remote, environment, 'hash-object', '-w', '-t', 'commit', '--literally', file);
      runGit(remote, environment, 'update-ref', claimRef(HEALTHY[0]), commit);
    },
    takeAway: ({ ledger: { remote, environment } }) => {
      runGit(remote, environment, 'update-ref', '-d', claimRef(HEALTHY[0]));
    },
  },
  {
    name: 'output of claude',
    samples: fixturesCalled(/\.jsonl$/, 'claude-output'),
    put: async (bad, bytes) => {
      await writeStandInClaude(claudeIn(bad), {
        calls: [{ stdout: bytes.toString('utf8'), exitCode: bytes.length % 2 }],
      });
    },
    takeAway: () => {},
  },
  {
    name: 'help of claude',
    samples: buffers(HELP),
    put: async (bad, bytes) => {
      await writeStandInClaude(claudeIn(bad), { probe: { stdout: bytes.toString('utf8') } });
    },
    takeAway: () => {},
  },
];

test('whatever is bad around the sessions, it ends with a status, and once it is gone all is finished', async () => {
  const property = fc.asyncProperty(fc.tuple(fc.nat(), MUTANT), fc.nat(), MUTANT, async (file, which, mutant) => {
    const bad = new BadLedger([file]);
    const { samples, put, takeAway } = SURROUNDINGS[which % SURROUNDINGS.length] as Surrounding;
    await writeStandInClaude(claudeIn(bad));
    await put(bad, bytesOf(samples, mutant));
    bad.remember();
    const options = { claudeFolder: claudeIn(bad) };
    for (const words of [['detect', '--json'], ['status'], ['finalize'], ['cleanup']]) await bad.run(words, options);
    bad.expectNothingTouched();
    await takeAway(bad);
    bad.remember();
    await bad.run(['finalize', '--resume'], OFFLINE);
    bad.expectNothingTouched();
    bad.expectHealthyPublished();
  });
  await expectToHold(property, 2, AROUND);
  tellFigures('bad files around the sessions', { ledgers: AROUND });
});
