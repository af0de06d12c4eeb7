import { isoTime } from '../../../clock.ts';
import { formatNumber, OUTCOME_NAMES } from '../labels.ts';
import type { RowState } from './session-row.ts';

export const STATE_NAMES: Readonly<Record<RowState, string>> = {
  ...OUTCOME_NAMES,
  waiting: 'Waiting',
  unreadable: 'Unreadable',
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `840`, `12.3k`, `4.5M`: as the page's script writes them, too. */
export function formatTokens(count: number): string {
  const unit = ['', 'k', 'M', 'G'].findIndex((_, index) => count < 999.5 * 1000 ** index || index === 3);
  const value = count / 1000 ** unit;
  return unit === 0
    ? formatNumber(Math.round(value))
    : `${value.toFixed(value < 99.95 ? 1 : 0)}${['', 'k', 'M', 'G'][unit]}`;
}

/** `$0.0042`, `$0.12`, `$1,204`: as the page's script writes them, too. */
export function formatCost(usd: number): string {
  if (usd >= 1000) return `$${formatNumber(Math.round(usd))}`;
  return `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;
}

/** `2026-03-06` */
export const formatDay = (epochMs: number): string => isoTime(epochMs).slice(0, 10);

/** `2026-03-06 10:00` */
export const formatTime = (epochMs: number): string => isoTime(epochMs).slice(0, 16).replace('T', ' ');

/** `Mar 2026` */
export function formatMonth(epochMs: number): string {
  const [year, month] = isoTime(epochMs).split('-');
  return `${MONTHS[Number(month) - 1]} ${year}`;
}

/** The address of a view of the page: what its script makes of the part behind `#`. */
export function viewLink(filter: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(filter).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return `#${pairs.join('&')}`;
}
