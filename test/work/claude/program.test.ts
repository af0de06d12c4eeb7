import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProgram, programIdentity, programNames } from '../../../src/work/claude/program.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'agentwork-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a program', () => {
  test('is the first executable of that name on PATH', async () => {
    await makeFile('a/claude', 0o644);
    await mkdir(join(root, 'b/claude'), { recursive: true });
    const program = await makeFile('c/claude', 0o755);
    await makeFile('d/claude', 0o755);
    expect(await find('claude', ['missing', 'a', 'b', 'c', 'd'])).toBe(program);
  });

  test('may be a link', async () => {
    await makeFile('real/cli.js', 0o755);
    await mkdir(join(root, 'bin'));
    await symlink(join(root, 'real/cli.js'), join(root, 'bin/claude'));
    await symlink(join(root, 'gone'), join(root, 'real/claude'));
    expect(await find('claude', ['real', 'bin'])).toBe(join(root, 'bin/claude'));
  });

  test('may be named by its path', async () => {
    const program = await makeFile('x/claude-next', 0o755);
    expect(await find(program, [])).toBe(program);
    expect(await find(relative(process.cwd(), program), [])).toBe(program);
    expect(await find(join(root, 'x/other'), ['x'])).toBeUndefined();
  });

  test('is not looked for in relative folders, which somebody else may own', async () => {
    await makeFile('here/claude', 0o755);
    const environment = { PATH: ['', '.', relative(process.cwd(), join(root, 'here'))].join(delimiter) };
    expect(await findProgram('claude', { environment, platform: 'linux' })).toBeUndefined();
  });

  test('is found on Windows under its extensions, in the folders of Path', async () => {
    const program = await makeFile('a/claude.exe', 0o755);
    await makeFile('a/claude.cmd', 0o755);
    const environment = { OTHER: '/nowhere', Path: join(root, 'a') };
    expect(await findProgram('claude', { environment, platform: 'win32' })).toBe(program);
    const named = { environment: { ...environment, PathExt: '.CMD' }, platform: 'win32' } as const;
    expect(await findProgram('claude', named)).toBe(join(root, 'a/claude.cmd'));
    const both = { PATH: join(root, 'missing'), Path: join(root, 'a') };
    expect(await findProgram('claude.exe', { environment: both, platform: 'win32' })).toBeUndefined();
  });

  test('is a path on Windows with a backslash in it, and a name elsewhere', async () => {
    const program = await makeFile('a/x\\claude', 0o755);
    await makeFile('a/x\\claude.exe', 0o755);
    expect(await find('x\\claude', ['a'])).toBe(program);
    const environment = { PATH: join(root, 'a') };
    expect(await findProgram('x\\claude', { environment, platform: 'win32' })).toBeUndefined();
  });

  test('is absent without a PATH', async () => {
    expect(await findProgram('claude', { environment: {}, platform: 'linux' })).toBeUndefined();
  });
});

test.each([
  ['claude', 'linux', undefined, ['claude']],
  ['claude', 'linux', '.EXE', ['claude']],
  ['claude', 'win32', '.EXE;.CMD', ['claude.exe', 'claude.cmd']],
  ['claude', 'win32', undefined, ['claude.com', 'claude.exe', 'claude.bat', 'claude.cmd']],
  ['claude', 'win32', '.EXE;; .CMD ', ['claude.exe', 'claude.cmd']],
  ['claude.cmd', 'win32', '.EXE;.CMD', ['claude.cmd']],
  ['C:\\npm\\CLAUDE.CMD', 'win32', '.EXE;.CMD', ['C:\\npm\\CLAUDE.CMD']],
] as const)('%s on %s with PATHEXT %s is %j', (name, platform, pathExt, names) => {
  expect(programNames(name, platform, pathExt)).toEqual(names);
});

test('another build has another identity', async () => {
  const program = await makeFile('claude', 0o755);
  const before = await programIdentity(program);
  expect(await programIdentity(program)).toBe(before);
  await writeFile(program, 'something longer than before');
  expect(await programIdentity(program)).not.toBe(before);
});

function find(name: string, folders: readonly string[]): Promise<string | undefined> {
  const path = folders.map((folder) => join(root, folder)).join(delimiter);
  return findProgram(name, { environment: { PATH: path }, platform: 'linux' });
}

async function makeFile(name: string, mode: number): Promise<string> {
  const path = join(root, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, 'x');
  await chmod(path, mode);
  return path;
}
