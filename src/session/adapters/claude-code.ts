import { type ClaudeCodeLine, parseClaudeCodeLine, type RecoveredEntry } from './claude-code-line.ts';

/** What was met in a transcript: how much of it was understood, and the facts that a header tells. */
export interface ClaudeCodeSummary {
  /** The model that answered first. */
  readonly model?: string;
  /** Of Claude Code. */
  readonly version?: string;
  /** The last one: a forked session starts with lines of its parent. */
  readonly sessionId?: string;
  readonly counts: ClaudeCodeCounts;
}

/** In lines, so that each line of the file is counted once; blank ones are not. */
export interface ClaudeCodeCounts {
  /** Lines that gave at least one entry; none of them means that nothing of this transcript can be recovered. */
  readonly understood: number;
  /** Lines that belong to the agent's own bookkeeping, or held nothing that was said. */
  readonly droppedByType: Readonly<Record<string, number>>;
  readonly malformed: number;
  /** Lines of an earlier conversation that a resumed or forked session carries along. */
  readonly beforeStart: number;
  readonly duplicates: number;
}

export interface ClaudeCodeOptions {
  /** When the recording started, in milliseconds since the epoch. */
  readonly startedAtMs?: number;
}

/** Turns a Claude Code transcript into entries of a recording, line by line; a bad line is counted, never a failure. */
export class ClaudeCodeConverter {
  readonly #startedAtMs: number;
  readonly #seen = new Set<string>();
  readonly #droppedByType = new Map<string, number>();
  readonly #counts = { understood: 0, malformed: 0, beforeStart: 0, duplicates: 0 };
  #facts: Omit<ClaudeCodeSummary, 'counts'> = {};

  constructor(options: ClaudeCodeOptions = {}) {
    this.#startedAtMs = options.startedAtMs ?? Number.NEGATIVE_INFINITY;
  }

  convert(line: string): readonly RecoveredEntry[] {
    const parsed = parseClaudeCodeLine(line);
    if (parsed.kind === 'blank') return [];
    if (parsed.kind === 'malformed') return this.#leaveOut('malformed');
    if (parsed.kind === 'dropped') {
      this.#droppedByType.set(parsed.type, (this.#droppedByType.get(parsed.type) ?? 0) + 1);
      return [];
    }
    if (parsed.uuid !== undefined && this.#seen.has(parsed.uuid)) return this.#leaveOut('duplicates');
    if (parsed.uuid !== undefined) this.#seen.add(parsed.uuid);
    this.#remember(parsed);
    if (parsed.atMs !== undefined && parsed.atMs < this.#startedAtMs) return this.#leaveOut('beforeStart');
    this.#counts.understood += 1;
    return parsed.entries;
  }

  summary(): ClaudeCodeSummary {
    return { ...this.#facts, counts: { ...this.#counts, droppedByType: Object.fromEntries(this.#droppedByType) } };
  }

  #leaveOut(reason: 'malformed' | 'duplicates' | 'beforeStart'): readonly RecoveredEntry[] {
    this.#counts[reason] += 1;
    return [];
  }

  #remember({ model, version, sessionId }: Extract<ClaudeCodeLine, { kind: 'entries' }>): void {
    this.#facts = {
      ...(model === undefined ? {} : { model }),
      ...(version === undefined ? {} : { version }),
      ...this.#facts,
      ...(sessionId === undefined ? {} : { sessionId }),
    };
  }
}

/** The entries of a whole transcript, one at a time; what was met is the generator's return value. */
export function* claudeCodeEntries(
  lines: Iterable<string>,
  options: ClaudeCodeOptions = {},
): Generator<RecoveredEntry, ClaudeCodeSummary> {
  const converter = new ClaudeCodeConverter(options);
  for (const line of lines) yield* converter.convert(line);
  return converter.summary();
}
