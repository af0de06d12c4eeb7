import { parseArgs } from 'node:util';
import { ledgers } from './ledgers.ts';
import { machines } from './machines.ts';
import { redact } from './redact.ts';
import { render } from './render.ts';

/** Each prints its figures, and says whether everything that was promised held. */
type Bench = (options: { readonly isQuick: boolean; readonly isFull: boolean }) => Promise<boolean>;

const BENCHES: Readonly<Record<string, Bench>> = { ledgers, redact, render, machines };
const USAGE = `usage: npm run bench -- NAME [--quick | --full], where NAME is one of: ${Object.keys(BENCHES).join(', ')}`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, full: { type: 'boolean' } },
});
const bench = BENCHES[positionals[0] ?? ''];
if (bench) {
  process.exitCode = (await bench({ isQuick: values.quick ?? false, isFull: values.full ?? false })) ? 0 : 1;
} else {
  console.error(USAGE);
  process.exitCode = 2;
}
