// Makes dist/cli: of each command what it needs at its start, and what is heavy apart. Part of the build, not of the package.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

/** Short to read for Node; names stay, for whoever reads a stack trace. */
const OPTIONS = {
  ...{ bundle: true, platform: 'node', target: 'node20.12', sourcemap: true, sourcesContent: false },
  ...{ minifyWhitespace: true, minifySyntax: true, logLevel: 'warning' },
};
const COMMANDS = [
  'cleanup',
  'detect',
  'finalize',
  'status',
  'setup/check',
  'setup/cron',
  'setup/hook',
  'setup/recorder',
  'setup/remove',
];
const OCLIF = /[\\/]@oclif[\\/]core[\\/]lib[\\/]/;

/** What oclif takes from others, for help, colours and errors: name -> file. */
const packages = new Map();

await build({
  ...{ ...OPTIONS, format: 'esm', splitting: true, outbase: 'src', outdir: 'dist/cli' },
  entryPoints: ['src/start.ts', ...COMMANDS.map((name) => `src/commands/${name}.ts`)],
  chunkNames: 'parts/[name]-[hash]',
  banner: {
    js: "import {createRequire as requireOf} from 'node:module'; const require = requireOf(import.meta.url);",
  },
  // package.json says which Node it takes: to look at each start costs more than the command.
  define: { 'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"' },
  plugins: [{ name: 'oclif as it is needed', setup: loadLate }],
});
await build({
  ...{ ...OPTIONS, format: 'cjs', outdir: 'dist/cli/parts', outExtension: { '.js': '.cjs' } },
  entryPoints: Object.fromEntries(packages),
});

/** Other packages are files of their own, beside the one that holds `require`. */
function loadLate({ onLoad, onResolve }) {
  onLoad({ filter: OCLIF }, ({ path }) => ({ contents: withLateLoads(readFileSync(path, 'utf8')) }));
  onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) => {
    if (kind !== 'require-call' || !OCLIF.test(importer) || path.startsWith('node:')) return undefined;
    // Only who develops a plugin has it.
    if (path === 'typescript') return { external: true };
    packages.set(path, createRequire(importer).resolve(path));
    return { path: `./${path}.cjs`, external: true };
  });
}

/** CommonJS, as TypeScript writes it, in which a module is loaded where it is first used and not at the top. */
function withLateLoads(source) {
  const load = /^(?:const|var) (\w+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm;
  const passOn = /^exports\.(\w+) = (__importStar\(require\("[^"]+"\)\));$/gm;
  const late = source.replace(passOn, 'Object.defineProperty(exports, "$1", { enumerable: true, get: () => $2 });');
  return [...source.matchAll(load)].reduce((text, [line, name, value]) => {
    const rest = text.replace(line, '');
    // Whoever hands a whole module on has it loaded at the top, as it was.
    if (new RegExp(`(?<![.\\w])${name}(?!\\.?\\w)`).test(rest)) return text;
    const used = new RegExp(`(?<![.\\w])(new )?${name}((?:\\.\\w+)+)`, 'g');
    const asked = (_, made, members) => (made ? `new (${name}()${members})` : `${name}()${members}`);
    return text.replaceAll(used, asked).replace(line, `const ${name} = () => ${value};`);
  }, late);
}
