import { readdirSync } from 'node:fs';
import { runCli } from './cli.ts';
import { gitIn, outcomeOf } from './machines.ts';
import { type SharedClone, withoutToken } from './shared-clone.ts';
import { standInCalls } from './stand-in-claude.ts';
import type { UserAction } from './user-actions.ts';

/** What is wrong with a clone, and with what the remote has of it, when everything has calmed down. */
export async function complaintsOf(
  clone: SharedClone,
  { merges = false, takesAll = false }: Pick<UserAction, 'merges' | 'takesAll'> = {},
): Promise<string[]> {
  const { recordings, claudeFolder } = clone;
  const { finished, finishings, isLinear, claims } = outcomeOf(clone);
  const names = [...recordings.keys()].sort();
  const twice = finishings.filter((name, at) => finishings.indexOf(name) !== at && name !== names[0]);
  const calls = (await standInCalls(claudeFolder)).length;
  return [
    ...names.filter((name) => !finished.includes(name)).map((name) => `${name} is not finished at the remote`),
    ...[...recordings]
      .filter((pair) => !isAtRemote(clone, pair, takesAll))
      .map(([name]) => `${name}/raw.jsonl is another one`),
    ...twice.map((name) => `${name} was finished twice`),
    ...(isLinear || merges ? [] : ['the history is not linear']),
    ...(claims === 0 ? [] : [`${claims} claims are left`]),
    ...(calls === names.length ? [] : [`${calls} questions for ${names.length} sessions`]),
    ...leftovers(clone),
    ...(await unsettled(clone)),
    ...brokenObjects(clone),
  ];
}

/** What the user committed is not rewritten behind the user's back, whatever it holds. */
function isAtRemote({ remote }: SharedClone, [name, text]: readonly [string, string], mayBeUnclean: boolean): boolean {
  try {
    const there = `${gitIn(remote, 'show', `main:sessions/${name}/raw.jsonl`)}\n`;
    return (mayBeUnclean ? withoutToken(there) : there) === text;
  } catch {
    return false;
  }
}

/** Nothing of a pass lies around: no lock, no half-written file, no ref, nothing in git's own folder that git complains in. */
function leftovers({ cwd, git }: SharedClone): string[] {
  const files = readdirSync(cwd, { recursive: true, encoding: 'utf8' });
  const isLeft = (file: string) =>
    /\.lock$|agentwork-tmp|fast_import_crash|^\.git\/agentwork\/(?!state\.json$|trash\b)./.test(file);
  return [
    ...files.filter(isLeft),
    ...git('for-each-ref', '--format=%(refname)', 'refs/agentwork').split('\n').filter(Boolean),
    ...git('status', '--porcelain', '--', 'sessions').split('\n').filter(Boolean),
  ].map((what) => `${what} is left`);
}

async function unsettled(clone: SharedClone): Promise<string[]> {
  const { stdout } = await runCli(['detect', '--json'], clone);
  const { items } = JSON.parse(stdout) as { items: object[] };
  return items.length === 0 ? [] : [`work waits: ${JSON.stringify(items)}`];
}

function brokenObjects({ cwd, remote }: SharedClone): string[] {
  return [cwd, remote].flatMap((root) => {
    try {
      return gitIn(root, 'fsck', '--connectivity-only', '--no-dangling', '--no-progress').split('\n').filter(Boolean);
    } catch (error) {
      return [String(error)];
    }
  });
}
