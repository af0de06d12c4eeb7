// Makes dist/cli: of each command what it needs at its start, and what is heavy apart. Part of the build, not of the package.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, transform } from 'esbuild';

const COMMANDS = [
  ...['cleanup', 'completion', 'detect', 'finalize', 'status'],
  ...['setup/check', 'setup/cron', 'setup/hook', 'setup/recorder', 'setup/remove'],
];
const ENTRIES = ['start', 'help', ...COMMANDS.map((name) => `commands/${name}`)];
/** What a look at a ledger where nothing waits does without, and what it needs of that. */
const APART = [
  ...['session/redaction/redactor', 'session/redaction/policy', 'session/redaction/secret-value'],
  'ledger/recovery/recover',
];
const OUT = 'dist/cli';
const FOR_NODE = { platform: 'node', target: 'node20.12', sourcesContent: false, logLevel: 'warning' };
const OCLIF = /[\\/]@oclif[\\/]core[\\/]lib[\\/]/;

/** What oclif takes from others, for help, colours and errors: name -> file. */
const packages = new Map();

const parts = await build({
  ...{ ...FOR_NODE, bundle: true, splitting: true, format: 'esm', sourcemap: 'inline', write: false },
  ...{ outdir: OUT, chunkNames: 'parts/[name]-[hash]' },
  entryPoints: Object.fromEntries([
    ...[...ENTRIES, ...APART].map((name) => [name, `src/${name}.ts`]),
    // Beside whoever starts it, as in dist itself.
    ['parts/glance-thread', 'src/ledger/glance-thread.ts'],
  ]),
  // Its CommonJS form cannot be bundled: it hides its own modules behind a name for require.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  // package.json says which Node it takes: to look at each start costs more than the command.
  define: { 'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"', 'import.meta.filename': '__filename' },
  plugins: [{ name: 'oclif as it is needed', setup: loadLate }],
});
await Promise.all(parts.outputFiles.map(writePart));
writeFileSync(path.join(OUT, 'package.json'), '{ "type": "commonjs" }\n');
await build({
  ...{ ...FOR_NODE, bundle: true, format: 'cjs', sourcemap: true, minifyWhitespace: true },
  ...{ entryPoints: Object.fromEntries(packages), outdir: `${OUT}/parts`, outExtension: { '.js': '.cjs' } },
});

/** Other packages are files of their own, beside the one that holds `require`. */
function loadLate({ onLoad, onResolve }) {
  onLoad({ filter: OCLIF }, ({ path: file }) => ({ contents: withLateLoads(readFileSync(file, 'utf8')) }));
  onResolve({ filter: /^[a-z]/ }, ({ path: name, importer, kind }) => {
    if (kind !== 'require-call' || !OCLIF.test(importer) || name.startsWith('node:')) return undefined;
    // Only who develops a plugin has it.
    if (name === 'typescript') return { external: true };
    packages.set(name, createRequire(importer).resolve(name));
    return { path: `./${name}.cjs`, external: true };
  });
}

/** As CommonJS, which Node loads sooner, and short; names stay, for whoever reads a stack trace. */
async function writePart({ path: file, text }) {
  const common = { ...FOR_NODE, sourcefile: path.basename(file) };
  const { code } = await transform(text, {
    ...{ ...common, format: 'cjs', supported: { 'dynamic-import': false }, sourcemap: 'inline' },
  });
  const short = await transform(withLateLoads(code), { ...common, minifyWhitespace: true, sourcemap: 'external' });
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${short.code}//# sourceMappingURL=${path.basename(file)}.map\n`);
  writeFileSync(`${file}.map`, short.map);
}

/** CommonJS, as TypeScript and esbuild write it, in which a module is loaded where it is first used and not at the top. */
function withLateLoads(source) {
  const load = /^(?:const|var) (\w+) = ((?:__\w+\()?require\("[^"]+"\)(?:, 1\)|\))?);$/gm;
  const passOn = /^exports\.(\w+) = (__importStar\(require\("[^"]+"\)\));$/gm;
  const given = source.replace(passOn, 'Object.defineProperty(exports, "$1", { enumerable: true, get: () => $2 });');
  return [...source.matchAll(load)].reduce((text, [line, name, value]) => {
    // Behind a dot it is a member of something else; behind three it is the module, spread out.
    const used = new RegExp(`(?<!\\w|(?<!\\.\\.)\\.)(new )?${name}((?:\\.\\w+)+)`, 'g');
    const asked = (_, made, members) => (made ? `new (${name}()${members})` : `${name}()${members}`);
    const late = text.replace(line, '').replaceAll(used, asked);
    // A module that is handed on as a whole is loaded at the top, as it was.
    if (new RegExp(`\\b${name}\\b(?!\\()`).test(late)) return text;
    const kept = `${name}_loaded`;
    return text.replaceAll(used, asked).replace(line, `let ${kept}; const ${name} = () => (${kept} ??= ${value});`);
  }, given);
}
