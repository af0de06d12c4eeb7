/** Source that is broken together, and the tests that are to notice: those that import it, not the built binary. */
export interface Group {
  readonly source: readonly string[];
  readonly tests: readonly string[];
}

export const GROUPS: Readonly<Record<string, Group>> = {
  lock: { source: ['src/lock.ts'], tests: ['test/lock.test.ts'] },
  verdict: {
    source: ['src/session/{classify,quality,recording}.ts'],
    tests: ['test/session/{classify,quality,recording}.test.ts'],
  },
  summary: {
    source: ['src/session/{answer,summary,summary-schema}.ts'],
    tests: ['test/session/{answer,summary,summary-schema}.test.ts'],
  },
  engine: { source: ['src/work/**/*.ts'], tests: ['test/work/**/*.test.ts'] },
  // Without the table of rules: its own tests have an example for each.
  redactor: { source: ['src/session/redaction/*.ts'], tests: ['test/session/redaction/**/*.test.ts'] },
};
