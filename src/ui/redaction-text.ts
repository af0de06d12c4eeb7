import type { LeakyCommit } from '../ledger/history-search.ts';
import type { RedactedSession, RedactionReport } from '../redact-session.ts';
import { formatFindings, formatRules, plural, shellQuoted } from './format.ts';
import { paint, printable } from './style.ts';

/** What was replaced in each session, where the originals are, and what history still holds. */
export function formatRedaction({ sessions, failed, push, isDryRun }: RedactionReport): string {
  const lines = sessions.flatMap((session) => formatSession(session, isDryRun));
  const leaks = sessions.flatMap(({ history }) => history.commits);
  const last = isDryRun ? [] : [...pushLines(push), ...leakLines(leaks)];
  return [...revokeLines(leaks), ...lines, ...failed.map(formatFailure), ...last].join('\n');
}

/** What is told also to those who want no answer: one sentence each. */
export function redactionWarnings({ sessions, failed }: RedactionReport): readonly string[] {
  const leaks = sessions.flatMap(({ history }) => history.commits);
  const leaky = sessions.filter(({ history }) => history.commits.length > 0);
  const named = leaky.map(({ session, history: { commits } }) => {
    const shown = commits
      .slice(0, MAX_COMMITS)
      .map(({ commit, pushed }) => `${short(commit)}${pushed ? '' : ' (not pushed)'}`);
    return `history still holds secrets of ${session}, in ${plural(commits.length, 'commit')}: ${shown.join(', ')}${commits.length > shown.length ? ', …' : ''}`;
  });
  return [
    ...revokeLines(leaks),
    ...named,
    ...failed.map(({ session, error }) => `${session} is not redacted: ${error}`),
  ];
}

/** Before all else, as it is what helps. */
function revokeLines(leaks: readonly LeakyCommit[]): readonly string[] {
  if (!leaks.some(({ pushed }) => pushed)) return [];
  return ['whoever has the repository has these secrets: revoke each where it was issued, before anything else'];
}

function formatSession(redacted: RedactedSession, isDryRun: boolean): readonly string[] {
  const { files, commit, left, originals } = redacted;
  const session = printable(redacted.session);
  if (left !== undefined) return [`${session}: ${LEFT[left]}`];
  const unclean = files.filter(({ findings }) => Object.keys(findings).length > 0);
  const others = files.filter((file) => !unclean.includes(file)).map(({ file }) => file);
  const found = formatFindings(Object.fromEntries(unclean.map(({ file, findings }) => [file, findings])));
  const what = printable(found) || 'what an earlier run had begun';
  const verb = paint.bold(isDryRun ? 'would redact' : 'redacted');
  const head = files.length === 0 ? `${session}: nothing to redact` : `${verb} ${session}: ${what}`;
  const follow = others.length > 0 ? [`  written anew with that: ${printable(others.join(', '))}`] : [];
  const made = commit === undefined ? [] : [`  committed as ${short(commit)}`];
  return [head, ...follow, ...made, ...trashLines(originals), ...unsearchedLines(redacted), ...historyLines(redacted)];
}

function formatFailure({ session, error }: RedactionReport['failed'][number]): string {
  return `${paint.red('failed')} ${printable(session)}: ${printable(error)}`;
}

const LEFT = {
  cached: 'lies in a cache, and its copy is cleaned when it enters the ledger: nothing to do',
  untracked: 'no commit holds it: it is cleaned when it is finished; do not commit it by hand',
} as const;

/** Whoever cleans up after a leak may not want to wait 30 days. */
function trashLines(originals: readonly string[]): readonly string[] {
  if (originals.length === 0) return [];
  return [
    '  the originals, with their secrets, stay in the trash of this clone for 30 days; this deletes them at once:',
    `    rm ${printable(originals.map(shellQuoted).join(' '))}`,
  ];
}

function unsearchedLines({ unsearched, binary }: RedactedSession): readonly string[] {
  const pictures = binary.length > 0 ? [`  not searched, as they are no text: ${printable(binary.join(', '))}`] : [];
  const others = Object.entries(unsearched).map(([file, reason]) => {
    const advice = /Git LFS pointer/.test(reason) ? '; git lfs pull brings it, then run this again' : '';
    return `  ${paint.yellow('not searched')} ${printable(`${file}: ${reason}`)}${advice}`;
  });
  return [...others, ...pictures];
}

/** So many commits are named; `--json` has all that were found. */
const MAX_COMMITS = 10;

function historyLines({ history }: RedactedSession): readonly string[] {
  const { commits, unsearched } = history;
  const shown = commits.slice(0, MAX_COMMITS).map(formatCommit);
  const more = commits.length > shown.length ? [`    and ${plural(commits.length - shown.length, 'more commit')}`] : [];
  const head =
    commits.length > 0 ? [`  ${paint.yellow('history still holds it')}, in ${plural(commits.length, 'commit')}:`] : [];
  const beyond = unsearched
    .slice(0, MAX_COMMITS)
    .map((what) => `  ${paint.yellow('history not searched')}: ${printable(what)}`);
  return [...head, ...shown, ...more, ...beyond];
}

function formatCommit({ commit, pushed, findings }: LeakyCommit): string {
  return `    ${short(commit)}  ${pushed ? 'pushed' : 'not pushed'}  ${printable(formatRules(findings))}`;
}

function pushLines({ outcome, superseded }: RedactionReport['push']): readonly string[] {
  const overtaken = superseded.map((session) => {
    return `${paint.red('overtaken')} ${printable(session)}: others changed it at the same time, and theirs stands; run this again`;
  });
  if (outcome === 'done') return [...overtaken, paint.green('pushed')];
  return typeof outcome === 'object' ? [`${paint.red('not pushed')}: ${printable(outcome.refused)}`] : overtaken;
}

function leakLines(leaks: readonly LeakyCommit[]): readonly string[] {
  const lines: string[] = [];
  if (leaks.some(({ pushed }) => pushed)) {
    lines.push('rewriting history, as git filter-repo does, is for all who share the repository to decide');
  }
  if (leaks.some(({ pushed }) => !pushed)) {
    const which = leaks.every(({ pushed }) => !pushed) ? 'all of these commits' : 'those not pushed';
    lines.push(
      `only this clone has ${which}: git rebase --interactive can take them out; no pass pushes the session before`,
    );
  }
  return lines;
}

const short = (commit: string) => commit.slice(0, 10);
