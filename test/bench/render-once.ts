import { closeSync, openSync, writeSync } from 'node:fs';
import { readEntries } from '../../src/ledger/raw-file.ts';
import { studyTranscript } from '../../src/ledger/transcript-file.ts';
import { buildOfflineSummary } from '../../src/session/offline-summary.ts';
import { BUILT_IN } from '../../src/session/redaction/policy.ts';
import { renderSessionHtml } from '../../src/session/render/session-page/session-page.ts';
import type { Entry } from '../../src/session/transcript.ts';

// One reading and rendering in a process of its own, as a pass over one session does it: prints its milliseconds.
const [way = '', raw = '', page = ''] = process.argv.slice(2);

const WAYS: Readonly<Record<string, () => Iterable<string>>> = {
  escape: () => escapeOnly(readEntries(raw)),
  colours: () => renderSessionHtml(document, readEntries(raw)),
  plain: () => renderSessionHtml(document, withoutLanguages(readEntries(raw))),
};

const { outline, raw: facts } = studyTranscript(raw, BUILT_IN);
const document = {
  name: 'bench',
  header: facts.header,
  summary: buildOfflineSummary(outline, facts.header),
  outline,
  malformedLines: facts.malformedLines,
  redactions: 0,
};
const startedAt = performance.now();
write(page, WAYS[way]?.() ?? []);
console.log(performance.now() - startedAt);

/** The least that a page of all this could cost. */
function* escapeOnly(entries: Iterable<Entry>): Generator<string> {
  for (const { text, toolInput = '', toolOutput = '' } of entries) {
    yield `<p>${escaped(text)}</p><pre>${escaped(toolInput)}</pre><pre>${escaped(toolOutput)}</pre>\n`;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Code whose language nobody named gets no colours. */
function* withoutLanguages(entries: Iterable<Entry>): Generator<Entry> {
  for (const entry of entries) yield { ...entry, text: entry.text.replaceAll(/```\w+/g, '```') };
}

function write(file: string, chunks: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  let pending = '';
  for (const chunk of chunks) {
    pending += chunk;
    if (pending.length < 256 * 1024) continue;
    writeSync(descriptor, pending);
    pending = '';
  }
  writeSync(descriptor, pending);
  closeSync(descriptor);
}
