import type {
  PlacedLine,
  RecoveredEntry,
  SourceLine,
  TranscriptAdapter,
} from '../../../src/session/adapters/adapter.ts';
import { type RecoveryScope, RecoverySelection } from '../../../src/session/recovery.ts';

export const EVERYTHING: RecoveryScope = { pauses: [], pausedBytes: [], fromOffset: 0, isOurs: () => true };

/** Lines where they start in the file that they would make. */
export function* placed(lines: Iterable<string>): Generator<PlacedLine> {
  let offset = 0;
  for (const text of lines) {
    yield { text, offset };
    offset += Buffer.byteLength(text) + 1;
  }
}

export function parsed(adapter: TranscriptAdapter, lines: readonly string[]): readonly SourceLine[] {
  return [...adapter.parse(placed(lines))];
}

export function recovered(
  adapter: TranscriptAdapter,
  lines: readonly string[],
  scope: Partial<RecoveryScope> = {},
): { readonly entries: readonly RecoveredEntry[]; readonly selection: RecoverySelection } {
  const selection = new RecoverySelection({ ...EVERYTHING, ...scope });
  const entries = parsed(adapter, lines).flatMap((line) => selection.take(line));
  return { entries, selection };
}

/** A transcript as people can read it: each entry, and what was met. */
export function story(adapter: TranscriptAdapter, text: string): string {
  const { entries, selection } = recovered(adapter, text.split('\n'));
  const met = { ...selection.facts, counts: selection.counts };
  return `${[...entries.map(told), JSON.stringify(met, undefined, 1)].join('\n')}\n`;
}

export function told(entry: RecoveredEntry): string {
  if (entry.tool_name !== undefined) return `call: ${entry.tool_name} ${entry.tool_input}`;
  if (entry.tool_output !== undefined)
    return `${entry.is_error ? 'error' : 'result'}: ${JSON.stringify(entry.tool_output)}`;
  return `${entry.type}: ${entry.content}`;
}
