/** A rule that somebody adds to the built-in ones. */
export interface PolicyRule {
  /** What reports call it; nothing of what it looks for. */
  readonly name: string;
  readonly placeholder: string;
  /** Where it applies: `[start, end)` in characters, in order, none overlapping another, none empty. */
  find(text: string): Iterable<readonly [number, number]>;
}

/** What is redacted beyond what the built-in rules find. Its rules come first, each on what the one before it left. */
export interface RedactionPolicy {
  readonly rules: readonly PolicyRule[];
}

export const BUILT_IN: RedactionPolicy = { rules: [] };
