import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findAdapter } from '../../../src/session/adapters/find-adapter.ts';
import { parseTranscriptLine } from '../../../src/session/transcript.ts';
import { recovered, story } from './story.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const TRANSCRIPTS = ['codex', 'gemini', 'generic'].flatMap((name) =>
  readdirSync(`${FIXTURES}${name}-transcripts`)
    .filter((file) => /\.jsonl?$/.test(file))
    .map((file) => [name, file] as const),
);

describe('a transcript of another agent', () => {
  test.each(TRANSCRIPTS)('%s %s becomes these entries', async (name, file) => {
    const source = `${FIXTURES}${name}-transcripts/${file}`;
    const text = story(findAdapter(name), readFileSync(source, 'utf8'));
    await expect(text).toMatchFileSnapshot(source.replace(/\.jsonl?$/, '.entries.txt'));
  });

  test.each(TRANSCRIPTS)('%s %s becomes lines that the reader of recordings understands', (name, file) => {
    const text = readFileSync(`${FIXTURES}${name}-transcripts/${file}`, 'utf8');
    const { entries } = recovered(findAdapter(name), text.split('\n'));
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      const kind = entry.type === 'tool' && entry.tool_output !== undefined ? 'tool_result' : entry.type;
      expect(parseTranscriptLine(JSON.stringify(entry))).toMatchObject({ kind: 'entry', entry: { kind } });
    }
  });
});
