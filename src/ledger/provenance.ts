import path from 'node:path';
import { type Exclusion, exclusionReason, type Provenance } from '../session/exclusion.ts';
import { stringAt } from '../session/json-object.ts';
import { parseSessionName } from '../session/name.ts';
import type { TranscriptHeader } from '../session/transcript.ts';
import { readHead } from './plain-file.ts';
import { readHeader } from './raw-state.ts';
import { contentPath, hasContent } from './recording-content.ts';
import type { SessionFiles } from './session-facts.ts';

/** Adds to sessions what they tell of whose they are, and which pattern leaves them alone for it; nobody asks without one. */
export function withProvenance<Session extends SessionFiles>(session: Session, exclusions: readonly Exclusion[]) {
  if (exclusions.length === 0) return session;
  const provenance = provenanceOf(session, true);
  const excludedBy = exclusionReason(exclusions, provenance);
  if (excludedBy === undefined) return { ...session, provenance };
  return { ...session, provenance, facts: { ...session.facts, excludedBy } };
}

/** By everything that was read anyhow; where it `matters`, by the files that are not, too. */
export function provenanceOf(session: SessionFiles, matters: boolean): Provenance {
  const { recording, meta, facts } = session;
  const header = matters ? fullHeader(session) : session.header;
  const transcript = matters && facts.transcript.kind === 'there' ? transcriptHead(facts.transcript.path) : '';
  return {
    users: distinct([
      header.username,
      recording?.username,
      stringAt(meta, 'username'),
      parseSessionName(facts.name).username,
    ]),
    branches: distinct([
      header.branch,
      recording?.branch,
      stringAt(meta, 'branch', 'git_branch'),
      ...valuesIn(transcript, 'gitBranch'),
    ]),
    paths: distinct(
      [
        header.workspacePath,
        recording?.workspacePath,
        stringAt(meta, 'workspace_path', 'cwd'),
        ...valuesIn(transcript, 'cwd'),
      ].map(plainPath),
    ),
  };
}

/** The header of a recording; that of a finished session, or of one behind a pointer, is not read for its verdict. */
export function fullHeader(session: SessionFiles): TranscriptHeader {
  const { header, facts } = session;
  if (!hasContent(facts.raw) || Object.keys(header).length > 0) return header;
  try {
    return readHeader(contentPath(session));
  } catch {
    // Whoever works on it says that it cannot be read.
    return {};
  }
}

const HEAD_BYTES = 64 * 1024;

/** Where the agent's own transcript begins, it tells where it was made. */
function transcriptHead(file: string): string {
  try {
    return readHead(file, HEAD_BYTES).toString('utf8');
  } catch {
    // One that is too large or cannot be read is for the recovery to complain of.
    return '';
  }
}

/** Values of a key, in whatever lines the text holds whole. */
function valuesIn(text: string, key: string): readonly string[] {
  const found = text.matchAll(new RegExp(`"${key}"\\s*:\\s*("(?:[^"\\\\\n]|\\\\.){1,4096}")`, 'g'));
  return [...found].flatMap(([, value = '']) => parseString(value));
}

function parseString(json: string): readonly string[] {
  try {
    return [String(JSON.parse(json))];
  } catch {
    return [];
  }
}

function plainPath(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const plain = path.posix.normalize(text.replaceAll('\\', '/'));
  return plain.length > 1 ? plain.replace(/\/$/, '') : plain;
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined && value !== ''))] as string[];
}
