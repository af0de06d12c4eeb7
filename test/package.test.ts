import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isolatedEnvironment } from './support/cli.ts';
import { temporaryLedger } from './support/ledger-dir.ts';
import { writeFiles } from './support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MOST_BYTES = 3_000_000;
/** Of these no `require` of an older Node gets a module, and we have none for it. */
const FOR_OTHERS = new Set(['node10', 'node16-cjs']);
const PACK_MS = 120_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let packed: Packed;
let tarball: string;
/** A folder in which the package is installed as npm does it, with nothing but what package.json asks for. */
let app: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'agentwork-package-'));
  const words = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', folder];
  [packed] = JSON.parse(execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' })) as [Packed];
  tarball = path.join(folder, packed.filename);
  app = path.join(folder, 'app');
  install();
}, PACK_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function install(): void {
  const modules = path.join(app, 'node_modules');
  mkdirSync(path.join(modules, '.bin'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', modules]);
  execFileSync('mv', [path.join(modules, 'package'), path.join(modules, 'agentwork')]);
  const { dependencies, bin } = JSON.parse(readFileSync(path.join(modules, 'agentwork', 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  symlinkSync(path.join('..', 'agentwork', bin.agentwork), path.join(modules, '.bin', 'agentwork'));
}

describe('the package', () => {
  test('is small, and holds nothing that is not for who installs it', () => {
    expect(packed.size).toBeLessThan(MOST_BYTES);
    const parts = new Set(packed.files.map(({ path: file }) => (file.startsWith('bin/') ? file : file.split('/')[0])));
    expect([...parts].sort()).toEqual([
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/record.cjs', 'bin/run.cjs'],
      ...['dist', 'oclif.manifest.json', 'package.json', 'src'],
    ]);
    expect(packed.files.filter(({ path: file }) => /\.test\.|\.tsbuildinfo$|\.snap$/.test(file))).toEqual([]);
  });

  test('is what bundlers, Node and registries expect', async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(tarball);
    const pack = { tarball: buffer.slice(byteOffset, byteOffset + byteLength) };
    expect((await publint({ pack, strict: true })).messages).toEqual([]);
  });

  test('has types that are those of its code', async () => {
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
    if (!result.types) throw new Error('the package has no types');
    const problems = result.problems.filter(
      (problem) => !('resolutionKind' in problem && FOR_OTHERS.has(problem.resolutionKind)),
    );
    expect(problems).toEqual([]);
    expect(Object.keys(result.entrypoints)).toEqual(['.', './schema/*', './package.json']);
  });
});

describe('where it is installed', () => {
  test('the library can be imported', () => {
    const script =
      "import { buildConfig, runPass } from 'agentwork'; console.log(typeof runPass, buildConfig({}, {}, '').agent)";
    const words = ['--input-type=module', '--eval', script];
    expect(execFileSync(process.execPath, words, { cwd: app, encoding: 'utf8' })).toBe('function claude\n');
  });

  test('TypeScript understands it, declarations and all', () => {
    const program = `
      import { type LedgerStatus, openLedger, type PassOptions, runPass, type StatusDocument, type World } from 'agentwork';
      export const pass = async (world: World, options: PassOptions) =>
        (await runPass(await openLedger('.', { cwd: '.', environment: {} }), world, options, AbortSignal.abort())).detected + 1;
      export const same = (status: StatusDocument): LedgerStatus => status;
      // @ts-expect-error -- the version is a number
      export const version: string = ({} as StatusDocument).schema_version;`;
    const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] };
    writeFiles(app, {
      'package.json': '{ "type": "module" }',
      'program.ts': program,
      'tsconfig.json': JSON.stringify({ compilerOptions, files: ['program.ts'] }),
    });
    const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    // It says what is wrong on stdout.
    expect(runNode([compiler, '--project', app])).toEqual({ status: 0, stdout: '' });
  });

  test('its schemas can be asked for by name', () => {
    const require = createRequire(pathToFileURL(path.join(app, 'program.js')));
    expect(require('agentwork/schema/status.json')).toMatchObject({ description: 'What `agentwork status` prints.' });
    expect(require('agentwork/package.json')).toMatchObject({ name: 'agentwork' });
  });

  test('the program runs, and what it leaves in settings leads to what is there', () => {
    const { root } = temporaryLedger({ 'sessions/a/raw.jsonl': '{}\n' });
    const program = path.join(app, 'node_modules', '.bin', 'agentwork');
    const run = (...words: string[]) =>
      execFileSync(program, words, { cwd: root, env: isolatedEnvironment({ cwd: root }), encoding: 'utf8' });
    expect(run('--version')).toMatch(/^agentwork\/\d/);
    expect(run('setup', 'recorder', '--help')).toContain('agentwork setup recorder');
    expect(run('detect')).toContain('a ');
    const { changes } = JSON.parse(run('setup', 'recorder', app, '--dry-run', '--json'));
    const [, script = ''] = /test ! -f (\S+) /.exec(changes[0].content) ?? [];
    expect(existsSync(script) && statSync(script).size > 0, script).toBe(true);
    run('setup', 'recorder', app);
    rmSync(script);
    const checked = spawnSync(program, ['setup', 'check'], {
      ...{ cwd: root, env: isolatedEnvironment({ cwd: root }), encoding: 'utf8' },
    });
    expect(checked.stdout).toMatch(/^error +recorder +\S+record\.cjs is gone/m);
  });
});

function runNode(words: readonly string[]): { status: number; stdout: string } {
  try {
    return { status: 0, stdout: execFileSync(process.execPath, words, { cwd: app, encoding: 'utf8' }) };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { status, stdout };
  }
}
