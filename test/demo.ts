import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createSampleLedger } from './support/sample-ledger.ts';

const BIN = fileURLToPath(new URL('../bin/run.cjs', import.meta.url));

/** Runs a command of the built binary as a person would, and shows it. */
async function run(ledger: string, ...words: string[]): Promise<void> {
  console.log(
    `\n\u001b[1m$ agentwork ${words.join(' ')}\u001b[0m\n`.replace(/\u001b\[\d+m/g, process.stdout.isTTY ? '$&' : ''),
  );
  const { exitCode } = await execa(process.execPath, [BIN, ...words], { cwd: ledger, stdio: 'inherit', reject: false });
  if (exitCode !== 0) throw new Error(`agentwork ${words.join(' ')} ended with status ${exitCode}`);
}

async function demo(folder: string): Promise<void> {
  const { root, remote, sessions } = createSampleLedger(folder, Date.now());
  console.log(`A sample ledger with ${Object.keys(sessions).length} sessions: ${root}\nIts remote: ${remote}`);
  await run(root, 'detect');
  await run(root, 'finalize', '--agent', 'offline');
  await run(root, 'status');
  await run(root, 'detect');
  await run(root, 'status', '--html');
  console.log(
    `\nOpen in a browser that page of all sessions, and that of one: ${path.join(root, 'sessions', sessions.unsummarised, 'session.html')}`,
  );
}

const chosen = process.argv[2];
const folder = chosen === undefined ? mkdtempSync(path.join(tmpdir(), 'agentwork-demo-')) : path.resolve(chosen);
if (existsSync(folder) && readdirSync(folder).length > 0) {
  console.error(`${folder} is not empty: name a folder that is, or none`);
  process.exitCode = 2;
} else await demo(folder);
