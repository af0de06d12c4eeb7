import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { changesOf, gitLedger, gitOf, statusOf, writeScript } from '../../support/ledger-dir.ts';
import { writeFiles } from '../../support/temporary-folder.ts';

const RAW = 'sessions/a/raw.jsonl';

describe('a commit', () => {
  test('holds the named files and nothing else, whatever else is staged, changed or new', async () => {
    const ledger = gitLedger({ 'staged.txt': '1', 'dirty.txt': '1', 'gone.txt': '1' });
    writeFiles(ledger.root, { 'staged.txt': '2', 'dirty.txt': '2', 'new.txt': 'x', 'added.txt': 'y', [RAW]: '{}\n' });
    ledger.git('add', 'staged.txt', 'added.txt');
    ledger.git('rm', '--quiet', 'gone.txt');
    const commit = await ledger.commit(RAW);
    expect(commit).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(statusOf(ledger)).toEqual(['A  added.txt', ' M dirty.txt', 'D  gone.txt', 'M  staged.txt', '?? new.txt']);
  });

  test('carries the message as it is, and the author whom git knows', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    const message = 'finalize 2 sessions\n\n#1-session\n"quoted" $HOME\n';
    await ledger.branch.commit([RAW], message);
    expect(ledger.git('log', '-1', '--format=%B').trimEnd()).toBe(message.trimEnd());
    expect(ledger.git('log', '-1', '--format=%an <%ae>|%cn <%ce>')).toBe(
      'Test Person <test@example.com>|Test Person <test@example.com>',
    );
  });

  test('takes every name for what it is', async () => {
    const ledger = gitLedger();
    const names = [
      'sessions/a b/raw.jsonl',
      'sessions/*/raw.jsonl',
      'sessions/[ab]/raw.jsonl',
      ':(glob)y/raw.jsonl',
      ':x',
      '!x',
      '--all',
      '~/x',
      'sessions/"a\'b"/raw.jsonl',
      'sessions/a\\b/raw.jsonl',
      'sessions/a\nb/raw.jsonl',
      'sessions/日本語-äöü-\u{1f680}/raw.jsonl',
    ];
    writeFiles(
      ledger.root,
      Object.fromEntries([...names, 'sessions/a/raw.jsonl', 'y/raw.jsonl', 'x'].map((name) => [name, name])),
    );
    for (const name of names) {
      await ledger.commit(name);
      expect(changesOf(ledger)).toBe(`A ${name}`);
    }
  });

  test('holds what an ignore rule of the ledger or of the user hides', async () => {
    const ledger = gitLedger({ '.gitignore': '*.jsonl\nsessions/\n' });
    const [excludes, config] = ['excludes', 'gitconfig'].map((name) => path.join(ledger.scratch, name)) as [
      string,
      string,
    ];
    writeFileSync(excludes, '*.html\n');
    writeFileSync(config, `[core]\n\texcludesFile = ${excludes}\n`);
    const { commit } = gitOf({ ...ledger, environment: { ...ledger.environment, GIT_CONFIG_GLOBAL: config } });
    const html = 'sessions/a/session.html';
    writeFiles(ledger.root, { [RAW]: '{}\n', [html]: '<p>' });
    await commit(RAW, html);
    expect(changesOf(ledger)).toBe(`A ${RAW} A ${html}`);
  });

  test('of what is committed already is none, and no failure', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', 'untracked.txt': '' });
    await ledger.commit(RAW);
    const head = ledger.git('rev-parse', 'HEAD');
    expect(await ledger.commit(RAW)).toBeUndefined();
    rmSync(path.join(ledger.root, 'untracked.txt'));
    expect(await ledger.commit(RAW)).toBeUndefined();
    writeFiles(ledger.root, { 'README.md': 'changed, and not ours\n' });
    expect(await ledger.commit(RAW)).toBeUndefined();
    ledger.git('add', 'README.md');
    expect(await ledger.commit(RAW)).toBeUndefined();
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
  });

  test('takes away a file that is gone from the disk', async () => {
    const ledger = gitLedger({ 'sessions/a/.recording.json': '{}', 'sessions/b/.recording.json': '{}' });
    rmSync(path.join(ledger.root, 'sessions'), { recursive: true });
    await ledger.commit('sessions/a/.recording.json');
    expect(changesOf(ledger)).toBe('D sessions/a/.recording.json');
    expect(statusOf(ledger)).toEqual([' D sessions/b/.recording.json']);
  });

  test('is the first of a ledger that has none', async () => {
    const ledger = gitLedger({});
    writeFiles(ledger.root, { [RAW]: '{}\n', 'other.txt': '' });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(statusOf(ledger)).toEqual(['?? other.txt']);
  });

  test('goes onto a detached HEAD as onto a branch', async () => {
    const ledger = gitLedger();
    ledger.git('checkout', '--quiet', '--detach');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
  });

  test('takes in files that a sparse checkout leaves out', async () => {
    const ledger = gitLedger({ 'kept/x': '1', 'sessions/old/raw.jsonl': '{}\n' });
    ledger.git('sparse-checkout', 'set', 'kept');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    expect(changesOf(ledger)).toBe(`A ${RAW}`);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD')).toContain('sessions/old/raw.jsonl');
  });

  test.each([['pre-commit'], ['commit-msg'], ['prepare-commit-msg']])(
    'is not for the %s hook to judge',
    async (hook) => {
      const ledger = gitLedger();
      writeScript(path.join(ledger.root, '.git', 'hooks', hook), 'exit 1');
      writeFiles(ledger.root, { [RAW]: '{}\n' });
      expect(await ledger.commit(RAW)).toBe(ledger.git('rev-parse', 'HEAD'));
    },
  );

  test('of a file that is nowhere is refused, and the reason names it', async () => {
    const ledger = gitLedger();
    const head = ledger.git('rev-parse', 'HEAD');
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await expect(ledger.commit(RAW, 'sessions/gone/raw.jsonl')).rejects.toThrow(
      expect.objectContaining({ code: 'GIT_FAILED', message: expect.stringContaining('sessions/gone/raw.jsonl') }),
    );
    expect(ledger.git('rev-parse', 'HEAD')).toBe(head);
  });

  test('waits for its turn: two at once are two commits', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '1', 'sessions/b/raw.jsonl': '2' });
    const [first, second] = await Promise.all([ledger.commit(RAW), ledger.commit('sessions/b/raw.jsonl')]);
    expect(ledger.git('rev-list', '-2', 'HEAD')).toBe(`${second}\n${first}`);
  });

  test('is refused while another git holds the index, and says so', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n', '.git/index.lock': '' });
    await expect(ledger.commit(RAW)).rejects.toThrow(/index\.lock/);
  });

  test('leaves no file behind in its scratch folder', async () => {
    const ledger = gitLedger();
    writeFiles(ledger.root, { [RAW]: '{}\n' });
    await ledger.commit(RAW);
    await ledger.commit('nowhere').catch(() => undefined);
    expect(readdirSync(ledger.scratch)).toEqual(['.keep']);
  });

  test('holds a thousand files', async () => {
    const ledger = gitLedger();
    const names = Array.from({ length: 1000 }, (_, index) => `sessions/${'long-name-'.repeat(8)}${index}/raw.jsonl`);
    writeFiles(ledger.root, Object.fromEntries(names.map((name) => [name, name])));
    await ledger.commit(...names);
    expect(ledger.git('ls-tree', '-r', '--name-only', 'HEAD').split('\n')).toHaveLength(1001);
  });
});
