import { IN_CONTEXT, PRIVATE_KEYS, TOKENS } from '../session/redaction/secrets.ts';
import { bigSessionLines } from '../support/big-session.ts';
import { Chance, WORDS } from '../support/chance.ts';

/** A line of a recording, and the secret that was planted in it. */
export interface PlantedLine {
  readonly line: string;
  readonly secret?: string;
}

const ENTRIES_PER_ROUND = 2000;
const LINES_BETWEEN_OUTPUTS = 40;
/** Agents run commands without a terminal, so few of their logs have colours: one in so many. */
const COLOURED_LINES = 4;

/**
 * The lines of a recording of at least so many bytes, the same each time: prose, code, logs, some of them in colour, JSON, paths, hashes,
 * addresses, and one secret of each kind that the tests know, each in a call of its own at about the same distance.
 */
export function* secretSessionLines(bytes: number): Generator<PlantedLine> {
  const chance = new Chance(7);
  const secrets = plantedSecrets();
  let [written, planted, count] = [0, 0, 0];
  for (let seed = 1; written < bytes; seed += 1) {
    for (const coloured of bigSessionLines(ENTRIES_PER_ROUND, seed)) {
      const line = count % COLOURED_LINES === 0 ? coloured : coloured.replace(/\\u001b\[[\d;]*m/g, '');
      const lines: PlantedLine[] = [{ line }];
      if (count % LINES_BETWEEN_OUTPUTS === 0)
        lines.push({ line: output(lockFile(chance)) }, { line: output(history(chance)) });
      if (planted < secrets.length && written >= (bytes / secrets.length) * planted) {
        const { text = '', secret = '' } = secrets[planted] ?? {};
        lines.push({ line: output(`${chance.sentence(200)}\n${text}\n${history(chance)}`), secret });
        planted += 1;
      }
      yield* lines;
      written += lines.reduce((sum, each) => sum + each.line.length, 0);
      count += 1;
    }
  }
}

/** Each in the text that it stands in; of a private key, its first line of base64. */
function plantedSecrets(): readonly { readonly text: string; readonly secret: string }[] {
  return [
    ...TOKENS.map(([secret]) => ({ text: `the value is "${secret}"`, secret })),
    ...IN_CONTEXT.map(([text]) => {
      const [whole = '', secret = ''] = /\{((?![\\"])[^{}]+)\}/.exec(text) ?? [];
      return { text: text.replace(whole, secret), secret };
    }),
    ...PRIVATE_KEYS.map(([, text]) => ({ text, secret: /[A-Za-z0-9]{60}/.exec(text)?.[0] ?? '' })),
  ];
}

const output = (tool_output: string): string =>
  `${JSON.stringify({ type: 'tool', content: '', tool_output, usage: { input_tokens: 1200, output_tokens: 80 } })}\n`;

const hex = (chance: Chance, length: number): string =>
  Array.from({ length }, () => chance.between(0, 15).toString(16)).join('');

function lockFile(chance: Chance): string {
  const packages = Array.from({ length: 12 }, () => {
    const name = `${chance.one(WORDS)}-${chance.one(WORDS)}`;
    const resolved = `https://registry.example.org/${name}/-/${name}-1.${chance.between(0, 40)}.0.tgz`;
    const integrity = `sha512-${Buffer.from(hex(chance, 64)).toString('base64')}`;
    return [`node_modules/${name}`, { version: '1.0.0', resolved, integrity, license: 'MIT' }];
  });
  return JSON.stringify(Object.fromEntries(packages), null, 2);
}

function history(chance: Chance): string {
  return Array.from(
    { length: 10 },
    () =>
      `commit ${hex(chance, 40)}\n  ${chance.sentence(60)}\n  src/${chance.one(WORDS)}/${chance.one(WORDS)}.ts | 12 ++--`,
  ).join('\n');
}
