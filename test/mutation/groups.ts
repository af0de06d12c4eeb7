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
  // Without the tables of rules, for which the corpus has an example each; its tests and those of secretlint are slow.
  redactor: {
    source: ['src/session/redaction/!(rules).ts', 'src/session/redaction/rules/rule.ts'],
    tests: ['test/session/redaction/**/!(corpus|secretlint).test.ts'],
  },
};
