import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makerOf, privateFolderParent, withPrivateFolder } from '../../../src/work/claude/private-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A folder of such a path can be looked into, but holds no folder with a name like ours. */
const LONGEST_PATH = 4080;

describe('a private folder', () => {
  test('is empty, ours alone, and gone afterwards with whatever was put into it', async () => {
    const parent = temporaryFolder();
    const folder = await withPrivateFolder(
      async (folder) => {
        expect(readdirSync(folder)).toEqual([]);
        expect(statSync(folder).mode & 0o777).toBe(0o700);
        writeFileSync(path.join(folder, 'x'), '');
        return folder;
      },
      [parent],
    );
    expect(path.dirname(folder)).toBe(parent);
    expect(existsSync(folder)).toBe(false);
  });

  test('is gone after a failure, too', async () => {
    const parent = temporaryFolder();
    const failing = withPrivateFolder(() => Promise.reject(new Error('no')), [parent]);
    await expect(failing).rejects.toThrow('no');
    expect(readdirSync(parent)).toEqual([]);
  });

  test('says by its name who made it', async () => {
    const name = await withPrivateFolder(async (folder) => path.basename(folder), [temporaryFolder()]);
    expect(makerOf(name)).toBe(process.pid);
  });

  test('lies in no repository', async () => {
    const [repository, free] = [temporaryFolder(), temporaryFolder()];
    const inside = path.join(repository, 'tmp');
    mkdirSync(path.join(repository, '.git'));
    mkdirSync(inside);
    expect(await privateFolderParent(['/nowhere', inside, free])).toBe(free);
    await expect(privateFolderParent([inside])).rejects.toMatchObject({
      kind: 'unsupported',
      message: `the temporary folder ${inside} is missing or lies inside a git repository`,
    });
  });

  test('lies in no bare repository, and in none that a link leads into', async () => {
    const [folder, free] = [temporaryFolder(), temporaryFolder()];
    const bare = path.join(folder, 'ledger.git');
    for (const name of ['objects', 'refs', 'tmp']) mkdirSync(path.join(bare, name), { recursive: true });
    writeFileSync(path.join(bare, 'HEAD'), 'ref: refs/heads/main\n');
    symlinkSync(path.join(bare, 'tmp'), path.join(folder, 'tmp'));
    expect(await privateFolderParent([path.join(bare, 'tmp'), path.join(folder, 'tmp'), free])).toBe(free);
  });

  test.each([[['HEAD', 'objects']], [['HEAD', 'refs']], [['objects', 'refs']]])(
    'may lie where only %j are: that is no repository',
    async (names) => {
      const folder = temporaryFolder();
      for (const name of names) mkdirSync(path.join(folder, name));
      expect(await privateFolderParent([folder])).toBe(folder);
    },
  );

  test('lies where temporary files belong, or in the place for them that is always there', async () => {
    const folder = temporaryFolder();
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    vi.stubEnv('TMPDIR', folder);
    expect(await privateFolderParent()).toBe(folder);
    vi.stubEnv('TMPDIR', path.join(folder, 'missing'));
    expect(await privateFolderParent()).toBe(realpathSync('/tmp'));
  });

  test.runIf(process.platform === 'linux')('that cannot be made is the machine’s fault', async () => {
    let parent = temporaryFolder();
    const length = () => LONGEST_PATH - parent.length;
    while (length() > 0) parent = path.join(parent, 'x'.repeat(Math.min(100, Math.max(1, length() - 1))));
    mkdirSync(parent, { recursive: true });
    await expect(withPrivateFolder(async () => {}, [parent])).rejects.toMatchObject({
      kind: 'not_started',
      message: expect.stringMatching(/^no private folder can be made in \/.*: ENAMETOOLONG/),
      cause: expect.objectContaining({ code: 'ENAMETOOLONG' }),
    });
  });

  test('may be removed by whoever works in it', async () => {
    const parent = temporaryFolder();
    expect(await withPrivateFolder(async (folder) => rmdirSync(folder), [parent])).toBeUndefined();
    expect(readdirSync(parent)).toEqual([]);
  });

  test('is where a link leads, so that its path says what is above it', async () => {
    const [folder, real] = [temporaryFolder(), temporaryFolder()];
    symlinkSync(real, path.join(folder, 'link'));
    const made = await withPrivateFolder(async (folder) => folder, [path.join(folder, 'link')]);
    expect(path.dirname(made)).toBe(real);
    expect(readdirSync(real)).toEqual([]);
  });
});

test.each([
  ['agentwork-123-a1B2c3', 123],
  ['agentwork-0-a1B2c3', undefined],
  ['agentwork-012-a1B2c3', undefined],
  ['agentwork--a1B2c3', undefined],
  ['agentwork-a1B2c3', undefined],
  ['agentwork-test-a1B2c3', undefined],
  ['agentwork-123-a1B2c34', undefined],
  ['agentwork-123-a1B2c3.d', undefined],
  ['agentwork-99999999999-a1B2c3', undefined],
  ['x-agentwork-123-a1B2c3', undefined],
])('the maker of %s is %s', (name, pid) => {
  expect(makerOf(name)).toBe(pid);
});
