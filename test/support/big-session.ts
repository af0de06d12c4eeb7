import { isoTime, SECOND_MS } from '../../src/clock.ts';
import { Chance, WORDS } from './chance.ts';

const START = Date.UTC(2026, 2, 6, 9);
const ANSWERS_PER_TURN = 8;
const EXTENSIONS = ['ts', 'tsx', 'py', 'go', 'json'];

type Json = Record<string, unknown>;

/**
 * The lines of a session as large as one likes, the same for the same seed. Of each 2,000 entries some 500 are Markdown
 * (0.76 MB, with 600 blocks of code), 750 calls, and 750 results of some 6 KB each, a few of them a hundred: 5.5 MB.
 */
export function* bigSessionLines(entryCount: number, seed = 1): Generator<string> {
  const chance = new Chance(seed);
  const metadata = { version: '1.0', created_at: isoTime(START), agent_id: 'OxB16', agent_type: 'claude-code' };
  yield line({ metadata, type: 'header' });
  let seq = 0;
  for (let turn = 0; seq < entryCount; turn += 1) {
    for (const entry of turnOf(chance, turn)) {
      if (seq < entryCount) yield line({ ...entry, seq, timestamp: isoTime(START + 7 * seq * SECOND_MS) });
      seq += 1;
    }
  }
  yield line({ closed_at: isoTime(START + 7 * entryCount * SECOND_MS), entry_count: entryCount, type: 'footer' });
}

const line = (value: Json): string => `${JSON.stringify(value)}\n`;

function* turnOf(chance: Chance, turn: number): Generator<Json> {
  yield { type: 'user', content: `Request ${turn}: ${chance.sentence(chance.size(160, 1, 4000))}` };
  for (let part = 0; part < ANSWERS_PER_TURN; part += 1) {
    yield { type: 'assistant', content: answer(chance) };
    if (part < ANSWERS_PER_TURN - 1) yield* work(chance, `t${turn}_${part}`);
  }
}

/** One to three calls; two at once now and then. */
function* work(chance: Chance, id: string): Generator<Json> {
  const count = chance.between(1, 2) + chance.between(0, 1);
  const steps = Array.from({ length: count }, (_, n) => step(chance, `${id}_${n}`));
  if (chance.between(1, 4) > 1) return yield* steps.flat();
  yield* steps.map(([call]) => call);
  yield* steps.map(([, result]) => result);
}

function step(chance: Chance, id: string): readonly [Json, Json] {
  const kind = chance.between(1, 100);
  const file_path = `/home/dev/shop/src/${chance.one(WORDS)}/${chance.one(WORDS)}-${chance.one(WORDS)}.${chance.one(EXTENSIONS)}`;
  const size = chance.size(2900, 1.35, 200_000);
  if (kind <= 40) return [call(id, 'Read', { file_path }), result(id, numbered(code(chance, size)))];
  if (kind <= 50)
    return [call(id, 'Grep', { pattern: chance.one(WORDS), path: 'src' }), result(id, hits(chance, size))];
  if (kind <= 68) return [call(id, 'Edit', edit(chance, file_path)), result(id, updated(chance, file_path))];
  if (kind <= 72) return [call(id, 'Write', written(chance, file_path)), result(id, `File created at: ${file_path}`)];
  const command = `npm test -- ${chance.one(WORDS)} 2>&1 | tail -${chance.between(20, 200)}`;
  const description = chance.sentence(30);
  const shell = call(id, 'Bash', { command, description });
  return kind <= 92 ? [shell, result(id, log(chance, size))] : [shell, failure(chance, id, size)];
}

const call = (call_id: string, tool_name: string, input: Json): Json => {
  return { type: 'tool', content: '', tool_name, tool_input: JSON.stringify(input), call_id };
};

const result = (call_id: string, tool_output: string): Json => ({ type: 'tool', content: '', tool_output, call_id });

function failure(chance: Chance, id: string, size: number): Json {
  const output = `Exit code 1\n${log(chance, size)}\n FAIL src/${chance.one(WORDS)}.test.ts\n 1 failed, 41 passed (42)`;
  return { ...result(id, output), is_error: true };
}

/** A few lines of which some are changed. */
function edit(chance: Chance, file_path: string): Json {
  const old_string = code(chance, chance.size(300, 1, 8000));
  const lines = old_string.split('\n');
  const at = chance.between(0, lines.length);
  const new_string = [...lines.slice(0, at), code(chance, chance.size(200, 1, 8000)), ...lines.slice(at + 2)].join(
    '\n',
  );
  return { file_path, old_string, new_string };
}

const written = (chance: Chance, file_path: string): Json => ({
  file_path,
  content: code(chance, chance.size(2000, 0.8, 20_000)),
});

const updated = (chance: Chance, file: string): string =>
  `The file ${file} has been updated. Here is a part of it:\n${numbered(code(chance, 600))}`;

/** Prose, a list, code in a language that is named, now and then a table. */
function answer(chance: Chance): string {
  const parts = [chance.sentence(chance.size(550, 0.8, 6000))];
  if (chance.between(1, 3) === 1) parts.push(`## ${chance.sentence(20)}`);
  if (chance.between(1, 2) === 1) parts.push(list(chance));
  for (let n = chance.between(0, 2) + chance.between(0, 1); n > 0; n -= 1)
    parts.push(block(chance), chance.sentence(80));
  if (chance.between(1, 12) === 1) parts.push(table(chance));
  return parts.join('\n\n');
}

const list = (chance: Chance): string =>
  Array.from(
    { length: chance.between(2, 6) },
    () => `- **${chance.one(WORDS)}**: ${chance.sentence(50)} \`${chance.one(WORDS)}()\``,
  ).join('\n');

const table = (chance: Chance): string =>
  [
    '| case | before | after |',
    '| --- | --: | --: |',
    ...Array.from({ length: 5 }, () => `| ${chance.sentence(12)} | 12 | 7 |`),
  ].join('\n');

/** Half of it is source; the rest are commands, settings, and what nobody named a language for. */
function block(chance: Chance): string {
  const kind = chance.between(1, 20);
  const size = chance.size(280, 0.8, 12_000);
  if (kind <= 11) return fence('ts', code(chance, size));
  if (kind <= 15)
    return fence('bash', `cd src && npm run ${chance.one(WORDS)} -- --watch "$HOME/${chance.one(WORDS)}"`);
  if (kind <= 17) return fence('json', settings(chance, size));
  return fence('', log(chance, size));
}

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

const settings = (chance: Chance, size: number): string =>
  `{\n${filled(size, (n) => `  "${chance.one(WORDS)}${n}": { "${chance.one(WORDS)}": ${n}, "path": "src/${chance.one(WORDS)}" },`)}\n  "end": true\n}`;

function code(chance: Chance, size: number): string {
  return filled(size, (n) => {
    const [a, b] = [chance.one(WORDS), chance.one(WORDS)];
    if (n % 9 === 0) return `\n/** ${chance.sentence(40)} */`;
    if (n % 9 === 1) return `export function ${a}From(${b}: Map<string, number>): string | undefined {`;
    if (n % 9 === 8) return '}';
    if (n % 9 === 4) return `  if (${b}.size > ${n} && ${a} !== '${b}') return \`\${${a}} & ${b}\`;`;
    return `  const ${a} = await ${b}(${chance.one(WORDS)}, { ${chance.one(WORDS)}: "${a}", limit: ${n} });`;
  });
}

const numbered = (text: string): string =>
  text
    .split('\n')
    .map((line, index) => `${String(index + 1).padStart(6)}→${line}`)
    .join('\n');

const hits = (chance: Chance, size: number): string =>
  filled(
    size,
    (n) => `src/${chance.one(WORDS)}/${chance.one(WORDS)}.ts:${n}:  ${chance.sentence(40)} => "${chance.one(WORDS)}"`,
  );

const log = (chance: Chance, size: number): string =>
  filled(size, (n) => `  \u001b[32m✓\u001b[39m ${chance.sentence(45)} (${n} ms)`);

function filled(size: number, lineAt: (number: number) => string): string {
  const lines: string[] = [];
  for (let [number, length] = [1, 0]; length < size; number += 1) {
    const line = lineAt(number);
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n');
}
