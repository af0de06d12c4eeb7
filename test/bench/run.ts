import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { ledgers } from './ledgers.ts';
import { machines } from './machines.ts';
import { redact } from './redact.ts';
import { render } from './render.ts';

/** Each prints its figures while it measures, and returns them. */
type Bench = (options: { readonly isQuick: boolean; readonly isFull: boolean }) => Promise<readonly Figure[]>;

const BENCHES: Readonly<Record<string, Bench>> = { ledgers, redact, render, machines };
/** What is run where none is named: the one that is left takes as long as all others, and compares with no program. */
const USUAL = ['ledgers', 'redact', 'render'];
const NAMES = Object.keys(BENCHES).join(', ');
const USAGE = `usage: npm run bench -- [NAME…] [--quick | --full] [--json FILE], where NAME is one of: ${NAMES}`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, full: { type: 'boolean' }, json: { type: 'string' } },
});
const names = positionals.length > 0 ? positionals : USUAL;
if (names.every((name) => Object.hasOwn(BENCHES, name))) {
  const options = { isQuick: values.quick ?? false, isFull: values.full ?? false };
  const results: (Figure & { readonly bench: string })[] = [];
  for (const name of names) {
    const figures = (await BENCHES[name]?.(options)) ?? [];
    results.push(...figures.map((figure) => ({ bench: name, ...figure })));
  }
  const { versions, platform, arch } = process;
  const document = { node: versions.node, platform, arch, ...options, results };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(document, undefined, 2)}\n`);
  process.exitCode = results.every(({ isMet }) => isMet !== false) ? 0 : 1;
} else {
  console.error(USAGE);
  process.exitCode = 2;
}
