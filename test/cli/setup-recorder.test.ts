import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CliOptions, isolatedEnvironment, runCli, runJson } from '../support/cli.ts';
import { addMachine, createFleet } from '../support/machines.ts';
import { claudeTranscript } from '../support/sample-ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SESSION = '0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0';
const HOUR_S = 3600;

/** A ledger, a project with a branch, and a session of Claude Code in it. */
async function scene(settings?: object | string) {
  const folder = path.join(temporaryFolder(), 'fleet');
  const { cwd } = addMachine(await createFleet(folder, 1), 'mia');
  const options: CliOptions = { cwd };
  const environment = isolatedEnvironment(options);
  const claude = environment.CLAUDE_CONFIG_DIR ?? '';
  const file = path.join(claude, 'settings.json');
  const project = path.join(folder, 'my app');
  const transcript = path.join(claude, 'projects', 'my-app', `${SESSION}.jsonl`);
  mkdirSync(path.join(project, '.git'), { recursive: true });
  writeFileSync(path.join(project, '.git', 'HEAD'), 'ref: refs/heads/fix/login\n');
  mkdirSync(path.dirname(transcript), { recursive: true });
  if (settings !== undefined) writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  const read = () => JSON.parse(readFileSync(file, 'utf8'));
  const cache = path.join(cwd, '.git', 'agentwork', 'recordings');
  /** As Claude Code starts a hook. */
  const start = (more: object = {}, env: object = {}) => {
    const [{ hooks }] = read().hooks.SessionStart.slice(-1);
    const input = { session_id: SESSION, transcript_path: transcript, cwd: project, source: 'startup', ...more };
    const said = spawnSync('sh', ['-c', `${hooks[0].command}; exit $?`], {
      ...{ input: JSON.stringify(input), env: { ...environment, ...env }, encoding: 'utf8' },
    });
    return { status: said.status, stdout: said.stdout, stderr: said.stderr };
  };
  const setup = (...words: readonly string[]) => runCli(['setup', 'recorder', ...words], options);
  return { ...options, file, project, transcript, cache, read, start, setup };
}

const QUIET = { status: 0, stdout: '', stderr: '' };
const recorded = (cache: string) => (existsSync(cache) ? readdirSync(cache) : []);

describe('setup recorder', () => {
  test('has a session finished that nobody but Claude Code has recorded', async () => {
    const ledger = await scene();
    expect(await ledger.setup(ledger.project)).toMatchObject({ status: 0, stdout: expect.stringContaining('wrote') });
    expect(ledger.start()).toEqual(QUIET);
    const [name = ''] = recorded(ledger.cache);
    expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-.+-Ox0b1c2d$/);
    const marker = path.join(ledger.cache, name, '.recording.json');
    const told = JSON.parse(readFileSync(marker, 'utf8'));
    expect(told).toMatchObject({
      ...{ agent_id: 'Ox0b1c2d', adapter_name: 'claude-code', agent_session_id: SESSION, branch: 'fix/login' },
      ...{ session_file: ledger.transcript, workspace_path: ledger.project, parent_pid: process.pid },
    });
    // The agent has been gone for two hours.
    const then = Date.now() / 1000 - 2 * HOUR_S;
    const at = new Date(then * 1000).toISOString();
    const spoken = claudeTranscript(then * 1000).replaceAll('/home/dev/shop', ledger.project);
    writeFileSync(ledger.transcript, spoken.replaceAll('5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11', SESSION));
    expect((await runCli(['detect'], ledger)).stdout, 'while the agent lives').not.toContain(name);

    writeFileSync(marker, JSON.stringify({ ...told, parent_pid: 2 ** 30, started_at: at, last_hook_at: at }));
    for (const file of [marker, ledger.transcript]) utimesSync(file, then, then);
    expect(await runCli(['finalize', '--agent', 'offline'], ledger)).toMatchObject({ status: 0 });
    const finished = path.join(ledger.cwd, 'sessions', name);
    expect(readdirSync(finished)).toEqual(expect.arrayContaining(['raw.jsonl', 'session.html', 'summary.md']));
    expect(readFileSync(path.join(finished, 'raw.jsonl'), 'utf8')).toContain('The nightly export writes an empty file');
  });

  test('notes a session once, however often it goes on', async () => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    ledger.start();
    const [name = ''] = recorded(ledger.cache);
    const marker = () => JSON.parse(readFileSync(path.join(ledger.cache, name, '.recording.json'), 'utf8'));
    const { started_at } = marker();
    expect(ledger.start({ source: 'resume' })).toEqual(QUIET);
    expect([recorded(ledger.cache), marker().started_at]).toEqual([[name], started_at]);
    expect(marker()).not.toHaveProperty('start_offset');
  });

  test('notes of a session that is resumed after it was finished only what comes', async () => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    writeFileSync(ledger.transcript, 'x'.repeat(1234));
    ledger.start({ source: 'resume' });
    const [name = ''] = recorded(ledger.cache);
    const marker = readFileSync(path.join(ledger.cache, name, '.recording.json'), 'utf8');
    expect(JSON.parse(marker)).toMatchObject({ start_offset: 1234 });
  });

  test.each([
    ['opened', 'startup', ''],
    ['resumed', 'resume', claudeTranscript(Date.UTC(2026, 0, 6))],
  ])('a session that was %s, and closed without a word, goes as a ghost does', async (_, source, before) => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    await runCli(['finalize', '--agent', 'offline'], ledger);
    writeFileSync(ledger.transcript, before);
    ledger.start({ source });
    const [name = ''] = recorded(ledger.cache);
    const marker = path.join(ledger.cache, name, '.recording.json');
    const left = '{"type":"user","message":{"role":"user","content":"<command-name>/exit</command-name>"}}\n';
    const closed = `${before}{"type":"mode","mode":"default"}\n${left}`;
    writeFileSync(ledger.transcript, closed);
    const then = Date.now() / 1000 - 2 * HOUR_S;
    const at = new Date(then * 1000).toISOString();
    const told = JSON.parse(readFileSync(marker, 'utf8'));
    writeFileSync(marker, JSON.stringify({ ...told, parent_pid: 2 ** 30, started_at: at, last_hook_at: at }));
    for (const file of [marker, ledger.transcript]) utimesSync(file, then, then);

    expect((await runCli(['detect', '--explain', name], ledger)).stdout).toContain('ghost');
    expect(await runCli(['finalize', '--agent', 'offline'], ledger)).toMatchObject({ status: 0, stdout: '' });
    expect([recorded(ledger.cache), readFileSync(ledger.transcript, 'utf8')]).toEqual([[], closed]);
  });

  test('is each ledger’s own, also where their folders have one name', async () => {
    const [one, two] = [await scene(), await scene()];
    await one.setup(one.project);
    one.start();
    expect((await runCli(['detect', '--explain', '--json'], two)).stdout).not.toContain('Ox0b1c2d');
    expect((await runCli(['detect', '--explain', '--json'], one)).stdout).toContain('Ox0b1c2d');
    await runCli(['setup', 'recorder', two.project], { ...two, env: { CLAUDE_CONFIG_DIR: path.dirname(one.file) } });
    expect(one.read().hooks.SessionStart).toHaveLength(2);
    await runCli(['setup', 'remove'], { ...two, env: { CLAUDE_CONFIG_DIR: path.dirname(one.file) } });
    expect(one.read().hooks.SessionStart).toHaveLength(1);
    expect(JSON.stringify(one.read())).toContain(one.cache);
  });

  test('says which sessions two ledgers record', async () => {
    const [one, two] = [await scene(), await scene()];
    const env = { CLAUDE_CONFIG_DIR: path.dirname(one.file) };
    const inner = path.join(one.project, "it's || mine");
    mkdirSync(inner);
    expect((await one.setup(one.project, two.project)).stderr).toBe('');
    const told = `${one.project} for ${one.cwd}`;
    const second = await runCli(['setup', 'recorder', inner], { ...two, env });
    expect(second).toMatchObject({ status: 0, stderr: expect.stringMatching(/^warning: .* recorded elsewhere, too/) });
    expect(second.stderr).toContain(told);
    expect(second.stderr).not.toContain(two.project);
    expect((await runCli(['setup', 'check'], { ...two, env })).stdout).toMatch(
      /^warning recorder .* recorded elsewhere/m,
    );
    expect((await runCli(['setup', 'check'], one)).stdout).toContain(`${inner} for ${two.cwd}`);
    const apart = await runJson(['setup', 'recorder', two.project, '-n'], { ...two, env });
    expect(apart.json).toMatchObject({ also_recorded: [{ ledger: one.cwd, projects: [two.project] }] });
    rmSync(one.cache, { recursive: true });
    expect((await runCli(['setup', 'check'], { ...two, env })).stdout).toMatch(/^ok +recorder/m);
  });

  test('is silent when the program, or the clone, is gone', async () => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    rmSync(ledger.cache, { recursive: true });
    expect([ledger.start(), existsSync(ledger.cache)]).toEqual([QUIET, false]);
    const text = readFileSync(ledger.file, 'utf8');
    writeFileSync(ledger.file, text.replaceAll('record.cjs', 'gone/record.cjs'));
    expect(ledger.start()).toEqual(QUIET);
  });

  test.each<[string, object, object?]>([
    ['a session elsewhere', { cwd: '/' }],
    ['the agent of a pass', {}, { AGENTWORK_PASS: '1' }],
    ['a hook that tells nothing', { session_id: '' }],
    ['words that are none', { session_id: 7 }],
  ])('notes nothing of %s, and says nothing', async (_, input, env) => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    expect(ledger.start(input, env)).toEqual(QUIET);
    expect(recorded(ledger.cache)).toEqual([]);
  });

  test('never fails a session: a cache that cannot be made is nobody’s trouble', async () => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    rmSync(ledger.cache, { recursive: true });
    writeFileSync(ledger.cache, '');
    expect(ledger.start()).toEqual(QUIET);
  });

  test('keeps what others have in the settings, once, with a copy, and goes without a trace', async () => {
    const others = {
      hooks: {
        Stop: [{ hooks: [] }],
        SessionStart: [{ matcher: 'startup', hooks: [{ type: 'command', command: 'date' }] }],
      },
      model: 'opus',
    };
    const ledger = await scene(others);
    await ledger.setup(ledger.project);
    expect(ledger.read()).toMatchObject({ model: 'opus', hooks: { Stop: [{ hooks: [] }] } });
    expect(Object.keys(ledger.read()), 'in their order').toEqual(Object.keys(others));
    expect(ledger.read().hooks.SessionStart).toHaveLength(2);
    expect(JSON.parse(readFileSync(`${ledger.file}.before-agentwork`, 'utf8'))).toEqual(others);
    expect((await ledger.setup(ledger.project)).stdout).toMatch(
      /^in place .*settings\.json\nin place .*recorder-\w+\.json$/,
    );
    await ledger.setup(ledger.project, ledger.cwd);
    expect(ledger.read().hooks.SessionStart).toHaveLength(2);
    expect((await ledger.setup(ledger.cwd)).stdout).toContain(`not recorded any more: ${ledger.project};`);
    expect((await runCli(['setup', 'remove'], ledger)).status).toBe(0);
    expect(ledger.read()).toEqual(others);
    expect(JSON.parse(readFileSync(`${ledger.file}.before-agentwork`, 'utf8'))).toEqual(others);
  });

  test('takes settings that hold nothing else away with it', async () => {
    const ledger = await scene();
    rmSync(ledger.file, { force: true });
    await ledger.setup(ledger.project);
    expect((await runCli(['setup', 'remove'], ledger)).stdout).toContain(`removed ${ledger.file}\n`);
    expect(existsSync(ledger.file)).toBe(false);
    expect((await runCli(['setup', 'remove'], ledger)).stdout).toMatch(/^nothing of agentwork is set up/);
  });

  test('takes nothing away that somebody has put beside it', async () => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    const settings = ledger.read();
    settings.hooks.SessionStart[0].hooks.push({ type: 'command', command: 'echo mine' });
    writeFileSync(ledger.file, JSON.stringify(settings));
    await ledger.setup(ledger.project, ledger.cwd);
    await runCli(['setup', 'remove'], ledger);
    expect(ledger.read()).toEqual({
      hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'echo mine' }] }] },
    });
  });

  test('follows a link to the settings, as people have them in a folder of dotfiles', async () => {
    const ledger = await scene();
    const real = path.join(path.dirname(ledger.cwd), 'dotfiles.json');
    writeFileSync(real, '{"model": "opus"}');
    symlinkSync(real, ledger.file);
    await ledger.setup(ledger.project);
    expect(lstatSync(ledger.file).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toMatchObject({ model: 'opus', hooks: { SessionStart: [{}] } });
  });

  test.each([
    ['a comma too many', '{"model": "opus",}'],
    ['a comment', '// mine\n{}'],
    ['a list', '[]'],
    ['hooks of another shape', '{"hooks": {"SessionStart": {"hooks": []}}}'],
    ['a start of another shape', '{"hooks": {"SessionStart": [{"command": "date"}]}}'],
    ['hooks that are a list', '{"hooks": []}'],
    ['hooks twice', '{"hooks": {}, "hooks": {"Stop": []}}'],
  ])('leaves settings with %s as they are, and says what to put there', async (_, text) => {
    const ledger = await scene(text);
    const { status, stderr } = await ledger.setup(ledger.project);
    expect([status, stderr]).toEqual([2, expect.stringContaining(ledger.file)]);
    expect(stderr).toContain('record.cjs');
    expect(readFileSync(ledger.file, 'utf8')).toBe(text);
  });

  test('names the line that is no JSON, and minds no other key that stands twice', async () => {
    const ledger = await scene('{"model": "opus",\n"env": }');
    expect((await ledger.setup(ledger.project)).stderr).toContain(`${ledger.file}, line 2, is no JSON`);
    writeFileSync(ledger.file, '{"model": "opus", "model": "haiku"}');
    expect(await ledger.setup(ledger.project)).toMatchObject({ status: 0 });
  });

  test('is taken out as far as can be where the settings cannot be read, which is told', async () => {
    const ledger = await scene();
    await runCli(['setup', 'hook'], ledger);
    await ledger.setup(ledger.project);
    writeFileSync(ledger.file, readFileSync(ledger.file, 'utf8').replace('{', '{ // mine\n'));
    const { status, stdout, stderr } = await runCli(['setup', 'remove'], ledger);
    expect([status, stderr]).toEqual([3, expect.stringContaining(ledger.file)]);
    expect(stdout).toContain('post-merge');
  });

  test('is found by a login that has its settings elsewhere', async () => {
    const ledger = await scene();
    const elsewhere = { ...ledger, env: { CLAUDE_CONFIG_DIR: path.join(path.dirname(ledger.file), 'none') } };
    await ledger.setup(ledger.project);
    expect((await runCli(['setup', 'check'], elsewhere)).stdout).toMatch(
      /^warning recorder +in place in .*CLAUDE_CONFIG_DIR/m,
    );
    expect((await runCli(['setup', 'remove'], elsewhere)).status).toBe(0);
    expect(existsSync(ledger.file)).toBe(false);
  });

  test('goes along, or away, with a clone that is moved', async () => {
    const ledger = await scene();
    await ledger.setup(ledger.project);
    const moved = { ...ledger, cwd: `${ledger.cwd}-moved` };
    renameSync(ledger.cwd, moved.cwd);
    expect((await runCli(['setup', 'check'], moved)).stdout).toMatch(
      /^warning recorder +records for where this clone was/m,
    );
    await runCli(['setup', 'recorder', ledger.project], moved);
    expect(ledger.read().hooks.SessionStart).toHaveLength(1);
    expect(JSON.stringify(ledger.read())).toContain(path.join(moved.cwd, '.git', 'agentwork', 'recordings'));
    renameSync(moved.cwd, ledger.cwd);
    expect((await runCli(['setup', 'remove'], ledger)).status).toBe(0);
    expect(existsSync(ledger.file)).toBe(false);
  });

  test('leaves every number and every sign of the settings as somebody wrote it', async () => {
    const text = '{\n\t"timeout": 1.0,\n\t"large": 12345678901234567890,\n\t"hooks": {"Stop": []}\n}\n';
    const ledger = await scene(text);
    await ledger.setup(ledger.project);
    expect(readFileSync(ledger.file, 'utf8')).toMatch(/^{\n\t"timeout": 1.0,\n\t"large": 12345678901234567890,\n/);
    await runCli(['setup', 'remove'], ledger);
    expect(readFileSync(ledger.file, 'utf8').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
  });

  test.each([[[]], [['/no/such/project']]])('wants projects that are there: %j', async (words) => {
    const ledger = await scene();
    expect(await ledger.setup(...words)).toMatchObject({ status: 2, stdout: '' });
    expect(existsSync(ledger.file)).toBe(false);
  });
});
