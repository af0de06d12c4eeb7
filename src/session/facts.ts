import type { RecorderFacts } from './recording.ts';
import type { InputDigest } from './summary.ts';

/** The files that a finished session has, in the order in which they are named. */
export const ARTIFACTS = ['summary.md', 'summary.json', 'session.html', 'session.md'] as const;
export type ArtifactName = (typeof ARTIFACTS)[number];

export type RawState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'header-only' }
  | {
      readonly kind: 'pointer';
      readonly oid: string;
      /** Bytes of the content. */
      readonly size: number;
      /** Looked for only where it matters. */
      readonly content?: PointerContent;
    }
  | {
      readonly kind: 'content';
      readonly bytes: number;
      /** Counted only where it matters, and then with the time of the last of them. */
      readonly entries?: number;
      readonly lastAtMs?: number;
    }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'foreign'; readonly reason: string };

/** Where the content behind a Git LFS pointer is, as far as this clone knows. */
export type PointerContent =
  /** In Git LFS's own store of this clone. */
  | { readonly kind: 'here'; readonly path: string }
  /** Wherever git-lfs fetches it from. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'without-lfs' }
  /** It was to be fetched, and cannot be had. */
  | { readonly kind: 'lacking'; readonly reason: string; readonly triedAtMs: number };

/** The agent's own transcript of the session, as far as it was looked for. */
export type AgentTranscript =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'there';
      readonly path: string;
      readonly bytes: number;
      readonly changedAtMs: number;
      /** `marker`: the path stands there. `session_id`: by its name. `agent_id`: in the workspace's folder, by what it says. */
      readonly foundBy: 'marker' | 'session_id' | 'agent_id';
      /** It was read, and nothing was said in this recording. Looked for only where nothing else was recorded. */
      readonly isSilent?: true;
    }
  /** Something is there that is no plain file, or cannot be looked at: nobody may call it nothing. */
  | { readonly kind: 'unclear'; readonly path: string; readonly reason: string };

/**
 * `staged`: copied into the ledger. `given_up`: its good older summary stays, and no agent is asked again.
 * `unreadable`: there is no entry in it that anybody could read. `withheld`: the remote refuses it.
 */
export type RememberedVerdict = 'staged' | 'local_only' | 'skip' | 'given_up' | 'unreadable' | 'withheld';

/** Everything that decides what a session is, gathered once; nothing here is looked up later. */
export interface SessionFacts {
  readonly name: string;
  readonly place: 'ledger' | 'cache';
  /** Set when the folder is not one of ours to touch: unsafe name, symlink, another ledger's session. */
  readonly foreign?: string;
  /** Set when the folder itself could not be read. */
  readonly unreadable?: string;
  readonly raw: RawState;
  /** Present while a `.recording.json` lies there. */
  readonly recorder?: RecorderFacts;
  /** The marker came through git: its process and its paths are those of another machine. */
  readonly isMarkerShared: boolean;
  readonly transcript: AgentTranscript;
  /** Missing, empty or invalid ones. */
  readonly missing: readonly ArtifactName[];
  readonly meta: 'missing' | 'readable' | 'unreadable';
  readonly isDraft: boolean;
  readonly isHeld: boolean;
  /** The folder whose hold it is, or seems to be, where that is another one. */
  readonly heldIn?: string;
  /** Which pattern asks to leave it alone, and where that was set. */
  readonly excludedBy?: string;
  readonly isDownloaded: boolean;
  /** A `.needs-summary` lies there. */
  readonly isSummaryOwed: boolean;
  /** What the existing summary was made of; undefined when it does not say. */
  readonly summarised?: InputDigest;
  readonly isGivenUp: boolean;
  /** The remembered verdict that leaves no trace in the ledger, for this very recording. */
  readonly remembered?: { readonly verdict: RememberedVerdict; readonly reason: string };
  /** A copy elsewhere that has the same recording, at least as long; that one is looked at instead. */
  readonly supersededBy?: string;
  /** The branch of the remote that has this recording finished, where this clone has not. */
  readonly finishedIn?: string;
  /** False when all artifacts are there but the tree of HEAD lacks one; undefined when git was not asked. */
  readonly isCommitted?: boolean;
  /** False when a commit of it waits for a push; undefined when nobody can tell. */
  readonly isPushed?: boolean;
  /** A commit that waits for a push holds secrets of it: none will push it before that is taken out. */
  readonly isUnclean?: boolean;
}
