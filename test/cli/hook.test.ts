import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { BIN, isolatedEnvironment } from '../support/cli.ts';
import { pushFromElsewhere } from '../support/machines.ts';
import { PATIENCE } from '../support/patience.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A clone whose post-merge hook starts a pass, and a colleague who has pushed a new session. */
function hookedLedger() {
  const folder = path.join(temporaryFolder(), 'work');
  const { root, remote } = createSampleLedger(folder, Date.now());
  const env = isolatedEnvironment({ cwd: root });
  const git = (cwd: string, ...words: string[]) => execFileSync('git', words, { cwd, env, encoding: 'utf8' });
  pushFromElsewhere({ folder, remote });
  const pass = `${process.execPath} ${BIN} finalize --agent offline --if-due 5m`;
  const hook = `#!/bin/sh\nexport GIT_AUTHOR_NAME=Somebody\n( ${pass} </dev/null >/dev/null 2>&1 & )\n`;
  writeFileSync(path.join(root, '.git', 'hooks', 'post-merge'), hook, { mode: 0o755 });
  const last = () => git(remote, 'log', '-1', '--format=%an|%s', 'main').trim();
  const untilPushed = (subject: string) => vi.waitFor(() => expect(last()).toBe(`Sample Person|${subject}`), PATIENCE);
  return { folder, root, git, untilPushed };
}

test('a post-merge hook returns at once, and the pass that it leaves behind commits under the right name', async () => {
  const { root, git, untilPushed } = hookedLedger();
  git(root, 'pull', '--quiet');
  await untilPushed('finalize 7 sessions');
  expect(git(root, 'status', '--porcelain')).toBe('');
});

test('in a linked work tree the pass commits to the branch of that one', async () => {
  const { folder, root, git, untilPushed } = hookedLedger();
  const [before, linked] = [git(root, 'rev-parse', 'HEAD'), path.join(folder, 'linked')];
  git(root, 'worktree', 'add', '--quiet', '-b', 'other', linked, 'origin/main');
  writeFileSync(path.join(linked, 'notes.txt'), '');
  git(linked, 'add', 'notes.txt');
  git(linked, 'pull', '--quiet');
  await untilPushed('finalize 6 sessions');
  await vi.waitFor(() => expect(git(linked, 'status', '--porcelain')).toBe('A  notes.txt\n'), PATIENCE);
  expect([git(root, 'rev-parse', 'HEAD'), git(root, 'branch', '--show-current')]).toEqual([before, 'main\n']);
});
