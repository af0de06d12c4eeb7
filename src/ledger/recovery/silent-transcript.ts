import type { SourceLine } from '../../session/adapters/adapter.ts';
import { claudeCode } from '../../session/adapters/claude-code.ts';
import { findAdapter } from '../../session/adapters/find-adapter.ts';
import type { AgentTranscript } from '../../session/facts.ts';
import type { Recording } from '../../session/recording.ts';
import { linesIn, readBlocks } from '../plain-file.ts';
import { areOffsetsOf } from './captured-raw.ts';

/** What an agent writes down of a session by itself is less; more than this is not read for each look. */
const MAX_BYTES = 1024 * 1024;

/**
 * Whether nothing was said in a recording that Claude Code kept: it was opened, or resumed, and closed again. Each line
 * from where it began has to be understood, and to be the program's own: what is missing, broken or of a kind that nobody
 * knows is no silence.
 */
export function isSilent(transcript: AgentTranscript, recording: Recording | undefined): boolean {
  if (transcript.kind !== 'there' || transcript.foundBy === 'agent_id' || !recording) return false;
  if (findAdapter(recording.adapterName) !== claudeCode) return false;
  const from = areOffsetsOf(recording, transcript) ? (recording.startOffset ?? 0) : 0;
  const { path: file, bytes } = transcript;
  if (from > bytes || bytes - from > MAX_BYTES) return false;
  try {
    for (const line of claudeCode.parse(linesIn(readBlocks(file, from, bytes)))) if (!isProgramsOwn(line)) return false;
    return true;
  } catch {
    // What cannot be read may say anything.
    return false;
  }
}

function isProgramsOwn(line: SourceLine): boolean {
  if (line.kind === 'entries') return line.entries.every(({ type }) => type === 'system');
  // A message in which nothing was found may hold what we do not know: an image alone, or words in another place.
  if (line.kind === 'dropped') return line.type !== 'user' && line.type !== 'assistant';
  return line.kind === 'facts' || line.kind === 'blank';
}
