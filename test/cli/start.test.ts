import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { finishedArtifacts, loginEntries, recording } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const BUILT = fileURLToPath(new URL('../../dist/cli/', import.meta.url));
const START = Date.parse('2026-03-06T10:00:00Z');
const SESSION = 'sessions/2026-03-06T10-00-ryan-Ox7f3a';
/** Half a megabyte is read in the time that git takes to say where the clone is. */
const MOST_BYTES = 725_000;

/** What a command has read of the program when it ends: the files, and the sources that they were made of. */
async function readBy(words: readonly string[]) {
  const raw = recording(START, 'ryan', 'Ox7f3a', loginEntries(START));
  const files = Object.entries({ 'raw.jsonl': raw, ...finishedArtifacts() });
  const { root } = temporaryLedger(Object.fromEntries(files.map(([name, text]) => [`${SESSION}/${name}`, text])));
  const folder = temporaryFolder();
  expect(await runCli(words, { cwd: root, env: { NODE_V8_COVERAGE: folder } })).toMatchObject({
    status: 0,
    stderr: '',
  });
  const [report = ''] = readdirSync(folder);
  const { result } = JSON.parse(readFileSync(path.join(folder, report), 'utf8')) as { result: { url: string }[] };
  const loaded = result.map(({ url }) => (url.startsWith('file:') ? fileURLToPath(url) : ''));
  const own = loaded.filter((file) => file.startsWith(BUILT));
  const sources = own.flatMap(
    (file) => (JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[] }).sources,
  );
  return { own, sources };
}

/** Nobody needs these who only looks. */
const LATER = {
  'the rules for secrets': /session\/redaction\/(rules|keyword-index|redactor)/,
  pages: /session\/render\//,
  'the question for an agent': /session\/prompt/,
  'what writes and publishes': /ledger\/(publish|committer|git\/push)|session-finisher/,
  'recovery of recordings': /recovery\/recover|session\/adapters/,
  'programs that are started otherwise than git': /node_modules\/(execa|ora)\//,
  'what oclif makes help of': /node_modules\/(ejs|tinyglobby|minimatch|semver|cli-spinners)\//,
};

describe.each([[['status']], [['detect']]])('%j, where nothing waits,', (words) => {
  let read: Awaited<ReturnType<typeof readBy>>;

  beforeAll(async () => {
    read = await readBy(words);
  });

  test('reads little of the program', () => {
    const { own } = read;
    const sizes = own.map((file) => statSync(file).size);
    expect(own.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);
  });

  test.each(Object.entries(LATER))('does without %s', (_what, name) => {
    const { sources } = read;
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => name.test(source))).toEqual([]);
  });
});
