import { lstatSync, realpathSync, type Stats } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ExpectedError, messageOf, systemErrorCode } from '../errors.ts';
import { makeOwnFolder } from '../own-folder.ts';
import { LEDGER_PAGE_MARK } from '../session/render/ledger-page/ledger-page.ts';
import { gitPath } from './git/git-path.ts';
import type { Ledger } from './ledger.ts';
import { readHead } from './plain-file.ts';

const DEFAULT_NAME = 'ledger.html';
/** The mark of a page stands behind its style and script. */
const MARK_WITHIN_BYTES = 256 * 1024;

type Place = Pick<Ledger, 'root' | 'sessionsDir' | 'stateDir' | 'git'>;

/**
 * Where the page of the ledger goes: the named file, else one beside the state, which no commit takes. Throws BAD_USAGE
 * for a place where it would be committed, since two machines would then conflict over it, and for a file that is no
 * such page: that could be a recording.
 */
export async function choosePageFile(ledger: Place, named: string | undefined): Promise<string> {
  if (named === undefined) {
    makeOwnFolder(ledger.stateDir);
    return path.join(ledger.stateDir, DEFAULT_NAME);
  }
  const file = path.join(realFolder(path.dirname(path.resolve(named))), path.basename(path.resolve(named)));
  requireReplaceable(file);
  await requireUncommitted(ledger, file);
  return file;
}

/**
 * What stands before a session's name in an address on this page: within the clone the way from the page, so that both
 * can be moved together; anywhere else the clone's own address.
 */
export function linkBase({ root, sessionsDir }: Pick<Ledger, 'root' | 'sessionsDir'>, file: string): string {
  if (!isWithin(root, file)) return `${pathToFileURL(sessionsDir).href}/`;
  const steps = path.relative(path.dirname(file), sessionsDir).split(path.sep);
  // A first step with a colon in it would be taken for a scheme.
  return `./${steps.map(encodeURIComponent).join('/')}/`;
}

function realFolder(folder: string): string {
  try {
    const real = realpathSync(folder);
    if (lstatSync(real).isDirectory()) return real;
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause;
    throw new ExpectedError('BAD_USAGE', `there is no folder ${folder} to write the page into`, { cause });
  }
  throw new ExpectedError('BAD_USAGE', `${folder} is no folder to write the page into`);
}

/** Whatever else has this name stays as it is. */
function requireReplaceable(file: string): void {
  const stat = statOf(file);
  if (!stat) return;
  if (stat.isDirectory()) {
    throw new ExpectedError('BAD_USAGE', `${file} is a folder`, { suggestions: ['name a file in it'] });
  }
  if (stat.isFile() && readHead(file, MARK_WITHIN_BYTES).includes(LEDGER_PAGE_MARK)) return;
  throw new ExpectedError('BAD_USAGE', `${file} is there already, and is no page of a ledger: it is left alone`, {
    suggestions: ['name another file, or remove this one yourself'],
  });
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (cause) {
    throw new ExpectedError('BAD_USAGE', `the page cannot be ${file}: ${messageOf(cause)}`, { cause });
  }
}

async function requireUncommitted({ root, stateDir, git }: Place, file: string): Promise<void> {
  if (isWithin(stateDir, file) || !isWithin(root, file)) return;
  if (await git.isIgnored(gitPath(root, file))) return;
  const trouble = 'lies in the clone where git does not ignore it: committed, it would conflict between machines';
  throw new ExpectedError('BAD_USAGE', `${file} ${trouble}`, {
    suggestions: ['name a file outside of the clone, or one that git ignores', 'or none: agentwork status --html'],
  });
}

function isWithin(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return way !== '' && way.split(path.sep)[0] !== '..' && !path.isAbsolute(way);
}
