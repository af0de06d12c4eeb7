import path from 'node:path';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './clock.ts';
import { ExpectedError } from './errors.ts';
import { nearest } from './nearest.ts';
import { homeOf } from './own-folder.ts';
import { type Exclusion, parseExclusion, splitExclusions } from './session/exclusion.ts';
import { type Price, parsePrice } from './work/price.ts';

export const AGENTS = ['claude', 'offline', 'none'] as const;
export type AgentName = (typeof AGENTS)[number];

/** Everything that can be set, with its value for this run. */
export interface Config {
  /** Who summarises. `none` leaves undone what needs an agent. */
  readonly agent: AgentName;
  /** Model alias or id; the agent's own default when unset. */
  readonly model: string | undefined;
  readonly maxConcurrent: number;
  readonly maxInvocationsPerHour: number;
  /** US dollars per pass, by the agent's own estimate. */
  readonly maxCostUsd: number | undefined;
  /** US dollars per UTC day, over all passes of this clone. */
  readonly maxCostUsdPerDay: number | undefined;
  /** Tokens in and out per UTC day, over all passes of this clone. */
  readonly maxTokensPerDay: number | undefined;
  /** Prices by model that win over the built-in table. */
  readonly prices: Readonly<Record<string, Price>>;
  /** Milliseconds that one agent run may take. */
  readonly timeoutMs: number;
  readonly qualityUploadThreshold: number;
  readonly qualityDiscardThreshold: number;
  readonly push: boolean;
  /** Whether sessions are claimed on the remote before an agent is asked. */
  readonly claim: boolean;
  /** Bytes from which on a file of a session goes to Git LFS, in a ledger that uses it. */
  readonly lfsThreshold: number;
  /** Bytes from which on a file is never committed as it is. */
  readonly maxFileBytes: number;
  /** Further folders that hold session folders. */
  readonly sessionCache: readonly string[];
  /** Patterns of sessions that are left alone. */
  readonly exclude: readonly Exclusion[];
  readonly claudePath: string | undefined;
  /** `user` lets claude read the user's own settings (hooks stay off), for logins that live there. */
  readonly claudeSettings: 'none' | 'user';
}

type Key = Exclude<keyof Config, 'timeoutMs' | 'prices'> | 'timeout' | 'price';

/** A value as it was found: the words, and where they stand. */
interface Found {
  readonly value: string;
  readonly where: string;
}

interface Setting {
  readonly key: Key;
  readonly environment: string;
  /** Names a program or loosens its isolation: never taken from the clone's own configuration, which others may have made. */
  readonly isOwnersOnly?: true;
  /** Only restrains: what one place says no other takes back. */
  readonly isAdded?: true;
}

const SETTINGS: readonly Setting[] = [
  { key: 'agent', environment: 'AGENTWORK_AGENT' },
  { key: 'model', environment: 'AGENTWORK_MODEL' },
  { key: 'maxConcurrent', environment: 'AGENTWORK_MAX_CONCURRENT' },
  { key: 'maxInvocationsPerHour', environment: 'AGENTWORK_MAX_INVOCATIONS_PER_HOUR' },
  { key: 'maxCostUsd', environment: 'AGENTWORK_MAX_COST_USD' },
  { key: 'maxCostUsdPerDay', environment: 'AGENTWORK_MAX_COST_USD_PER_DAY' },
  { key: 'maxTokensPerDay', environment: 'AGENTWORK_MAX_TOKENS_PER_DAY' },
  { key: 'price', environment: 'AGENTWORK_PRICE' },
  { key: 'timeout', environment: 'AGENTWORK_TIMEOUT' },
  { key: 'qualityUploadThreshold', environment: 'AGENTWORK_QUALITY_UPLOAD_THRESHOLD' },
  { key: 'qualityDiscardThreshold', environment: 'AGENTWORK_QUALITY_DISCARD_THRESHOLD' },
  { key: 'push', environment: 'AGENTWORK_PUSH' },
  { key: 'claim', environment: 'AGENTWORK_CLAIM' },
  { key: 'lfsThreshold', environment: 'AGENTWORK_LFS_THRESHOLD' },
  { key: 'maxFileBytes', environment: 'AGENTWORK_MAX_FILE_BYTES' },
  { key: 'sessionCache', environment: 'AGENTWORK_SESSION_CACHE' },
  { key: 'exclude', environment: 'AGENTWORK_EXCLUDE', isAdded: true },
  { key: 'claudePath', environment: 'AGENTWORK_CLAUDE_PATH', isOwnersOnly: true },
  { key: 'claudeSettings', environment: 'AGENTWORK_CLAUDE_SETTINGS', isOwnersOnly: true },
];

/** As git writes them -> as they are documented. */
const CANONICAL: ReadonlyMap<string, Key> = new Map(SETTINGS.map(({ key }) => [key.toLowerCase(), key]));

const MAX_CONCURRENT_LIMIT = 64;

const MEGABYTE = 1024 * 1024;

/** Flags by configuration key, as typed; the flag's own name goes into the message when its value is bad. */
export type FlagValues = Partial<Record<Key, { readonly flag: string; readonly value: string }>>;

/**
 * One typed value from flags, environment and git configuration, in this order of precedence.
 * `gitConfig` is what `git config -z --show-scope --show-origin --list` prints.
 * Throws BAD_CONFIG naming the key, the value and where it was set.
 */
export function buildConfig(flags: FlagValues, environment: NodeJS.ProcessEnv, gitConfig: string): Config {
  const fromGit = parseGitConfig(gitConfig);
  for (const entry of fromGit) if (!CANONICAL.has(entry.key)) throw unknownKey(entry);
  const all = (setting: Setting): readonly Found[] => {
    const flag = flags[setting.key];
    if (flag?.value === '') throw bad({ value: flag.value, where: flag.flag }, 'a value');
    if (flag) return [{ value: flag.value, where: flag.flag }];
    const variable = environment[setting.environment];
    const ofEnvironment = variable ? splitVariable(setting, variable) : [];
    if (ofEnvironment.length > 0 && !setting.isAdded) return ofEnvironment;
    const ofGit = fromGit.filter((entry) => entry.key === setting.key.toLowerCase() && isTrusted(setting, entry));
    return [...ofGit, ...ofEnvironment];
  };
  const found = new Map(SETTINGS.map((setting) => [setting.key, all(setting)]));
  const last = (key: Key) => found.get(key)?.at(-1);
  const upload = fraction(last('qualityUploadThreshold'), 0.3);
  const discard = fraction(last('qualityDiscardThreshold'), Math.min(0.1, upload));
  const lower = last('qualityDiscardThreshold');
  if (lower && discard > upload) throw bad(lower, `at most the upload threshold (${upload})`);
  return {
    agent: oneOf(last('agent'), AGENTS, 'claude'),
    model: text(last('model')),
    maxConcurrent: wholeNumber(last('maxConcurrent'), 4, MAX_CONCURRENT_LIMIT),
    maxInvocationsPerHour: wholeNumber(last('maxInvocationsPerHour'), 60, 1_000_000),
    maxCostUsd: amount(last('maxCostUsd')),
    maxCostUsdPerDay: amount(last('maxCostUsdPerDay')),
    maxTokensPerDay: tokens(last('maxTokensPerDay')),
    prices: prices(found.get('price') ?? []),
    timeoutMs: duration(last('timeout'), 5 * MINUTE_MS),
    qualityUploadThreshold: upload,
    qualityDiscardThreshold: discard,
    push: yesOrNo(last('push'), true),
    claim: yesOrNo(last('claim'), true),
    lfsThreshold: size(last('lfsThreshold'), 5 * MEGABYTE),
    maxFileBytes: size(last('maxFileBytes'), 50 * MEGABYTE),
    sessionCache: folders(found.get('sessionCache') ?? []),
    exclude: exclusions(found.get('exclude') ?? [], homeOf(environment)),
    claudePath: text(last('claudePath')),
    claudeSettings: oneOf(last('claudeSettings'), ['none', 'user'] as const, 'none'),
  };
}

const PREFIX = 'AGENTWORK_';
/** No settings: which clone, and whether this runs within a pass. */
const OTHER_VARIABLES = [`${PREFIX}LEDGER`, `${PREFIX}PASS`];

/** A sentence on each variable that looks like one of ours, and that nobody reads. */
export function unreadVariables(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = [...SETTINGS.map((setting) => setting.environment), ...OTHER_VARIABLES];
  const unread = Object.keys(environment).filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  return unread.map((name) => {
    const meant = nearest(
      name.slice(PREFIX.length),
      known.map((each) => each.slice(PREFIX.length)),
    );
    return `${name} is no setting of agentwork${meant === undefined ? '' : `; ${PREFIX}${meant} is one`}`;
  });
}

/** Milliseconds for `90s`, `5m`, `1h`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (!match) return undefined;
  const unit = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS }[match[2] as 'ms' | 's' | 'm' | 'h'];
  return Math.round(Number(match[1]) * unit);
}

/** Bytes for `5242880`, `5k`, `5m`, `1g`, as git reads them; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text.trim());
  if (!match) return undefined;
  const unit = { '': 1, k: 1024, m: MEGABYTE, g: 1024 * MEGABYTE }[match[2]?.toLowerCase() as '' | 'k' | 'm' | 'g'];
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

interface GitEntry extends Found {
  readonly key: string;
  readonly scope: string;
}

/** git lower-cases keys, and separates scope, origin and `key\nvalue` by NUL. */
function parseGitConfig(text: string): readonly GitEntry[] {
  const parts = text.split('\0');
  const entries: GitEntry[] = [];
  for (let index = 0; index + 2 < parts.length; index += 3) {
    const [scope = '', origin = '', pair = ''] = parts.slice(index, index + 3);
    if (!pair.startsWith('agentwork.')) continue;
    const newline = pair.indexOf('\n');
    const key = (newline === -1 ? pair : pair.slice(0, newline)).replace(/^agentwork\./, '');
    const value = newline === -1 ? 'true' : pair.slice(newline + 1);
    // A subsection is somebody else's.
    if (key.includes('.')) continue;
    const where = `agentwork.${CANONICAL.get(key) ?? key} in ${origin.replace(/^file:/, '')}`;
    entries.push({ key, value, scope, where });
  }
  return entries;
}

function isTrusted(setting: Setting, entry: GitEntry): boolean {
  return !setting.isOwnersOnly || entry.scope === 'global' || entry.scope === 'system';
}

/** Of several patterns in a variable the bad one is named, not all of them. */
function splitVariable({ isAdded, environment: where }: Setting, variable: string): readonly Found[] {
  return (isAdded ? splitExclusions(variable) : [variable]).map((value) => ({ value, where }));
}

function bad(found: Found, wants: string): ExpectedError {
  return new ExpectedError('BAD_CONFIG', `${found.where}: '${found.value}' is not ${wants}`);
}

/** A limit that is misspelt would be none. */
function unknownKey({ key, where }: GitEntry): ExpectedError {
  const meant = nearest(key, [...CANONICAL.values()]);
  const suggestions = meant === undefined ? [] : [`agentwork.${meant} is one`];
  return new ExpectedError('BAD_CONFIG', `${where}: agentwork has no such key`, { suggestions });
}

/** An empty value takes back what a wider scope says. */
function text(found: Found | undefined): string | undefined {
  return found?.value || undefined;
}

function oneOf<T extends string>(found: Found | undefined, choices: readonly T[], fallback: T): T {
  if (!found) return fallback;
  const choice = choices.find((candidate) => candidate === found.value);
  if (choice === undefined) throw bad(found, `one of ${choices.join(', ')}`);
  return choice;
}

function wholeNumber(found: Found | undefined, fallback: number, most: number): number {
  if (!found) return fallback;
  const number = Number(found.value);
  if (!/^\d+$/.test(found.value) || number < 1 || number > most) throw bad(found, `a whole number from 1 to ${most}`);
  return number;
}

function amount(found: Found | undefined): number | undefined {
  if (!found) return undefined;
  const number = Number(found.value);
  if (found.value.trim() === '' || !Number.isFinite(number) || number < 0)
    throw bad(found, 'an amount of US dollars such as 0.50');
  return number;
}

function tokens(found: Found | undefined): number | undefined {
  if (!found) return undefined;
  const number = Number(found.value.replaceAll('_', ''));
  if (!/^\d[\d_]*$/.test(found.value) || number > Number.MAX_SAFE_INTEGER)
    throw bad(found, 'a number of tokens such as 5000000');
  return number;
}

/** One model a key; in the environment several stand behind one another, separated by commas. */
function prices(found: readonly Found[]): Readonly<Record<string, Price>> {
  const each = found.flatMap(({ value, where }) => value.split(',').map((part) => ({ value: part.trim(), where })));
  return Object.fromEntries(
    each
      .filter(({ value }) => value !== '')
      .map((entry) => {
        const parsed = parsePrice(entry.value);
        if (!parsed)
          throw bad(entry, 'a model with its US dollars per million tokens in and out, such as claude-haiku-4-5=1/5');
        return [parsed.model, parsed.price];
      }),
  );
}

function fraction(found: Found | undefined, fallback: number): number {
  if (!found) return fallback;
  const number = Number(found.value);
  if (found.value.trim() === '' || !(number >= 0 && number <= 1)) throw bad(found, 'a number from 0 to 1');
  return number;
}

function duration(found: Found | undefined, fallback: number): number {
  if (!found) return fallback;
  const milliseconds = parseDuration(found.value);
  if (!milliseconds || milliseconds > DAY_MS) throw bad(found, 'a duration such as 90s, 5m or 1h, of a day at most');
  return milliseconds;
}

function size(found: Found | undefined, fallback: number): number {
  if (!found) return fallback;
  const bytes = parseSize(found.value);
  if (!bytes) throw bad(found, 'a size such as 5242880, 500k, 5m or 1g');
  return bytes;
}

function yesOrNo(found: Found | undefined, fallback: boolean): boolean {
  if (!found) return fallback;
  const value = found.value.toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(value)) return true;
  if (['false', 'no', 'off', '0', ''].includes(value)) return false;
  throw bad(found, 'true or false');
}

/** In the environment several folders stand behind one another as on PATH. */
function folders(found: readonly Found[]): readonly string[] {
  return found.flatMap(({ value }) => value.split(path.delimiter)).filter((folder) => folder !== '');
}

function exclusions(found: readonly Found[], home: string): readonly Exclusion[] {
  return found.map((entry) => {
    const exclusion = parseExclusion(entry.value.trim(), entry.where, home);
    if (!exclusion) throw bad(entry, 'user:GLOB, branch:GLOB, or path:GLOB with a path from / or ~/');
    return exclusion;
  });
}
