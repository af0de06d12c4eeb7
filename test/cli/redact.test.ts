import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { acquireLock } from '../../src/lock.ts';
import { runCli, runJson } from '../support/cli.ts';
import { describeWithGitLfs, objectIn, oidOf, pointerTo, putObject } from '../support/git-lfs.ts';
import { runGitWithLfs, statusOf, temporaryLedger } from '../support/ledger-dir.ts';
import { loginEntries, recording } from '../support/sample-ledger.ts';
import { writeFiles } from '../support/temporary-folder.ts';

const NOW = Date.now();
const NAME = '2026-01-06T14-32-ryan-Ox7f3a';
const TOKEN = ['ghp', 'a1B2c3D4'.repeat(5)].join('_');
const raw = (...said: readonly string[]) =>
  recording(NOW, 'ryan', 'Ox7f3a', [...loginEntries(NOW), ...said.map((content) => ({ type: 'user', content }))]);

interface RedactJson {
  redacted: {
    session: string;
    files: { file: string; findings: Record<string, number> }[];
    commit: string | null;
    history: { commit: string; pushed: boolean; findings: Record<string, number> }[];
    left?: string;
    unsearched?: Record<string, string>;
  }[];
  pushed: unknown;
  dry_run: boolean;
}

interface ExplainJson {
  sessions: { session: string; facts: { findings?: Record<string, object>; unsearched?: Record<string, string> } }[];
}

/** A session with a token that is committed and pushed, its files as given. */
function scene(files: Readonly<Record<string, string>> = { 'raw.jsonl': raw(`use ${TOKEN}`) }) {
  const inFolder = Object.entries(files).map(([name, text]) => [`sessions/${NAME}/${name}`, text]);
  const ledger = temporaryLedger(Object.fromEntries(inFolder));
  const cwd = { cwd: ledger.root };
  return {
    ...ledger,
    stateDir: path.join(ledger.root, '.git', 'agentwork'),
    file: (name: string) => path.join(ledger.root, 'sessions', NAME, name),
    run: (...words: string[]) => runCli(words, cwd),
    json: <T>(...words: string[]) => runJson<T>(words, cwd),
  };
}

describe('cleanup --redact', () => {
  test('says what it replaced, where the originals are, what history holds, and what that means', async () => {
    const { run, git, file, stateDir } = scene();
    const recorded = git('rev-parse', 'HEAD').slice(0, 10);
    const { status, stdout } = await run('cleanup', '--redact', NAME);
    expect(stdout.split('\n')).toEqual([
      'whoever has the repository has these secrets: revoke each where it was issued, before anything else',
      `redacted ${NAME}: 1 github_token in raw.jsonl`,
      `  committed as ${git('rev-parse', 'HEAD').slice(0, 10)}`,
      '  the originals, with their secrets, stay in the trash of this clone for 30 days; this deletes them at once:',
      `    rm ${path.join(stateDir, 'trash', `${NAME}.raw.jsonl`)}`,
      '  history still holds it, in 1 commit:',
      `    ${recorded}  pushed  1 github_token`,
      'pushed',
      'rewriting history, as git filter-repo does, is for all who share the repository to decide',
    ]);
    expect(status).toBe(0);
    expect(readFileSync(file('raw.jsonl'), 'utf8')).not.toContain(TOKEN);
  });

  test('prints one document for machines, and never a secret', async () => {
    const { json, git } = scene();
    const recorded = git('rev-parse', 'HEAD');
    const { json: answer, stdout, stderr } = await json<RedactJson>('cleanup', '--redact', NAME);
    expect(answer).toEqual({
      schema_version: 1,
      redacted: [
        {
          session: NAME,
          files: [{ file: 'raw.jsonl', findings: { github_token: 1 } }],
          originals: [expect.stringContaining('raw.jsonl')],
          commit: git('rev-parse', 'HEAD'),
          history: [{ commit: recorded, pushed: true, findings: { github_token: 1 } }],
        },
      ],
      pushed: 'done',
      dry_run: false,
    });
    expect(stdout + stderr).not.toContain(TOKEN);
  });

  test('with --dry-run only says so', async () => {
    const { run, json, git, file } = scene();
    const head = git('rev-parse', 'HEAD');
    const { stdout } = await run('cleanup', '--redact', NAME, '--dry-run');
    expect(stdout.split('\n')[0]).toContain('revoke each where it was issued, before anything else');
    expect(stdout.split('\n')[1]).toBe(`would redact ${NAME}: 1 github_token in raw.jsonl`);
    expect((await json<RedactJson>('cleanup', '-n', '--redact', NAME)).json).toMatchObject({
      redacted: [{ commit: null, originals: [] }],
      pushed: 'nothing',
      dry_run: true,
    });
    expect(git('rev-parse', 'HEAD')).toBe(head);
    expect(readFileSync(file('raw.jsonl'), 'utf8')).toContain(TOKEN);
  });

  test('takes several sessions, by name or by the path of their folder, each once', async () => {
    const { root, git, json } = scene();
    writeFiles(root, { 'sessions/b/raw.jsonl': raw(`use ${TOKEN}`) });
    git('add', '--all');
    git('commit', '--quiet', '--message', 'another');
    git('push', '--quiet');
    const { json: answer } = await json<RedactJson>('cleanup', '--redact', 'sessions/b/', NAME, '--redact', 'b');
    expect(answer.redacted.map(({ session }) => session)).toEqual(['b', NAME]);
    expect(git('log', '-2', '--format=%s').split('\n')).toEqual([`redact session ${NAME}`, 'redact session b']);
  });

  test('finds nothing the second time', async () => {
    const { run } = scene();
    await run('cleanup', '--redact', NAME);
    const { status, stdout } = await run('cleanup', '--redact', NAME);
    expect([status, stdout.split('\n')[1]]).toEqual([0, `${NAME}: nothing to redact`]);
  });

  test('with --no-push, or where that is configured, commits only', async () => {
    const { run, json, git } = scene();
    expect((await json<RedactJson>('cleanup', '--redact', NAME, '--no-push', '--dry-run')).status).toBe(0);
    git('config', 'agentwork.push', 'false');
    const { status } = await run('cleanup', '--redact', NAME);
    expect([status, git('rev-list', '--count', 'origin/main..HEAD')]).toEqual([0, '1']);
  });

  test('publishes nothing that only this clone has, and ends with status 3', async () => {
    const { run, git, file } = scene({ 'notes.txt': 'hello\n', 'raw.jsonl': raw() });
    writeFileSync(file('notes.txt'), TOKEN);
    git('commit', '--quiet', '--all', '--message', 'by hand');
    const { status, stdout } = await run('cleanup', '--redact', NAME);
    expect(status).toBe(3);
    expect(stdout).toContain('not pushed: commits that no remote has yet still hold secrets of it');
    expect(stdout).toContain('only this clone has all of these commits: git rebase --interactive can take them out');
    expect(stdout).not.toContain('revoke');
  });

  test('is what detect and status tell of it, too, until its commits are clean', async () => {
    const { run, json, git, file } = scene({ 'notes.txt': 'hello\n', 'raw.jsonl': raw() });
    writeFileSync(file('notes.txt'), TOKEN);
    git('commit', '--quiet', '--all', '--message', 'by hand');
    await run('cleanup', '--redact', NAME);
    await run('finalize', '--agent', 'offline', NAME);
    const why = 'commits that no remote has yet still hold secrets of it; git rebase --interactive takes them out';
    const { stdout: explained } = await run('detect', '--explain', NAME);
    expect(explained).toContain(`${NAME}  unpushed\n  why        ${why}`);
    expect(explained).toContain('next       the next agentwork finalize searches them again, and pushes it when');
    expect((await run('detect', '--exit-code')).status).toBe(0);
    expect((await run('detect')).stdout).toContain(`not pushed ${NAME}: ${why}`);
    expect((await run('status')).stdout).toContain(`; ${NAME} stays here: unpushed commits hold secrets of it`);
    expect((await json<{ unclean?: string[] }>('status')).json.unclean).toEqual([NAME]);
    git('reset', '--quiet', '--hard', 'origin/main');
    await run('finalize', '--agent', 'offline');
    expect((await json<{ unclean?: string[] }>('status')).json).not.toHaveProperty('unclean');
  });

  test.each([
    ['a name that no session has', ['cleanup', '--redact', 'nobody'], 2, 'error: there is no session "nobody"'],
    ['no name', ['cleanup', '--redact'], 2, 'error: --redact wants a value'],
    ['--restore beside it', ['cleanup', '--redact', NAME, '--restore', 'a'], 2, 'error: '],
    ['--no-push without it', ['cleanup', '--no-push'], 2, 'error: --no-push goes with --redact'],
  ])('refuses %s', async (_, words, expected, message) => {
    const { run, file } = scene();
    const { status, stderr } = await run(...words);
    expect([status, stderr.slice(0, message.length)]).toEqual([expected, message]);
    expect(readFileSync(file('raw.jsonl'), 'utf8')).toContain(TOKEN);
  });

  test('waits for no pass: it ends with status 11', async () => {
    const { run, stateDir } = scene();
    const lock = acquireLock(stateDir, 'finalize');
    expect((await run('cleanup', '--redact', NAME)).status).toBe(11);
    lock.release();
  });

  test('says with --quiet only what nobody may miss, on stderr', async () => {
    const { run, git } = scene();
    const recorded = git('rev-parse', 'HEAD').slice(0, 10);
    const { status, stdout, stderr } = await run('cleanup', '--redact', NAME, '--quiet');
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'warning: whoever has the repository has these secrets: revoke each where it was issued, before anything else',
      `warning: history still holds secrets of ${NAME}, in 1 commit: ${recorded}`,
    ]);
  });

  test('with --quiet is silent where history holds nothing', async () => {
    const { run } = scene({ 'raw.jsonl': raw() });
    expect(await run('cleanup', '--redact', NAME, '--quiet')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('names in its help one session, as many times as they are', async () => {
    const { stdout } = await scene().run('cleanup', '--help');
    expect(stdout).toContain('--redact=SESSION...');
  });

  test('says of a session that no commit holds when it is cleaned', async () => {
    const { root, run } = scene();
    writeFiles(root, { 'sessions/c/raw.jsonl': raw(TOKEN) });
    const { stdout } = await run('cleanup', '--redact', 'c');
    expect(stdout).toBe('c: no commit holds it: it is cleaned when it is finished; do not commit it by hand');
  });

  test('says of a session in a cache that its copy is cleaned when it is shared', async () => {
    const { root, run } = scene();
    writeFiles(root, { '.sageox/cache/sessions/c/raw.jsonl': raw(TOKEN) });
    const { status, stdout } = await run('cleanup', '--redact', 'c');
    expect([status, stdout]).toEqual([
      0,
      'c: lies in a cache, and its copy is cleaned when it enters the ledger: nothing to do',
    ]);
  });

  test('names what is no text, and calls that no failure', async () => {
    const { run, json } = scene({ 'raw.jsonl': raw(), 'shot.png': '\u0089PNG\0\0' });
    const { status, stdout } = await run('cleanup', '--redact', NAME);
    expect([status, stdout.split('\n')[1]]).toEqual([0, '  not searched, as they are no text: shot.png']);
    expect((await json('cleanup', '--redact', NAME)).json).toMatchObject({ redacted: [{ binary: ['shot.png'] }] });
    expect((await run('detect', '--explain', NAME)).stdout).toContain('  unsearched shot.png: no text');
  });

  test('says of a Git LFS pointer what brings its content', async () => {
    const { run } = scene({ 'raw.jsonl': pointerTo(raw(TOKEN)) });
    const { status, stdout } = await run('cleanup', '--redact', NAME);
    expect(status).toBe(3);
    expect(stdout).toContain(
      'not searched raw.jsonl: a Git LFS pointer, and its content is not in its place; git lfs pull brings it, then run this again',
    );
  });
});

describeWithGitLfs('a recording in Git LFS', () => {
  test('is searched where git-lfs has it, and redacted where its content is in its place', async () => {
    const content = raw(`use ${TOKEN}`);
    const { root, git, environment, remote, file } = scene({
      'raw.jsonl': pointerTo(content),
      '.gitattributes': 'raw.jsonl filter=lfs diff=lfs merge=lfs -text\n',
    });
    putObject(path.join(root, '.git'), content);
    const options = { cwd: root, gitLfs: true };
    const { json: explained } = await runJson<ExplainJson>(['detect', '--explain', NAME], options);
    expect(explained.sessions[0]?.facts.findings).toEqual({ 'raw.jsonl': { github_token: 1 } });

    git('config', 'filter.lfs.smudge', 'git-lfs smudge -- %f');
    git('config', 'filter.lfs.clean', 'git-lfs clean -- %f');
    rmSync(file('raw.jsonl'));
    runGitWithLfs(root, environment, 'checkout', '--', file('raw.jsonl'));
    expect(readFileSync(file('raw.jsonl'), 'utf8')).toBe(content);
    const { json: answer } = await runJson<RedactJson>(['cleanup', '--redact', NAME], options);
    const clean = content.replace(TOKEN, '[REDACTED_GITHUB_TOKEN]');
    expect(readFileSync(file('raw.jsonl'), 'utf8')).toBe(clean);
    expect(git('show', `HEAD:sessions/${NAME}/raw.jsonl`)).toBe(pointerTo(clean).trimEnd());
    expect(existsSync(objectIn(remote, oidOf(clean)))).toBe(true);
    expect(answer.redacted[0]?.history).toMatchObject([{ pushed: true, findings: { github_token: 1 } }]);
    expect(answer.pushed).toBe('done');
    expect(statusOf({ git: (...words) => runGitWithLfs(root, environment, ...words) })).toEqual([]);
  });
});
