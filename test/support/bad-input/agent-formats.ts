import { expect } from 'vitest';
import { parseSummaryAnswer } from '../../../src/session/answer.ts';
import { renderSummaryMarkdown } from '../../../src/session/render/markdown/summary-markdown.ts';
import { renderSessionHtml } from '../../../src/session/render/session-page/session-page.ts';
import { formatSummaryJson, parseStoredSummary } from '../../../src/session/summary.ts';
import { buildArguments, missingIsolation, parseListedFlags, parseVersion } from '../../../src/work/claude/flags.ts';
import { quote } from '../../../src/work/claude/verdict.ts';
import { RunError } from '../../../src/work/runner.ts';
import { EXITED, judge, readReport } from '../../work/claude/judged-run.ts';
import { richDocument } from '../rich-document.ts';
import { sampleEntries } from '../sample-document.ts';
import { buffers, fixturesCalled, type InputFormat } from './input-format.ts';
import { LURE } from './odd-json.ts';

/** What an agent prints. */
export function agentFormats(): readonly InputFormat[] {
  return [
    {
      name: 'output of the agent',
      thousands: 10,
      samples: fixturesCalled(/\.jsonl$/, 'claude-output'),
      read: (bytes) => {
        const exitCode = bytes.length % 3;
        const judged = judge(bytes, { ...EXITED, exitCode, stderr: bytes.subarray(0, 500).toString('latin1') });
        const words = judged instanceof RunError ? judged.message : judged.output;
        if (judged instanceof RunError) expect(words).toMatch(/^[^\p{Cc}]{1,1000}$/u);
        else readAnswer(words);
        // However the pipe cuts it, it says the same.
        const half = bytes.length >> 1;
        expect(readReport([bytes.subarray(0, half), bytes.subarray(half)])).toEqual(readReport([bytes]));
        return words;
      },
    },
    {
      name: 'answer of the model',
      thousands: 8,
      samples: buffers(ANSWER, `Here it is:\n\`\`\`json\n${ANSWER}\n\`\`\`\nThat is all.`),
      read: (bytes) => readAnswer(bytes.toString('utf8')),
    },
    {
      name: 'claude --help',
      thousands: 10,
      samples: buffers(HELP),
      read: (bytes) => {
        const flags = parseListedFlags(bytes.toString('utf8'));
        const order = { systemPrompt: '', model: 'x', maxCostUsd: 1, userSettings: false, environment: {} };
        const used = buildArguments(order, flags).filter((word) => word.startsWith('--'));
        expect(used.filter((flag) => !KNOWN_FLAGS.has(flag))).toEqual([]);
        return missingIsolation(flags);
      },
    },
    {
      name: 'claude --version',
      thousands: 6,
      samples: buffers('2.1.330 (Claude Code)\n', '2.0.77\n'),
      read: (bytes) => [parseVersion(bytes.toString('utf8')), quote(bytes.toString('utf8'))],
    },
  ];
}

const DOCUMENT = richDocument();
const ANSWER = formatSummaryJson({ ...DOCUMENT.summary, quality_category: 'share', quality_score: 0.8 });
const CONTEXT = { entryCount: 60, chapterCount: 4 };

/** One in a few is made into a page. */
const SHOWN_ONE_IN = 8;

function readAnswer(output: string): unknown {
  const answer = parseSummaryAnswer(output, CONTEXT);
  if (!answer.ok) return answer.reason;
  const { summary } = answer;
  // What was once written is read as it was.
  expect(parseStoredSummary(formatSummaryJson(summary))).toEqual(summary);
  const markdown = renderSummaryMarkdown({ ...DOCUMENT, summary });
  if (output.length % SHOWN_ONE_IN > 0) return markdown;
  const page = [...renderSessionHtml({ ...DOCUMENT, summary }, sampleEntries())].join('');
  expect(page.includes(LURE)).toBe(false);
  return page;
}

const KNOWN_FLAGS: ReadonlySet<string> = new Set([
  ...[
    '--output-format',
    '--verbose',
    '--tools',
    '--strict-mcp-config',
    '--setting-sources',
    '--disable-slash-commands',
  ],
  ...['--no-session-persistence', '--max-turns', '--system-prompt', '--model', '--safe-mode', '--restricted'],
  '--max-budget-usd',
]);

export const HELP = `Usage: claude [options] [command] [prompt]

Options:
  -p, --print                           Print the answer and exit
  --output-format <format>              Output format (only works with --print)
  --tools <tools...>                    Which built-in tools are available. Use ""
                                        to disable all of them
  --allowedTools, --allowed-tools <tools...>  Tools to allow
  --setting-sources <sources>           Comma-separated list of setting sources
  --strict-mcp-config                   Only use servers from --mcp-config
  --max-budget-usd <amount>             Highest amount to spend
  --safe-mode                           Start without customizations
  -h, --help                            Display help for command
`;
