import { hasEntry, type SessionDocument } from '../../document.ts';
import type { AhaMoment } from '../../summary.ts';
import type { Entry } from '../../transcript.ts';
import { escapeMarkdown, proseMarkdown } from '../escape.ts';
import { formatAgent, formatLineNumbers, formatRfc3339, startedAtMs } from '../labels.ts';
import { bothEnds, type Piece } from './both-ends.ts';
import { renderBriefEntry, renderEntry } from './entry-markdown.ts';
import { OutputRoom } from './output-room.ts';

const VALUE_CHARS = 300;

/**
 * The session as Markdown for GitHub, in chunks: `entries` is iterated once and never held. Of a long session the file
 * has both ends, and of much output each one's head.
 */
export function* renderSessionMarkdown(document: SessionDocument, entries: Iterable<Entry>): Generator<string> {
  yield* bothEnds(renderHead(document), renderPieces(document, entries));
  if (document.endedAtMs !== undefined) yield `---\n\n_Session closed: ${formatRfc3339(document.endedAtMs)}_\n`;
}

function* renderPieces(document: SessionDocument, entries: Iterable<Entry>): Generator<Piece> {
  const numbers = numberMoments(document.summary.aha_moments ?? []);
  const room = new OutputRoom(document.outline.toolCallCount);
  for (const entry of entries) {
    const moments = numbers.get(entry.seq) ?? [];
    const setting = { document, moments, room };
    const isLinked = moments.length > 0;
    const hasBrief = isLinked || entry.kind === 'user';
    yield {
      markdown: renderEntry(entry, setting),
      isLinked,
      ...(hasBrief && { brief: renderBriefEntry(entry, setting) }),
    };
  }
}

function renderHead(document: SessionDocument): string {
  const rows = headRows(document).map(
    ([field, value]) => `| ${field} | ${escapeMarkdown(value.slice(0, VALUE_CHARS))} |`,
  );
  const { title, outcome } = document.summary;
  return `# Agent Session

**${escapeMarkdown(title.slice(0, VALUE_CHARS))}** · ${escapeMarkdown(outcome)} · [summary](summary.md) · [the same as a page](session.html)

## Session Information

| Field | Value |
| --- | --- |
${rows.join('\n')}

---

## Conversation

${renderMoments(document)}`;
}

function headRows(document: SessionDocument): readonly (readonly [string, string])[] {
  const { header, outline } = document;
  const start = startedAtMs(document);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Session ID', header.sessionId ?? header.agentId],
    ['Agent', header.agentType && formatAgent(header)],
    ['Agent Version', header.agentVersion],
    ['Model', header.model],
    ['User', header.username],
    ['Started', start === undefined ? undefined : formatRfc3339(start)],
    ['File', 'raw.jsonl'],
    ['Type', 'raw'],
    ['Entry Count', String(outline.entryCount)],
    ['Redactions', document.redactions > 0 ? String(document.redactions) : undefined],
    ['Unreadable Lines', formatLineNumbers(document.malformedLines)],
  ];
  return rows.filter((row): row is readonly [string, string] => Boolean(row[1]));
}

function renderMoments(document: SessionDocument): string {
  const lines = (document.summary.aha_moments ?? []).map((moment, index) => {
    const label = `**#${index + 1} ${escapeMarkdown(moment.type)}**`;
    return `- ${hasEntry(document, moment.seq) ? `[${label}](#msg-${moment.seq})` : label}: ${proseMarkdown(moment.why || moment.highlight)}`;
  });
  return lines.length === 0 ? '' : `## Key Moments ★\n\n${lines.join('\n')}\n\n`;
}

/** The numbers of the key moments by entry; one entry can be several. */
function numberMoments(moments: readonly AhaMoment[]): ReadonlyMap<number, readonly number[]> {
  const numbers = new Map<number, readonly number[]>();
  moments.forEach(({ seq }, index) => {
    numbers.set(seq, [...(numbers.get(seq) ?? []), index + 1]);
  });
  return numbers;
}
