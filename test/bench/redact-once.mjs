import { readFileSync } from 'node:fs';
import { redactedLines } from '../../dist/ledger/transcript-file.js';

// One search through a file in a process of its own, as it is built for users: prints what it took as JSON.
const [way = '', file = ''] = process.argv.slice(2);

const WAYS = {
  redact() {
    let length = 0;
    for (const line of redactedLines(file)) length += line.length;
    return length;
  },
  async secretlint() {
    const [{ lintSource }, { creator }] = await Promise.all([
      import('@secretlint/core'),
      import('@secretlint/secretlint-rule-preset-recommend'),
    ]);
    const { messages } = await lintSource({
      source: { filePath: file, content: readFileSync(file, 'utf8'), ext: '.jsonl', contentType: 'text' },
      options: { config: { rules: [{ id: 'preset', rule: creator }] } },
    });
    return messages.length;
  },
};

const startedAt = performance.now();
const before = process.cpuUsage();
await WAYS[way]();
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - startedAt) / 1000;
const peakMb = (process.resourceUsage().maxRSS * 1024) / 1_000_000;
console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1_000_000, peakMb }));
