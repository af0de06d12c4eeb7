import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import type { Findings } from '../session/redaction/policy.ts';
import { printable } from './style.ts';

const NAMES_SHOWN = 3;

/** `850ms`, `12s`, `3m 05s`, `2h 10m`, `4d`: two units at most. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < SECOND_MS) return `${Math.max(0, Math.round(milliseconds))}ms`;
  if (milliseconds < MINUTE_MS) return `${Math.floor(milliseconds / SECOND_MS)}s`;
  if (milliseconds < HOUR_MS) return twoUnits(milliseconds, MINUTE_MS, 'm', SECOND_MS, 's');
  if (milliseconds < DAY_MS) return twoUnits(milliseconds, HOUR_MS, 'h', MINUTE_MS, 'm');
  return `${Math.floor(milliseconds / DAY_MS)}d`;
}

/** `12s ago`, `2h 10m ago`; `just now` for less than a second, and for what our clock says is still to come. */
export function formatAgo(milliseconds: number): string {
  return milliseconds < SECOND_MS ? 'just now' : `${formatDuration(milliseconds)} ago`;
}

/** `0 B`, `812 B`, `18 KB`, `1.2 MB`; 1024-based. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `12,345`; without `Intl`, whose first use takes longer than all else that is printed. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** An estimate, in as many digits as it is worth: `2,800`, `14,000`, `640`. */
export function formatAbout(count: number): string {
  return formatCount(Number(count.toPrecision(2)));
}

/** `$0.04`, `$1.20`; more digits where two would say nothing. */
export function formatCost(usd: number): string {
  return `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;
}

/** `1 session`, `2 sessions`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a, b, c and 37 more`. */
export function someOf(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${formatCount(names.length - NAMES_SHOWN)} more` : '';
  return names.slice(0, NAMES_SHOWN).map(printable).join(', ') + more;
}

function twoUnits(milliseconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((milliseconds % large) / small);
  return `${Math.floor(milliseconds / large)}${largeName} ${String(rest).padStart(2, '0')}${smallName}`;
}

/** Colleagues choose the names of sessions, and what is printed as a command is there to be copied into a shell. */
export function shellQuoted(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `2 github_token, 1 team:3 in raw.jsonl; …`: rules and counts of each file, never a value. */
export function formatFindings(findings: Readonly<Record<string, Findings>>): string {
  return Object.entries(findings)
    .map(([file, rules]) => `${formatRules(rules)} in ${file}`)
    .join('; ');
}

export function formatRules(rules: Findings): string {
  return Object.entries(rules)
    .map(([rule, count]) => `${formatCount(count)} ${rule}`)
    .join(', ');
}
