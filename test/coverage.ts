/**
 * Shows which lines no test reaches, in the tests' own processes and in those of the built program that they start:
 * `npm run coverage`, or `npm run coverage -- test/cli` for some of the tests. It asks for no percentage. A process that
 * is killed tells nothing of what it reached.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
// @ts-expect-error: it comes without types.
import { mergeProcessCovs } from '@bcoe/v8-coverage';
import { convert } from 'ast-v8-to-istanbul';
import { execa } from 'execa';
import coverage, { type CoverageMap, type CoverageMapData } from 'istanbul-lib-coverage';
import { parseAst } from 'vite';

/** What node writes under NODE_V8_COVERAGE. */
interface ProcessCoverage {
  readonly result: Profiler.ScriptCoverage[];
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = pathToFileURL(path.join(ROOT, 'dist/')).href;
/** What no test loads is shown too, and what failing tests reached. */
const OPTIONS = ['--coverage.reporter=json', '--coverage.include=src/**', '--coverage.reportOnFailure'];
/** So many files of children are in memory at once. */
const AT_ONCE = 50;

const scratch = mkdtempSync(path.join(tmpdir(), 'agentwork-coverage-'));
const ofTests = path.join(scratch, 'tests');
const ofChildren = path.join(scratch, 'children');
mkdirSync(ofChildren);

try {
  const vitest = ['vitest', 'run', '--config', 'test/vitest.config.ts', '--coverage'];
  const { exitCode } = await execa(
    'npx',
    [...vitest, ...OPTIONS, `--coverage.reportsDirectory=${ofTests}`, ...process.argv.slice(2)],
    { cwd: ROOT, env: { AGENTWORK_CHILD_COVERAGE: ofChildren }, stdio: 'inherit', reject: false },
  );
  const map = coverage.createCoverageMap(
    JSON.parse(readFileSync(path.join(ofTests, 'coverage-final.json'), 'utf8')) as CoverageMapData,
  );
  for (const script of coverageOfChildren()) map.merge(await inSource(script));
  // A bundle holds the packages, too.
  map.filter((file) => file.startsWith(path.join(ROOT, 'src/')));
  console.log(describeLines(map));
  process.exitCode = exitCode ?? 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** By lines alone: where statements and functions begin, the two kinds of compiled code do not say alike. */
function describeLines(map: CoverageMap): string {
  const rows = map.files().map((file) => {
    const lines = map.fileCoverageFor(file).getLineCoverage();
    const missed = Object.keys(lines).filter((line) => lines[Number(line)] === 0);
    return { file: path.relative(ROOT, file), count: Object.keys(lines).length, missed };
  });
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  const [count, missed] = [sum((row) => row.count), sum((row) => row.missed.length)];
  const missing = rows.filter((row) => row.missed.length > 0).sort((a, b) => (a.file < b.file ? -1 : 1));
  return [
    ...missing.map((row) => `${row.file}: ${row.missed.join(' ')}`),
    `${count - missed} of ${count} lines are reached, ${missed} are not: in ${missing.length} of ${rows.length} files`,
  ].join('\n');
}

/** One of each file of the built program, as all children together went through it. */
function coverageOfChildren(): Profiler.ScriptCoverage[] {
  const files = readdirSync(ofChildren).map((name) => path.join(ofChildren, name));
  let merged: ProcessCoverage = { result: [] };
  for (let index = 0; index < files.length; index += AT_ONCE) {
    merged = mergeProcessCovs([merged, ...files.slice(index, index + AT_ONCE).map(ofBuilt)]);
  }
  return merged.result;
}

function ofBuilt(file: string): ProcessCoverage {
  const { result } = JSON.parse(readFileSync(file, 'utf8')) as ProcessCoverage;
  return { result: result.filter(({ url }) => url.startsWith(BUILT)) };
}

async function inSource(script: Profiler.ScriptCoverage): Promise<CoverageMapData> {
  const code = readFileSync(fileURLToPath(script.url), 'utf8');
  const sourceMap = JSON.parse(readFileSync(`${fileURLToPath(script.url)}.map`, 'utf8'));
  return (await convert({ code, ast: parseAst(code), coverage: script, sourceMap })) as CoverageMapData;
}
