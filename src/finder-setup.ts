import path from 'node:path';
import { sessionCaches } from './ledger/caches.ts';
import { FinishedSessions } from './ledger/finished-sessions.ts';
import type { Ledger } from './ledger/ledger.ts';
import { agentFoldersIn } from './ledger/recovery/agent-transcripts.ts';
import type { PassOptions, World } from './pass.ts';
import { SessionFinder, type SessionFinderOptions } from './session-finder.ts';
import type { SessionMemories } from './session-memory.ts';
import { memoryOf, StateStore } from './state.ts';

/** A finder for looking only: it remembers nothing, and nothing that works on sessions is loaded for it. */
export function openFinder(ledger: Ledger, world: World, options: PassOptions): SessionFinder {
  return new SessionFinder(finderOptions(ledger, world, options, peekState(ledger, world)));
}

/** The state as it is, not to be written. */
export function peekState({ stateDir }: Ledger, world: World): StateStore {
  const { store, warning } = StateStore.peek(stateDir);
  if (warning !== undefined) world.tell({ type: 'warning', message: warning });
  return store;
}

/** Where sessions are looked for, and what is known of them already. */
export function finderOptions(
  ledger: Ledger,
  world: World,
  options: PassOptions,
  store: StateStore,
): SessionFinderOptions {
  const { config, sessions, limit, upgrade = false } = options;
  const onTrouble = (message: string) => world.tell({ type: 'warning', message });
  return {
    git: ledger.git,
    lfs: ledger.lfs,
    redaction: ledger.redaction,
    caches: sessionCaches(ledger, world.environment, config.sessionCache, onTrouble),
    exclude: config.exclude,
    finished: knownFinished(ledger, world, options, store),
    agentFolders: agentFoldersIn(world.environment),
    clock: world.clock,
    memories: memoriesIn(store),
    again: new Set(options.again ? sessions : []),
    upgrade,
    onTrouble,
    ...(sessions.length > 0 && { only: new Set(sessions) }),
    ...(limit !== undefined && { limit }),
  };
}

/** What need not be looked at; nothing where something is to be told of each session, or done for those without an agent's summary. */
function knownFinished(
  { sessionsDir, stateDir, git }: Ledger,
  { clock }: World,
  { config, sessions, isFull, upgrade, tellsAll }: PassOptions,
  store: StateStore,
): FinishedSessions | undefined {
  if (upgrade || tellsAll) return undefined;
  const always = () => [
    ...sessions,
    ...store.state.journal,
    ...store.state.unclean,
    ...Object.keys(store.state.sessions).filter((key) => path.basename(key) === key),
  ];
  return new FinishedSessions({
    sessionsDir,
    stateDir,
    git,
    clock,
    rules: JSON.stringify(config.exclude),
    always,
    isFull,
  });
}

function memoriesIn(store: StateStore): SessionMemories {
  return {
    get: (key) => memoryOf(store.state, key),
    async set(key, memory) {
      if (memory) store.remember(key, memory);
      else store.forget(key);
      await store.save();
    },
    answersOf: (session) => store.state.answers.filter((answer) => answer.session === session),
    async keepAnswer(answer) {
      store.keepAnswer(answer);
      await store.save();
    },
    async dropAnswers(session) {
      store.dropAnswers([session]);
      await store.save();
    },
    get journal() {
      return store.state.journal;
    },
    get unclean() {
      return store.state.unclean;
    },
  };
}
