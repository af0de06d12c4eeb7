import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS, SECOND_MS } from '../../clock.ts';
import type { SessionDocument } from '../document.ts';
import type { TranscriptHeader } from '../transcript.ts';

const AGENT_NAMES: Readonly<Record<string, string>> = {
  'claude-code': 'Claude Code',
  claude: 'Claude',
  codex: 'Codex',
  cursor: 'Cursor',
  gemini: 'Gemini',
  'gemini-cli': 'Gemini CLI',
  opencode: 'OpenCode',
};

/** How many broken lines are named before the rest is a number. */
const NAMED_LINES = 20;

export const OUTCOME_NAMES = { success: 'Success', partial: 'Partial', failed: 'Failed' } as const;

/** `Claude Code` for `claude-code`; an agent that is not known keeps its own name. */
export function formatAgent(header: TranscriptHeader): string {
  const type = header.agentType;
  if (type === undefined) return 'Assistant';
  return Object.hasOwn(AGENT_NAMES, type) ? (AGENT_NAMES[type] ?? type) : type;
}

/** `10:00:05` */
export function formatSecond(epochMs: number): string {
  return isoTime(epochMs).slice(11, 19);
}

/** `2026-03-06T10:00:05Z` */
export function formatRfc3339(epochMs: number): string {
  return isoTime(epochMs).replace(/\.\d+Z$/, 'Z');
}

/** `1 h 12 min`, `4 min 5 s`, `12 s`, `3 d 2 h`; with one part the first of them. */
export function formatDuration(ms: number, parts = 2): string {
  const units = [
    [Math.floor(ms / DAY_MS), 'd'],
    [Math.floor((ms % DAY_MS) / HOUR_MS), 'h'],
    [Math.floor((ms % HOUR_MS) / MINUTE_MS), 'min'],
    [Math.floor((ms % MINUTE_MS) / SECOND_MS), 's'],
  ] as const;
  const largest = units.findIndex(([count]) => count > 0);
  if (largest === -1) return '1 s';
  const shown = units.slice(largest, largest + parts).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** `1 error`, `12,000 errors`, `2 entries` */
export function formatCount(count: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}

/** `12,000`: the same on every machine, whatever its locale. */
export function formatNumber(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `7, 12`, and of hundreds the first twenty with the number of the others. */
export function formatLineNumbers(lines: readonly number[]): string {
  const named = lines.slice(0, NAMED_LINES).join(', ');
  return lines.length > NAMED_LINES ? `${named} and ${formatNumber(lines.length - NAMED_LINES)} more` : named;
}

export function startedAtMs(document: SessionDocument): number | undefined {
  return document.outline.startedAtMs ?? document.header.createdAtMs;
}

/** How long the session went on; undefined when one end is unknown or the clock went backwards. */
export function durationMs(document: SessionDocument): number | undefined {
  const start = startedAtMs(document);
  const end = document.endedAtMs ?? document.outline.endedAtMs;
  return start === undefined || end === undefined || end < start ? undefined : end - start;
}
