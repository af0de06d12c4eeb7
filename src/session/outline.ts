import type { Chapter, FileChange } from './summary.ts';

/** A transcript reduced to what fits in memory whatever its size. */
export interface Outline {
  readonly entryCount: number;
  readonly userCount: number;
  readonly assistantCount: number;
  readonly toolCallCount: number;
  readonly errorCount: number;
  /** Milliseconds since the epoch of the first and last entry that carry a time. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** Tool name -> calls, most used first. */
  readonly toolCounts: Readonly<Record<string, number>>;
  /** What the user asked for, framework text and slash commands left out, in order; the first 50, each bounded. */
  readonly requests: readonly string[];
  /** The assistant's last words, bounded. */
  readonly lastAnswer?: string;
  /** Shell commands that were run, in order, without repetition, bounded. */
  readonly commands: readonly string[];
  /** First lines of what went wrong, bounded. */
  readonly errors: readonly string[];
  readonly filesChanged: readonly FileChange[];
  readonly chapters: readonly Chapter[];
}
