import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Path -> what is there: kind, mode, and what it holds. */
export type FileTree = Readonly<Record<string, string>>;

/** Everything below these folders, but for what is told to be left out. */
export function treeOf(folders: readonly string[], isLeftOut: (file: string) => boolean = () => false): FileTree {
  return Object.fromEntries(folders.flatMap((folder) => entriesBelow(folder, isLeftOut)));
}

function entriesBelow(file: string, isLeftOut: (file: string) => boolean): [string, string][] {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat || isLeftOut(file)) return [];
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) return [[file, `link to ${readlinkSync(file)}`]];
  if (stat.isFile()) return [[file, `${mode} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`]];
  if (!stat.isDirectory()) return [[file, `${mode} neither file nor folder`]];
  const below = readdirSync(file).flatMap((name) => entriesBelow(path.join(file, name), isLeftOut));
  return [[file, `${mode} folder`], ...below];
}
