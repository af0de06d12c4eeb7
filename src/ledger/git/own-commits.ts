import { type CommitDraft, type PathChange, parseAuthor, parseRawDiff } from './commit-objects.ts';
import type { GitProcess } from './process.ts';

/** The last line of every commit message of ours. */
export const OWN_TRAILER = 'Finalized-by: agentwork';

/** A commit that the remote lacks. */
export interface LocalCommit {
  readonly id: string;
  /** Made by a pass, of whichever machine, and nothing in it but sessions. */
  readonly isOwn: boolean;
  readonly draft: CommitDraft;
}

/** One session in the subject, several by name in the body. */
export function commitMessage(sessions: readonly string[]): string {
  const names = sessions.length === 1 ? '' : `${sessions.join('\n')}\n\n`;
  const subject = sessions.length === 1 ? `finalize session ${sessions[0]}` : `finalize ${sessions.length} sessions`;
  return `${subject}\n\n${names}${OWN_TRAILER}\n`;
}

/** Of the commit that takes secrets out of a session. */
export function redactionMessage(session: string): string {
  return `redact session ${session}\n\n${OWN_TRAILER}\n`;
}

/** The session that a path of a ledger belongs to; undefined for any other file. */
export function sessionOf(path: string): string | undefined {
  return /^sessions\/([^/]+)\//.exec(path)?.[1];
}

/**
 * Commits of HEAD that `tip` lacks, the oldest first, with what each changes. Merges change nothing here. What is below
 * `fork` was pushed before: a remote that lacks it now was made to.
 */
export async function localCommits(
  git: GitProcess,
  tip: string | undefined,
  fork?: string,
): Promise<readonly LocalCommit[]> {
  const range = ['HEAD', ...[tip, fork].flatMap((commit) => (commit === undefined ? [] : [`^${commit}`]))];
  const format = '--format=%x01%H%x00%P%x00%an <%ae> %ad%x00%B%x00%x02';
  const order = ['--reverse', '--topo-order', '--date=raw', '--encoding=UTF-8'];
  const options = ['--raw', '-z', '--no-renames', '--no-abbrev', '--root'];
  const text = await git.run(['log', ...order, ...options, format, ...range, '--']);
  return text
    .split(/\u0001(?=[0-9a-f]{40,64}\0)/)
    .slice(1)
    .map(parseCommit);
}

function parseCommit(text: string): LocalCommit {
  const end = text.indexOf('\0\u0002');
  const [id = '', parents = '', author = '', ...body] = text.slice(0, end).split('\0');
  const message = body.join('\0');
  const { changes } = parseRawDiff(text.slice(end + 2).replace(/^[\0\n]*/, ''));
  const isOwn =
    message.trimEnd().split('\n').at(-1) === OWN_TRAILER &&
    !parents.includes(' ') &&
    changes.every(({ path }) => sessionOf(path) !== undefined);
  const who = parseAuthor(author) ?? { name: 'unknown', email: '', date: '0 +0000' };
  return { id, isOwn, draft: { message, changes, author: who } };
}

/** What of our commits goes on top of another commit, and what does not. */
export interface Replay {
  readonly drafts: readonly CommitDraft[];
  /** Sessions that others finished, or took away, meanwhile. */
  readonly superseded: readonly string[];
  /** Sessions of which single files of others stay in the place of ours. */
  readonly replaced: readonly string[];
}

export interface ReplaySources {
  readonly commits: readonly LocalCommit[];
  /** Path -> object there now, for the sessions that our commits change. */
  readonly there: ReadonlyMap<string, string>;
  /** Paths that others have changed since we parted. */
  readonly changedByOthers: ReadonlySet<string>;
  /** Sessions that have to stay here. */
  readonly withheld: ReadonlySet<string>;
}

/**
 * Decides what becomes of our commits on top of others'. Of a session that others finished, recorded otherwise or took
 * away, nothing goes; of one that they changed otherwise, their files stay and ours are added.
 */
export function planReplay({ commits, there, changedByOthers, withheld }: ReplaySources): Replay {
  const now = new Map(there);
  const superseded = new Set<string>();
  const replaced = new Set<string>();
  const drafts: CommitDraft[] = [];
  const own = commits.filter((commit) => commit.isOwn);
  const isTheirs = theirsAmong(own, { there, changedByOthers });
  const goesThere = ({ path, oid, mode }: PathChange): boolean => {
    const session = sessionOf(path) ?? '';
    if (withheld.has(session)) return false;
    if (now.get(path) === oid || (mode === '000000' && !now.has(path))) return false;
    if (isTheirs(session)) superseded.add(session);
    else if (changedByOthers.has(path)) replaced.add(session);
    return !isTheirs(session) && !changedByOthers.has(path);
  };
  for (const { draft } of own) {
    const changes = draft.changes.filter(goesThere);
    for (const { path, mode, oid } of changes) {
      if (mode === '000000') now.delete(path);
      else now.set(path, oid);
    }
    const names = new Set(changes.map(({ path }) => sessionOf(path) ?? ''));
    const isWhole = changes.length === draft.changes.length;
    if (changes.length > 0)
      drafts.push({ ...draft, changes, message: isWhole ? draft.message : commitMessage([...names]) });
  }
  return { drafts, superseded: [...superseded], replaced: [...replaced] };
}

/** Says of a session whether others finished it, recorded it otherwise, took it away, or put something else in its place. */
function theirsAmong(
  own: readonly LocalCommit[],
  { there, changedByOthers }: Pick<ReplaySources, 'there' | 'changedByOthers'>,
): (session: string) => boolean {
  const isOtherRecording = ({ path, oid }: PathChange) =>
    path.endsWith('/raw.jsonl') && changedByOthers.has(path) && there.get(path) !== oid;
  const clashing = new Set(
    own.flatMap(({ draft }) => draft.changes.filter(isOtherRecording)).map(({ path }) => sessionOf(path)),
  );
  const isTakenAway = (path: string) => changedByOthers.has(path) && !there.has(path);
  return (session) =>
    clashing.has(session) ||
    changedByOthers.has(`sessions/${session}`) ||
    changedByOthers.has(`sessions/${session}/summary.json`) ||
    isTakenAway(`sessions/${session}/raw.jsonl`);
}
