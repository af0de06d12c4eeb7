import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli, runJson } from '../support/cli.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';
import { writeFiles } from '../support/temporary-folder.ts';

const START = Date.parse('2026-03-06T10:00:00Z');
const NAME = '2026-03-06T10-00-ryan-Ox7f3a';

const rules = (...lines: string[]): string => `# Ours\n\n\`\`\`redact\n${lines.join('\n')}\n\`\`\`\n`;

/** A session that nobody committed, in which a customer and an order are named. */
function openLedger(redactFile: string) {
  const said = { type: 'user', content: 'PROJECT HEATHER ordered ACME-12345678' };
  const ledger = temporaryLedger({ 'REDACT.md': redactFile });
  const raw = recording(START, 'ryan', 'Ox7f3a', [said, ...loginEntries(START)]);
  writeFiles(ledger.root, { [`sessions/${NAME}/raw.jsonl`]: raw });
  return ledger;
}

test('the rules of a REDACT.md are in force, and status says how many there are', async () => {
  const { root } = openLedger(rules('literal "no such word" -> [X]', 'regex "(?i)project heather" -> [CUSTOMER]'));
  writeFiles(path.join(path.dirname(root), 'home'), {
    '.config/agentwork/REDACT.md': rules('regex "ACME-\\d{8}" -> [ORDER]'),
  });
  const finalized = await runJson(['finalize', '--agent', 'offline'], { cwd: root });
  expect(finalized.json).toMatchObject({ results: [{ redactions: 2, redacted: { 'team:5': 1, 'user:4': 1 } }] });
  const page = readFileSync(path.join(root, 'sessions', NAME, 'session.md'), 'utf8');
  expect(page).toContain('CUSTOMER');
  expect(page).not.toMatch(/heather|ACME-/i);
  const { stdout } = await runCli(['status'], { cwd: root });
  expect(stdout).toContain("2 rules of the ledger's REDACT.md, 1 rule of your own, beside what is built in");
});

test.each(['detect', 'finalize', 'status', 'cleanup'])(
  '%s refuses a rule that is none, and names its line',
  async (command) => {
    const { root } = openLedger(rules('literal "fine" -> [FINE]', 'regex "(" -> [X]'));
    const { status, stderr, stdout } = await runCli([command], { cwd: root });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${path.join(root, 'REDACT.md')}:5: error parsing regexp: missing closing )`);
  },
);
