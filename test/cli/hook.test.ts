import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { BIN, isolatedEnvironment } from '../support/cli.ts';
import { createSampleLedger, loginEntries, recording } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a post-merge hook returns at once, and the pass that it leaves behind commits under the right name', async () => {
  const folder = path.join(temporaryFolder(), 'work');
  const { root, remote } = createSampleLedger(folder, Date.now());
  const env = isolatedEnvironment({ cwd: root });
  const git = (cwd: string, ...words: string[]) => execFileSync('git', words, { cwd, env, encoding: 'utf8' });
  const colleague = path.join(folder, 'colleague');
  git(folder, 'clone', '--quiet', remote, colleague);
  execFileSync('mkdir', [path.join(colleague, 'sessions', 'new')]);
  writeFileSync(path.join(colleague, 'sessions', 'new', 'raw.jsonl'), recording(0, 'ryan', 'OxNew1', loginEntries(0)));
  git(colleague, 'add', '.');
  git(colleague, '-c', 'user.name=Colleague', '-c', 'user.email=c@example.com', 'commit', '--quiet', '-m', 'record');
  git(colleague, 'push', '--quiet');

  const pass = `${process.execPath} ${BIN} finalize --agent offline --if-due 5m`;
  const hook = `#!/bin/sh\nexport GIT_AUTHOR_NAME=Somebody\n( ${pass} </dev/null >/dev/null 2>&1 & )\n`;
  writeFileSync(path.join(root, '.git', 'hooks', 'post-merge'), hook, { mode: 0o755 });
  git(root, 'pull', '--quiet');

  const last = () => git(remote, 'log', '-1', '--format=%an|%s', 'main').trim();
  await vi.waitFor(() => expect(last()).toBe('Sample Person|finalize 7 sessions'), { timeout: 25_000, interval: 100 });
  expect(git(root, 'status', '--porcelain')).toBe('');
});
