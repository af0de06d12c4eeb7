import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCRIPTS, SHELLS } from '../../src/completion/scripts.ts';
import { BIN, isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { temporaryLedger } from '../support/ledger-dir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const RYAN = '2026-03-06T10-00-ryan@example.com-Ox7f3a';
const MEI = '2026-03-07T10-00-mei-Ox0001';

/** Names that a shell would run, or take for something else, if they ever came onto a command line. */
const HOSTILE = ['$(touch pwned)', '`touch pwned`', 'a;touch pwned', "it's", '-rf', '2026\tx', '2026\nx', '2026*'];

function scene() {
  const { root } = temporaryLedger({ [`sessions/${RYAN}/raw.jsonl`]: '{}\n', [`sessions/${MEI}/raw.jsonl`]: '{}\n' });
  for (const name of HOSTILE) mkdirSync(path.join(root, 'sessions', name));
  mkdirSync(path.join(root, '.git', 'agentwork', 'trash', 'thrown-away'), { recursive: true });
  mkdirSync(path.join(root, '.git', 'agentwork', 'trash', '.origins'));
  const folder = temporaryFolder();
  symlinkSync(BIN, path.join(folder, 'agentwork'));
  return { cwd: root, claudeFolder: folder };
}

type Scene = ReturnType<typeof scene>;

/** What bash puts under the cursor at the end of a line, in the place of what stands there behind its last break. */
function inBash(place: Scene, line: string): string[] {
  const script = `
    source <(agentwork completion bash)
    COMP_LINE=$1 COMP_POINT=\${#1}
    _agentwork agentwork
    (( \${#COMPREPLY[@]} == 0 )) || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...isolatedEnvironment(place), COMP_WORDBREAKS: ' \t\n"\'@><=;|&(:' };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', line], {
    ...place,
    env,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((word) => word !== '');
}

describe('bash completes', () => {
  test.each([
    ['a command', 'agentwork fin', ['finalize']],
    ['a flag', 'agentwork detect --exp', ['--explain']],
    ['a value', 'agentwork finalize --agent o', ['offline']],
    ['a value behind its break', 'agentwork finalize --agent=o', ['offline']],
    ['the names of sessions, and nothing that a shell would run', 'agentwork finalize ', [RYAN, MEI]],
    ['a name behind its break', 'agentwork finalize 2026-03-06T10-00-ryan@', ['example.com-Ox7f3a']],
    ['what lies in the trash', 'agentwork cleanup --restore ', ['thrown-away']],
    ['nothing, so that files are completed', 'agentwork setup recorder ', []],
    ['nothing of a command that is not there', 'agentwork frob ', []],
  ])('%s', (_what, line, words) => {
    expect(inBash(scene(), line)).toEqual(words);
  });

  test('sessions of the ledger that is named, from anywhere', () => {
    const place = scene();
    const elsewhere = { ...place, cwd: temporaryFolder() };
    expect(inBash(elsewhere, 'agentwork finalize ')).toEqual([]);
    expect(inBash(elsewhere, `agentwork finalize --ledger ${place.cwd} 2026-03-07`)).toEqual([MEI]);
  });
});

const NOT_HERE = SHELLS.filter((shell) => spawnSync(shell, ['--version']).error !== undefined);
if (NOT_HERE.length > 0) console.warn(`what is printed for ${NOT_HERE.join(' and ')} is not read: they are not here`);

describe.each(SHELLS)('what is printed for %s', (shell) => {
  test('is the same for people and for machines', async () => {
    const place = scene();
    const { status, stdout, stderr } = await runCli(['completion', shell], place);
    expect([status, stderr]).toEqual([0, '']);
    expect((await runJson(['completion', shell], place)).json).toMatchObject({ shell, script: `${stdout}\n` });
  });

  test.skipIf(NOT_HERE.includes(shell))('can be read by it', () => {
    const file = path.join(temporaryFolder(), 'agentwork');
    writeFileSync(file, SCRIPTS[shell]);
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

test.each([
  [[], 'SHELL is missing: bash, zsh, fish'],
  [['tcsh'], "'tcsh' is not one of bash, zsh, fish"],
])('completion %j is wrong usage, and says which shells there are', async (words, message) => {
  const { status, stderr } = await runCli(['completion', ...words], scene());
  expect(status).toBe(2);
  expect(stderr).toContain(`error: ${message}\n  → --help tells what there is`);
});
