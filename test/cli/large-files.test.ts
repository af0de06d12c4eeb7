import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { runCli, runJson } from '../support/cli.ts';
import { describeWithGitLfs, hasObject, oidOf, pointerTo } from '../support/git-lfs.ts';
import { runGit, runGitWithLfs, secondClone, type TemporaryLedger, temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';
import { writeFiles } from '../support/temporary-folder.ts';

const NOW = Date.now();
const RAW = recording(NOW - DAY_MS, 'ryan', 'OxBig1', loginEntries(NOW - DAY_MS));
const DONE = (folder: string) => ({
  [`${folder}/summary.json`]: '{"title":"Old","summary":"It was done."}',
  [`${folder}/summary.md`]: 'old',
  [`${folder}/session.html`]: 'old',
  [`${folder}/session.md`]: 'old',
});

interface FinalizeJson {
  detected: number;
  results: { session: string; success: boolean; left_out?: { file: string; reason: string }[] }[];
  pushed: unknown;
}

const read = (root: string, file: string) => readFileSync(path.join(root, file), 'utf8');

/** Behind a threshold of 1 KB all that the tests write is large. */
const SMALL = { AGENTWORK_LFS_THRESHOLD: '1k' };

const committed = (ledger: TemporaryLedger, file: string) => ledger.git('cat-file', 'blob', `HEAD:${file}`);
const filesOf = (root: string, name: string) => JSON.parse(read(root, `sessions/${name}/meta.json`)).files;

/** A ledger that uses Git LFS, and a recording that nobody committed yet. */
function newInLedger(files: Record<string, string>): TemporaryLedger {
  const ledger = temporaryLedger({ 'README.md': 'ledger', ...files });
  writeFiles(ledger.root, { 'sessions/new/raw.jsonl': RAW });
  return ledger;
}

async function finalizeSmall(root: string, env: Record<string, string> = SMALL, gitLfs = true) {
  return runJson<FinalizeJson>(['finalize', '--agent', 'offline'], { cwd: root, env, gitLfs });
}

describeWithGitLfs('a large file', () => {
  test.each([
    ['by its attributes', { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' }],
    ['by a pointer', { 'sessions/old/raw.jsonl': pointerTo('old'), ...DONE('sessions/old') }],
  ])('goes to Git LFS in a ledger that uses it, known %s', async (_, files) => {
    const ledger = newInLedger(files);
    const { root, remote } = ledger;
    const { json } = await finalizeSmall(root);
    expect(json).toMatchObject({ results: [{ session: 'new', success: true }], pushed: 'done' });
    expect(committed(ledger, 'sessions/new/raw.jsonl')).toBe(pointerTo(RAW).trimEnd());
    expect(committed(ledger, 'sessions/new/.gitattributes')).toContain('raw.jsonl filter=lfs diff=lfs merge=lfs -text');
    expect(committed(ledger, 'sessions/new/summary.json')).toContain('"title"');
    expect(read(root, 'sessions/new/raw.jsonl')).toBe(RAW);
    expect(hasObject(remote, RAW)).toBe(true);
    expect(hasObject(remote, read(root, 'sessions/new/session.html'))).toBe(true);
    expect(filesOf(root, 'new')).toMatchObject({
      'raw.jsonl': { storage: 'lfs', oid: `sha256:${oidOf(RAW)}`, size: Buffer.byteLength(RAW) },
      'summary.json': { storage: 'git' },
    });
    expect(runGitWithLfs(root, ledger.environment, 'status', '--porcelain')).toBe('');
    expect((await finalizeSmall(root)).json).toMatchObject({ detected: 0, pushed: 'nothing' });
  });

  test('is committed as it is in a ledger that does not use Git LFS', async () => {
    const ledger = newInLedger({});
    await finalizeSmall(ledger.root);
    expect(committed(ledger, 'sessions/new/raw.jsonl')).toBe(RAW.trimEnd());
    expect(ledger.git('ls-files', 'sessions')).not.toContain('.gitattributes');
  });

  test('of a ledger whose attributes name it needs no more of them, whatever its size', async () => {
    const ledger = newInLedger({ '.gitattributes': 'raw.jsonl filter=lfs diff=lfs merge=lfs -text\n' });
    await finalizeSmall(ledger.root, {});
    expect(committed(ledger, 'sessions/new/raw.jsonl')).toBe(pointerTo(RAW).trimEnd());
    expect(ledger.git('ls-files', 'sessions')).not.toContain('.gitattributes');
    expect(hasObject(ledger.remote, RAW)).toBe(true);
    expect(filesOf(ledger.root, 'new')['raw.jsonl']).toMatchObject({ storage: 'lfs' });
  });

  test('can be read back by a second clone, where there is nothing to do', async () => {
    const ledger = newInLedger({ '.gitattributes': '*.bin filter=lfs\n' });
    await finalizeSmall(ledger.root);
    const second = secondClone(ledger);
    expect(read(second.root, 'sessions/new/raw.jsonl')).toBe(pointerTo(RAW));
    expect((await finalizeSmall(second.root)).json).toMatchObject({ detected: 0, pushed: 'nothing' });
    runGitWithLfs(second.root, ledger.environment, 'lfs', 'install', '--local');
    runGitWithLfs(second.root, ledger.environment, 'lfs', 'pull');
    expect(read(second.root, 'sessions/new/raw.jsonl')).toBe(RAW);
    expect((await finalizeSmall(second.root)).json).toMatchObject({ detected: 0, pushed: 'nothing' });
    expect(runGitWithLfs(second.root, ledger.environment, 'status', '--porcelain')).toBe('');
  });

  test('goes with the hooks of git-lfs, too', async () => {
    const ledger = newInLedger({ '.gitattributes': '*.bin filter=lfs\n' });
    runGitWithLfs(ledger.root, ledger.environment, 'lfs', 'install', '--local');
    expect((await finalizeSmall(ledger.root)).json).toMatchObject({ pushed: 'done' });
    expect(hasObject(ledger.remote, RAW)).toBe(true);
    expect(runGitWithLfs(ledger.root, ledger.environment, 'status', '--porcelain')).toBe('');
  });

  test('keeps its pointer from a remote that does not take it, until it does', async () => {
    const ledger = newInLedger({ '.gitattributes': '*.bin filter=lfs\n' });
    const { root, remote } = ledger;
    ledger.git('config', 'lfs.url', 'http://127.0.0.1:9/lfs');
    const { json, status } = await finalizeSmall(root);
    expect({ status, pushed: json.pushed }).toMatchObject({
      status: 3,
      pushed: { kind: 'lfs', refused: expect.stringContaining('large files did not reach the remote') },
    });
    expect(runGit(remote, ledger.environment, 'ls-tree', '-r', '--name-only', 'main')).not.toContain('sessions/new');
    ledger.git('config', '--unset', 'lfs.url');
    expect((await finalizeSmall(root)).json).toMatchObject({ detected: 0, pushed: 'done' });
    expect(hasObject(remote, RAW)).toBe(true);
  });

  test('goes on top of what others pushed meanwhile, and the tree keeps what was recorded', async () => {
    const ledger = newInLedger({ '.gitattributes': '*.bin filter=lfs\n' });
    const { root, remote } = ledger;
    const second = secondClone(ledger);
    writeFiles(second.root, { 'sessions/other/raw.jsonl': RAW.replaceAll('OxBig1', 'Other1') });
    await finalizeSmall(second.root);
    expect((await finalizeSmall(root)).json).toMatchObject({ results: [{ session: 'new' }], pushed: 'done' });
    const there = runGit(remote, ledger.environment, 'ls-tree', '-r', '--name-only', 'main', 'sessions/');
    expect(there).toMatch(/sessions\/new\/raw\.jsonl[\s\S]*sessions\/other\/raw\.jsonl/);
    expect(read(root, 'sessions/new/raw.jsonl')).toBe(RAW);
    expect(read(root, 'sessions/other/raw.jsonl')).toContain('git-lfs');
    expect(runGitWithLfs(root, ledger.environment, 'status', '--porcelain')).toBe('');
    expect((await finalizeSmall(root)).json).toMatchObject({ detected: 0, pushed: 'nothing' });
  });

  test('that is staged from a cache goes there without its secrets, and its original stays in the cache', async () => {
    const ledger = temporaryLedger({
      '.gitattributes': '*.bin filter=lfs\n',
      '.gitignore': '.sageox/',
      'sessions/.keep': '',
    });
    const { root } = ledger;
    const key = ['sk', 'ant', 'api03', 'Zx9'.repeat(31)].join('-');
    const secret = RAW.replace('After login', `After ${key} login`);
    writeFiles(root, { '.sageox/cache/sessions/cached/raw.jsonl': secret });
    expect((await finalizeSmall(root)).json).toMatchObject({ results: [{ session: 'cached' }], pushed: 'done' });
    const staged = read(root, 'sessions/cached/raw.jsonl');
    expect(staged).not.toContain(key);
    expect(committed(ledger, 'sessions/cached/raw.jsonl')).toBe(pointerTo(staged).trimEnd());
    expect(hasObject(ledger.remote, staged)).toBe(true);
    expect(runGitWithLfs(root, ledger.environment, 'status', '--porcelain')).toBe('');
    expect((await runJson<{ removed: object[] }>(['cleanup'], { cwd: root, gitLfs: true })).json.removed).toEqual([]);
    expect(read(root, '.sageox/cache/sessions/cached/raw.jsonl')).toBe(secret);
  });

  test('that HEAD has as it is stays as it is', async () => {
    const ledger = temporaryLedger({ '.gitattributes': '*.bin filter=lfs\n', 'sessions/new/raw.jsonl': RAW });
    await finalizeSmall(ledger.root, { ...SMALL, AGENTWORK_MAX_FILE_BYTES: '2k' });
    expect(committed(ledger, 'sessions/new/raw.jsonl')).toBe(RAW.trimEnd());
    expect(filesOf(ledger.root, 'new')['raw.jsonl']).toEqual({ storage: 'git', size: Buffer.byteLength(RAW) });
  });
});

describe('what no commit takes', () => {
  const env = { AGENTWORK_MAX_FILE_BYTES: '3500' };

  test('is a file over the limit: it is named, the rest is published, and no pass tries again', async () => {
    const ledger = newInLedger({});
    const { root, remote } = ledger;
    const { json, stderr, status } = await finalizeSmall(root, env, false);
    expect({ status, pushed: json.pushed }).toEqual({ status: 0, pushed: 'done' });
    const leftOut = json.results[0]?.left_out ?? [];
    expect(leftOut.map(({ file }) => file)).toEqual(['raw.jsonl', 'session.html']);
    expect(stderr).toMatch(
      /^warning: new: raw\.jsonl is not committed: it has \d+ bytes, more than agentwork\.maxFileB/m,
    );
    expect(stderr).toMatch(/^done new .*raw\.jsonl is not committed: /m);
    const tree = runGit(remote, ledger.environment, 'ls-tree', '-r', '--name-only', 'main', 'sessions/new/');
    expect(tree.split('\n').map((file) => path.basename(file))).toEqual([
      'meta.json',
      'session.md',
      'summary.json',
      'summary.md',
    ]);
    expect(Object.keys(filesOf(root, 'new'))).toEqual(['summary.md', 'summary.json', 'session.md']);
    expect(existsSync(path.join(root, 'sessions/new/session.html'))).toBe(true);
    expect((await finalizeSmall(root, env, false)).json).toMatchObject({ detected: 0, pushed: 'nothing' });
    const { stdout } = await runCli(['detect', '--explain', 'new'], { cwd: root });
    expect(stdout).toMatch(/left out +raw\.jsonl is not committed: /);
  });

  test.each([
    ['that the attributes of the ledger give to it', {}, { '.gitattributes': 'raw.jsonl filter=lfs\n' }],
    ['that is large, where the ledger uses it', SMALL, { '.gitattributes': '*.bin filter=lfs\n' }],
  ])('is a file for Git LFS %s, without git-lfs', async (_, limits, files) => {
    const ledger = newInLedger(files);
    const { json, stderr } = await finalizeSmall(ledger.root, limits, false);
    expect(json).toMatchObject({ results: [{ success: true }], pushed: 'done' });
    expect(stderr).toContain('raw.jsonl is not committed: it belongs into Git LFS, and git-lfs is not installed');
    expect(ledger.git('ls-files', 'sessions').split('\n')).not.toContain('sessions/new/raw.jsonl');
    expect((await finalizeSmall(ledger.root, limits, false)).json).toMatchObject({ detected: 0, pushed: 'nothing' });
  });
});
