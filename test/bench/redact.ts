import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { redactedLines } from '../../src/ledger/transcript-file.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { createRedactor } from '../../src/session/redaction/redactor.ts';
import { CONTEXT_RULES, TOKEN_RULES } from '../../src/session/redaction/rules.ts';
import { type Figure, median, printFigures } from './figure.ts';
import { secretSessionLines } from './secret-session.ts';

const MEGABYTE = 1_000_000;
const [SMALL, LARGE] = [50 * MEGABYTE, 200 * MEGABYTE];
const ROUNDS = 5;
const QUICK_ROUNDS = 2;
const REDACT_ONCE = fileURLToPath(new URL('redact-once.mjs', import.meta.url));

interface Search {
  /** Of the thread that searches. */
  readonly seconds: number;
  /** Of all threads: others compile what it runs, and collect what it leaves. */
  readonly allSeconds: number;
  readonly peakMb: number;
}

/** A long recording searched for secrets, line by line as it is published: how fast, in how much memory, what is found. */
export async function redact({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Figure[]> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-bench-')));
  try {
    const file = path.join(folder, 'raw.jsonl');
    const planted = record(file, SMALL);
    const megabytes = statSync(file).size / MEGABYTE;
    const kinds = TOKEN_RULES.length + CONTEXT_RULES.length;
    console.log(`${megabytes.toFixed(1)} MB of a recording, ${planted.size} secrets in it, ${kinds} rules`);
    const figures = [
      ...speed(file, megabytes, isQuick ? QUICK_ROUNDS : ROUNDS),
      found(file, planted),
      ...(isQuick ? [] : memory(folder, file)),
    ];
    printFigures(figures);
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Writes a recording and says which line holds which secret. */
function record(file: string, bytes: number): ReadonlyMap<number, string> {
  const planted = new Map<number, string>();
  const descriptor = openSync(file, 'w');
  let index = 0;
  for (const { line, secret } of secretSessionLines(bytes)) {
    writeSync(descriptor, line);
    if (secret !== undefined) planted.set(index, secret);
    index += 1;
  }
  closeSync(descriptor);
  return planted;
}

/** Each round measures both, so that what slows the machine down slows both of them. */
function speed(file: string, megabytes: number, rounds: number): readonly Figure[] {
  const hasSecretlint = isInstalled('@secretlint/core');
  const measured = Array.from({ length: rounds }, () => {
    const ours = search('redact', file);
    return { ours, ratio: hasSecretlint ? ours.seconds / search('secretlint', file).seconds : 0 };
  });
  const perSecond = megabytes / median(measured.map(({ ours }) => ours.seconds));
  const ofAllThreads = megabytes / median(measured.map(({ ours }) => ours.allSeconds));
  const ratio = median(measured.map((each) => each.ratio));
  return [
    { what: 'speed', value: `${perSecond.toFixed(0)} MB/s`, goal: 'at least 100', isMet: perSecond >= 100 },
    { what: 'speed, all threads', value: `${ofAllThreads.toFixed(0)} MB/s` },
    hasSecretlint
      ? { what: 'time, to secretlint', value: ratio.toFixed(2), goal: 'at most 0.5', isMet: ratio <= 0.5 }
      : { what: 'time, to secretlint', value: 'it is not installed' },
  ];
}

function search(way: 'redact' | 'secretlint', file: string): Search {
  return JSON.parse(execFileSync(process.execPath, [REDACT_ONCE, way, file], { encoding: 'utf8' })) as Search;
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function found(file: string, planted: ReadonlyMap<number, string>): Figure {
  let count = 0;
  let index = 0;
  for (const line of redactedLines(file, createRedactor(BUILT_IN))) {
    const secret = planted.get(index);
    if (secret !== undefined && !line.includes(JSON.stringify(secret).slice(1, -1))) count += 1;
    index += 1;
  }
  return { what: 'secrets found', value: `${count} of ${planted.size}`, goal: 'all', isMet: count === planted.size };
}

function memory(folder: string, small: string): readonly Figure[] {
  const large = path.join(folder, 'large.jsonl');
  record(large, LARGE);
  return [small, large].map((file) => {
    const { peakMb } = search('redact', file);
    const what = `memory at ${(statSync(file).size / MEGABYTE).toFixed(0)} MB`;
    return { what, value: `${peakMb.toFixed(0)} MB`, goal: 'at most 100', isMet: peakMb <= 100 };
  });
}
