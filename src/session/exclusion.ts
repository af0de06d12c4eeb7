import { escapeGlob, parseGlob } from './glob.ts';

/** Whose a session is and where it was made, by all that its files tell; several where they disagree. */
export interface Provenance {
  readonly users: readonly string[];
  readonly branches: readonly string[];
  /** Of the workspace, `/`-separated. */
  readonly paths: readonly string[];
}

/** A pattern that asks to leave sessions alone. */
export interface Exclusion {
  /** As it was written. */
  readonly pattern: string;
  /** Where it was set, for people. */
  readonly where: string;
  readonly matches: (provenance: Provenance) => boolean;
}

const TOLD = { user: 'users', branch: 'branches', path: 'paths' } as const satisfies Record<string, keyof Provenance>;

/**
 * `user:GLOB`, `branch:GLOB` or `path:GLOB`, where `~/` at the start of a path is the folder `home`, and a slash at its
 * end stands for all below; undefined for anything else, and for a path that is none from the root.
 */
export function parseExclusion(pattern: string, where: string, home: string): Exclusion | undefined {
  const [, kind = '', text = ''] = /^(user|branch|path):(.+)$/.exec(pattern) ?? [];
  const glob = text.trim();
  if (!isKind(kind) || glob === '' || (kind === 'path' && !FROM_ROOT.test(glob))) return undefined;
  const form = kind === 'path' ? pathForm(glob, home) : glob;
  const isOfForm = parseGlob(plainName(kind, form));
  const matches = isOfForm && ((name: string) => isOfForm(plainName(kind, name)));
  return matches && { pattern, where, matches: (provenance) => provenance[TOLD[kind]].some(matches) };
}

/** What no path could match would be no protection. */
const FROM_ROOT = /^(?!.*\/\.\.(\/|$))(\/|~\/|[*?{]|[A-Za-z]:\/)/;

/** As sessions tell paths: without what makes no difference. */
function pathForm(glob: string, home: string): string {
  const isBelow = glob.length > 1 && glob.endsWith('/');
  const form = glob.replace(/^~(?=\/)/, () => escapeGlob(home.replaceAll('\\', '/'))).replace(/\/(?:\.?\/)+/g, '/');
  return isBelow ? `${form}**` : form;
}

/** One and the same, however it is written: accents, the letter of a drive, a branch by its full name. */
function plainName(kind: keyof typeof TOLD, name: string): string {
  const plain = name.normalize('NFC');
  if (kind === 'branch') return plain.replace(/^refs\/heads\//, '');
  return kind === 'path' ? plain.replace(/^[a-z](?=:\/)/, (letter) => letter.toUpperCase()) : plain;
}

/** Why a session is left alone; undefined when no pattern asks for it. What a session does not tell matches nothing. */
export function exclusionReason(exclusions: readonly Exclusion[], provenance: Provenance): string | undefined {
  const found = exclusions.find(({ matches }) => matches(provenance));
  return found && `${found.where} excludes ${found.pattern}`;
}

/** The patterns of a list that commas separate; those within braces do not. */
export function splitExclusions(list: string): readonly string[] {
  const patterns = [''];
  let depth = 0;
  for (const character of list) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ',' && depth <= 0) patterns.push('');
    else patterns.push(`${patterns.pop()}${character}`);
  }
  return patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
}

function isKind(kind: string): kind is keyof typeof TOLD {
  return Object.hasOwn(TOLD, kind);
}
