import { expect, test } from 'vitest';
import { buildArguments, missingIsolation, parseListedFlags, parseVersion } from '../../../src/work/claude/flags.ts';

const ORDER = {
  systemPrompt: 'Be brief.',
  model: 'haiku',
  maxCostUsd: undefined,
  userSettings: false,
  environment: {},
};

test.each([
  ['a plain definition', '  --tools <tools...>   Which tools', ['--tools']],
  ['a short name', '  -p, --print          Print', ['--print']],
  ['two names', '  --allowedTools, --allowed-tools <tools...>  Tools', ['--allowedTools', '--allowed-tools']],
  ['names that wrap', '  --allowedTools,\n  --allowed-tools <tools...>  Tools', ['--allowedTools', '--allowed-tools']],
  ['a name alone on its line', '  --tools\n          Which tools', ['--tools']],
  ['a mention in a description', '  --bare   Like --safe-mode\n           --restricted mode', ['--bare']],
  ['colours, tabs, CRLF', '\t\u001b[1m--tools\u001b[0m\tWhich\r\n\t--bare\r\n', ['--tools', '--bare']],
  ['more colours', '  \u001b[1;31m--tools\u001b[m  Which', ['--tools']],
  ['a short name alone', '  -p  Print', []],
  ['no indentation', '--tools [tools]  Which', ['--tools']],
  ['usage lines', 'Usage: claude [--print] [options]', []],
  ['nothing', '', []],
])('%s in the help', (_name, help, flags) => {
  expect(parseListedFlags(help)).toEqual(flags);
});

test('the flags that keep claude isolated are required', () => {
  expect(missingIsolation(['--tools', '--setting-sources', '--strict-mcp-config', '--model'])).toEqual([]);
  expect(missingIsolation(['--tools', '--model'])).toEqual(['--setting-sources', '--strict-mcp-config']);
});

test.each([
  ['2.1.100 (Claude Code)\n', '2.1.100'],
  ['v1.0.43-beta.2', '1.0.43-beta.2'],
  ['12.345.678', '12.345.678'],
  ['unknown', undefined],
])('the version of %j is %s', (output, version) => {
  expect(parseVersion(output)).toBe(version);
});

const ISOLATED = [
  ...['-p', '--output-format', 'stream-json', '--verbose', '--tools', '', '--strict-mcp-config'],
  ...['--setting-sources', '', '--disable-slash-commands', '--no-session-persistence', '--max-turns', '1'],
  ...['--system-prompt', 'Be brief.', '--model', 'haiku'],
];

test('an older claude gets the flags that all of them know', () => {
  expect(buildArguments(ORDER, [])).toEqual(ISOLATED);
  expect(buildArguments({ ...ORDER, maxCostUsd: 0.5 }, [])).toEqual(ISOLATED);
});

test('a newer claude gets the flags that it lists', () => {
  const listed = ['--safe-mode', '--restricted', '--max-budget-usd', '--bare'];
  const order = { ...ORDER, maxCostUsd: 0.5 };
  expect(buildArguments(order, listed)).toEqual([
    ...ISOLATED,
    ...['--safe-mode', '--restricted', '--max-budget-usd', '0.5'],
  ]);
});

test.each([
  [0.25, '0.25'],
  [3, '3'],
  [100, '100'],
  [0.07, '0.07'],
  [0.1 + 0.2, '0.3'],
  // Up, and without an exponent.
  [0.0000123, '0.000013'],
  [1.2345678, '1.234568'],
  [1e-7, '0.000001'],
  [1e-12, '0.000001'],
  [1e-6, '0.000001'],
  [123_456_789.123, '123456789.123'],
  // A budget of nothing is none that can be asked for.
  [0, '0.000001'],
  [-1, '0.000001'],
])('a budget of %d dollars is passed as %s', (maxCostUsd, passed) => {
  const argv = buildArguments({ ...ORDER, maxCostUsd }, ['--max-budget-usd']);
  expect(argv.slice(-2)).toEqual(['--max-budget-usd', passed]);
});

test('without a budget none is named', () => {
  expect(buildArguments(ORDER, ['--max-budget-usd'])).toEqual(ISOLATED);
});

test('without a model none is named', () => {
  expect(buildArguments({ ...ORDER, model: undefined }, [])).toEqual(ISOLATED.slice(0, -2));
});

test("the user's settings come in without their hooks, their memory files, and any word against our limits", () => {
  const order = { ...ORDER, userSettings: true, environment: { MAX: '1' } };
  const ours = '{"disableAllHooks":true,"env":{"MAX":"1","CLAUDE_CODE_DISABLE_CLAUDE_MDS":"1"}}';
  const settings = ['--setting-sources', 'user', '--settings', ours];
  expect(buildArguments(order, ['--safe-mode', '--restricted'])).toEqual([
    ...ISOLATED.slice(0, 7),
    ...settings,
    ...ISOLATED.slice(9),
    '--safe-mode',
  ]);
});
