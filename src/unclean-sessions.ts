import path from 'node:path';
import { ExpectedError } from './errors.ts';
import { searchCommits } from './ledger/history-search.ts';
import type { Ledger } from './ledger/ledger.ts';
import { RemoteView } from './ledger/remote-view.ts';
import { surveySession } from './ledger/survey.ts';
import { UNCLEAN, UNSEARCHED } from './session/unclean.ts';
import { memoryOf, type StateStore } from './state.ts';

/**
 * Searches the commits that no remote has of sessions that were found unclean, and of these; remembers those that still
 * are. No push may take them, however long it lasts: returns them with the reason. `clean`: by session, objects that are
 * known to hold no secret, whatever their size.
 */
export async function searchUnclean(
  ledger: Ledger,
  store: StateStore,
  sessions: readonly string[] = [],
  clean: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): Promise<ReadonlyMap<string, string>> {
  const unclean = new Map<string, string>();
  for (const name of new Set([...store.state.unclean, ...sessions])) {
    const reason = await uncleanReason(name, ledger, clean.get(name));
    if (reason !== undefined) unclean.set(name, reason);
    // What a remote refused for these very secrets is worth another try.
    else if (memoryOf(store.state, name)?.verdict === 'withheld') store.forget(name);
  }
  if ([...unclean.keys()].join('\n') !== store.state.unclean.join('\n')) {
    store.update({ unclean: [...unclean.keys()] });
    await store.save();
  }
  return unclean;
}

/** Undefined where nothing is found. What cannot be searched is not pushed. */
async function uncleanReason(
  name: string,
  ledger: Ledger,
  clean: ReadonlySet<string> | undefined,
): Promise<string | undefined> {
  const folder = path.join(ledger.sessionsDir, name);
  const options = { ledger, caches: [], remembered: () => undefined, journal: [], git: ledger.git };
  try {
    // Who took its files away may have left its commits.
    const session = await surveySession(folder, 'ledger', options);
    const policy = session ? await ledger.redaction.of(session) : ledger.redaction.general;
    const { commits, isUnpushedKnown } = await searchCommits(ledger, [`sessions/${name}`], policy, 'unpushed', clean);
    if ((commits.length === 0 && isUnpushedKnown) || (await isRedactedOnly(name, ledger))) return undefined;
    return commits.length > 0 ? UNCLEAN : UNSEARCHED;
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return `its commits cannot be searched for secrets: ${error.message}`;
  }
}

/** What such commits still hold, the remote has, and more of it. */
async function isRedactedOnly(name: string, { git }: Ledger): Promise<boolean> {
  const remote = await RemoteView.open(git);
  return remote !== undefined && (await remote.redactedSessions()).has(name);
}
