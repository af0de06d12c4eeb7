import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { ExpectedError } from '../errors.ts';
import type { Outline } from '../session/outline.ts';
import { outlineOf } from '../session/outline.ts';
import type { Findings, RedactionPolicy } from '../session/redaction/policy.ts';
import { createRedactor, type Redactor } from '../session/redaction/redactor.ts';
import type { Entry } from '../session/transcript.ts';
import { EntryKeeper, type KeptEntries } from './kept-entries.ts';
import { readBlocks, readLines, readTail } from './plain-file.ts';
import { entriesIn, type RawFacts, readDigest, readEntries } from './raw-file.ts';

/** A transcript as it may be shown: every entry passes the redactor, and every `for…of` reads the file anew. */
export function redactedEntries(file: string, policy: RedactionPolicy): Iterable<Entry> {
  return {
    *[Symbol.iterator]() {
      const redactor = createRedactor(policy);
      for (const entry of readEntries(file)) yield redactor.entry(entry);
    },
  };
}

/** The same of a transcript that was studied: while it holds the same bytes, it is neither parsed nor searched again. */
export function studiedEntries(file: string, { kept, policy }: TranscriptStudy): Iterable<Entry> {
  const isKept = kept !== undefined && kept.sha256 === readDigest(file, 0).sha256;
  return isKept ? kept.entries : redactedEntries(file, policy);
}

/** A transcript read once to its end. */
export interface TranscriptStudy {
  readonly outline: Outline;
  readonly raw: RawFacts;
  /** Its size when it began to be read. */
  readonly bytes: number;
  /** What was redacted by. */
  readonly policy: RedactionPolicy;
  /** Which rules replaced something on the way, and how often. */
  readonly findings: Findings;
  /** All of its entries, if it is short. */
  readonly kept?: KeptEntries | undefined;
}

/** For whoever keeps many of them for long. */
export function withoutEntries(study: TranscriptStudy): TranscriptStudy {
  return { ...study, kept: undefined };
}

/** One pass over the whole file, in memory that does not grow with it. Throws UNREADABLE. */
export function studyTranscript(file: string, policy: RedactionPolicy): TranscriptStudy {
  const redactor = createRedactor(policy);
  const bytes = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const keeper = new EntryKeeper();
  const source = entriesIn(keeper.watch(readBlocks(file)));
  let raw: RawFacts | undefined;
  function* redacted(): Generator<Entry> {
    for (;;) {
      const step = source.next();
      if (!step.done) yield keeper.keep(redactor.entry(step.value));
      else {
        raw = step.value;
        return;
      }
    }
  }
  const outline = outlineOf(redacted());
  if (!raw) throw new Error(`${file} was not read to its end`);
  return {
    outline,
    raw: { ...raw, header: redactor.json(raw.header) },
    bytes,
    policy,
    findings: Object.fromEntries(redactor.counts),
    kept: keeper.finish(),
  };
}

/** The lines of a recording as they may be published: the same text where nothing had to go, line by line, ends of lines too. */
export function* redactedLines(file: string, redactor: Redactor): Generator<string> {
  let isFirst = true;
  for (const line of readLines(file)) {
    if (line === null)
      throw new ExpectedError('BAD_TRANSCRIPT', `${file} holds a line too long to be searched for secrets`);
    yield `${isFirst ? '' : '\n'}${redactLine(line, redactor)}`;
    isFirst = false;
  }
  if (readTail(file, 1).toString() === '\n') yield '\n';
}

/** What is found in a recording as it may be published, line by line: in whatever is no entry, too. */
export interface LineSearch {
  readonly findings: Findings;
  /** SHA-256 of the recording without it: the same before and after it is cleaned by these rules. */
  readonly sha256: string;
}

/** Throws UNREADABLE, and BAD_TRANSCRIPT where it could not be cleaned. */
export function searchLines(file: string, policy: RedactionPolicy): LineSearch {
  const redactor = createRedactor(policy);
  const hash = createHash('sha256');
  for (const part of redactedLines(file, redactor)) hash.update(part);
  return { findings: Object.fromEntries(redactor.counts), sha256: hash.digest('hex') };
}

/** Secrets are looked for in the strings of the JSON, where no escape hides them; a line that is no JSON is text. */
export function redactLine(line: string, redactor: Redactor): string {
  return redactor.json(line);
}
