import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { addMachine, createFleet } from '../support/machines.ts';
import { createSampleLedger } from '../support/sample-ledger.ts';
import { type StandInAct, standInCalls, writeStandInClaude } from '../support/stand-in-claude.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly says: string;
  readonly mend?: string;
}

/** A clone with everything that passes need, and a table for cron in a file. */
async function scene() {
  const folder = path.join(temporaryFolder(), 'fleet');
  const fleet = await createFleet(folder, 2);
  const { cwd: root } = addMachine(fleet, 'mia');
  const { remote, claudeFolder } = fleet;
  const table = path.join(folder, 'table');
  writeFileSync(table, '');
  writeFileSync(path.join(claudeFolder, 'crontab'), `#!/bin/sh\n[ "$1" = -l ] && exec cat ${table}\ncat > ${table}\n`, {
    mode: 0o755,
  });
  const options = { cwd: root, claudeFolder, env: { CLAUDE_CODE_OAUTH_TOKEN: 'made-up' } };
  const environment = isolatedEnvironment(options);
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, env: environment, encoding: 'utf8' });
  const check = async (more: object = {}) => {
    const { status, json } = await runJson<{ findings: readonly Finding[] }>(['setup', 'check'], {
      ...options,
      env: { ...options.env, ...more },
    });
    const bad = json.findings
      .filter(({ level }) => level !== 'ok')
      .map(({ check: what, level }) => `${what}: ${level}`);
    return { status, bad, findings: json.findings };
  };
  return { ...options, folder, root, remote, table, git, check };
}

type Scene = Awaited<ReturnType<typeof scene>>;

describe('setup check', () => {
  test('finds nothing where all is well, and changes nothing', async () => {
    const ledger = await scene();
    await runCli(['setup', 'hook'], ledger);
    const before = ledger.git('rev-parse', 'HEAD', '--all');
    expect(await ledger.check()).toMatchObject({ status: 0, bad: [] });
    expect(ledger.git('rev-parse', 'HEAD', '--all')).toBe(before);
    expect(ledger.git('status', '--porcelain')).toBe('');
    const { stdout } = await runCli(['setup', 'check'], ledger);
    expect(stdout).toMatch(/^ok +agent +claude \d+\.\d+\.\d+ at /m);
    expect(stdout).toMatch(/^ok +hook +in place/m);
    expect(stdout).toMatch(/^ok +cron +none: agentwork setup cron/m);
  });

  test.each<[string, (ledger: Scene) => unknown, readonly string[], number, object?]>([
    [
      'claude that is not there',
      ({ claudeFolder }) => renameSync(path.join(claudeFolder, 'claude'), path.join(claudeFolder, 'x')),
      ['agent: error'],
      3,
    ],
    [
      'claude that cannot be kept from tools',
      ({ claudeFolder }) =>
        writeFileSync(path.join(claudeFolder, 'claude'), '#!/bin/sh\necho "  --help  help"\n', { mode: 0o755 }),
      ['agent: error'],
      3,
    ],
    ['no login', () => {}, ['login: warning'], 0, { CLAUDE_CODE_OAUTH_TOKEN: '' }],
    ['a remote that is gone', ({ remote }) => renameSync(remote, `${remote}.moved`), ['remote: error'], 3],
    ['a branch that follows none', ({ git }) => git('branch', '--unset-upstream'), ['remote: warning'], 0],
    ['pushing switched off', ({ git }) => git('config', 'agentwork.push', 'false'), ['push: warning'], 0],
    ['nobody who could commit', ({ git }) => git('config', 'user.name', ''), ['git: error'], 3],
    ['a detached HEAD', ({ git }) => git('checkout', '--quiet', '--detach'), ['git: error', 'remote: warning'], 3],
    [
      'commits that are not pushed',
      ({ git, root }) => {
        writeFileSync(path.join(root, 'sessions', 'notes.txt'), '');
        git('add', '.');
        git('commit', '--quiet', '-m', 'mine');
      },
      ['unpushed: warning'],
      0,
    ],
    [
      'an older hook',
      ({ root }) =>
        writeFileSync(
          path.join(root, '.git', 'hooks', 'post-merge'),
          '#!/bin/sh\n# >>> agentwork >>>\nagentwork finalize &\n# <<< agentwork <<<\n',
          { mode: 0o755 },
        ),
      ['hook: warning'],
      0,
    ],
    [
      'a hooks folder of all clones',
      ({ git, folder }) => git('config', 'core.hooksPath', path.join(folder, 'all')),
      ['hook: error'],
      3,
    ],
    [
      'a line for cron that another version wrote',
      ({ root, table }) =>
        writeFileSync(
          table,
          `# >>> agentwork ${root} >>>\n1 * * * * cd ${root} && export PATH=/gone && { git pull; node other finalize --log; }\n# <<< agentwork ${root} <<<\n`,
        ),
      ['cron: warning'],
      0,
    ],
  ])('names %s', async (_, prepare, bad, status, more) => {
    const ledger = await scene();
    prepare(ledger);
    const found = await ledger.check(more);
    expect(found).toMatchObject({ bad, status });
    const unwell = found.findings.filter(({ level }) => level !== 'ok');
    expect(
      unwell.every(({ says, mend }) => says !== '' && mend !== undefined),
      JSON.stringify(unwell),
    ).toBe(true);
  });

  test('names git-lfs where a ledger uses it and it is not installed', async () => {
    const { root } = createSampleLedger(path.join(temporaryFolder(), 'work'), Date.now());
    const { stdout } = await runCli(['setup', 'check'], { cwd: root });
    expect(stdout).toMatch(/^error +git-lfs +the ledger uses it, and it is not installed$/m);
  });

  test('sees with the eyes of cron: its PATH, and none of the login', async () => {
    const ledger = await scene();
    await runCli(['setup', 'cron'], ledger);
    expect(readFileSync(ledger.table, 'utf8')).toContain('finalize --log');
    expect(await ledger.check()).toMatchObject({ bad: ['agent of cron: warning'], status: 0 });
    const bin = path.join(ledger.folder, 'no-claude');
    mkdirSync(bin);
    symlinkSync(path.join(ledger.claudeFolder, 'crontab'), path.join(bin, 'crontab'));
    await runCli(['setup', 'cron'], { ...ledger, env: { PATH: `${bin}:/usr/bin:/bin` } });
    expect(await ledger.check()).toMatchObject({ bad: ['agent of cron: error'], status: 3 });
  });

  describe('--live', () => {
    const NOT_IN = { stderr: 'Not logged in · Please run /login\n', exitCode: 1 };

    test.each<[string, readonly StandInAct[], object]>([
      ['answers', [{ answer: 'Yes.' }], { status: 0, login: 'ok', cron: 'ok' }],
      [
        'answers here, and not where cron starts it',
        [{ answer: 'Yes.' }, NOT_IN],
        { status: 3, login: 'ok', cron: 'error' },
      ],
      ['is not logged in', [NOT_IN], { status: 3, login: 'error', cron: 'error' }],
      [
        'is let in, and has not this model',
        [{ stderr: "There's an issue with the selected model (haiku).\n", exitCode: 1 }],
        { status: 0, login: 'ok', cron: 'ok' },
      ],
    ])('asks a claude that %s', async (_, calls, expected) => {
      const ledger = await scene();
      await writeStandInClaude(ledger.claudeFolder, { calls });
      const { status, json } = await runJson<{ findings: readonly Finding[] }>(['setup', 'check', '--live'], ledger);
      const of = (name: string) => json.findings.find(({ check }) => check === name);
      const [login, cron] = [of('login'), of('agent of cron')];
      expect({ status, login: login?.level, cron: cron?.level }).toEqual(expected);
      for (const found of [login, cron].filter((each) => each?.level === 'error')) {
        expect(found).toMatchObject({
          says: expect.stringMatching(/^claude is not logged in/),
          mend: expect.stringContaining('setup-token'),
        });
      }
    });

    test('asks one word of the cheapest model, without tools, in an empty folder, and once as cron does', async () => {
      const ledger = await scene();
      await writeStandInClaude(ledger.claudeFolder, { calls: [{ answer: 'Yes.' }] });
      await runCli(['setup', 'check', '--live'], ledger);
      const calls = await standInCalls(ledger.claudeFolder);
      expect(calls.map(({ environmentKeys }) => environmentKeys.includes('CLAUDE_CODE_OAUTH_TOKEN'))).toEqual([
        true,
        false,
      ]);
      for (const { argv, cwdFiles, promptBytes } of calls) {
        const words = argv.join(' ');
        expect(words).toContain(
          '--tools  --strict-mcp-config --setting-sources  --disable-slash-commands --no-session-persistence',
        );
        expect(words).toContain('--model haiku');
        expect(words).toContain('--max-budget-usd 0.01');
        expect([cwdFiles, promptBytes < 20]).toEqual([[], true]);
      }
    });

    test('and nobody without it', async () => {
      const ledger = await scene();
      await runCli(['setup', 'check'], ledger);
      expect(await standInCalls(ledger.claudeFolder)).toEqual([]);
    });
  });

  test('says whether the recorder is in place, and would be started', async () => {
    const ledger = await scene();
    await runCli(['setup', 'recorder', ledger.folder], ledger);
    const settings = path.join(isolatedEnvironment(ledger).CLAUDE_CONFIG_DIR ?? '', 'settings.json');
    const text = readFileSync(settings, 'utf8');
    const told = async () => (await ledger.check()).findings.find(({ check }) => check === 'recorder');
    expect(await told()).toMatchObject({ level: 'ok', says: expect.stringContaining('in place') });
    writeFileSync(settings, text.replace('{', '{ "disableAllHooks": true,'));
    expect(await told()).toMatchObject({ level: 'warning', says: expect.stringContaining('disableAllHooks') });
    writeFileSync(settings, text.replaceAll(process.execPath, '/older/node'));
    expect(await told()).toMatchObject({ level: 'warning', says: expect.stringContaining('another program') });
    writeFileSync(settings, text.replace('{', '{ // mine'));
    expect(await told()).toMatchObject({ level: 'error', says: expect.stringContaining(settings) });
  });

  test.each([
    ['has nothing of us yet', 'pre-commit: {}\n', 'warning'],
    ['has our lines', undefined, 'ok'],
    ['has lines that start a pass after an amended commit, too', 'post-rewrite: agentwork finalize\n', 'warning'],
  ])('says whether lefthook %s', async (_, text, level) => {
    const ledger = await scene();
    const file = path.join(ledger.root, 'lefthook.yml');
    writeFileSync(file, text ?? '');
    if (text === undefined) {
      const { json } = await runJson<{ snippet: string }>(['setup', 'hook'], ledger);
      writeFileSync(file, json.snippet);
    }
    const { findings } = await ledger.check();
    expect(findings.find(({ check }) => check === 'hook')).toMatchObject({ level });
  });

  test('names a hook of the tree that starts what is not on PATH', async () => {
    const ledger = await scene();
    ledger.git('config', 'core.hooksPath', '.githooks');
    await runCli(['setup', 'hook'], ledger);
    expect(await ledger.check()).toMatchObject({ bad: ['hook: warning'], status: 0 });
  });

  test('warns of transcripts that Claude Code will have removed', async () => {
    const ledger = await scene();
    const home = isolatedEnvironment(ledger).HOME ?? '';
    const transcript = path.join(home, 'old.jsonl');
    mkdirSync(home, { recursive: true });
    writeFileSync(transcript, '{}\n');
    const long = Date.now() / 1000 - 40 * 86_400;
    utimesSync(transcript, long, long);
    const name = '2026-01-06T14-32-mia-OxDead';
    const folder = path.join(ledger.root, 'sessions', name);
    mkdirSync(folder);
    const marker = { session_file: transcript, agent_id: 'OxDead', pid: 1, started_at: '2026-01-06T14:32:00Z' };
    writeFileSync(path.join(folder, '.recording.json'), JSON.stringify(marker));
    writeFileSync(
      path.join(folder, 'raw.jsonl'),
      '{"type":"user","content":"hello","timestamp":"2026-01-06T14:32:00Z"}\n',
    );
    utimesSync(path.join(folder, 'raw.jsonl'), long, long);
    utimesSync(path.join(folder, '.recording.json'), long, long);
    const { findings } = await ledger.check();
    expect(findings.map(({ check }) => check)).toContain('retention');
    const settings = path.join(isolatedEnvironment(ledger).CLAUDE_CONFIG_DIR ?? '', 'settings.json');
    mkdirSync(path.dirname(settings), { recursive: true });
    writeFileSync(settings, '{"cleanupPeriodDays": 365}');
    expect((await ledger.check()).findings.map(({ check }) => check)).not.toContain('retention');
  });
});
