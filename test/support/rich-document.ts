import type { SessionDocument } from '../../src/session/document.ts';
import { outlineOf } from '../../src/session/outline.ts';
import type { Entry } from '../../src/session/transcript.ts';
import {
  assistant,
  numberEntries,
  sampleDocument,
  system,
  toolCall,
  toolError,
  toolResult,
  user,
} from './sample-document.ts';

const PATCH = `*** Begin Patch
*** Update File: src/cart.ts
@@ total
-const total = sum(items);
+const total = sum(items) * (1 - discount);
*** Add File: src/discount.ts
+export const discount = 0.1;
*** Delete File: src/legacy-cart.ts
*** End Patch`;

const TEST_RUN = Array.from({ length: 30 }, (_, at) => ` ✓ src/cart.test.ts > case ${at + 1} (${at} ms)`).join('\n');

/** What a session can have and the small sample has not: patches, new files, long output, a diagram, text that looks like markup. */
export function richEntries(): readonly Entry[] {
  return numberEntries([
    system('SessionStart hook: conventions loaded'),
    user(
      'Prices are wrong: $5 in the cart becomes $50 at the till.\n\n    if (items > 1) total *= 10\n\nSee https://shop.example/cart_items?id=1&x=2, cart.ts:100:14 and `sum`. cc @team #123 [^1]\n\n| a | b |\n| - | - |',
    ),
    assistant('I look at `cart.ts` first.'),
    toolCall('c1', 'Grep', { pattern: 'total|sum', path: 'src' }),
    toolResult('c1', 'src/cart.ts:14:const total = sum(items);'),
    toolCall('c2', 'shell', { command: ['apply_patch', PATCH] }),
    toolResult('c2', 'Success. Updated the following files:\nM src/cart.ts\nA src/discount.ts\nD src/legacy-cart.ts'),
    toolCall('c3', 'Write', { file_path: 'docs/prices.md', content: '# Prices\n\n```ts\nconst a = 1;\n```\n' }),
    toolResult('c3', 'File created successfully at: docs/prices.md'),
    toolCall('c4', 'MultiEdit', {
      file_path: 'src/till.ts',
      edits: [
        { old_string: 'a\nb\nc', new_string: 'a\nB\nc' },
        { old_string: '', new_string: 'd' },
      ],
    }),
    toolError('c4', '<tool_use_error>String to replace not found in file.</tool_use_error>'),
    toolCall('c5', 'Bash', { command: 'npm test -- --run src/cart.test.ts' }),
    toolResult('c5', TEST_RUN),
    toolCall('c6', 'Bash', { command: 'true' }),
    toolResult('c6', ''),
    toolCall('c7', 'TodoWrite', { todos: [{ content: 'x', status: 'done' }] }),
    assistant(
      '# Done\n\n- [x] `cart.ts` multiplies by <discount>\n- [ ] the till\n\nThe price was $5, is now $4.50[^1].\n\n> [!TIP]\n> Run `npm test`.\n\n```mermaid\ngraph TD\n  Cart --> Till\n```\n\n[^1]: with the discount\n\n![chart](https://a.example/chart.png) [guard](src/guard.ts) [docs](https://a.example/docs)',
    ),
  ]);
}

export function richDocument(): SessionDocument {
  const base = sampleDocument();
  const outline = outlineOf(richEntries());
  const { agent_summary: found } = base.summary;
  return {
    ...base,
    outline,
    malformedLines: [7, 12],
    summary: {
      ...base.summary,
      title: 'Fix prices that grow tenfold | at the till',
      summary: 'The cart multiplied twice.\n\nPrices like $5 stay $5 now, in `cart.ts` and <till>.',
      key_actions: ['Found the second factor in cart.ts:100:14', 'Moved the discount of 10% into a file of its own'],
      topics_found: ['prices', 'a|b', 'c`d'],
      final_plan: '1. Ship the cart\n2. Then the till',
      diagrams: [
        'flowchart TD\n  Cart[Cart] -->|items| Sum{One item?}\n  Sum -->|yes| Till\n  Sum -->|no| Discount --> Till',
        'sequenceDiagram\n  Cart->>Till: total',
      ],
      files_changed: outline.filesChanged,
      aha_moments: [
        {
          seq: 1,
          role: 'user',
          type: 'question',
          highlight: '$5 in the cart becomes $50',
          why: 'It names the factor.',
        },
        { seq: 4, role: 'tool', type: 'insight', highlight: 'const total = sum(items);', why: 'No factor here.' },
        { seq: 4, role: 'tool', type: 'decision', highlight: 'sum', why: 'The sum stays.' },
        { seq: 99, role: 'user', type: 'insight', highlight: 'Not in this session', why: 'Leads nowhere.' },
      ],
      agent_summary: {
        ...found,
        technical_context: { technologies: ['TypeScript', 'Vitest'], architecture: 'Cart and till are two packages.' },
        constraints: ['Prices are in cents'],
        non_goals: ['Taxes'],
      },
      sageox_insights: [{ seq: 2, topic: 'prices', insight: 'Two factors multiply', impact: 'Every order was wrong' }],
    },
  };
}
