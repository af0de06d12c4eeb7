import path from 'node:path';
import { isoTime } from '../clock.ts';
import { ExpectedError } from '../errors.ts';
import { ClaudeCodeConverter } from '../session/adapters/claude-code.ts';
import { createRedactor } from '../session/redact.ts';
import { defined } from '../session/transcript.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { readHead, readLines } from './raw-file.ts';
import { MARKER_NAME, type SessionFiles } from './session-facts.ts';

const CLAUDE_CODE_NAMES: ReadonlySet<string> = new Set(['claude-code', 'claude', 'claudecode']);
const MAX_MARKER_BYTES = 4 * 1024 * 1024;

/**
 * Writes the `raw.jsonl` of an abandoned recording from the agent's own transcript, redacted before the first byte is
 * written, and only while the marker is the one that was judged. Throws NOT_RECOVERABLE naming the transcript.
 */
export async function recoverTranscript(session: SessionFiles, rawPath: string): Promise<void> {
  const { recording } = session;
  const source = recording?.sessionFile;
  if (!recording || !source) throw notRecoverable(session, 'its marker names no transcript');
  const adapter = recording.adapterName ?? 'claude-code';
  if (!CLAUDE_CODE_NAMES.has(adapter))
    throw notRecoverable(session, `transcripts of ${adapter} are not understood yet`);
  const marker = path.join(session.folder, MARKER_NAME);
  const markerBefore = readHead(marker, MAX_MARKER_BYTES);
  const options = recording.startedAtMs === undefined ? {} : { startedAtMs: recording.startedAtMs };
  const study = studySource(source, options);
  if (study.counts.understood === 0) throw notRecoverable(session, describeCounts(source, study.counts));
  const header = defined({
    schema_version: '1',
    agent_id: recording.agentId,
    agent_type: adapter,
    agent_version: study.version,
    model: study.model ?? recording.model,
    username: recording.username,
    session_id: recording.sessionId,
    repo_id: recording.repoId,
    started_at: recording.startedAtMs === undefined ? undefined : isoTime(recording.startedAtMs),
    recovered: true,
  });
  await writeFileAtomic(rawPath, recoveredLines(source, options, header), {
    beforeRename() {
      if (readHead(marker, MAX_MARKER_BYTES).equals(markerBefore)) return;
      throw notRecoverable(session, 'its recording went on meanwhile');
    },
  });
}

type ConverterOptions = ConstructorParameters<typeof ClaudeCodeConverter>[0];

function studySource(source: string, options: ConverterOptions) {
  const converter = new ClaudeCodeConverter(options);
  for (const line of readLines(source)) converter.convert(line ?? '{');
  return converter.summary();
}

function* recoveredLines(source: string, options: ConverterOptions, header: object): Generator<string> {
  const redactor = createRedactor();
  const converter = new ClaudeCodeConverter(options);
  yield `${JSON.stringify(redactor.json({ _meta: header }))}\n`;
  for (const line of readLines(source)) {
    for (const entry of converter.convert(line ?? '{')) yield `${JSON.stringify(redactor.json(entry))}\n`;
  }
}

function describeCounts(source: string, counts: ReturnType<typeof studySource>['counts']): string {
  const dropped = Object.values(counts.droppedByType).reduce((sum, count) => sum + count, 0);
  return `${source} holds nothing of it (${counts.beforeStart} lines from before its start, ${counts.malformed} malformed, ${dropped} of other kinds)`;
}

function notRecoverable(session: SessionFiles, why: string): ExpectedError {
  return new ExpectedError('NOT_RECOVERABLE', `${session.facts.name} cannot be recovered: ${why}`);
}
