import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

// The programs that ours are compared with, each a process of its own; and one that only reads, as it is built for users.
const [way = '', place = ''] = process.argv.slice(2);

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
};

await WAYS[way]();
