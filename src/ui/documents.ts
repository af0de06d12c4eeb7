import type { Removal } from '../cleanup/removal.ts';
import type { Shell } from '../completion/scripts.ts';
import type { DetectReport } from '../detection.ts';
import type { ErrorCode } from '../errors.ts';
import type { Explanation } from '../explanation.ts';
import type { PassJson } from '../pass-json.ts';
import type { PlanJson } from '../pass-plan.ts';
import type { RedactionJson } from '../redact-session.ts';
import type { Finding } from '../setup/finding.ts';
import type { DoubleRecording } from '../setup/recorder.ts';
import type { LedgerStatus } from '../status.ts';

// What `--json` prints, one document on stdout. The schemas in the package are made of these types and of the comments
// that stand at them (bin/schema.js).

interface Versioned {
  /** Another one where a field has gone, or means something else. */
  readonly schema_version: 1;
}

/** What every command prints that could not do what it was told. */
export interface ErrorDocument extends Versioned {
  readonly error: Failure;
}

export interface Failure {
  readonly code: ErrorCode | 'BUG';
  /** One sentence, or a few lines. */
  readonly message: string;
  /** What the command ends with. */
  readonly exit_code: number;
  /** What a person can do about it. */
  readonly suggestions: readonly string[];
}

/** What `agentwork detect` prints. */
export interface DetectDocument extends Versioned, Pick<DetectReport, 'items' | 'counts'> {
  /** With --explain: the named sessions, all without names. */
  readonly sessions?: readonly Explanation[];
}

/** What `agentwork finalize` prints: what came of a pass, or would, or where one goes on. */
export type FinalizeDocument = PassDocument | PlanDocument | BackgroundDocument;

export interface PassDocument extends Versioned, PassJson {}

/** With --dry-run. */
export interface PlanDocument extends Versioned, PlanJson {}

/** With --background. */
export interface BackgroundDocument extends Versioned {
  readonly background: {
    readonly pid: number;
    /** The file in which it says what it does. */
    readonly log: string;
  };
}

/** What `agentwork cleanup` prints: what was removed, or with --restore and --redact what they did, or would. */
export type CleanupDocument = RemovalDocument | RestoreDocument | RedactionDocument;

export interface RemovalDocument extends Versioned {
  readonly removed: readonly Removal[];
  readonly dry_run: boolean;
}

/** With --restore. */
export interface RestoreDocument extends Versioned {
  readonly restored: {
    /** Of the entry in the trash. */
    readonly name: string;
    /** Where it lies again. */
    readonly path: string;
  };
  readonly dry_run: boolean;
}

/** With --redact. */
export interface RedactionDocument extends Versioned, RedactionJson {}

/** What `agentwork status` prints. */
export interface StatusDocument extends Versioned, LedgerStatus {
  /** With --html: the page that was written. */
  readonly html?: string;
  /** Sessions in it. */
  readonly html_sessions?: number;
  /** Of them, those whose summary is there and cannot be read. */
  readonly html_unreadable?: number;
}

/** What `agentwork setup hook`, `cron`, `recorder` and `remove` print. */
export type SetupDocument = ChangesDocument | KeeperDocument;

export interface ChangesDocument extends Versioned {
  readonly dry_run: boolean;
  readonly changes: readonly ChangeJson[];
  /** Of remove: what could not be taken away. */
  readonly troubles?: readonly string[];
  /** Of recorder: projects that are recorded for another ledger, too, so that their sessions are finished twice. */
  readonly also_recorded?: readonly DoubleRecording[];
}

/** A file, or something like one. */
export interface ChangeJson {
  /** The path of the file, or what else it is. */
  readonly what: string;
  /** `run`: it is a command, not a file. */
  readonly action: 'write' | 'keep' | 'remove' | 'run';
  /** All that is to stand there; absent where it is to go. */
  readonly content?: string;
}

/** Of hook, where another program keeps the hooks: nothing is written. */
export interface KeeperDocument extends Versioned {
  readonly keeper: string;
  /** What belongs into its configuration. */
  readonly snippet: string;
}

/** What `agentwork completion` prints. */
export interface CompletionDocument extends Versioned {
  readonly shell: Shell;
  /** What it has to read. */
  readonly script: string;
}

/** What `agentwork setup check` prints. */
export interface CheckDocument extends Versioned {
  /** Nothing is an error. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}
