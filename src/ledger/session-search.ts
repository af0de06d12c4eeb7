import { type Dirent, readdirSync } from 'node:fs';
import path from 'node:path';
import { countFindings, type Findings, type RedactionPolicy } from '../session/redaction/policy.ts';
import { isTempName } from './atomic-file.ts';
import { searchFile } from './file-redaction.ts';
import type { LedgerLfs } from './git/lfs.ts';
import { isAbsent } from './plain-file.ts';
import { RAW_NAME } from './raw-state.ts';
import type { SessionFiles } from './session-facts.ts';

/** What the files of a session hold that nobody is to read. Names are relative to its folder, `/`-separated. */
export interface SessionSearch {
  /** Rules and counts, of files that hold anything. */
  readonly findings: Readonly<Record<string, Findings>>;
  /** Files that could not be searched, and why. */
  readonly unsearched: Readonly<Record<string, string>>;
  /** Files that are no text, as pictures and archives: nobody looks into those. */
  readonly binary: readonly string[];
}

/** Searches all files of a session, and in the place of a pointer what it stands for, where that is here. Throws nothing. */
export async function searchSession(
  session: Pick<SessionFiles, 'folder' | 'facts'>,
  policy: RedactionPolicy,
  lfs: LedgerLfs,
): Promise<SessionSearch> {
  const { folder, facts } = session;
  const object = facts.raw.kind === 'pointer' ? await lfs.objectPath(facts.raw.oid) : undefined;
  const content = object === undefined || isAbsent(object) ? undefined : object;
  const placeOf = (name: string) => (name === RAW_NAME && content ? content : path.join(folder, name));
  return searchFiles(listFiles(folder), policy, placeOf);
}

export function searchFiles(
  names: readonly string[],
  policy: RedactionPolicy,
  placeOf: (name: string) => string,
): SessionSearch {
  const findings: [string, Findings][] = [];
  const unsearched: [string, string][] = [];
  const binary: string[] = [];
  for (const name of names) {
    const search = searchFile(placeOf(name), name, policy);
    if (search.kind === 'no-text') binary.push(name);
    if (search.kind === 'unsearched') unsearched.push([name, search.reason]);
    if (search.kind === 'searched' && countFindings(search.findings) > 0) findings.push([name, search.findings]);
  }
  return { findings: Object.fromEntries(findings), unsearched: Object.fromEntries(unsearched), binary };
}

/** Every plain file in a folder and in the folders below; no link is followed. */
function listFiles(folder: string, below = ''): readonly string[] {
  const entries = readEntries(path.join(folder, below)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return listFiles(folder, name);
    return entry.isFile() && !isTempName(entry.name) ? [name] : [];
  });
}

function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // The verdict on the session says that its folder cannot be read.
    return [];
  }
}
