import { parseTime } from '../clock.ts';
import { ARTIFACTS } from '../session/facts.ts';
import { defined, isObject, parseJson, stringAt } from '../session/json-object.ts';
import { parseStoredSummary, type SessionSummary } from '../session/summary.ts';
import type { LedgerGit, Upstream } from './git/ledger-git.ts';
import { localCommits, redactionMessage, sessionOf } from './git/own-commits.ts';
import type { RecordingIdentity } from './recording-identity.ts';
import { MAX_META_BYTES, MAX_SUMMARY_BYTES, META_NAME } from './session-facts.ts';

/** What the remote has of the sessions, as this clone last heard of it; nobody is asked now. */
export class RemoteView {
  readonly #git: LedgerGit;
  readonly #upstream: Upstream;
  #files: Promise<ReadonlySet<string>> | undefined;

  private constructor(git: LedgerGit, upstream: Upstream) {
    this.#git = git;
    this.#upstream = upstream;
  }

  /** Undefined where the branch follows none: there is nothing to compare with. */
  static async open(git: LedgerGit): Promise<RemoteView | undefined> {
    const upstream = await git.upstream();
    return upstream && new RemoteView(git, upstream);
  }

  /** `origin/main`. */
  get name(): string {
    return this.#upstream.name;
  }

  /** Whether it has commits that this clone lacks. */
  get isBehind(): boolean {
    return this.#upstream.isBehind;
  }

  /** Names of sessions that have commits which the remote lacks. */
  async unpushedSessions(): Promise<ReadonlySet<string>> {
    const files = await this.#git.unpushedFiles(this.#upstream, 'sessions');
    return new Set([...files].map((file) => file.split('/')[1] ?? ''));
  }

  /** Those of them of which the remote lacks nothing but that secrets were taken out of files that it has. */
  async redactedSessions(): Promise<ReadonlySet<string>> {
    const tip = await this.#git.commitAt(this.#upstream.ref);
    const commits = await localCommits(this.#git.process, tip);
    const known = await this.#filesThere();
    const [redacted, others] = [new Set<string>(), new Set<string>()];
    for (const { isOwn, draft } of commits) {
      for (const { path } of draft.changes) {
        const session = sessionOf(path);
        if (session === undefined) continue;
        const isRedaction = isOwn && draft.message.trimEnd() === redactionMessage(session).trimEnd();
        (isRedaction && known.has(path) ? redacted : others).add(session);
      }
    }
    return new Set([...redacted].filter((session) => !others.has(session)));
  }

  /** Whether the remote has these files of a session. */
  async has(session: string, names: readonly string[]): Promise<boolean> {
    const files = await this.#filesThere();
    return names.every((name) => files.has(`sessions/${session}/${name}`));
  }

  #filesThere(): Promise<ReadonlySet<string>> {
    this.#files ??= this.#git.filesIn(this.#upstream.ref, 'sessions');
    return this.#files;
  }

  /** What stands there of a session that is finished; undefined when it is not. */
  async finished(session: string): Promise<FinishedAtRemote | undefined> {
    if (!(await this.has(session, ARTIFACTS))) return undefined;
    const summary = parseStoredSummary((await this.#read(session, 'summary.json', MAX_SUMMARY_BYTES)) ?? '');
    return (
      summary && { summary, identity: parseIdentity((await this.#read(session, META_NAME, MAX_META_BYTES)) ?? '') }
    );
  }

  /** Nothing of what would not be read here either, once it is pulled. */
  async #read(session: string, name: string, maxBytes: number): Promise<string | undefined> {
    const file = `sessions/${session}/${name}`;
    const size = await this.#git.sizeOf(this.#upstream.ref, file);
    return size === undefined || size > maxBytes ? undefined : this.#git.read(this.#upstream.ref, file);
  }
}

/** A session that the remote has with all artifacts. */
export interface FinishedAtRemote {
  readonly summary: SessionSummary;
  readonly identity: RecordingIdentity;
}

/** Nothing for a meta.json that is missing or tells nothing: the name decides then. */
function parseIdentity(text: string): RecordingIdentity {
  const meta = parseJson(text);
  if (!isObject(meta)) return {};
  return defined({
    sessionId: stringAt(meta, 'session_id'),
    agentId: stringAt(meta, 'agent_id'),
    createdAtMs: parseTime(meta.created_at),
  });
}
