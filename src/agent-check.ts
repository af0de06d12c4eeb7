import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cleanRunner } from './clean-runner.ts';
import { SECOND_MS } from './clock.ts';
import type { Config } from './config.ts';
import { ExpectedError } from './errors.ts';
import type { Ledger } from './ledger/ledger.ts';
import { claudeFolder } from './ledger/recovery/agent-transcripts.ts';
import { homeOf } from './own-folder.ts';
import { isObject, parseJson } from './session/json-object.ts';
import { BUILT_IN } from './session/redaction/policy.ts';
import { error, type Finding, ok, warning } from './setup/finding.ts';
import { readTimerNote } from './setup/timer-note.ts';
import { adviceFor } from './work/claude/advice.ts';
import { examineClaude } from './work/claude/check-up.ts';
import { ClaudeRunner } from './work/claude-runner.ts';
import { RunError, type RunFailureKind } from './work/runner.ts';

/** Whose agent is looked at. */
export interface AgentUser {
  readonly config: Config;
  readonly ledger: Pick<Ledger, 'root' | 'stateDir'>;
  readonly world: { readonly environment: NodeJS.ProcessEnv };
  /** Whether claude may be asked a word, which costs. */
  readonly isLive: boolean;
}

/** Found here, and where cron looks; logged in as far as that can be seen without a call, and with one where that is wanted. */
export async function checkAgent(user: AgentUser): Promise<readonly Finding[]> {
  const { config, world, isLive } = user;
  if (config.agent !== 'claude') return [ok('agent', `${config.agent}: no program is needed`)];
  const { program, version, unfit } = await examineClaude(config.claudePath, world.environment);
  if (program === undefined) {
    const says = new ClaudeRunner({ ...(config.claudePath && { path: config.claudePath }) }).absence();
    return [error('agent', says, 'npm install --global @anthropic-ai/claude-code, or --agent offline')];
  }
  if (unfit !== undefined) return [error('agent', unfit, MEND), ...(await checkAgentOfCron(user))];
  const findings = [ok('agent', `claude ${version} at ${program}`)];
  if (isLive) findings.push(await ask('login', config, world.environment));
  else if (!isLoggedIn(world.environment)) findings.push(warning('login', UNSEEN, SHOW_LOGIN));
  return [...findings, ...(await checkAgentOfCron(user))];
}

/** What starts by the clock has the PATH of its line, or a line yet to be written ours, and next to nothing besides. */
async function checkAgentOfCron({ ledger, config, world, isLive }: AgentUser): Promise<readonly Finding[]> {
  const note = readTimerNote(ledger);
  if (!note && !isLive) return [];
  const environment = {
    HOME: homeOf(world.environment),
    PATH: note?.path ?? world.environment.PATH,
    SHELL: '/bin/sh',
  };
  const { program, unfit } = await examineClaude(config.claudePath, environment);
  if (program === undefined) return [error('agent of cron', 'claude is not on its PATH', 'agentwork setup cron')];
  if (unfit !== undefined) return [error('agent of cron', unfit, MEND)];
  if (isLive) return [await ask('agent of cron', config, environment)];
  if (isLoggedIn(environment)) return [ok('agent of cron', program)];
  return [
    warning('agent of cron', 'no login of claude can be seen from there', 'claude setup-token; then name it there'),
  ];
}

const MEND = adviceFor({ kind: 'unsupported', message: '' }) ?? 'claude update';
const UNSEEN = 'no login of claude can be seen';
const SHOW_LOGIN = 'claude, then /login; or claude setup-token';

/** The least that can be asked: a word, of the cheapest model. Cut at less, an answer would be gone on with, and paid for again. */
const QUESTION = { prompt: 'Say yes.', systemPrompt: 'Answer in one word.', model: 'haiku', maxTokens: 64 } as const;
const MOST_USD = 0.01;
const PATIENCE_MS = 60 * SECOND_MS;

/** Whoever is told this was let in. */
const LET_IN: ReadonlySet<RunFailureKind> = new Set<RunFailureKind>([
  'model_not_found',
  'refused',
  'max_tokens',
  'over_budget',
  'malformed',
  'rate_limited',
  'usage_limited',
]);

/** One call, bounded in time and money, without tools, settings or memory, in an empty folder. */
async function ask(check: string, config: Config, environment: NodeJS.ProcessEnv): Promise<Finding> {
  const runner = new ClaudeRunner({
    ...(config.claudePath !== undefined && { path: config.claudePath }),
    userSettings: config.claudeSettings === 'user',
    timeoutMs: PATIENCE_MS,
    environment,
  });
  try {
    const request = { ...QUESTION, maxCostUsd: MOST_USD };
    const { duration } = await cleanRunner(runner, BUILT_IN).run(request, new AbortController().signal);
    return ok(check, `claude is logged in: it answered within ${Math.ceil(duration / SECOND_MS)} s`);
  } catch (thrown) {
    if (!(thrown instanceof RunError)) throw new ExpectedError('SYSTEM_FAILED', String(thrown), { cause: thrown });
    if (LET_IN.has(thrown.kind)) return ok(check, `claude is logged in, and said: ${thrown.message}`);
    return error(check, thrown.message, adviceFor(thrown) ?? 'claude -p yes tells more');
  }
}

/** Whether there is something that a login leaves; what it is, is not looked at. */
function isLoggedIn(environment: NodeJS.ProcessEnv): boolean {
  const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'];
  const others = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'];
  if ([...names, ...others].some((name) => environment[name])) return true;
  const home = homeOf(environment);
  const folder = claudeFolder(environment);
  if (existsSync(path.join(folder, '.credentials.json'))) return true;
  // On a Mac the key chain has it, and this file says so.
  return ['.claude.json', path.join('.claude', '.claude.json')].some(
    (name) => readJson(path.join(home, name))?.oauthAccount !== undefined,
  );
}

/** What stands in a settings file of Claude Code, if it can be read. */
export function readJson(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseJson(readFileSync(file, 'utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    // Not there, or not ours to read: it says nothing.
    return undefined;
  }
}
