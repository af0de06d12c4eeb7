/** What `oclif.manifest.json` says of the commands, as far as it is read here. */
export interface Manifest {
  /** `setup:hook` -> what there is of it. */
  readonly commands: Readonly<Record<string, ManifestCommand>>;
  /** What `package.json` says of those that have others behind them. */
  readonly topics?: Readonly<Record<string, { readonly description?: string }>>;
}

interface ManifestCommand {
  readonly summary?: string;
  readonly args: Readonly<Record<string, ManifestArgument>>;
  readonly flags: Readonly<Record<string, ManifestFlag>>;
}

interface ManifestArgument {
  readonly description?: string;
  /** The values that there are. */
  readonly options?: readonly string[];
}

interface ManifestFlag {
  readonly name: string;
  readonly char?: string;
  readonly type: 'boolean' | 'option';
  readonly description?: string;
  /** `DIR`, or the values that there are: `claude|offline`. */
  readonly helpValue?: string;
  readonly multiple?: boolean;
}

/** A word that may stand under the cursor. */
export interface Candidate {
  readonly word: string;
  /** One line; empty for a name. */
  readonly description: string;
}

/** Looks up what no manifest tells: names of sessions, or of what lies in the trash. */
export type NameLook = (kind: 'SESSION' | 'ENTRY') => readonly string[];

const HELP: ManifestFlag = { name: 'help', char: 'h', type: 'boolean', description: 'tell all that there is of it' };
const VERSION: ManifestFlag = { name: 'version', type: 'boolean', description: 'tell which version this is' };

/**
 * What may stand in the place of the last of these words, those of a command line behind the program's name. None where
 * a file may, which a shell knows best.
 */
export function listCandidates(words: readonly string[], manifest: Manifest, look: NameLook): readonly Candidate[] {
  const current = words.at(-1) ?? '';
  return possible(words.slice(0, -1), current, manifest, look).filter(({ word }) => word.startsWith(current));
}

function possible(before: readonly string[], current: string, manifest: Manifest, look: NameLook) {
  const asked = before[0] === 'help' ? before.slice(1) : before;
  const names = Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '));
  const name = names.find((each) => startsWith(asked, each.split(' ')));
  if (name === undefined) return nextWords(asked, current, manifest);
  if (asked !== before) return [];
  const command = manifest.commands[name.replaceAll(' ', ':')] as ManifestCommand;
  return ofCommand(command, asked.slice(name.split(' ').length), current, look);
}

function startsWith(words: readonly string[], start: readonly string[]): boolean {
  return start.every((word, index) => words[index] === word);
}

/** Commands, or those of a topic. */
function nextWords(before: readonly string[], current: string, { commands, topics = {} }: Manifest): Candidate[] {
  const paths = Object.entries(commands).map(([id, { summary = '' }]) => ({ path: id.split(':'), summary }));
  const deeper = paths.filter(({ path }) => path.length > before.length && startsWith(path, before));
  const found = deeper.map(({ path, summary }) => {
    const isWhole = path.length === before.length + 1;
    const topic = topics[path.slice(0, before.length + 1).join(':')]?.description ?? '';
    return { word: path[before.length] ?? '', description: isWhole ? summary : topic };
  });
  const once = found.filter(({ word }, index) => found.findIndex((other) => other.word === word) === index);
  return before.length === 0 && current.startsWith('-') ? [HELP, VERSION].map(flagCandidate) : once;
}

function ofCommand(command: ManifestCommand, before: readonly string[], current: string, look: NameLook): Candidate[] {
  const flags = [...Object.values(command.flags), HELP];
  const flagOf = (word = '') => flags.find(({ name, char }) => word === `--${name}` || word === `-${char}`);
  const isOver = before.includes('--');
  const open = isOver ? undefined : flagOf(before.at(-1));
  if (open?.type === 'option') return valuesOf(open, look);
  const [, named, equals] = /^(--[^=]+)(=)/.exec(current) ?? [];
  const assigned = isOver ? undefined : flagOf(named);
  if (assigned && equals) {
    return valuesOf(assigned, look).map(({ word, ...rest }) => ({ word: `--${assigned.name}=${word}`, ...rest }));
  }
  const given = new Set(before.map(flagOf));
  const left = flags.filter((flag) => flag.multiple || !given.has(flag)).map(flagCandidate);
  if (current.startsWith('-') && !isOver) return left;
  const [argument] = Object.entries(command.args);
  const needed = /\(with (--[\w-]+)\)/.exec(argument?.[1].description ?? '')?.[1];
  if (!argument || (needed !== undefined && !given.has(flagOf(needed)))) return isOver ? [] : left;
  const [name, { options = [] }] = argument;
  if (name === 'session') return namesLeft(look, before);
  return before.some((word) => options.includes(word)) ? left : options.map(asCandidate);
}

function valuesOf({ helpValue = '' }: ManifestFlag, look: NameLook): Candidate[] {
  if (helpValue === 'SESSION' || helpValue === 'ENTRY') return look(helpValue).map(asCandidate);
  return helpValue.includes('|') ? helpValue.split('|').map(asCandidate) : [];
}

function namesLeft(look: NameLook, before: readonly string[]): Candidate[] {
  return look('SESSION')
    .filter((name) => !before.includes(name))
    .map(asCandidate);
}

const asCandidate = (word: string): Candidate => ({ word, description: '' });

function flagCandidate({ name, description = '' }: ManifestFlag): Candidate {
  return { word: `--${name}`, description: description.replace(/\s+/g, ' ') };
}
