import { readFileSync } from 'node:fs';
import { redactedLines } from '../../dist/ledger/transcript-file.js';
import { BUILT_IN } from '../../dist/session/redaction/policy.js';
import { createRedactor } from '../../dist/session/redaction/redactor.js';

// One search through a file in a process of its own, as it is built for users: prints what it took as JSON.
const [way = '', file = ''] = process.argv.slice(2);

const WAYS = {
  redact() {
    let length = 0;
    for (const line of redactedLines(file, createRedactor(BUILT_IN))) length += line.length;
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

const startedAt = threadSeconds();
const before = process.cpuUsage();
await WAYS[way]();
const { user, system } = process.cpuUsage(before);
const seconds = threadSeconds() - startedAt;
const peakMb = (process.resourceUsage().maxRSS * 1024) / 1_000_000;
console.log(JSON.stringify({ seconds, allSeconds: (user + system) / 1_000_000, peakMb }));

/** How long this thread has had a core, which other processes change little; the clock where Linux is not there to ask. */
function threadSeconds() {
  if (process.platform !== 'linux') return performance.now() / 1000;
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
}
