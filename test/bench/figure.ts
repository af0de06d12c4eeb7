/** Something that was measured, and what it should be. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  /** The same as a number: a ratio, MB. */
  readonly amount?: number;
  readonly goal?: string;
  /** Undefined where the goal is of another size. */
  readonly isMet?: boolean;
}

export function printFigures(figures: readonly Figure[]): void {
  for (const { what, value, goal, isMet } of figures) {
    const verdict = [goal, isMet === undefined ? undefined : isMet ? 'ok' : 'MISSED'].filter(Boolean).join(': ');
    console.log(`  ${what.padEnd(22)} ${value.padEnd(18)} ${verdict}`.trimEnd());
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
