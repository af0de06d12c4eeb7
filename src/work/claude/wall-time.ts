import { MINUTE_MS } from '../../clock.ts';

/** What a calendar and a clock on the wall show somewhere. A day may lie outside its month: it counts on from there. */
export interface WallTime {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

export function wallTime(epochMs: number, zone: string): WallTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  }).formatToParts(epochMs);
  const numberOf = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return {
    year: numberOf('year'),
    month: numberOf('month') - 1,
    day: numberOf('day'),
    hour: numberOf('hour'),
    minute: numberOf('minute'),
  };
}

/** From 0 for Sunday. */
export function weekdayOf({ year, month, day }: WallTime): number {
  return new Date(Date.UTC(year, month, day)).getUTCDay();
}

/** Milliseconds since the epoch. Twice, because the offset that holds now need not hold then. */
export function epochOf(wall: WallTime, zone: string): number {
  const asUtc = Date.UTC(wall.year, wall.month, wall.day, wall.hour, wall.minute);
  const near = asUtc - offsetMs(asUtc, zone);
  return asUtc - offsetMs(near, zone);
}

export function isZone(name: string | undefined): name is string {
  if (name === undefined) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    // Intl knows no other way to say that it has never heard of the zone.
    return false;
  }
}

export function systemZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function offsetMs(epochMs: number, zone: string): number {
  const { year, month, day, hour, minute } = wallTime(epochMs, zone);
  return Date.UTC(year, month, day, hour, minute) - Math.floor(epochMs / MINUTE_MS) * MINUTE_MS;
}
