import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { bigSessionLines } from '../support/big-session.ts';
import { CHROMIUM, launchBrowser } from '../support/chromium.ts';
import { startCli } from '../support/cli.ts';
import { type Figure, median, printFigures } from './figure.ts';
import { lookAt } from './page-look.ts';
import { peakMbIn, TELLS_PEAK } from './peak-memory.ts';

const MEGABYTE = 1_000_000;
const ROUNDS = 7;
const QUICK_ROUNDS = 3;
const RENDER_ONCE = fileURLToPath(new URL('render-once.ts', import.meta.url));
interface Scale {
  readonly name: string;
  readonly entries: number;
  /** The page of a session of usual length has to be small; that of a huge one has to open. */
  readonly isUsual?: boolean;
}

const SCALES: readonly Scale[] = [
  { name: 'typical', entries: 2000, isUsual: true },
  { name: 'long', entries: 5000 },
  { name: 'huge', entries: 20_000 },
];

interface Finished {
  readonly page: string;
  readonly rawBytes: number;
  readonly seconds: number;
  /** Unknown where there is no /proc. */
  readonly peakMb?: number;
}

/** Sessions from usual to huge, through the real pass into a page: how fast, how large, and how it opens. */
export async function render({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Figure[]> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'agentwork-bench-')));
  const browser = CHROMIUM === undefined ? undefined : await launchBrowser();
  if (browser === undefined) console.log('Chromium is not installed: no page is opened');
  const figures: Figure[] = [];
  const peaks: number[] = [];
  try {
    for (const scale of isQuick ? SCALES.slice(0, 2) : SCALES) {
      const raw = await record(path.join(folder, scale.name), scale.entries);
      const finished = await finish(path.join(folder, scale.name), raw);
      peaks.push(finished.peakMb ?? 0);
      const measured = [
        ...describe(scale, finished, peaks),
        ...(scale.isUsual ? ratios(raw, path.join(folder, 'page.html'), isQuick ? QUICK_ROUNDS : ROUNDS) : []),
        ...(browser ? await opened(browser, finished.page) : []),
      ];
      print(scale, finished, measured);
      figures.push(...measured);
    }
  } finally {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return figures;
}

/** A ledger with this one session in it. */
async function record(folder: string, entries: number): Promise<string> {
  const session = path.join(folder, 'ledger', 'sessions', '2026-03-06T09-00-mia-OxB16');
  mkdirSync(session, { recursive: true });
  await pipeline(Readable.from(bigSessionLines(entries)), createWriteStream(path.join(session, 'raw.jsonl')));
  const git = (...words: readonly string[]) => execFileSync('git', words, { cwd: path.join(folder, 'ledger') });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'mia');
  git('config', 'user.email', 'mia@example.com');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'record a session');
  return path.join(session, 'raw.jsonl');
}

/** As a person would: the real binary, the offline agent, all four artifacts and the commit. */
async function finish(folder: string, raw: string): Promise<Finished> {
  const startedAt = performance.now();
  const words = ['finalize', '--agent', 'offline', '--no-push', '--no-claim'];
  const { exitCode, stderr } = await startCli(words, { cwd: path.join(folder, 'ledger'), env: TELLS_PEAK });
  const seconds = (performance.now() - startedAt) / 1000;
  const page = path.join(path.dirname(raw), 'session.html');
  if (exitCode !== 0) throw new Error(`finalize ended with status ${exitCode}: ${stderr}`);
  const peakMb = peakMbIn(String(stderr));
  return { page, rawBytes: statSync(raw).size, seconds, ...(peakMb !== undefined && { peakMb }) };
}

function describe({ isUsual }: Scale, { page, peakMb }: Finished, peaks: readonly number[]): readonly Figure[] {
  const bytes = statSync(page).size;
  const size = { what: 'page', value: `${(bytes / MEGABYTE).toFixed(2)} MB` };
  const figures: Figure[] = [isUsual ? { ...size, goal: 'under 2 MB', isMet: bytes < 2 * MEGABYTE } : size];
  if (peakMb === undefined) return figures;
  const growth = peakMb / (peaks[0] ?? peakMb);
  const memory = { what: 'peak memory', value: `${peakMb.toFixed(0)} MB` };
  const grown = { what: 'memory, to typical', value: growth.toFixed(2), goal: 'at most 1.25', isMet: growth <= 1.25 };
  return [...figures, memory, ...(peaks.length > 1 ? [grown] : [])];
}

/** Each round measures all three ways, so that what slows the machine down slows all of them. */
function ratios(raw: string, page: string, rounds: number): readonly Figure[] {
  const once = (way: string): number =>
    Number(execFileSync(process.execPath, ['--import', 'tsx', RENDER_ONCE, way, raw, page], { encoding: 'utf8' }));
  const measured = Array.from({ length: rounds }, () => {
    const alone = once('escape');
    return { alone, colours: once('colours') / alone, plain: once('plain') / alone };
  });
  const [colours, plain] = [median(measured.map((each) => each.colours)), median(measured.map((each) => each.plain))];
  return [
    { what: 'escaping alone', value: `${median(measured.map((each) => each.alone)).toFixed(0)} ms` },
    { what: 'reading and rendering', value: `${colours.toFixed(2)} times that` },
    { what: 'without colours', value: `${plain.toFixed(2)} times that` },
  ];
}

async function opened(browser: Browser, page: string): Promise<readonly Figure[]> {
  const { paintMs, searchMs, elements } = await lookAt(browser, page);
  return [
    { what: 'first paint', value: `${paintMs.toFixed(0)} ms`, goal: 'under 1 s', isMet: paintMs < 1000 },
    { what: 'search', value: `${searchMs.toFixed(0)} ms`, goal: 'under 200 ms', isMet: searchMs < 200 },
    { what: 'elements', value: String(elements) },
  ];
}

function print({ name, entries }: Scale, { rawBytes, seconds }: Finished, figures: readonly Figure[]): void {
  const megabytes = rawBytes / MEGABYTE;
  const speed = `finished in ${seconds.toFixed(1)} s, ${(megabytes / seconds).toFixed(1)} MB/s`;
  console.log(`${name}: ${entries} entries, ${megabytes.toFixed(1)} MB, ${speed}`);
  printFigures(figures);
}
