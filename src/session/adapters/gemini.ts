import { isObject, parseJson } from '../json-object.ts';
import type { PlacedLine, SourceLine, TranscriptAdapter } from './adapter.ts';
import { GeminiReader } from './gemini-record.ts';

/** In characters: a document must be held whole to be read. */
const MAX_DOCUMENT_CHARS = 256 * 1024 * 1024;

/**
 * Gemini CLI: `~/.gemini/tmp/<project>/chats/session-<time>-<id>.json`, one document that is written anew each time,
 * and since 2026 `.jsonl`, one record a line. Also its older `logs.json` and `checkpoint.json`, which are lists.
 *
 * After google-gemini/gemini-cli: packages/core/src/services/chatRecordingService.ts (016443b) and
 * chatRecordingTypes.ts (04741d1).
 */
export const gemini: TranscriptAdapter = {
  name: 'gemini',
  names: new Set(['gemini', 'gemini-cli', 'google-gemini', 'gemini_cli']),
  parse: (lines) => parseGemini(lines),
};

export function* parseGemini(lines: Iterable<PlacedLine>, maxChars = MAX_DOCUMENT_CHARS): Generator<SourceLine> {
  const reader = new GeminiReader();
  const document: string[] = [];
  let isDocument: boolean | undefined;
  let chars = 0;
  for (const { text, offset } of lines) {
    isDocument ??= text?.trim() === '' ? undefined : opensDocument(text ?? '');
    if (!isDocument) {
      yield* readLine(reader, text, offset);
      continue;
    }
    chars += text === null ? Number.POSITIVE_INFINITY : text.length + 1;
    if (text === null || chars > maxChars) return yield { kind: 'malformed' };
    document.push(text);
  }
  if (isDocument) yield* readLine(reader, document.join('\n'));
}

/** A document that is spread over lines begins with a line that is no JSON by itself. */
const opensDocument = (text: string): boolean => /^\s*(?:\{|\[|\[\s*\{)\s*$/.test(text);

function* readLine(reader: GeminiReader, text: string | null, offset?: number): Generator<SourceLine> {
  const placed = offset === undefined ? {} : { offset };
  if (text?.trim() === '') return yield { kind: 'blank', ...placed };
  const value = text === null ? undefined : parseJson(text.trim());
  if (Array.isArray(value)) yield* reader.readList(value);
  else if (isObject(value)) yield* reader.readRecord(value, offset);
  else yield { kind: 'malformed', ...placed };
}
