import { setMaxListeners } from 'node:events';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

// The programs that ours are compared with, each a process of its own; and parts of ours, as they are built for users.
const [way = '', place = ''] = process.argv.slice(2);

/** As many as `CHATTY` says. */
const AGENTS = Array.from({ length: 50 });

const WAYS = {
  /** All summaries of a folder of sessions. */
  summaries() {
    for (const name of readdirSync(place)) JSON.parse(readFileSync(path.join(place, name, 'summary.json'), 'utf8'));
  },
  /** All recordings of a folder of sessions. */
  recordings() {
    for (const name of readdirSync(place)) {
      const text = readFileSync(path.join(place, name, 'raw.jsonl'), 'utf8');
      for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
    }
  },
  /** One recording, as most programs read lines. */
  async readline() {
    for await (const line of createInterface({ input: createReadStream(place), crlfDelay: Infinity })) JSON.parse(line);
  },
  /** One recording, as a pass reads it. */
  async read() {
    const { readEntries } = await import('../../dist/ledger/raw-file.js');
    for (const _ of readEntries(place));
  },
  /** What many programs print at once, as most read it. */
  async lines() {
    const { execa } = await import('execa');
    const read = async () => {
      for await (const line of execa('cat', [place], { buffer: false })) JSON.parse(line);
    };
    await Promise.all(AGENTS.map(read));
  },
  /** The same, as a pass reads what its agents print. */
  async runner() {
    const { runProcess } = await import('../../dist/work/claude/process.js');
    const { ClaudeOutput } = await import('../../dist/work/claude/output.js');
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const how = { program: 'cat', arguments: [place], input: '', environment: process.env, workDir: '.', signal };
    const read = async () => {
      const output = new ClaudeOutput();
      await runProcess({ ...how, timeoutMs: 60_000, onStdout: (chunk) => output.push(chunk) });
      if (output.end().result === undefined) throw new Error('the last line was not read');
    };
    await Promise.all(AGENTS.map(read));
  },
};

await WAYS[way]();
