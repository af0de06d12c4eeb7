import { isoTime, SECOND_MS } from '../../src/clock.ts';
import { Chance, WORDS } from './chance.ts';

/** What a recorder writes of a long day's work: the same bytes for the same seed. */
export interface LongSession {
  readonly raw: string;
  /** What the user said, turn by turn. */
  readonly said: readonly string[];
}

const START = Date.UTC(2026, 2, 6, 9);
const TURNS = 30;
const CALLS_PER_TURN = 20;
const FOLDERS = ['auth', 'cart', 'export', 'ui', 'db'];

type Json = Record<string, unknown>;

/**
 * 30 requests, 600 calls whose results are 1 to 20 KB of files and test output, prose of 100 to 600 characters between
 * them, tests that fail the same way again and again, edits, and a picture now and then.
 */
export function longSession(seed = 1): LongSession {
  const chance = new Chance(seed);
  const said = Array.from({ length: TURNS }, (_, turn) => requestOf(chance, turn));
  const entries = said.flatMap((content, turn) => [{ type: 'user', content }, ...workOf(chance, turn)]);
  let time = START;
  const lines = entries.map((entry, seq) => {
    time += chance.between(1, 40) * SECOND_MS;
    return { ...entry, seq, timestamp: isoTime(time) };
  });
  const metadata = { version: '1.0', created_at: isoTime(START), agent_id: 'Ox7f3a', agent_type: 'claude-code' };
  const footer = { closed_at: isoTime(time), entry_count: lines.length, type: 'footer' };
  const all = [{ metadata, type: 'header' }, ...lines, footer];
  return { raw: all.map((line) => `${JSON.stringify(line)}\n`).join(''), said };
}

/** A few sentences, sometimes with a long paste behind them. */
function requestOf(chance: Chance, turn: number): string {
  const paste = turn % 10 === 4 ? `\n\n${testOutput(chance, 4000).trimEnd()}` : '';
  return `Request ${turn}: ${chance.sentence(chance.between(40, 700))}${paste}`;
}

function workOf(chance: Chance, turn: number): Json[] {
  const entries: Json[] = [];
  for (let n = 0; n < CALLS_PER_TURN; n += 1) {
    const id = `toolu_${turn}_${n}`;
    if (n % 2 === 0) entries.push({ type: 'assistant', content: chance.sentence(chance.between(100, 600)) });
    entries.push(...callOf(chance, id, n, turn));
  }
  return [...entries, { type: 'assistant', content: `Done with ${turn}: ${chance.sentence(300)}` }];
}

function callOf(chance: Chance, id: string, n: number, turn: number): Json[] {
  const file_path = `/home/dev/shop/src/${chance.one(FOLDERS)}/${chance.one(WORDS)}-${chance.one(WORDS)}.ts`;
  const size = chance.between(1000, 20_000);
  if (n % 10 === 3) return [call(id, 'Bash', { command: `npx vitest run ${turn % 3}` }), failure(id, turn % 3)];
  if (n % 10 === 4) return [call(id, 'Bash', { command: 'npm test' }), result(id, testOutput(chance, size))];
  if (n % 10 === 6)
    return [
      call(id, 'Edit', editOf(chance, file_path)),
      result(id, `The file ${file_path} has been updated.\n${source(chance, 1500)}`),
    ];
  if (n % 10 === 8)
    return [
      call(id, 'Grep', { pattern: chance.one(WORDS), path: '/home/dev/shop/src' }),
      result(id, source(chance, size)),
    ];
  if (n === 19 && turn % 7 === 0) return [call(id, 'Read', { file_path: '/tmp/page.png' }), picture(id)];
  return [call(id, 'Read', { file_path }), result(id, source(chance, size))];
}

function editOf(chance: Chance, file_path: string): Json {
  const [old_string, new_string] = [source(chance, chance.between(50, 1500)), source(chance, chance.between(50, 2500))];
  return { file_path, old_string, new_string };
}

const call = (call_id: string, tool_name: string, input: Json): Json => {
  return { type: 'tool', content: '', tool_name, tool_input: JSON.stringify(input), call_id };
};

const result = (call_id: string, tool_output: string, is_error = false): Json => {
  return { type: 'tool', content: '', tool_output, call_id, ...(is_error && { is_error }) };
};

/** Of a picture the recorders keep that there was one. */
const picture = (call_id: string): Json => result(call_id, '[image]');

/** The same failure each time that the same part is tested. */
function failure(id: string, part: number): Json {
  return result(id, `Exit code 1\n${testOutput(new Chance(part + 7), 3000)}\n 1 failed, 41 passed (42)`, true);
}

function testOutput(chance: Chance, size: number): string {
  return filled(size, (line) => `  ✓ ${chance.sentence(40)} (${line} ms)\n`);
}

function source(chance: Chance, size: number): string {
  return filled(
    size,
    (line) => `${line}\t  const ${chance.one(WORDS)} = ${chance.one(WORDS)}(${chance.sentence(20)});\n`,
  );
}

function filled(size: number, line: (number: number) => string): string {
  let text = '';
  for (let number = 1; text.length < size; number += 1) text += line(number);
  return text;
}
