/** What the user of a clone does while passes run: commands of `sh`, one after the other until one is refused. */
export interface UserAction {
  readonly name: string;
  readonly steps: readonly string[];
  /** It takes along whatever lies around, sessions too: that is the user's wish. */
  readonly takesAll?: boolean;
  /** What was staged is merely changed after it, where there was anything to pull. */
  readonly unstages?: boolean;
  /** It makes commits with two parents. */
  readonly merges?: boolean;
  /** It ends when the pass has ended: a pass that waited for it would wait for ever. */
  readonly waitsForPass?: boolean;
  /** It leaves what is the user's alone: another agentwork, say. */
  readonly isHarmless?: boolean;
  /** What the user does when everything has calmed down, besides what `FINISH` says. */
  readonly finish?: readonly string[];
}

/** Closed when no pass runs any more. */
const EDITOR = 'sh -c "while [ -e .git/agentwork/pass.lock ]; do sleep 0.1; done; echo mine now > \\$1" editor';

/**
 * git empties folders when it has put everything away, gives up where a pass writes into one of them in that moment, and
 * leaves the rest as it was: a user who sees that ends it by hand. There is a second stash then.
 */
const STASH_ALL =
  'git stash push -q -u || { git rev-parse -q --verify stash@{1} && until git clean -qfd; do :; done && git reset -q --hard; }';

export const USER_ACTIONS: readonly UserAction[] = [
  { name: 'commit', steps: ['git commit -qm "mine now"'] },
  { name: 'commit of one file', steps: ['git commit -qm "mine now" notes.md'] },
  { name: 'commit -a', steps: ['git commit -qam "mine now"'], takesAll: true },
  { name: 'add -A', steps: ['git add -A'], takesAll: true },
  { name: 'add -A and commit', steps: ['git add -A', 'git commit -qm "mine now"'], takesAll: true },
  { name: 'commit and push', steps: ['git commit -qm "mine now"', 'git pull -q --rebase --autostash', 'git push -q'] },
  { name: 'pull', steps: ['git pull -q --no-rebase --no-edit'], merges: true },
  { name: 'pull --rebase', steps: ['git pull -q --rebase --autostash'], unstages: true },
  { name: 'fetch', steps: ['git fetch -q'] },
  { name: 'gc', steps: ['git gc -q'] },
  { name: 'gc --prune=now', steps: ['git gc -q --prune=now'] },
  { name: 'repack', steps: ['git repack -adq', 'git prune-packed -q', 'git pack-refs --all'] },
  { name: 'prune', steps: ['git prune --expire=now'] },
  {
    name: 'rebase',
    steps: ['git commit -qm "mine now"', 'git rebase -q --autostash --force-rebase HEAD~1'],
  },
  {
    name: 'rebase that stops',
    steps: [
      'git commit -qm "mine now"',
      'GIT_SEQUENCE_EDITOR="sed -i s/^pick/edit/" git rebase -q --autostash -i HEAD~1',
    ],
  },
  {
    name: 'stash',
    steps: ['git stash push -q'],
    takesAll: true,
    finish: ['git stash pop -q --index || git stash pop -q'],
  },
  {
    name: 'stash of everything',
    steps: [STASH_ALL],
    takesAll: true,
    finish: ['git stash pop -q --index || git stash pop -q'],
  },
  { name: 'stash and pop', steps: ['git stash push -q', 'git stash pop -q --index'], takesAll: true },
  { name: 'switch', steps: ['git switch -q topic'] },
  { name: 'switch there and back', steps: ['git switch -q topic', 'git switch -q main'] },
  {
    name: 'commit on another branch',
    steps: ['git switch -q topic', 'git commit -qm "mine now"', 'git switch -q main'],
  },
  { name: 'unstage', steps: ['git reset -q'] },
  // The commit fails once the branch has moved: git's own lock, under which nothing is lost.
  { name: 'commit with an open editor', steps: [`GIT_EDITOR='${EDITOR}' git commit -q`], waitsForPass: true },
  ...['finalize', 'finalize --if-due 5m', 'cleanup', 'detect', 'status'].map((words) => ({
    name: words,
    steps: [`agentwork ${words}`],
    isHarmless: true,
  })),
];

/**
 * A pass that was writing a session when a rebase stopped leaves changes of files that git tracks: they are put aside
 * for as long as the rebase goes on, as the README tells.
 */
export const CONTINUE_REBASE = `
continue_rebase() {
  GIT_EDITOR=true git rebase --continue && return
  git stash push -q -- sessions && GIT_EDITOR=true git rebase --continue && git stash pop -q
}`;

/** The end of whatever the user may have begun. */
export const FINISH: readonly string[] = [
  'while [ -d .git/rebase-merge ]; do continue_rebase || exit 1; done',
  '[ "$(git symbolic-ref --short HEAD)" = main ] || git switch -q main',
];
