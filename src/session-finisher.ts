import path from 'node:path';
import type { Clock } from './clock.ts';
import type { LedgerGit } from './ledger/git/ledger-git.ts';
import { type Publication, type Published, publishSession } from './ledger/publish.ts';
import type { Recovery } from './ledger/recovery/recover.ts';
import { ARTIFACTS } from './session/facts.ts';
import { dispositionOf, type QualityThresholds } from './session/quality.ts';
import { addFindings, type Findings } from './session/redaction/policy.ts';
import { createRedactor } from './session/redaction/redactor.ts';
import type { QualityCategory, SessionSummary } from './session/summary.ts';
import type { PreparedSession, Redaction } from './session-finder.ts';
import type { MemoryBook } from './session-memory.ts';
import { originOf } from './session-summariser.ts';
import type { RunResult } from './work/runner.ts';

/** What became of a session that the handler is done with. */
export interface SessionOutcome {
  readonly session: string;
  /** `kept`: somebody finished it meanwhile, or a better summary stands already. */
  readonly verdict: QualityCategory | 'kept';
  /** Who made the summary; `none` when the existing one was used. */
  readonly agent: string;
  readonly title: string;
  /** What was redacted, by rule. */
  readonly findings: Findings;
  /** One-based numbers of the transcript's lines that could not be read. */
  readonly malformedLines: readonly number[];
  /** What the agent's own transcript had to add. */
  readonly recovery?: Recovery;
  readonly published?: Published;
}

/** Of a session that is left as it is. */
export function keptOutcome(session: string, title = ''): SessionOutcome {
  return { session, verdict: 'kept', agent: 'none', title, findings: {}, malformedLines: [] };
}

export interface FinisherOptions {
  readonly git: LedgerGit | null;
  readonly clock: Clock;
  readonly redaction: Redaction;
  readonly publication?: Partial<Publication>;
}

/** Writes what a session lacks, hands it over to be committed, and remembers what the ledger does not tell. */
export class SessionFinisher {
  readonly #options: FinisherOptions;
  readonly #book: MemoryBook;
  #thresholds: QualityThresholds = { upload: 0.3, discard: 0.1 };

  constructor(options: FinisherOptions, book: MemoryBook) {
    this.#options = options;
    this.#book = book;
  }

  setQualityThresholds(thresholds: QualityThresholds): void {
    this.#thresholds = thresholds;
  }

  /** `result` is null when no agent was asked for this summary. */
  async finish(
    { found, study, missing, recovery }: PreparedSession,
    ledgerPath: string,
    { summary, result }: { readonly summary: SessionSummary; readonly result: RunResult | null },
  ): Promise<SessionOutcome> {
    const isNew = summary !== found.summary;
    const verdict = this.#dispositionOf(found.facts.place, summary, isNew);
    const policy = study?.policy ?? (await this.#options.redaction.of(found));
    const findings = addFindings(study?.findings ?? {}, recovery?.findings ?? {});
    const before = { spent: this.#book.spentOn(found), redactions: found.summary?.agentwork?.redactions };
    const origin = isNew ? originOf(summary, result, { findings, ...before }) : undefined;
    const made = origin ? { missing: ARTIFACTS, origin } : { missing };
    // One that somebody else wrote tells its words to meta.json, too.
    const told = isNew ? summary : createRedactor(policy).json(summary);
    const session = { found, study, policy, summary: told, verdict, ledgerPath, ...made };
    const world = this.publication(ledgerPath);
    const onBegin: Publication['onBegin'] = async (name, how) => {
      if (how === 'staged') await this.#book.noteStaging(found, name);
      await world.onBegin(name, how);
    };
    const published = await publishSession(session, { ...world, onBegin });
    await this.#book.noteFinished(found, verdict, summary, published);
    await this.#book.noteLeftOut(published);
    return {
      session: found.ledgerName,
      verdict,
      agent: isNew ? (summary.provider ?? 'none') : 'none',
      title: told.title,
      findings,
      malformedLines: study?.raw.malformedLines ?? [],
      ...(recovery && { recovery }),
      published,
    };
  }

  /** Where and how a session of this ledger is published; what was left out goes nowhere. */
  publication(ledgerPath: string): Publication {
    return {
      git: this.#options.git,
      clock: this.#options.clock,
      committer: null,
      stateDir: path.join(ledgerPath, '.git', 'agentwork'),
      onBegin: async () => {},
      ...this.#options.publication,
    };
  }

  /**
   * A brief session that somebody put into the ledger is finished there; one in a cache stays where it is. What an
   * existing summary says can keep a session local, but puts nothing away: that was for whoever wrote it to do.
   */
  #dispositionOf(place: 'ledger' | 'cache', summary: SessionSummary, isNew: boolean): QualityCategory {
    const isOwnSkip = summary.provider === 'offline' && summary.quality_category === 'skip';
    if (isOwnSkip) return place === 'ledger' ? 'share' : 'local_only';
    // Whoever failed on it did not say that it is worth sharing, and what is published stays so.
    if (summary.summary_status === 'unrecoverable' && place === 'cache') return 'local_only';
    const disposition = dispositionOf(summary, this.#thresholds);
    return disposition === 'skip' && !isNew ? 'local_only' : disposition;
  }
}
