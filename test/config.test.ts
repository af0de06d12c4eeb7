import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildConfig, type Config, type FlagValues, parseDuration, parseSize, unreadVariables } from '../src/config.ts';
import { LedgerGit } from '../src/ledger/git/ledger-git.ts';
import { runGit, temporaryLedger } from './support/ledger-dir.ts';

const DEFAULTS: Config = {
  agent: 'claude',
  model: undefined,
  maxConcurrent: 4,
  maxInvocationsPerHour: 60,
  maxCostUsd: undefined,
  maxCostUsdPerDay: undefined,
  maxTokensPerDay: undefined,
  prices: {},
  timeoutMs: 300_000,
  qualityUploadThreshold: 0.3,
  qualityDiscardThreshold: 0.1,
  push: true,
  claim: true,
  lfsThreshold: 5_242_880,
  maxFileBytes: 52_428_800,
  sessionCache: [],
  exclude: [],
  claudePath: undefined,
  claudeSettings: 'none',
};

/** What `git config -z --show-scope --show-origin` prints; git has lower-cased the key. */
const gitEntry = (key: string, value: string, scope = 'global') =>
  `${scope}\0file:/etc/${scope}config\0agentwork.${key.toLowerCase()}\n${value}\0`;

test('where nothing is set, the documented defaults count', () => {
  expect(buildConfig({}, {}, '')).toEqual(DEFAULTS);
});

/** Each setting with a value, as flag key, variable, and what comes of it. */
const SETTINGS: readonly (readonly [keyof FlagValues, string, string, Partial<Config>])[] = [
  ['agent', 'AGENTWORK_AGENT', 'offline', { agent: 'offline' }],
  ['model', 'AGENTWORK_MODEL', 'haiku', { model: 'haiku' }],
  ['maxConcurrent', 'AGENTWORK_MAX_CONCURRENT', '2', { maxConcurrent: 2 }],
  ['maxInvocationsPerHour', 'AGENTWORK_MAX_INVOCATIONS_PER_HOUR', '7', { maxInvocationsPerHour: 7 }],
  ['maxCostUsd', 'AGENTWORK_MAX_COST_USD', '0.5', { maxCostUsd: 0.5 }],
  ['maxCostUsdPerDay', 'AGENTWORK_MAX_COST_USD_PER_DAY', '2', { maxCostUsdPerDay: 2 }],
  ['maxTokensPerDay', 'AGENTWORK_MAX_TOKENS_PER_DAY', '2_000_000', { maxTokensPerDay: 2_000_000 }],
  ['price', 'AGENTWORK_PRICE', 'llama=1/2', { prices: { llama: { input: 1, output: 2 } } }],
  ['timeout', 'AGENTWORK_TIMEOUT', '90s', { timeoutMs: 90_000 }],
  ['qualityUploadThreshold', 'AGENTWORK_QUALITY_UPLOAD_THRESHOLD', '0.5', { qualityUploadThreshold: 0.5 }],
  ['qualityDiscardThreshold', 'AGENTWORK_QUALITY_DISCARD_THRESHOLD', '0', { qualityDiscardThreshold: 0 }],
  ['push', 'AGENTWORK_PUSH', 'no', { push: false }],
  ['lfsThreshold', 'AGENTWORK_LFS_THRESHOLD', '500k', { lfsThreshold: 512_000 }],
  ['maxFileBytes', 'AGENTWORK_MAX_FILE_BYTES', '1g', { maxFileBytes: 1_073_741_824 }],
  ['sessionCache', 'AGENTWORK_SESSION_CACHE', '/a', { sessionCache: ['/a'] }],
  ['claudePath', 'AGENTWORK_CLAUDE_PATH', '/bin/claude', { claudePath: '/bin/claude' }],
  ['claudeSettings', 'AGENTWORK_CLAUDE_SETTINGS', 'user', { claudeSettings: 'user' }],
];

describe.each(SETTINGS)('%s', (key, variable, value, expected) => {
  test('is taken from its flag', () => {
    expect(buildConfig({ [key]: { flag: '--it', value } }, {}, '')).toEqual({ ...DEFAULTS, ...expected });
  });

  test('is taken from its variable', () => {
    expect(buildConfig({}, { [variable]: value }, '')).toEqual({ ...DEFAULTS, ...expected });
  });

  test('is taken from the user’s git configuration', () => {
    expect(buildConfig({}, {}, gitEntry(key, value))).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe('of several values', () => {
  const git =
    gitEntry('model', 'of-system', 'system') + gitEntry('model', 'of-global') + gitEntry('model', 'of-local', 'local');

  test('the flag counts before all', () => {
    expect(
      buildConfig({ model: { flag: '--model', value: 'of-flag' } }, { AGENTWORK_MODEL: 'of-env' }, git).model,
    ).toBe('of-flag');
  });

  test('the variable counts before git', () => {
    expect(buildConfig({}, { AGENTWORK_MODEL: 'of-env' }, git).model).toBe('of-env');
  });

  test('git’s last one counts, which is its narrowest scope', () => {
    expect(buildConfig({}, {}, git).model).toBe('of-local');
  });

  test('an empty variable is none', () => {
    expect(buildConfig({}, { AGENTWORK_MODEL: '' }, git).model).toBe('of-local');
  });

  test('a bad one that is overruled does no harm', () => {
    expect(buildConfig({}, { AGENTWORK_MAX_CONCURRENT: '3' }, gitEntry('maxConcurrent', 'many')).maxConcurrent).toBe(3);
  });

  test('all folders count', () => {
    const config = buildConfig(
      {},
      {},
      gitEntry('sessionCache', '/a', 'global') + gitEntry('sessionCache', '/b', 'local'),
    );
    expect(config.sessionCache).toEqual(['/a', '/b']);
  });
});

describe('patterns of what is left alone', () => {
  const patternsOf = (environment: NodeJS.ProcessEnv, git = '') =>
    buildConfig({}, environment, git).exclude.map(({ pattern, where }) => `${pattern} | ${where}`);

  test('are taken from every place, and no place takes back what another says', () => {
    const scopes = ['system', 'global', 'local', 'worktree'];
    const git = scopes.map((scope) => gitEntry('exclude', `user:${scope}`, scope)).join('');
    expect(patternsOf({ AGENTWORK_EXCLUDE: 'branch:{a,b}, path:/x' }, git)).toEqual([
      ...scopes.map((scope) => `user:${scope} | agentwork.exclude in /etc/${scope}config`),
      'branch:{a,b} | AGENTWORK_EXCLUDE',
      'path:/x | AGENTWORK_EXCLUDE',
    ]);
  });

  test('know the home of the environment', () => {
    const [exclusion] = buildConfig({}, { HOME: '/h', AGENTWORK_EXCLUDE: 'path:~/x' }, '').exclude;
    const at = (folder: string) => exclusion?.matches({ users: [], branches: [], paths: [folder] });
    expect([at('/h/x'), at('~/x')]).toEqual([true, false]);
  });

  test('that are bad are refused, each by its own value and place', () => {
    const wants = 'is not user:GLOB, branch:GLOB, or path:GLOB with a path from / or ~/';
    const refusal = (message: string) => expect.objectContaining({ code: 'BAD_CONFIG', exitStatus: 2, message });
    expect(() => patternsOf({ AGENTWORK_EXCLUDE: 'user:a,team:b' })).toThrow(
      refusal(`AGENTWORK_EXCLUDE: 'team:b' ${wants}`),
    );
    for (const value of ['', 'team:b', 'path:x/**'])
      expect(() => patternsOf({}, gitEntry('exclude', 'user:a') + gitEntry('exclude', value, 'local'))).toThrow(
        refusal(`agentwork.exclude in /etc/localconfig: '${value}' ${wants}`),
      );
  });
});

test('folders in the environment stand behind one another as on PATH', () => {
  const value = ['/a', '', '/b c'].join(path.delimiter);
  expect(buildConfig({}, { AGENTWORK_SESSION_CACHE: value }, '').sessionCache).toEqual(['/a', '/b c']);
});

test.each([['model'], ['claudePath']] as const)('an empty %s in git’s configuration means none', (key) => {
  expect(buildConfig({}, {}, gitEntry(key, 'x') + gitEntry(key, ''))[key]).toBeUndefined();
});

test('keys of others, and of subsections, are not ours', () => {
  const config = buildConfig({}, {}, gitEntry('model.x', 'no') + gitEntry('x.model', 'no'));
  expect(config).toEqual(DEFAULTS);
});

test.each([
  ['maxCostPerDay', 'agentwork.maxCostUsdPerDay is one'],
  ['maxTokens', 'agentwork.maxTokensPerDay is one'],
  ['modell', 'agentwork.model is one'],
])('a key that is misspelt is refused, or a limit would be none: %s', (key, suggestion) => {
  const refusal = expect.objectContaining({ code: 'BAD_CONFIG', suggestions: [suggestion] });
  expect(() => buildConfig({}, {}, gitEntry(key, '1'))).toThrow(refusal);
});

test('a variable that nobody reads is told, with the one that was meant', () => {
  const environment = {
    ...{ AGENTWORK_LEDGER: '/l', AGENTWORK_PASS: '1', AGENTWORK_MAX_COST_USD: '1', PATH: '/bin', AGENTWORKS: 'x' },
    ...{ AGENTWORK_LEDGR: '/l', AGENTWORK_MAXCOSTUSD: '1', AGENTWORK_ZZZ: '1' },
  };
  expect(unreadVariables(environment)).toEqual([
    'AGENTWORK_LEDGR is no setting of agentwork; AGENTWORK_LEDGER is one',
    'AGENTWORK_MAXCOSTUSD is no setting of agentwork; AGENTWORK_MAX_COST_USD is one',
    'AGENTWORK_ZZZ is no setting of agentwork',
  ]);
});

test('an empty flag is no value, as when a script has lost its own', () => {
  expect(() => buildConfig({ model: { flag: '--model', value: '' } }, {}, '')).toThrow("--model: '' is not a value");
});

describe('what names a program or loosens its isolation', () => {
  test.each([['local'], ['worktree'], ['command']])('does not count from the %s scope', (scope) => {
    const git = gitEntry('claudePath', '/tmp/evil', scope) + gitEntry('claudeSettings', 'user', scope);
    expect(buildConfig({}, {}, git)).toEqual(DEFAULTS);
  });

  test.each([['system'], ['global']])('counts from the %s scope, whatever the clone says', (scope) => {
    const git = gitEntry('claudePath', '/opt/claude', scope) + gitEntry('claudePath', '/tmp/evil', 'local');
    expect(buildConfig({}, {}, git).claudePath).toBe('/opt/claude');
  });
});

describe('a bad value', () => {
  test.each<[string, keyof FlagValues, string, string]>([
    ['an agent that is none', 'agent', 'codex', 'one of claude, offline, none'],
    ['an agent in capitals', 'agent', 'Claude', 'one of claude, offline, none'],
    ['no workers', 'maxConcurrent', '0', 'a whole number from 1 to 64'],
    ['too many workers', 'maxConcurrent', '65', 'a whole number from 1 to 64'],
    ['half a worker', 'maxConcurrent', '1.5', 'a whole number from 1 to 64'],
    ['a number that is none', 'maxInvocationsPerHour', '6O', 'a whole number from 1 to 1000000'],
    ['a negative number', 'maxInvocationsPerHour', '-1', 'a whole number from 1 to 1000000'],
    ['a negative budget', 'maxCostUsd', '-1', 'an amount of US dollars such as 0.50'],
    ['an endless budget', 'maxCostUsd', 'Infinity', 'an amount of US dollars such as 0.50'],
    ['a budget with a currency', 'maxCostUsd', '$5', 'an amount of US dollars such as 0.50'],
    ['a negative budget of a day', 'maxCostUsdPerDay', '-1', 'an amount of US dollars such as 0.50'],
    ['tokens in words', 'maxTokensPerDay', 'a million', 'a number of tokens such as 5000000'],
    ['tokens in exponents', 'maxTokensPerDay', '1e6', 'a number of tokens such as 5000000'],
    ['a price without a model', 'price', '1/5', 'a model with its US dollars per million tokens'],
    ['a price below zero', 'price', 'llama=-1/5', 'a model with its US dollars per million tokens'],
    ['a timeout without unit', 'timeout', '5', 'a duration such as 90s, 5m or 1h'],
    ['a timeout of nothing', 'timeout', '0s', 'a duration such as 90s, 5m or 1h'],
    ['a timeout that no timer can hold', 'timeout', '1000h', 'a duration such as 90s, 5m or 1h'],
    ['a threshold above 1', 'qualityUploadThreshold', '1.1', 'a number from 0 to 1'],
    ['a threshold that is no number', 'qualityDiscardThreshold', 'low', 'a number from 0 to 1'],
    ['a threshold of spaces', 'qualityDiscardThreshold', ' ', 'a number from 0 to 1'],
    ['a yes that is none', 'push', 'maybe', 'true or false'],
    ['settings of nobody', 'claudeSettings', 'project', 'one of none, user'],
  ])('%s names key, value and place', (_, key, value, wants) => {
    const variable = SETTINGS.find(([name]) => name === key)?.[1] ?? '';
    const bad = (where: string) =>
      expect.objectContaining({ code: 'BAD_CONFIG', exitStatus: 2, message: expect.stringMatching(where) });
    const says = (where: string) => bad(`^${where}: '${value.replace(/[$.]/g, '\\$&')}' is not ${wants}`);
    expect(() => buildConfig({ [key]: { flag: '--it', value } }, {}, '')).toThrow(says('--it'));
    expect(() => buildConfig({}, { [variable]: value }, '')).toThrow(says(variable));
    expect(() => buildConfig({}, {}, gitEntry(key, value))).toThrow(says(`agentwork.${key} in /etc/globalconfig`));
  });
});

describe('a switch', () => {
  test.each([
    ['true', true],
    ['YES', true],
    ['on', true],
    ['1', true],
    ['false', false],
    ['no', false],
    ['Off', false],
    ['0', false],
    ['', false],
  ])('that says %j is %s', (value, expected) => {
    expect(buildConfig({}, {}, gitEntry('push', value)).push).toBe(expected);
  });

  test('without a value is on, as in git', () => {
    const off = gitEntry('push', 'false', 'system');
    expect(buildConfig({}, {}, `${off}global\0file:/etc/globalconfig\0agentwork.push\0`).push).toBe(true);
  });
});

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  [' 2m ', 120_000],
  ['0s', 0],
  ['5', undefined],
  ['m', undefined],
  ['-5m', undefined],
  ['5 m', undefined],
  ['5m30s', undefined],
  ['1d', undefined],
  ['', undefined],
])('a duration of %j is %s milliseconds', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  ['5242880', 5_242_880],
  ['5k', 5120],
  ['5M', 5_242_880],
  ['1g', 1_073_741_824],
  ['5 m', undefined],
  ['5mb', undefined],
  ['1.5m', undefined],
  ['-1', undefined],
  ['m', undefined],
  ['', undefined],
  ['9999999999g', undefined],
])('a size of %j is %s bytes', (text, expected) => {
  expect(parseSize(text)).toBe(expected);
});

test.each([['0'], ['many'], ['5mb']])('refuses %j as a size, and says what one looks like', (value) => {
  expect(() => buildConfig({}, { AGENTWORK_LFS_THRESHOLD: value }, '')).toThrow(
    `AGENTWORK_LFS_THRESHOLD: '${value}' is not a size such as 5242880, 500k, 5m or 1g`,
  );
});

describe('git itself', () => {
  test('hands over what stands in its files, with scope and place', async () => {
    const { root, git, environment, scratch } = temporaryLedger();
    const global = path.join(scratch, 'gitconfig');
    writeFileSync(
      global,
      '[agentwork]\n\tclaudePath = /opt/my claude\n\tmaxConcurrent = 2\n\tmodel = "a\\nb = c"\n\tpush\n',
    );
    git('config', 'agentwork.claudePath', '/tmp/evil');
    git('config', 'agentwork.maxConcurrent', '3');
    git('config', '--add', 'agentwork.sessionCache', '/one');
    git('config', '--add', 'agentwork.sessionCache', '/two words');
    const text = await new LedgerGit(root, { ...environment, GIT_CONFIG_GLOBAL: global }).readConfig();
    expect(buildConfig({}, {}, text)).toEqual({
      ...DEFAULTS,
      claudePath: '/opt/my claude',
      maxConcurrent: 3,
      model: 'a\nb = c',
      sessionCache: ['/one', '/two words'],
    });
  });

  test('names the file in which a bad value stands', async () => {
    const { root, git, environment } = temporaryLedger();
    git('config', 'agentwork.timeout', 'soon');
    const text = await new LedgerGit(root, environment).readConfig();
    expect(() => buildConfig({}, {}, text)).toThrow(/^agentwork\.timeout in .*config: 'soon' is not a duration/);
  });

  test('says nothing of ours where nothing is set', async () => {
    const { root, environment } = temporaryLedger();
    const config = buildConfig({}, {}, await new LedgerGit(root, environment).readConfig());
    expect(config).toEqual(buildConfig({}, {}, ''));
    expect(runGit(root, environment, 'config', '--get', 'user.name')).toBe('Test Person');
  });
});

test('a discard threshold above the upload threshold is refused, and a low upload threshold takes the other along', () => {
  const both = { AGENTWORK_QUALITY_UPLOAD_THRESHOLD: '0.2', AGENTWORK_QUALITY_DISCARD_THRESHOLD: '0.5' };
  expect(() => buildConfig({}, both, '')).toThrow(
    "AGENTWORK_QUALITY_DISCARD_THRESHOLD: '0.5' is not at most the upload threshold (0.2)",
  );
  expect(buildConfig({}, { AGENTWORK_QUALITY_UPLOAD_THRESHOLD: '0.05' }, '')).toMatchObject({
    qualityDiscardThreshold: 0.05,
  });
});
