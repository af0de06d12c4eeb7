import { parseRawDiff } from './commit-objects.ts';
import type { GitProcess } from './process.ts';

/** What a commit made of some files. */
export interface FileVersions {
  readonly commit: string;
  /** Some branch of a remote has it, as this clone knows. */
  readonly isPushed: boolean;
  readonly files: readonly { readonly path: string; readonly oid: string }[];
}

/** In a ledger of very many commits git takes its time to find those of one session. */
const LIMIT_MS = 60_000;

/** Of all branches and tags; or those of HEAD that no remote has, as this clone knows. */
export type HistoryScope = 'everywhere' | 'unpushed';

/**
 * The commits that wrote these files (relative to the root), the newest first. Merges wrote
 * nothing that is not on one of their sides. Throws GIT_FAILED, also where git takes too long.
 */
export async function fileVersions(
  git: GitProcess,
  files: readonly string[],
  scope: HistoryScope = 'everywhere',
): Promise<readonly FileVersions[]> {
  const everywhere = ['HEAD', '--branches', '--tags', '--remotes'];
  const range = scope === 'unpushed' ? ['HEAD', '--not', '--remotes'] : everywhere;
  const options = ['--topo-order', '--raw', '-z', '--no-renames', '--no-abbrev', '--root', '--format=%x01%H%x00'];
  const words = ['--literal-pathspecs', 'log', ...options, ...range, '--', ...files];
  const log = await git.run(words, { limitMs: LIMIT_MS });
  // Of all files: to look for those of a few takes git as long as the first time.
  const unpushed = new Set((await git.run(['rev-list', ...everywhere, '--not', '--remotes'])).split('\n'));
  return log
    .split(/\u0001(?=[0-9a-f]{40,64}\0)/)
    .slice(1)
    .map((text) => parseVersions(text, unpushed));
}

/** Bytes of each of these objects. Throws GIT_FAILED. */
export async function objectSizes(git: GitProcess, oids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (oids.length === 0) return new Map();
  const words = ['cat-file', '--batch-check=%(objectname) %(objectsize)'];
  const answer = await git.run(words, { input: oids.map((oid) => `${oid}\n`).join('') });
  const lines = answer.split('\n').map((line) => line.split(' '));
  return new Map(lines.map(([oid = '', size]) => [oid, Number(size)]));
}

function parseVersions(text: string, unpushed: ReadonlySet<string>): FileVersions {
  const [commit = '', ...rest] = text.split('\0');
  const { changes } = parseRawDiff(rest.join('\0').replace(/^[\0\n]*/, ''));
  const files = changes.filter(({ mode }) => mode.startsWith('100')).map(({ path, oid }) => ({ path, oid }));
  return { commit, isPushed: !unpushed.has(commit), files };
}
