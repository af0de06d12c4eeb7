export interface ClaudeOrder {
  readonly systemPrompt: string;
  readonly model: string | undefined;
  /** US dollars. */
  readonly maxCostUsd: number | undefined;
  /** Lets the user's own settings in, for a login that needs their `apiKeyHelper` or gateway; never their hooks. */
  readonly userSettings: boolean;
  /** Variables that the user's settings may not change. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The flags that `claude --help` defines. A flag that is only named in another one's description does not count, wrapped
 * lines, colours and tabs do no harm.
 */
export function parseListedFlags(help: string): readonly string[] {
  const plain = help.replaceAll(/\x1b\[[0-9;]*[A-Za-z]/g, '');
  const heads = plain.split(/\r?\n/).flatMap((line) => DEFINITION.exec(line)?.[1] ?? []);
  return [...new Set(heads.flatMap((head) => head.match(/--[A-Za-z][\w-]*/g) ?? []))];
}

/** What this `claude` lacks to be kept away from tools, settings and servers; without them we do not start it. */
export function missingIsolation(listed: readonly string[]): readonly string[] {
  return ISOLATION.filter((flag) => !listed.includes(flag));
}

/** `2.1.100` of "2.1.100 (Claude Code)". */
export function parseVersion(output: string): string | undefined {
  return /\d+\.\d+\.\d+[\w.+-]*/.exec(output)?.[0];
}

/**
 * No tools, no settings, no servers, no commands, nothing remembered, one turn. `--max-turns` is always passed: it works
 * in every version, though no help lists it.
 */
export function buildArguments(order: ClaudeOrder, listed: readonly string[]): readonly string[] {
  const whenListed = (flag: string, ...value: readonly string[]) => (listed.includes(flag) ? [flag, ...value] : []);
  return [
    ...['-p', '--output-format', 'stream-json', '--verbose', '--tools', '', '--strict-mcp-config'],
    ...(order.userSettings ? userSettings(order.environment) : ['--setting-sources', '']),
    ...['--disable-slash-commands', '--no-session-persistence', '--max-turns', '1'],
    ...['--system-prompt', order.systemPrompt],
    ...(order.model === undefined ? [] : ['--model', order.model]),
    ...whenListed('--safe-mode'),
    // Restricted mode shuts settings out, which may be the user's login helper that was just let in.
    ...(order.userSettings ? [] : whenListed('--restricted')),
    ...(order.maxCostUsd === undefined ? [] : whenListed('--max-budget-usd', formatBudget(order.maxCostUsd))),
  ];
}

/** Up to the next millionth of a dollar, never `1e-7`. Nothing at all is a budget that no version takes: the least is one. */
function formatBudget(dollars: number): string {
  const millionths = Math.max(1, Math.ceil(Number((dollars * MILLION).toFixed(3))));
  return (millionths / MILLION).toFixed(6).replace(/\.?0+$/, '');
}

const MILLION = 1_000_000;

const ISOLATION = ['--tools', '--setting-sources', '--strict-mcp-config'] as const;

/** The user's settings for login and gateway, without hooks, memory files, or variables that would undo our limits. */
function userSettings(environment: Readonly<Record<string, string>>): readonly string[] {
  const ours = { disableAllHooks: true, env: { ...environment, CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1' } };
  return ['--setting-sources', 'user', '--settings', JSON.stringify(ours)];
}

/** Names stand within the first columns, up to a gap of two spaces or their value; descriptions are indented further. */
const DEFINITION = /^[ \t]{0,8}(-(?:(?! {2,}|\t|[<[]).)*)/;
