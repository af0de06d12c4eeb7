import { parseAuthor } from './commit-objects.ts';
import type { GitAuthor, GitProcess } from './process.ts';

/** Who commits in a clone, and how, as its configuration has it. */
export interface CommitFacts {
  /** Undefined where nobody is named: git would guess. */
  readonly identity?: Identity;
  readonly isSigned: boolean;
}

export interface Identity {
  readonly author: GitAuthor;
  readonly committer: GitAuthor;
}

/** In one call: git's whole configuration, a line for each value, and behind it what it makes of that. */
export async function askCommitFacts(git: GitProcess): Promise<CommitFacts> {
  const lines = (await git.run(['var', '-l'])).split('\n');
  // Of several values of a key the last one counts; a line of a value that has several stands before what git makes of it.
  const last = (key: string) => lines.findLast((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const isNamed = ['user.name', 'user.email'].every((key) => last(key)?.trim());
  const author = parseAuthor(last('GIT_AUTHOR_IDENT') ?? '');
  const committer = parseAuthor(last('GIT_COMMITTER_IDENT') ?? '');
  const sign = lines.findLast((line) => /^commit\.gpgsign(?:=|$)/.test(line));
  return {
    ...(isNamed && author && committer && { identity: { author, committer } }),
    isSigned: sign !== undefined && isTrue(sign.slice('commit.gpgsign'.length)),
  };
}

/** As git takes it: a key alone is true, and so is any number but zero. */
function isTrue(assigned: string): boolean {
  return assigned === '' || /^=(?:true|yes|on|[-+]?0*[1-9]\d*)$/i.test(assigned);
}
