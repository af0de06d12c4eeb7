/** How this program is started where no PATH can be relied on. */
export interface ThisProgram {
  /** Absolute. */
  readonly node: string;
  /** Absolute; the name that it was called by, which an upgrade keeps. */
  readonly script: string;
}

export function thisProgram(): ThisProgram {
  return { node: process.execPath, script: process.argv[1] ?? '' };
}

/** The words of a command that `shellWord` made the words of. */
export function shellWords(command: string): readonly string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|\\(')/g, '$1$2'));
}

/** One word of a shell, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
