import path from 'node:path';

/** A file below the root of a clone as git names it: with slashes, on Windows too. `paths`: of the machine. */
export function gitPath(root: string, file: string, paths: Pick<typeof path, 'relative' | 'sep'> = path): string {
  return paths.relative(root, file).split(paths.sep).join('/');
}
