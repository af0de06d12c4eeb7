import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';

export interface ProgramSearch {
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/**
 * The file that `claude` (or another name, or a path) would start, found without starting it. Relative entries of PATH
 * do not count: whoever owns the current folder could plant a program there.
 */
export async function findProgram(nameOrPath: string, search: ProgramSearch): Promise<string | undefined> {
  const names = programNames(nameOrPath, search.platform, variable(search.environment, 'PATHEXT'));
  for (const folder of foldersFor(nameOrPath, search)) {
    for (const name of names) {
      const path = resolve(folder, name);
      if (isProgram(path)) return path;
    }
  }
  return undefined;
}

/** Windows starts `claude` as `claude.exe` or `claude.cmd`, which is the only file that npm installs there. */
export function programNames(name: string, platform: NodeJS.Platform, pathExt: string | undefined): readonly string[] {
  if (platform !== 'win32') return [name];
  const extensions = (pathExt || '.COM;.EXE;.BAT;.CMD')
    .split(';')
    .map((extension) => extension.trim().toLowerCase())
    .filter((extension) => extension !== '');
  const isComplete = extensions.some((extension) => name.toLowerCase().endsWith(extension));
  return isComplete ? [name] : extensions.map((extension) => name + extension);
}

/** Names one build of a program: an update changes the size or the time, a switched link the path. */
export async function programIdentity(path: string): Promise<string> {
  const target = realpathSync(path);
  const { size, mtimeMs } = statSync(target);
  return `${target}|${size}|${Math.trunc(mtimeMs)}`;
}

function foldersFor(nameOrPath: string, { environment, platform }: ProgramSearch): readonly string[] {
  const isPath = nameOrPath.includes('/') || (platform === 'win32' && nameOrPath.includes('\\'));
  if (isPath) return ['.'];
  return (variable(environment, 'PATH') ?? '').split(delimiter).filter(isAbsolute);
}

/** On Windows the variable may be called `Path`. */
function variable(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  if (environment[name] !== undefined) return environment[name];
  const key = Object.keys(environment).find((candidate) => candidate.toUpperCase() === name);
  return key === undefined ? undefined : environment[key];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent, unreadable and not executable are all the same answer: not a program that we can start.
    return false;
  }
}
