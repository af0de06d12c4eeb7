import { lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isoTime } from '../../clock.ts';
import { ExpectedError } from '../../errors.ts';
import type { SourceFacts, SourceLine, TranscriptAdapter } from '../../session/adapters/adapter.ts';
import { findAdapter } from '../../session/adapters/find-adapter.ts';
import type { AgentTranscript } from '../../session/facts.ts';
import { defined, isObject, type JsonObject } from '../../session/json-object.ts';
import type { Recording } from '../../session/recording.ts';
import {
  describeRecovery,
  type RecoveryCounts,
  type RecoveryScope,
  RecoverySelection,
} from '../../session/recovery.ts';
import type { Findings, RedactionPolicy } from '../../session/redaction/policy.ts';
import { createRedactor, type Redactor } from '../../session/redaction/redactor.ts';
import { writeFileAtomic } from '../atomic-file.ts';
import { keepOriginal, type Originals } from '../clean-files.ts';
import { readPlacedLines } from '../plain-file.ts';
import { RAW_NAME } from '../raw-state.ts';
import { readMarker } from '../recorder.ts';
import type { SessionFiles } from '../session-facts.ts';
import { APPEND_JOURNAL_NAME } from './append-journal.ts';
import { areOffsetsOf, type CapturedRaw, capturedBytes, readCaptured } from './captured-raw.ts';
import { workspaceMatcher } from './workspace.ts';

/** What a recovery brought. */
export interface Recovery {
  /** The agent's own transcript that was read. */
  readonly source: string;
  /** Entries that were added to raw.jsonl. */
  readonly added: number;
  readonly counts: RecoveryCounts;
  /** What was redacted in what was added. */
  readonly findings: Findings;
  /** One sentence on what does not belong to the recording, or was not understood; empty when that is nothing. */
  readonly leftOut: string;
}

type FoundTranscript = Extract<AgentTranscript, { kind: 'there' }>;

/**
 * Completes the `raw.jsonl` of an abandoned recording from the agent's own transcript: what is there stays, what is
 * missing is added, redacted before the first byte is written, and only while the marker is the one that was judged.
 * A second recovery adds only what is new. Undefined when there is no transcript, or nothing may be added.
 * Throws NOT_RECOVERABLE, naming the transcript and what was in it, when nothing stands in raw.jsonl and nothing can.
 */
export async function recoverTranscript(
  session: SessionFiles,
  policy: RedactionPolicy,
  originals: Originals,
): Promise<Recovery | undefined> {
  const { transcript, raw } = session.facts;
  const { recording, marker } = session;
  if (raw.kind === 'pointer' || !recording || !marker) return undefined;
  if (transcript.kind !== 'there') return undefined;
  const captured = readCaptured(session, transcript, policy);
  const source = new Source(transcript, recording, captured);
  const study = source.study();
  const { counts } = study;
  if (counts.entries === 0) {
    if (raw.kind === 'content') return recoveryOf(transcript, counts, {});
    throw new ExpectedError(
      'NOT_RECOVERABLE',
      `${session.facts.name} cannot be recovered: ${whyNothing(source, counts)}`,
    );
  }
  const file = path.join(session.folder, RAW_NAME);
  if (captured.isCut) await keepOriginal(file, originals, 'with an append that was never confirmed');
  const header = captured.header
    ? withCursor(captured.header, study.cursor)
    : { _meta: { ...newHeader(recording, source.adapter, study.facts), ...study.cursor } };
  const redactor = createRedactor(policy);
  await writeFileAtomic(file, recoveredFile(file, { header, captured, source, redactor }), {
    mode: session.facts.place === 'cache' ? 0o600 : 0o644,
    beforeRename() {
      const changed = changedSince(session, marker);
      if (changed === undefined) return;
      throw new ExpectedError('STILL_RECORDED', `${session.facts.name} is recorded on: its ${changed} has changed`);
    },
  });
  rmSync(path.join(session.folder, APPEND_JOURNAL_NAME), { force: true });
  return recoveryOf(transcript, counts, Object.fromEntries(redactor.counts));
}

function recoveryOf({ path: source }: FoundTranscript, counts: RecoveryCounts, findings: Findings): Recovery {
  return { source, added: counts.entries, counts, findings, leftOut: describeRecovery(counts) };
}

/** What a recorder that came back has touched: what it wrote would be lost by the rename. */
function changedSince({ folder, rawBytes }: SessionFiles, marker: Buffer): string | undefined {
  if (!readMarker(folder)?.equals(marker)) return 'marker';
  const stat = lstatSync(path.join(folder, RAW_NAME), { throwIfNoEntry: false });
  return (stat?.size ?? 0) === rawBytes ? undefined : RAW_NAME;
}

/** Where a later recovery goes on, in which transcript. */
interface Cursor {
  readonly source_name?: string;
  readonly source_offset?: number;
}

/** The transcript of one recording: read once to learn what is in it, and once more to write it down. */
class Source {
  readonly adapter: TranscriptAdapter;
  readonly path: string;
  readonly #bytes: number;
  readonly #scope: Omit<RecoveryScope, 'isCaptured'>;
  readonly #captured: CapturedRaw;

  constructor(transcript: FoundTranscript, recording: Recording, captured: CapturedRaw) {
    const pauses = recording.pauses ?? [];
    this.adapter = findAdapter(recording.adapterName);
    this.path = transcript.path;
    this.#bytes = transcript.bytes;
    this.#captured = captured;
    const startOffset = areOffsetsOf(recording, transcript) ? (recording.startOffset ?? 0) : 0;
    this.#scope = {
      ...(recording.startedAtMs !== undefined && { startedAtMs: recording.startedAtMs }),
      ...(recording.stoppedAtMs !== undefined && { stoppedAtMs: recording.stoppedAtMs }),
      pauses,
      pausedBytes: pauses.flatMap(({ bytes }) => (bytes ? [bytes] : [])),
      fromOffset: captured.cursor ?? (startOffset <= transcript.bytes ? startOffset : 0),
      isOurs: workspaceMatcher(recording.workspacePath),
    };
  }

  study(): { counts: RecoveryCounts; facts: SourceFacts; cursor: Cursor } {
    let last: SourceLine | undefined;
    const selection = this.#select((line) => {
      last = line;
    });
    for (const _ of selection.entries);
    const isWhole = last?.kind !== 'malformed';
    const offset = last?.offset === undefined ? undefined : isWhole ? this.#bytes : last.offset;
    const cursor = offset === undefined ? {} : { source_name: path.basename(this.path), source_offset: offset };
    return { counts: selection.result.counts, facts: selection.result.facts, cursor };
  }

  entries(): Iterable<object> {
    return this.#select(() => {}).entries;
  }

  #select(see: (line: SourceLine) => void) {
    const { adapter, path: file } = this;
    const [bytes, captured] = [this.#bytes, this.#captured];
    let isPlaced = true;
    const result = new RecoverySelection({
      ...this.#scope,
      isCaptured: (entry) => (captured.cursor === undefined || !isPlaced) && captured.has(entry),
    });
    function* entries() {
      for (const line of adapter.parse(readPlacedLines(file, bytes))) {
        see(line);
        isPlaced = line.offset !== undefined;
        yield* result.take(line);
      }
    }
    return { result, entries: entries() };
  }
}

interface RecoveredParts {
  readonly header: object;
  readonly captured: CapturedRaw;
  readonly source: Source;
  readonly redactor: Redactor;
}

function* recoveredFile(file: string, parts: RecoveredParts): Generator<string | Uint8Array> {
  const { header, captured, source, redactor } = parts;
  yield `${JSON.stringify(redactor.json(header))}\n`;
  yield* capturedBytes(file, captured.body);
  for (const entry of source.entries()) yield `${JSON.stringify(redactor.json(entry))}\n`;
  yield* capturedBytes(file, captured.tail);
}

function newHeader(recording: Recording, adapter: TranscriptAdapter, facts: SourceFacts): object {
  return defined({
    schema_version: '1',
    agent_id: recording.agentId,
    agent_type: recording.adapterName ?? adapter.name,
    agent_version: facts.version,
    model: facts.model ?? recording.model,
    username: recording.username,
    session_id: recording.sessionId,
    repo_id: recording.repoId,
    started_at: recording.startedAtMs === undefined ? undefined : isoTime(recording.startedAtMs),
    recovered: true,
  });
}

/** Whichever of its two forms a header has, what stands in it stays. */
function withCursor(header: JsonObject, cursor: Cursor): object {
  const key = isObject(header._meta) ? '_meta' : 'metadata';
  const known = header[key];
  return { ...header, [key]: { ...(isObject(known) ? known : {}), recovered: true, ...cursor } };
}

function whyNothing({ path: file }: Source, counts: RecoveryCounts): string {
  if (counts.understood === 0) return `nothing in ${file} was understood${prefixed('; ', describeRecovery(counts))}`;
  return `${file} holds nothing of it${prefixed('; ', describeRecovery(counts))}`;
}

function prefixed(prefix: string, text: string): string {
  return text === '' ? '' : `${prefix}${text}`;
}
