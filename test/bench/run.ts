import { parseArgs } from 'node:util';
import { machines } from './machines.ts';
import { redact } from './redact.ts';
import { render } from './render.ts';

/** Each prints its figures, and says whether everything that was promised held. */
const BENCHES: Readonly<Record<string, (options: { readonly isQuick: boolean }) => Promise<boolean>>> = {
  machines,
  redact,
  render,
};

const { positionals, values } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const bench = BENCHES[positionals[0] ?? ''];
if (bench) {
  process.exitCode = (await bench({ isQuick: values.quick ?? false })) ? 0 : 1;
} else {
  console.error(`usage: npm run bench -- NAME [--quick], where NAME is one of: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
}
