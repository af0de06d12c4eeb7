import { mkdirSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { presentCaches, sessionCaches } from '../../src/ledger/caches.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A home with these folders in it; `~` in what is asked and answered stands for it. */
function cachesIn(
  folders: readonly string[],
  environment: Record<string, string> = {},
  extra: readonly string[] = [],
): string[] {
  const home = temporaryFolder();
  const real = (text: string) => text.replace('~', home);
  for (const folder of folders) mkdirSync(real(folder), { recursive: true });
  const own = Object.entries(environment).map(([name, value]) => [name, real(value)]);
  const ledger = cloneAt(path.join(home, 'ledgers', 'repo_1'));
  const found = presentCaches(sessionCaches(ledger, { HOME: home, ...Object.fromEntries(own) }, extra.map(real)));
  return found.map((folder) => folder.replace(home, '~'));
}

const cloneAt = (root: string) => ({
  ...{ root, repoId: path.basename(root), stateDir: path.join(root, '.git', 'agentwork') },
});

const OWN = '~/ledgers/repo_1/.git/agentwork/recordings';
const IN_LEDGER = '~/ledgers/repo_1/.sageox/cache/sessions';
const XDG = '~/xdg/sageox/sessions/repo_1/sessions';
const HOME_CACHE = '~/.cache/sageox/sessions/repo_1/sessions';
const MAC = '~/Library/Caches/sageox/sessions/repo_1/sessions';
const SAGEOX = '~/.sageox/cache/sessions/repo_1/sessions';

describe('the caches of a ledger', () => {
  test('are none where nothing is', () => {
    expect(cachesIn([])).toEqual([]);
  });

  test('are all that exist, its own first, and none twice', () => {
    expect(cachesIn([SAGEOX, MAC, HOME_CACHE, IN_LEDGER, OWN])).toEqual([OWN, IN_LEDGER, HOME_CACHE, MAC, SAGEOX]);
  });

  test('are looked for where our environment says first, and where another’s may have said then', () => {
    expect(cachesIn([XDG, HOME_CACHE], { XDG_CACHE_HOME: '~/xdg' })).toEqual([XDG, HOME_CACHE]);
    expect(cachesIn([XDG, HOME_CACHE, SAGEOX], { XDG_CACHE_HOME: '~/xdg', OX_XDG_DISABLE: '1' })).toEqual([
      SAGEOX,
      HOME_CACHE,
    ]);
  });

  test('are those of this ledger, not of its neighbours', () => {
    expect(cachesIn(['~/.cache/sageox/sessions/repo_2/sessions', '~/.cache/sageox/sessions/sessions'])).toEqual([]);
  });

  test('are also the folders that the user names, last and as named', () => {
    expect(cachesIn([HOME_CACHE, '~/mine', '~/more'], {}, ['~/more', '~/mine', '~/gone', '~/more'])).toEqual([
      HOME_CACHE,
      '~/more',
      '~/mine',
    ]);
  });

  test('are looked for in the home of the account where the environment names none', () => {
    expect(sessionCaches(cloneAt('/nowhere/repo_1'), {}, [homedir()])).toContain(homedir());
  });
});

describe('a cache in the clone that lies behind a link', () => {
  test.each(['.sageox', '.sageox/cache', '.sageox/cache/sessions'])('is told, and left alone: %s', (link) => {
    const home = temporaryFolder();
    const root = path.join(home, 'ledger');
    const rest = path.relative(link, '.sageox/cache/sessions');
    mkdirSync(path.join(home, 'private', rest), { recursive: true });
    mkdirSync(path.join(root, path.dirname(link)), { recursive: true });
    symlinkSync(path.join(home, 'private'), path.join(root, link));
    const told: string[] = [];
    const caches = sessionCaches(cloneAt(root), { HOME: home }, [], (message) => told.push(message));
    const cache = path.join(root, '.sageox/cache/sessions');
    expect([presentCaches(caches), told]).toEqual([[], [`${cache} lies behind a symbolic link: it is left alone`]]);
  });

  test('is the user’s own choice outside of the clone', () => {
    const home = temporaryFolder();
    const cache = path.join(home, '.cache', 'sageox', 'sessions', 'ledger', 'sessions');
    mkdirSync(path.join(home, 'disk', 'sageox', 'sessions', 'ledger', 'sessions'), { recursive: true });
    symlinkSync(path.join(home, 'disk'), path.join(home, '.cache'));
    const caches = sessionCaches(cloneAt(path.join(home, 'ledger')), { HOME: home }, []);
    expect(presentCaches(caches)).toEqual([cache]);
  });
});
