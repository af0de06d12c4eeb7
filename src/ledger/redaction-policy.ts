import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { RE2JS } from 're2js';
import { ExpectedError, messageOf } from '../errors.ts';
import { homeOf } from '../own-folder.ts';
import { environmentRules } from '../session/redaction/environment-values.ts';
import {
  BUILT_IN,
  extendPolicy,
  literalRule,
  type PolicyRule,
  type Range,
  type RedactionPolicy,
} from '../session/redaction/policy.ts';
import { parseRedactFile, type WrittenRule } from '../session/redaction/redact-file.ts';
import { isAbsent, readHead } from './plain-file.ts';
import { fullHeader } from './provenance.ts';
import type { SessionFiles } from './session-facts.ts';

const FILE_NAME = 'REDACT.md';
const MAX_BYTES = 1024 * 1024;

/** Whose rules they are, as reports name them. */
type Author = 'team' | 'workspace' | 'user';

/** What is redacted in the sessions of one ledger: the built-in rules, those of REDACT.md files, and secrets of the environment. */
export class RedactionPolicies {
  readonly #team: readonly PolicyRule[];
  readonly #user: readonly PolicyRule[];
  readonly #environment: readonly PolicyRule[];
  readonly #ofWorkspaces = new Map<string, Promise<RedactionPolicy>>();
  /** Where nothing is known of a workspace. */
  readonly general: RedactionPolicy;
  /** How many rules there are beside the built-in ones, whatever the workspace. */
  readonly counts: Readonly<Record<'team' | 'user' | 'environment', number>>;

  private constructor(rules: Readonly<Record<'team' | 'user' | 'environment', readonly PolicyRule[]>>) {
    this.#team = rules.team;
    this.#user = rules.user;
    this.#environment = rules.environment;
    this.general = this.#with([]);
    this.counts = { team: rules.team.length, user: rules.user.length, environment: rules.environment.length };
  }

  /**
   * Reads the REDACT.md of the ledger and those of the user.
   * Throws BAD_CONFIG naming file and line of a rule that is none, UNREADABLE for a file that cannot be read.
   */
  static async open(root: string, environment: NodeJS.ProcessEnv): Promise<RedactionPolicies> {
    const team = await readRules(path.join(root, FILE_NAME), 'team');
    const user = await Promise.all(userFiles(environment).map((file) => readRules(file, 'user')));
    return new RedactionPolicies({ team, user: user.flat(), environment: environmentRules(environment) });
  }

  /** With the rules of the workspace in which a session was recorded, where this machine knows it. Throws as `open` does. */
  async of(session: SessionFiles): Promise<RedactionPolicy> {
    const workspace = workspaceOf(session);
    if (workspace === undefined || !path.isAbsolute(workspace)) return this.general;
    const known = this.#ofWorkspaces.get(workspace) ?? this.#ofWorkspace(workspace);
    this.#ofWorkspaces.set(workspace, known);
    return known;
  }

  async #ofWorkspace(workspace: string): Promise<RedactionPolicy> {
    const files = [path.join(workspace, '.sageox', FILE_NAME), path.join(workspace, FILE_NAME)];
    const rules = await Promise.all(files.map((file) => readRules(file, 'workspace')));
    return rules.flat().length > 0 ? this.#with(rules.flat()) : this.general;
  }

  #with(workspace: readonly PolicyRule[]): RedactionPolicy {
    return extendPolicy(BUILT_IN, [...this.#team, ...workspace, ...this.#user, ...this.#environment]);
  }
}

/** What came through git tells a path of another machine, which would lead anywhere here. */
function workspaceOf(session: SessionFiles): string | undefined {
  const { recording, facts } = session;
  const fromMarker = facts.isMarkerShared ? undefined : recording?.workspacePath;
  return fromMarker ?? (facts.place === 'cache' ? fullHeader(session).workspacePath : undefined);
}

function userFiles(environment: NodeJS.ProcessEnv): readonly string[] {
  const config = environment.XDG_CONFIG_HOME || path.join(homeOf(environment), '.config');
  return ['agentwork', 'sageox'].map((tool) => path.join(config, tool, FILE_NAME));
}

async function readRules(file: string, author: Author): Promise<readonly PolicyRule[]> {
  if (isAbsent(file)) return [];
  // A user keeps such files where they like, and links them; what others wrote leads nowhere.
  const head = readHead(author === 'user' ? realPath(file) : file, MAX_BYTES + 1);
  if (head.length > MAX_BYTES) throw new ExpectedError('BAD_CONFIG', `${file} is larger than a megabyte`);
  const { rules, faults } = parseRedactFile(head.toString('utf8').replace(/^\ufeff/, ''));
  const [fault] = faults;
  if (fault) throw new ExpectedError('BAD_CONFIG', `${file}:${fault.line}: ${fault.message}`);
  return Promise.all(rules.map((rule) => compileRule(rule, file, author)));
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    throw new ExpectedError('UNREADABLE', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Steps of a compiled pattern: on a text made to be slow, each character costs as many. */
const MAX_PROGRAM = 1000;

/** Throws BAD_CONFIG for a pattern that is none. */
async function compileRule(rule: WrittenRule, file: string, author: Author): Promise<PolicyRule> {
  const name = `${author}:${rule.line}`;
  if (rule.kind === 'literal') return literalRule(name, rule.placeholder, rule.pattern);
  const bad = (message: string, cause?: unknown) =>
    new ExpectedError('BAD_CONFIG', `${file}:${rule.line}: ${message}`, { cause });
  // Loaded where somebody has such a rule: everybody else starts without it.
  const { RE2JS } = await import('re2js');
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(rule.pattern);
  } catch (error) {
    throw bad(`${messageOf(error)} (patterns are those of RE2: no look-around, no references back)`, error);
  }
  if (pattern.programSize() > MAX_PROGRAM) throw bad('the pattern of this rule is too large: it would take too long');
  if (pattern.matcher('').find()) throw bad('the pattern of this rule finds empty texts');
  const where = `${file}:${rule.line}`;
  const find = (text: string) => findAll(pattern, text, where);
  return { name, placeholder: rule.placeholder, find, mightFind: () => true };
}

/** A pattern takes time in proportion to the text; to look on behind each of very many matches can take its square. */
const LIMIT_MS = 20_000;

/** Throws REDACTION_FAILED, naming the rule, rather than to keep a pass for ever. `now` in milliseconds. */
export function* findAll(
  pattern: RE2JS,
  text: string,
  where: string,
  now: () => number = () => performance.now(),
): Generator<Range> {
  const matcher = pattern.matcher(text);
  const startedAt = now();
  while (matcher.find()) {
    if (now() - startedAt > LIMIT_MS) {
      throw new ExpectedError('REDACTION_FAILED', `${where}: the pattern takes too long on a text of this session`);
    }
    const [start, end] = [matcher.start(), matcher.end()];
    if (end > start) yield [start, end];
  }
}
