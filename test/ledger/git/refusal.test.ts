import { describe, expect, test } from 'vitest';
import { parseRefusal, type RefusalKind } from '../../../src/ledger/git/refusal.ts';

const RIGHTS = `fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.`;
const REJECTED = "error: failed to push some refs to 'github.com:acme/ledger.git'";
const HOOK = '!\tHEAD:refs/heads/main\t[remote rejected] (pre-receive hook declined)';

/** As GitHub, GitLab, Bitbucket, ssh and git itself say it. */
const SAID: readonly (readonly [kind: RefusalKind, what: string, text: string])[] = [
  ['behind', 'git', `!\tHEAD:refs/heads/main\t[rejected] (fetch first)\nDone\n${REJECTED}`],
  ['behind', 'git', `!\tHEAD:refs/heads/main\t[rejected] (non-fast-forward)\n${REJECTED}`],
  ['behind', 'git', ` ! [rejected]        main -> main (fetch first)\n${REJECTED}`],
  ['behind', 'git', `!\tHEAD:refs/agentwork/x\t[rejected] (stale info)\n${REJECTED}`],
  [
    'behind',
    'git',
    `!\tHEAD:refs/heads/main\t[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)`,
  ],
  ['behind', 'git', `!\tHEAD:refs/heads/main\t[remote rejected] (failed to update ref)`],
  [
    'secret',
    'GitHub',
    `remote: error: GH013: Repository rule violations found for refs/heads/main.
remote:
remote: - GITHUB PUSH PROTECTION
remote:   —————————————————————————————————————————
remote:     Resolve the following violations before pushing again
remote:
remote:     - Push cannot contain secrets
remote:
remote:       —— GitHub Personal Access Token ——————————————————————
remote:        locations:
remote:          - commit: 8728dbe67
remote:            path: sessions/x/raw.jsonl:4
${HOOK}
${REJECTED}`,
  ],
  [
    'secret',
    'GitLab',
    `remote: PUSH BLOCKED: Secrets detected in code changes
remote: Secret push protection found the following secrets in commit: 37b54de5e78c31d9e3c3821fd15f7069e3d375b6
remote: -- sessions/x/raw.jsonl:2 | GitLab personal access token
${HOOK}`,
  ],
  [
    'too_large',
    'GitHub',
    `remote: warning: See https://gh.io/lfs for more information.
remote: error: Trace: 2f7a
remote: error: See https://gh.io/lfs for more information.
remote: error: File sessions/x/raw.jsonl is 141.02 MB; this exceeds GitHub's file size limit of 100.00 MB
remote: error: GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com.
${HOOK}`,
  ],
  [
    'too_large',
    'GitLab',
    'remote: GitLab: You are attempting to check in one or more blobs which exceed the 100MiB limit:\n' +
      `remote: - 9d3ba1c (150 MiB)\n${HOOK}`,
  ],
  ['too_large', 'a proxy', 'error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413'],
  [
    'protected',
    'GitHub',
    `remote: error: GH006: Protected branch update failed for refs/heads/main.
remote: error: At least 1 approving review is required by reviewers with write access.
!\tHEAD:refs/heads/main\t[remote rejected] (protected branch hook declined)`,
  ],
  [
    'protected',
    'GitHub',
    `remote: error: GH013: Repository rule violations found for refs/heads/main.
remote: Review all repository rules at https://github.com/acme/ledger/rules?ref=refs%2Fheads%2Fmain
remote:
remote: - Changes must be made through a pull request.
!\tHEAD:refs/heads/main\t[remote rejected] (push declined due to repository rule violations)`,
  ],
  [
    'protected',
    'GitLab',
    `remote: GitLab: You are not allowed to push code to protected branches on this project.\n${HOOK}`,
  ],
  [
    'lfs',
    'GitHub',
    `remote: error: GH008: Your push referenced at least 1 unknown Git LFS object:
remote:     8e2ee4ee1fa3d05a8f5d7a6f
remote: Try to push them with 'git lfs push --all'.
${HOOK}`,
  ],
  [
    'lfs',
    'GitLab',
    `remote: GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual "git lfs push --all".\n${HOOK}`,
  ],
  ['lfs', 'git-lfs', 'LFS upload failed:\n  (missing) sessions/x/raw.jsonl (8e2ee4ee)\nhint: Your push was rejected'],
  ['authentication', 'ssh', `git@github.com: Permission denied (publickey).\r\n${RIGHTS}`],
  ['authentication', 'ssh', `Host key verification failed.\r\n${RIGHTS}`],
  ['authentication', 'git', "fatal: could not read Username for 'https://github.com': terminal prompts disabled"],
  [
    'authentication',
    'GitHub',
    `remote: Invalid username or token. Password authentication is not supported for Git operations.
fatal: Authentication failed for 'https://github.com/acme/ledger.git/'`,
  ],
  [
    'authentication',
    'GitLab',
    "remote: HTTP Basic: Access denied.\nfatal: Authentication failed for 'https://gitlab.com/a'",
  ],
  [
    'permission',
    'GitHub',
    `remote: Permission to acme/ledger.git denied to ryan.
fatal: unable to access 'https://github.com/acme/ledger.git/': The requested URL returned error: 403`,
  ],
  ['permission', 'GitHub', `ERROR: Permission to acme/ledger.git denied to deploy key\n${RIGHTS}`],
  ['permission', 'GitHub', `ERROR: This repository was archived so it is read-only.\n${RIGHTS}`],
  ['permission', 'GitLab', `remote: ERROR: You are not allowed to push code to this project.\n${RIGHTS}`],
  ['gone', 'GitHub', `ERROR: Repository not found.\n${RIGHTS}`],
  ['gone', 'GitHub', "remote: Repository not found.\nfatal: repository 'https://github.com/acme/x.git/' not found"],
  [
    'gone',
    'GitLab',
    `remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.\n${RIGHTS}`,
  ],
  ['gone', 'git', `fatal: '/srv/x.git' does not appear to be a git repository\n${RIGHTS}`],
  ['network', 'ssh', `ssh: Could not resolve hostname github.com: Name or service not known\r\n${RIGHTS}`],
  ['network', 'ssh', `ssh: connect to host github.com port 22: Connection timed out\r\n${RIGHTS}`],
  ['network', 'ssh', `kex_exchange_identification: Connection closed by remote host\n${RIGHTS}`],
  ['network', 'curl', "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com"],
  ['network', 'curl', "fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 503"],
  ['network', 'git', 'fatal: the remote end hung up unexpectedly'],
  [
    'network',
    'GitHub',
    `remote: Internal Server Error\n!\tHEAD:refs/heads/main\t[remote rejected] (Internal Server Error)`,
  ],
  ['no_upstream', 'git', 'fatal: The current branch main has no upstream branch.'],
  ['hung', 'us', 'git push: took too long'],
  ['hung', 'us', 'git fetch: gave no sign of life for too long'],
  ['hook', 'a hook of the clone', `run the checks first\n${REJECTED}`],
  ['other', 'git', 'fatal: something that nobody has heard of'],
];

test.each(SAID)('%s, as %s says it: %j', (kind, _, text) => {
  expect(parseRefusal(text).kind).toBe(kind);
});

describe('what is told', () => {
  test.each(SAID.filter(([kind]) => kind === 'secret' || kind === 'too_large').slice(0, 3))(
    'of %s by %s names the session',
    (_, __, text) => {
      expect(parseRefusal(text)).toMatchObject({
        sessions: ['x'],
        message: expect.stringMatching(/ in sessions\/x\/\S+ \(/),
      });
    },
  );

  test.each([
    [
      'git push: remote: denied\n!\tHEAD:refs/heads/main\t[remote rejected] (denied)',
      'denied; [remote rejected] (denied)',
    ],
    [
      'git push: Enumerating objects: 5, done.\nTo /srv/x.git\nremote: one thing\nremote: \nremote: another\nDone',
      'one thing; another',
    ],
    ['git push: ', 'git did not say why'],
  ])('of %j is what was said, without what only reports progress', (text, message) => {
    expect(parseRefusal(text).message).toBe(message);
  });

  test('of a network that is down names no question of rights', () => {
    const { message } = parseRefusal(`ssh: Could not resolve hostname x: Name or service not known\n${RIGHTS}`);
    expect(message).toBe(
      'ssh: Could not resolve hostname x: Name or service not known; Could not read from remote repository. (the next pass tries again)',
    );
  });
});
