/** A line of a transcript and where it starts in the file, in bytes; null is a line too long to read. */
export interface PlacedLine {
  readonly text: string | null;
  readonly offset: number;
}

/** An entry as a recovered `raw.jsonl` holds it, one per line. */
export interface RecoveredEntry {
  /** RFC 3339, as the transcript tells it. */
  readonly ts?: string;
  readonly type: 'user' | 'assistant' | 'system' | 'tool';
  readonly content: string;
  readonly tool_name?: string;
  /** JSON text. */
  readonly tool_input?: string;
  readonly tool_output?: string;
  readonly is_error?: boolean;
  /** Joins a call and its result, which are two entries. */
  readonly call_id?: string;
}

export interface SourceFacts {
  readonly model?: string;
  /** Of the agent. */
  readonly version?: string;
  /** The agent's own name for the conversation. */
  readonly sessionId?: string;
  /** The folder that the agent worked in from here on. */
  readonly cwd?: string;
}

interface Placed {
  /** Absent in a document that the agent writes anew each time: no byte of it stays where it was. */
  readonly offset?: number;
}

/** What one line of a transcript turned out to be. Each line is one of these: none is silently gone. */
export type SourceLine = Placed &
  (
    | {
        readonly kind: 'entries';
        /** At least one. */
        readonly entries: readonly RecoveredEntry[];
        readonly atMs?: number;
        readonly cwd?: string;
        /** The same line of a resumed or forked session keeps it. */
        readonly id?: string;
        readonly facts?: SourceFacts;
      }
    | { readonly kind: 'facts'; readonly facts: SourceFacts }
    /** The agent's own bookkeeping, or a line of a known type in which nothing was said. */
    | { readonly kind: 'dropped'; readonly type: string }
    /** A type that the adapter has never heard of. */
    | { readonly kind: 'unknown'; readonly type: string }
    | { readonly kind: 'blank' }
    | { readonly kind: 'malformed' }
  );

/** Understands the transcripts of one agent. */
export interface TranscriptAdapter {
  readonly name: string;
  /** What recorders call it, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Lazy, and never throws: what a line of JSONL is, is told before the next one is asked for. */
  parse(lines: Iterable<PlacedLine>): Iterable<SourceLine>;
}
