import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Whether one path lies in another, or is that; what links lead to is not looked at. */
export function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** One place can have two names: an agent tells the real one, a recorder what the user typed. */
export function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // Gone, or not ours to look at: its name is all there is.
    return file;
  }
}

/** Whether a link on the way leads from within a folder out of it. That the folder itself lies behind one is its owner's choice. */
export function leadsOut(file: string, folder: string): boolean {
  return isWithin(file, folder) && !isWithin(realPath(file), realPath(folder));
}

/** Whether any folder on the way from `outer` to `inner`, or `inner` itself, is a link. */
export function hasLinkOnTheWay(inner: string, outer: string): boolean {
  const steps = path.relative(outer, inner).split(path.sep);
  return steps.some((_, index) => isLink(path.join(outer, ...steps.slice(0, index + 1))));
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    // What is not there leads nowhere.
    return false;
  }
}
