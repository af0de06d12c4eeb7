import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = new URL('../src/', import.meta.url).pathname;
const MAX_LINES = 320;

/** Who may import whom: a file of the key may import its own layer and these. `*` is everything. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  clock: [],
  errors: [],
  'process-facts': ['clock', 'errors'],
  'regular-file': ['errors'],
  'own-folder': ['errors'],
  'held-file': ['errors'],
  'disk-room': [],
  nearest: [],
  config: ['clock', 'errors', 'nearest', 'own-folder', 'session/', 'work/'],
  lock: ['clock', 'errors', 'held-file', 'own-folder', 'process-facts', 'regular-file'],

  'session/': ['clock', 'errors'],
  'work/': ['clock', 'errors'],
  'ledger/': ['clock', 'errors', 'held-file', 'own-folder', 'process-facts', 'regular-file', 'session/'],

  'state-format': ['clock', 'errors', 'paid-answer', 'ledger/', 'session/', 'work/'],
  state: ['clock', 'errors', 'own-folder', 'paid-answer', 'regular-file', 'state-format', 'ledger/', 'session/'],
  'cleanup/': ['clock', 'errors', 'process-facts', 'ledger/', 'session/', 'work/'],
  cleanup: ['clock', 'errors', 'config', 'lock', 'state', 'cleanup/', 'ledger/'],
  restore: ['clock', 'errors', 'lock', 'state', 'ledger/', 'session/'],
  'redaction-target': ['cleanup', 'config', 'errors', 'known-sessions', 'pass', 'ledger/', 'session/'],
  'redact-session': [
    ...['cleanup', 'config', 'errors', 'lock', 'pass', 'pass-remote', 'redaction-target', 'state', 'unclean-sessions'],
    ...['ledger/', 'session/'],
  ],
  'paid-answer': ['clock', 'errors', 'ledger/', 'session/', 'work/'],
  'session-memory': ['clock', 'errors', 'paid-answer', 'session-summariser', 'ledger/', 'session/', 'work/'],
  'clean-runner': ['session/', 'work/'],
  'session-summariser': ['clock', 'errors', 'ledger/', 'session/', 'work/'],
  'session-finisher': [
    'clock',
    'errors',
    'session-finder',
    'session-memory',
    'session-summariser',
    'ledger/',
    'session/',
    'work/',
  ],
  'session-question': ['errors', 'ledger/', 'session/', 'work/'],
  'session-finder': ['clock', 'errors', 'session-memory', 'ledger/', 'session/', 'work/'],
  'known-sessions': ['errors', 'nearest', 'session-finder', 'ledger/'],
  'session-claim': ['session-finder', 'ledger/', 'work/'],
  'session-finalize': [
    ...[
      'session-claim',
      'clock',
      'errors',
      'config',
      'cleanup',
      'session-finder',
      'session-finisher',
      'paid-answer',
      'session-memory',
      'session-question',
      'session-summariser',
    ],
    ...['ledger/', 'session/', 'work/'],
  ],

  'failure-group': ['errors', 'work/'],
  'pass-stop': ['clock', 'errors', 'failure-group', 'work/'],
  'pass-report': [
    'failure-group',
    'state-format',
    'pass-stop',
    'clock',
    'errors',
    'state',
    'session-finder',
    'session-finisher',
    'ledger/',
    'session/',
    'work/',
  ],
  'pass-json': ['pass-report', 'pass-stop', 'session-finder', 'ledger/', 'session/'],
  'agent-setup': ['state-format', 'clean-runner', 'clock', 'errors', 'config', 'state', 'session/', 'work/'],
  'unclean-sessions': ['errors', 'state', 'ledger/', 'session/'],
  'pass-remote': ['clock', 'errors', 'pass', 'session-memory', 'state', 'state-format', 'unclean-sessions', 'ledger/'],
  'finder-setup': ['pass', 'session-finder', 'session-memory', 'state', 'ledger/'],
  'pass-setup': [
    ...[
      'pass-remote',
      'agent-setup',
      'disk-room',
      'finder-setup',
      'session-finisher',
      'clock',
      'errors',
      'config',
      'lock',
      'state',
      'pass',
      'pass-report',
      'session-finalize',
      'session-memory',
    ],
    ...['ledger/', 'work/'],
  ],
  'pass-rehearsal': ['agent-setup', 'clock', 'disk-room', 'errors', 'pass', 'state', 'ledger/', 'work/'],
  'pass-plan': [
    'pass-json',
    ...[
      'known-sessions',
      'clock',
      'errors',
      'config',
      'pass',
      'pass-rehearsal',
      'pass-setup',
      'pass-stop',
      'session-finalize',
      'session-finder',
    ],
    ...['ledger/', 'session/', 'work/'],
  ],
  pass: [
    ...[
      'known-sessions',
      'clock',
      'errors',
      'config',
      'lock',
      'cleanup',
      'pass-plan',
      'pass-report',
      'pass-setup',
      'session-finalize',
      'session-finder',
    ],
    ...['ledger/', 'work/'],
  ],
  'ledger-page': ['clock', 'errors', 'ledger/', 'session/'],
  'file-opener': ['clock'],
  explanation: ['clock', 'errors', 'session-finder', 'ledger/', 'session/'],
  detection: [
    'clock',
    'errors',
    'explanation',
    'finder-setup',
    'known-sessions',
    'pass',
    'session-finder',
    'ledger/',
    'session/',
    'work/',
  ],
  status: [
    'session-memory',
    'state-format',
    'agent-setup',
    'clock',
    'errors',
    'config',
    'detection',
    'lock',
    'pass',
    'pass-log',
    'pass-setup',
    'state',
    'ledger/',
    'session/',
    'setup/',
    'work/',
  ],
  agentwork: [
    ...[
      'clock',
      'errors',
      'config',
      'pass',
      'pass-plan',
      'pass-report',
      'session-finalize',
      'session-finder',
      'session-finisher',
      'status',
    ],
    ...['ledger/', 'ui/', 'work/'],
  ],

  'completion/': [],
  'pass-log': ['clock', 'errors', 'own-folder', 'regular-file', 'ledger/', 'session/'],
  background: ['errors'],

  'setup/': ['clock', 'errors', 'own-folder', 'regular-file', 'ledger/', 'session/'],
  'agent-check': ['clean-runner', 'clock', 'config', 'errors', 'own-folder', 'ledger/', 'session/', 'setup/', 'work/'],
  doctor: [
    ...['agent-check'],
    ...['clock', 'disk-room', 'errors', 'lock', 'pass', 'status'],
    ...['ledger/', 'session/', 'setup/', 'work/'],
  ],
  'setup-command': ['base-command', 'errors', 'setup/', 'ui/'],

  'ui/': ['clock', 'errors', 'failure-group', 'nearest', 'pass-stop', 'setup/'],
  'base-command': ['clock', 'errors', 'config', 'pass', 'pass-log', 'ledger/', 'ui/'],
  'commands/': ['*'],
  help: [],
  start: ['errors', 'commands/', 'completion/', 'nearest', 'ui/'],
};

/** The one place of each package. */
const HOMES: Readonly<Record<string, RegExp>> = {
  '@oclif/core': /^(commands\/.*|base-command|setup-command|help|start)\.ts$/,
  chalk: /^ui\//,
  ora: /^ui\//,
  'fastest-levenshtein': /^nearest\.ts$/,
  'jsonc-parser': /^setup\/session-starts\.ts$/,
  execa: /^work\/claude\/process\.ts$/,
  uuid: /^(work\/queue|ledger\/claims\/claims)\.ts$/,
  'simple-git': /^ledger\/git\//,
  'p-limit': /^ledger\/git\//,
  re2js: /^ledger\/redaction-policy\.ts$/,
  'markdown-it': /^session\//,
  'highlight.js': /^session\//,
  diff: /^session\//,
};

interface Import {
  /** Relative to `src`. */
  readonly from: string;
  /** As it is written. */
  readonly specifier: string;
  /** Relative to `src` for our own files, the package's name otherwise. */
  readonly target: string;
  readonly isOwn: boolean;
  /** Gone after compilation. */
  readonly isType: boolean;
  readonly names: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.split(path.sep).join('/'))
  .sort();
const text = new Map(files.map((file) => [file, readFileSync(path.join(SRC, file), 'utf8')]));
const imports = files.flatMap((file) => importsOf(file, text.get(file) ?? ''));

function importsOf(file: string, source: string): Import[] {
  const statements = source.matchAll(/^(?:import|export)\s+(?:(type\s+)?([^;'"]*?)\s+from\s+)?'([^']+)'/gm);
  const dynamic = source.matchAll(/()()\bimport\('([^']+)'\)/g);
  return [...statements, ...dynamic].map(([, type, names = '', specifier = '']) => {
    const isOwn = specifier.startsWith('.');
    const target = isOwn ? path.posix.join(path.posix.dirname(file), specifier) : packageOf(specifier);
    return { from: file, specifier, target, isOwn, isType: Boolean(type) || hasOnlyTypes(names), names };
  });
}

function hasOnlyTypes(names: string): boolean {
  const inBraces = /^\{(.*)\}$/s.exec(names.trim())?.[1];
  const each = inBraces?.split(',').filter((name) => name.trim() !== '');
  return each !== undefined && each.length > 0 && each.every((name) => name.trim().startsWith('type '));
}

const layerOf = (file: string) => (file.includes('/') ? `${file.split('/')[0]}/` : file.replace(/\.ts$/, ''));
const written = ({ from, specifier }: Import) => `${from} imports ${specifier}`;
const own = imports.filter(({ isOwn }) => isOwn);

test('the import lines are found', () => {
  expect(files).toContain('pass.ts');
  expect(imports.length).toBeGreaterThan(files.length);
  expect(
    importsOf(
      'a/b.ts',
      "import { type A, b } from '../c.ts';\nimport type {\n  D,\n} from './d.ts';\nexport { type E } from 'e/f';",
    ),
  ).toEqual([
    { from: 'a/b.ts', specifier: '../c.ts', target: 'c.ts', isOwn: true, isType: false, names: '{ type A, b }' },
    { from: 'a/b.ts', specifier: './d.ts', target: 'a/d.ts', isOwn: true, isType: true, names: '{\n  D,\n}' },
    { from: 'a/b.ts', specifier: 'e/f', target: 'e', isOwn: false, isType: true, names: '{ type E }' },
  ]);
});

describe('between layers', () => {
  test('every file has its place', () => {
    expect(files.filter((file) => !(layerOf(file) in LAYERS))).toEqual([]);
  });

  test('imports go down only; types for people to read may come from anywhere', () => {
    const upward = own.filter(({ from, target, isType }) => {
      const [layer, targetLayer] = [layerOf(from), layerOf(target)];
      const allowed = LAYERS[layer] ?? [];
      if (layer === targetLayer || allowed.includes(targetLayer) || allowed.includes('*')) return false;
      return !(layer === 'ui/' && isType && targetLayer !== 'commands/');
    });
    expect(upward.map(written)).toEqual([]);
  });

  test('what goes to the screen takes nothing but words from below', () => {
    const values = own.filter(
      ({ from, target, isType }) => from.startsWith('ui/') && target === 'pass-stop.ts' && !isType,
    );
    expect(values.map(({ names }) => names)).toEqual(['{ stopAdvice, stopMessage }']);
  });

  test('no two files need each other to run', () => {
    const needs = new Map(
      files.map((file) => [
        file,
        own.filter(({ from, isType }) => from === file && !isType).map(({ target }) => target),
      ]),
    );
    expect(files.map((file) => circleFrom(file, needs)).filter((circle) => circle !== undefined)).toEqual([]);
  });

  test('every import leads to a file', () => {
    expect(own.filter(({ target }) => !text.has(target)).map(written)).toEqual([]);
  });
});

describe('what is decided', () => {
  const session = files.filter((file) => file.startsWith('session/'));

  test('is decided without the machine: session/ imports nothing of Node', () => {
    expect(
      imports.filter(({ from, target }) => from.startsWith('session/') && target.startsWith('node:')).map(written),
    ).toEqual([]);
  });

  test.each([['new Date('], ['Date.now('], ['Math.random('], ['performance.'], ['process.'], ['console.']])(
    'is decided the same each time: session/ never says %s',
    (word) => {
      expect(session.filter((file) => code(file).includes(word))).toEqual([]);
    },
  );
});

describe('a package', () => {
  const used = imports.filter(({ isOwn, target }) => !isOwn && !target.startsWith('node:'));

  test.each(Object.entries(HOMES))('%s is used in one place', (name, home) => {
    const uses = used.filter(({ target }) => target === name);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter(({ from }) => !home.test(from)).map(written)).toEqual([]);
  });

  test('has a home, and is one that package.json names', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(SRC, '..', 'package.json'), 'utf8')) as {
      dependencies: object;
    };
    expect([...new Set(used.map(({ target }) => target))].sort()).toEqual(Object.keys(HOMES).sort());
    expect(Object.keys(dependencies).sort()).toEqual(Object.keys(HOMES).sort());
  });
});

describe('a file', () => {
  test('is named for what it is', () => {
    const names = new Set(['index', 'utils', 'util', 'helpers', 'helper', 'types', 'common', 'misc']);
    expect(files.filter((file) => names.has(path.basename(file, '.ts')))).toEqual([]);
    expect(files.filter((file) => !/^[a-z][a-z0-9-]*\.ts$/.test(path.basename(file)))).toEqual([]);
  });

  test('is imported under its real name', () => {
    expect(own.filter(({ specifier }) => !specifier.endsWith('.ts')).map(written)).toEqual([]);
  });

  test('exports by name, but for commands', () => {
    const byDefault = files.filter((file) => /^export default /m.test(text.get(file) ?? ''));
    expect(byDefault.filter((file) => !file.startsWith('commands/'))).toEqual([]);
    expect(files.filter((file) => file.startsWith('commands/') && !byDefault.includes(file))).toEqual([]);
  });

  test('can be read in one go', () => {
    const lines = files.map((file) => [(text.get(file) ?? '').split('\n').length - 1, file] as const);
    const tooLong = lines.filter(([count]) => count > MAX_LINES).sort(([a], [b]) => b - a);
    expect(tooLong.map(([count, file]) => `${file}: ${count} lines`)).toEqual([]);
  });
});

/** The source without its comments: what may not be done may be spoken of. */
function code(file: string): string {
  return (text.get(file) ?? '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** `a.ts -> b.ts -> a.ts`; undefined when no way leads back. */
function circleFrom(start: string, needs: ReadonlyMap<string, readonly string[]>): string | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of needs.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return [...way, next].join(' -> ');
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}
