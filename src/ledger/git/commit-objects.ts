import { runFastImport } from './fast-import.ts';
import type { GitAuthor, GitProcess } from './process.ts';

/** What becomes of one path in a commit: the object that stands there afterwards, or nothing. */
export interface PathChange {
  readonly path: string;
  /** `100644`; `000000` takes the path away. */
  readonly mode: string;
  readonly oid: string;
}

/** A commit to be written on top of another. */
export interface CommitDraft {
  readonly message: string;
  readonly changes: readonly PathChange[];
  readonly author: GitAuthor;
}

export interface CommitStyle {
  readonly committer: GitAuthor;
  /** As `commit.gpgSign` says. */
  readonly isSigned: boolean;
}

/** Keeps what was written from being taken for garbage until a branch has it. One at a time is in use. */
export const PENDING_REF = 'refs/agentwork/pending';
const ROOTS_REF = 'refs/agentwork/pending-roots';
export const PENDING_REFS = [PENDING_REF, ROOTS_REF] as const;

/** A signature may ask for a passphrase that nobody gives. */
const SIGNING_LIMIT_MS = 60_000;

/**
 * Writes one commit on top of the other, the first on top of `parent`, and returns their ids in the same order. No
 * index and no file of the work tree is touched, and a single git does it all, however large the tree is, which is why
 * it is `fast-import` and not `write-tree` with an index of our own.
 */
export async function writeCommits(
  git: GitProcess,
  parent: string | undefined,
  drafts: readonly CommitDraft[],
  style: CommitStyle,
): Promise<string[]> {
  if (drafts.length === 0) return [];
  const commits = drafts.map((draft, index) => {
    const from = index > 0 ? `from :${index}\n` : parent === undefined ? '' : `from ${parent}\n`;
    return formatCommit(PENDING_REF, index + 1, { ...draft, committer: style.committer, from });
  });
  const ids = await runFastImport(git, [`reset ${PENDING_REF}\n\n`, ...commits]);
  return style.isSigned ? sign(git, parent, drafts, ids) : ids;
}

/** Writes commits that have neither parents nor files, one for each message, and returns their ids in the same order. */
export async function writeRoots(
  git: GitProcess,
  messages: readonly string[],
  committer: GitAuthor,
): Promise<string[]> {
  const roots = messages.map((message, index) => {
    const root = { message, changes: [], author: committer, committer, from: '' };
    return `reset ${ROOTS_REF}\n\n${formatCommit(ROOTS_REF, index + 1, root)}`;
  });
  return runFastImport(git, roots);
}

/** Lets git forget what was written and is on a branch by now, or on none. */
export async function forgetPending(git: GitProcess): Promise<void> {
  await git.ask(['update-ref', '-d', PENDING_REF]);
}

/** Lets git forget the last of the roots that were written, and what else these refs keep. */
export async function forgetRoots(git: GitProcess, refs: readonly string[]): Promise<void> {
  const input = [ROOTS_REF, ...refs].map((ref) => `delete ${ref}\n`).join('');
  await git.ask(['update-ref', '--stdin'], { input });
}

interface FormattedCommit extends CommitDraft {
  readonly committer: GitAuthor;
  /** A whole line, or nothing. */
  readonly from: string;
}

function formatCommit(
  ref: string,
  mark: number,
  { message, changes, author, committer, from }: FormattedCommit,
): string {
  return [
    `commit ${ref}\nmark :${mark}\n`,
    `author ${formatAuthor(author)}\ncommitter ${formatAuthor(committer)}\n`,
    `data ${Buffer.byteLength(message)}\n${message}\n`,
    from,
    ...changes.map(formatChange),
    `\nget-mark :${mark}\n`,
  ].join('');
}

function formatAuthor({ name, email, date }: GitAuthor): string {
  const plain = (text: string) => text.replace(/[<>\n]/g, '');
  return `${plain(name)} <${plain(email)}> ${date}`;
}

function formatChange({ path, mode, oid }: PathChange): string {
  return mode === '000000' ? `D ${quotePath(path)}\n` : `M ${mode} ${oid} ${quotePath(path)}\n`;
}

/** As C writes a string, which is how git reads one. */
function quotePath(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** Throws GIT_FAILED where no commit can be signed. The commit is nobody's. */
export async function trySignature(git: GitProcess, emptyTree: string): Promise<void> {
  await git.run(['commit-tree', '-S', emptyTree], { input: 'Can this be signed?\n', limitMs: SIGNING_LIMIT_MS });
}

/** `fast-import` signs nothing: the same trees are committed again by the one command that does. */
async function sign(
  git: GitProcess,
  parent: string | undefined,
  drafts: readonly CommitDraft[],
  ids: readonly string[],
) {
  const signed: string[] = [];
  for (const [index, { message, author }] of drafts.entries()) {
    const before = signed.at(-1) ?? parent;
    const onto = before === undefined ? [] : ['-p', before];
    const words = ['-c', 'i18n.commitEncoding=utf-8', 'commit-tree', '-S', ...onto, `${ids[index]}^{tree}`];
    const answer = await git.run(words, { input: message, author, limitMs: SIGNING_LIMIT_MS });
    signed.push(answer.trim());
  }
  return signed;
}

/** `Name <mail> 1700000000 +0100`, as `git var` prints who somebody is; undefined for anything else. */
export function parseAuthor(text: string): GitAuthor | undefined {
  const match = /^(.*?) ?<([^<>]*)> (\d+ [-+]\d{4})$/.exec(text.trim());
  if (!match) return undefined;
  const [, name = '', email = '', date = ''] = match;
  return { name, email, date };
}

/**
 * What `diff --raw -z` prints, without renames. An unmerged path has the status `U`.
 * `:100644 100644 <old> <new> M NUL path NUL`
 */
export function parseRawDiff(text: string): { readonly changes: PathChange[]; readonly unmerged: string[] } {
  const parts = text.split('\0');
  const changes: PathChange[] = [];
  const unmerged: string[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = '', , oid = '', status = ''] = (parts[at] ?? '').split(' ');
    const path = parts[at + 1] ?? '';
    if (status.startsWith('U')) unmerged.push(path);
    else changes.push({ path, mode, oid });
  }
  return { changes, unmerged };
}
