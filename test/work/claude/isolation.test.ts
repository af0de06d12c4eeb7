import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildClaudeEnvironment, fixedEnvironment } from '../../../src/work/claude/environment.ts';
import { buildArguments, parseListedFlags } from '../../../src/work/claude/flags.ts';
import { CANARY, type HostileLedger, hostileLedger, MEMORY } from '../../support/hostile-ledger.ts';
import { type StandInDeeds, standInDeeds, writeStandInClaude } from '../../support/stand-in-claude.ts';

type Version = 'latest' | '2.1.100';

/** How a program is started. */
interface Invocation {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly prompt: string;
}

interface Deeds extends Pick<StandInDeeds, 'read' | 'request'> {
  readonly sprung: readonly string[];
}

/** What a gullible `claude` does inside of a hostile ledger when it is started so. */
async function deedsOf(
  version: Version,
  invocationFor: (ledger: HostileLedger, listed: readonly string[]) => Invocation,
): Promise<Deeds> {
  const ledger = hostileLedger();
  const folder = path.join(ledger.scratch, 'bin');
  const program = await writeStandInClaude(folder, { plays: version, gullible: true });
  const help = spawnSync(program, ['--help'], { encoding: 'utf8', cwd: ledger.scratch, env: {} });
  const { argv, environment, prompt } = invocationFor(ledger, parseListedFlags(help.stdout));
  const { status, stderr } = spawnSync(program, argv, { cwd: ledger.root, env: environment, input: prompt });
  expect(status, String(stderr)).toBe(0);
  const [deeds] = await standInDeeds(folder);
  if (deeds === undefined) throw new Error('the stand-in did nothing');
  return { ...deeds, sprung: ledger.sprung() };
}

function around({ home, surroundings }: HostileLedger): Record<string, string> {
  const config = path.join(home, 'claude-config');
  const key = { ANTHROPIC_API_KEY: 'made-up', ANTHROPIC_BASE_URL: 'http://ours' };
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, CLAUDE_CONFIG_DIR: config, ...key, ...surroundings };
}

/** As somebody would do it who thinks of nothing. */
function naive(ledger: HostileLedger): Invocation {
  return { argv: ['-p'], environment: around(ledger), prompt: `Summarise:\n${ledger.texts}` };
}

const ORDER = { systemPrompt: 'Be brief.', model: 'haiku', maxCostUsd: undefined, userSettings: false };

const LIMITS = { maxTokens: 4000 };

/** As we do it, but for the folder: it is the hostile one. */
function ours(ledger: HostileLedger, listed: readonly string[], userSettings = false): Invocation {
  const argv = buildArguments({ ...ORDER, userSettings, environment: fixedEnvironment(LIMITS) }, listed);
  const environment = buildClaudeEnvironment(around(ledger), { ...LIMITS, userSettings });
  return { argv, environment, prompt: `Summarise:\n${ledger.texts}` };
}

describe.each<Version>(['latest', '2.1.100'])('inside a hostile ledger, claude %s', (version) => {
  test('without care runs what others named, reads what they mention, and sends it where they like', async () => {
    const { sprung, request, read } = await deedsOf(version, naive);
    expect(sprung).toEqual([
      ...(version === 'latest' ? [] : ['file system monitor']),
      ...['key helper', 'local hook', 'preload', 'project hook', 'project server', 'user hook', 'user server'],
    ]);
    expect(read).toContainEqual(expect.stringMatching(/canary\.txt$/));
    expect(request).toMatchObject({ baseUrl: 'http://127.0.0.1:9', tools: expect.arrayContaining(['Bash']) });
    expect(request?.messages).toContain(CANARY);
    expect(request?.messages).toContain(MEMORY);
  });

  test('takes a prompt for a command, however it is started', async () => {
    const asked = await deedsOf(version, (ledger, listed) => ({ ...ours(ledger, listed), prompt: ledger.texts }));
    expect(asked.request).toBeUndefined();
  });

  test('as we start it sends the prompt and nothing else, even there', async () => {
    let prompt = '';
    const { sprung, request, read } = await deedsOf(version, (ledger, listed) => {
      const invocation = ours(ledger, listed);
      prompt = invocation.prompt;
      return invocation;
    });
    expect(request).toEqual({ baseUrl: 'http://ours', system: 'Be brief.', messages: [prompt], tools: [] });
    expect(read).toEqual([]);
    // The one thing that no flag keeps it from: hence the folder of its own.
    expect(sprung).toEqual(version === 'latest' ? [] : ['file system monitor']);
  });

  test('with the settings of the user runs nothing of theirs, and sends nothing more', async () => {
    const { sprung, request } = await deedsOf(version, (ledger, listed) => ours(ledger, listed, true));
    expect(sprung).toEqual(version === 'latest' ? [] : ['file system monitor']);
    expect(request).toMatchObject({ baseUrl: 'http://ours', messages: [expect.any(String)] });
  });
});

const withoutFlag = (flag: string, values: number) => (invocation: Invocation) => {
  const argv = [...invocation.argv];
  argv.splice(argv.indexOf(flag), 1 + values);
  return { ...invocation, argv };
};

const withVariable = (name: string) => (invocation: Invocation, ledger: HostileLedger) => {
  const value = ledger.surroundings[name] ?? '';
  return { ...invocation, environment: { ...invocation.environment, [name]: value } };
};

const withoutVariable = (dropped: string) => (invocation: Invocation) => {
  const kept = Object.entries(invocation.environment).filter(([name]) => name !== dropped);
  return { ...invocation, environment: Object.fromEntries(kept) };
};

test.each([
  ['--setting-sources', withoutFlag('--setting-sources', 1), { sprung: expect.arrayContaining(['project hook']) }],
  ['--tools', withoutFlag('--tools', 1), { request: { messages: expect.arrayContaining([CANARY]) } }],
  [
    'CLAUDE_CODE_DISABLE_ATTACHMENTS',
    withoutVariable('CLAUDE_CODE_DISABLE_ATTACHMENTS'),
    { request: { messages: expect.arrayContaining([CANARY]) } },
  ],
  ['an environment of named variables', withVariable('NODE_OPTIONS'), { sprung: expect.arrayContaining(['preload']) }],
])('without %s a claude 2.1.100 is turned', async (_measure, drop, harm) => {
  const deeds = await deedsOf('2.1.100', (ledger, listed) => drop(ours(ledger, listed), ledger));
  expect(deeds).toMatchObject(harm);
});

test('without our settings over theirs the settings of the user undo what bounds a run', async () => {
  const drop = withoutFlag('--settings', 1);
  const { sprung, request } = await deedsOf('2.1.100', (ledger, listed) => drop(ours(ledger, listed, true)));
  expect(sprung).toContain('user hook');
  expect(request?.messages).toEqual(expect.arrayContaining([CANARY, MEMORY]));
});

test('without --strict-mcp-config the settings of the user start their servers', async () => {
  const drop = withoutFlag('--strict-mcp-config', 0);
  const { sprung } = await deedsOf('2.1.100', (ledger, listed) => drop(ours(ledger, listed, true)));
  expect(sprung).toContain('user server');
});
