import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { SECOND_MS } from './clock.ts';

/** Longer than this no opener needs to say that it cannot. */
const PATIENCE_MS = 2 * SECOND_MS;

/**
 * Shows a file in whatever this machine opens it with, detached: it goes on when we end. Returns why that did not work,
 * as far as it turned out at once; undefined when nothing spoke against it.
 */
export function openFile(file: string, platform: NodeJS.Platform = process.platform): Promise<string | undefined> {
  const [program, ...words] = openerOf(platform, file);
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: 'ignore', detached: true, windowsHide: true });
    const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    const end = (trouble: string | undefined) => {
      clearTimeout(timer);
      resolve(trouble);
    };
    child.on('error', () => end(`${program} cannot be started`));
    child.on('exit', (status) => end(status === 0 ? undefined : `${program} ended with status ${status}`));
    child.unref();
  });
}

/** The program and its words. Windows: by its address, since `start` would read signs of a path as its own. */
export function openerOf(platform: NodeJS.Platform, file: string): readonly [string, ...string[]] {
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', pathToFileURL(file).href];
  return [platform === 'darwin' ? 'open' : 'xdg-open', file];
}
