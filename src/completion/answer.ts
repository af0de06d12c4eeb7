import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { listCandidates, type Manifest, type NameLook } from './candidates.ts';

/** What a shell passes through a command line as it is: a name is another's, and is not to become a command. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * What a shell prints of a half-written command line: a line `WORD<tab>DESCRIPTION` for each word that may stand under the
 * cursor. `words`: those behind the program's name, up to the cursor. `from`: a folder of the package. Throws nothing.
 */
export function answerShell(words: readonly string[], from: string, environment: NodeJS.ProcessEnv): string {
  try {
    const read = (name: string) => JSON.parse(readFileSync(path.join(from, '..', name), 'utf8'));
    const manifest: Manifest = { ...read('oclif.manifest.json'), topics: read('package.json').oclif.topics };
    const found = listCandidates(words, manifest, namesIn(ledgerNear(words, environment)));
    return found.map(({ word, description }) => `${word}\t${description}\n`).join('');
  } catch {
    // A cursor is no place for an error.
    return '';
  }
}

/** Not asked of git, which would take longer than all the rest. */
function namesIn(root: string): NameLook {
  const folders = { SESSION: 'sessions', ENTRY: '.git/agentwork/trash' };
  return (kind) =>
    readdirSync(path.join(root, folders[kind])).filter((name) => PLAIN.test(name) && !/^[.-]/.test(name));
}

/** The ledger that is named, or the clone around the current folder. */
function ledgerNear(words: readonly string[], { AGENTWORK_LEDGER, HOME = '~' }: NodeJS.ProcessEnv): string {
  const named = words.map((word, index) => {
    if (word === '--ledger' || word === '-l') return words[index + 1];
    return word.startsWith('--ledger=') ? word.slice('--ledger='.length) : undefined;
  });
  const given = named.find((word) => word !== undefined && word !== '') ?? AGENTWORK_LEDGER;
  let root = path.resolve(given?.replace(/^~(?=\/|$)/, HOME) ?? '');
  while (!existsSync(path.join(root, '.git')) && path.dirname(root) !== root) root = path.dirname(root);
  return root;
}
