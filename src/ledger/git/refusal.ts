import { gitMessage } from './message.ts';

/** Why a remote, or the way to it, did not take or give what was asked for. */
export type RefusalKind =
  | 'behind'
  | 'secret'
  | 'too_large'
  | 'lfs'
  | 'protected'
  | 'authentication'
  | 'permission'
  | 'gone'
  | 'network'
  | 'hung'
  | 'no_upstream'
  | 'rewritten'
  | 'hook'
  | 'interrupted'
  | 'other';

export interface Refusal {
  readonly kind: RefusalKind;
  /** One sentence: what was said, and what a person can do about it. */
  readonly message: string;
  /** Sessions that the remote named as the cause. */
  readonly sessions: readonly string[];
}

interface Known {
  readonly kind: RefusalKind;
  readonly said: RegExp;
  /** In place of git's own words. */
  readonly sentence?: string;
  readonly next?: string;
}

export const NO_UPSTREAM = 'the branch has no upstream (run `git push --set-upstream origin HEAD` once)';

/**
 * In the order in which they are looked for: the words of one kind can stand in a message of another. The words are
 * those of git 2.30 to 2.50, GitHub, GitLab and Bitbucket.
 */
const KNOWN: readonly Known[] = [
  {
    kind: 'hung',
    said: /gave no sign of life|took too long|block timeout reached|Abort signal received/,
    sentence: 'the remote does not answer',
    next: 'the next pass tries again',
  },
  {
    kind: 'secret',
    said: /push protection|GH013[\s\S]*secret|push cannot contain secrets|secrets? detected|PUSH BLOCKED/i,
    sentence: 'the remote found a secret',
    next: 'clean the recording, or allow it at the remote',
  },
  {
    kind: 'too_large',
    said: /GH001|file size limit|exceed(s|ed)? .*(file size|limit of \d)|blobs? which exceed|larger than .* limit|HTTP 413|pack exceeds/i,
    sentence: 'the remote takes no file of this size',
    next: 'use Git LFS in the ledger, or lower agentwork.maxFileBytes',
  },
  {
    kind: 'lfs',
    said: /GH008|LFS objects? (are|is) missing|unknown Git LFS object|missing or corrupt local objects|^\s*\((missing|corrupt)\)|git-lfs.*not found|LFS upload failed/im,
    sentence: 'the remote lacks large files',
    next: 'git lfs push --all origin, where the files are',
  },
  {
    kind: 'protected',
    said: /GH006|GH013|protected branch|protected ref|protected branches|branch restrictions/i,
    sentence: 'the branch is protected at the remote',
    next: 'allow this user to push to it, or follow another branch (git branch --set-upstream-to)',
  },
  {
    kind: 'behind',
    said: /\(fetch first\)|\(non-fast-forward\)|\(stale info\)|\[remote rejected\][^\n]*\((cannot lock ref|failed to update ref|incorrect old value|reference already exists|failed to lock)/,
    sentence: 'the remote has commits that this clone lacks',
    next: 'run `git pull --rebase`; the next pass pushes',
  },
  {
    kind: 'no_upstream',
    said: /has no upstream branch/,
    sentence: NO_UPSTREAM,
  },
  {
    kind: 'authentication',
    said: /Authentication failed|could not read (Username|Password)|terminal prompts disabled|invalid (username|credentials)|Permission denied \(publickey|Host key verification failed|HTTP Basic: Access denied|error: 401/i,
    next: 'log in to the remote for this user: git push by hand tells how',
  },
  {
    kind: 'permission',
    said: /Permission to .* denied|error: 403|Write access to repository not granted|not allowed to push|access (rights|denied)|insufficient permission|read.?only|has been archived|denied to deploy key/i,
    next: 'ask for the right to push',
  },
  {
    kind: 'gone',
    said: /repository .*not found|does not appear to be a git repository|Repository not found|could not be found|does not exist/i,
    next: 'check git remote -v',
  },
  {
    kind: 'network',
    said: /Could not resolve|Connection (refused|timed out|reset|closed)|Network is unreachable|unable to access|hung up unexpectedly|early EOF|Failed to connect|Operation timed out|RPC failed|unexpected disconnect|unable to unpack|Could not read from remote|SSL|kex_exchange|error: 5\d\d|Internal Server Error/i,
    next: 'the next pass tries again',
  },
  { kind: 'hook', said: /hook declined|failed to push some refs/ },
];

/** What a failed push or fetch comes to. */
export function parseRefusal(text: string): Refusal {
  const said = text.replace(RIGHTS_OR_GONE, '');
  const known = KNOWN.find((each) => each.said.test(said));
  const sessions = known?.kind === 'secret' || known?.kind === 'too_large' ? sessionsIn(said) : [];
  const words = known?.sentence ?? (reasonIn(said) || 'git did not say why');
  const named = sessions.length > 0 ? ` in ${placesIn(said).join(', ')}` : '';
  const next = known?.next === undefined ? '' : ` (${known.next})`;
  return { kind: known?.kind ?? 'other', message: `${words}${named}${next}`, sessions };
}

/** git ends with this whatever kept it from the remote, so it tells nothing. */
const RIGHTS_OR_GONE = /Please make sure you have the correct access rights[;\s]+and the repository exists\.?/g;

/** Names that stand between `sessions/` and the next slash. */
function sessionsIn(said: string): readonly string[] {
  return [...new Set([...said.matchAll(/\bsessions\/([^/\s:]+)\//g)].map(([, name = '']) => name))];
}

/** Where in these sessions, as the remote says it: `sessions/a/raw.jsonl:4`. */
function placesIn(said: string): readonly string[] {
  return [...new Set([...said.matchAll(/\bsessions\/[^/\s:]+\/[^\s,;)]+/g)].map(([place]) => place))].slice(
    0,
    MOST_PLACES,
  );
}

const MOST_PLACES = 5;

/** Without git's prefix, and without the lines that only report progress or name refs; what happened to these is last. */
function reasonIn(said: string): string {
  const lines = said
    .replace(/^git (push|fetch): /, '')
    .split('\n')
    .map((line) => line.replace(/^remote: ?/, ''))
    .filter((line) => !PROGRESS.test(line));
  const rejected = [...said.matchAll(/^!\t[^\t\n]*\t(.*)$/gm)].map(([, why = '']) => why);
  const told = lines.filter((line) => !/^!\t|failed to push some refs/.test(line));
  return gitMessage(new Error([...told, ...new Set(rejected)].join('\n')));
}

const PROGRESS = /^\s*(Counting|Compressing|Writing|Enumerating|Delta|Total|Resolving)\b|^To |^Done$/;
