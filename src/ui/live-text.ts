import type { PassEvent } from '../pass.ts';
import { formatCost, formatCount, formatDuration, plural } from './format.ts';
import { printable } from './style.ts';

const SHOWN_AT_ONCE = 8;
/** A pace that was found on fewer sessions tells nothing yet. */
const LEAST_DONE = 3;

/** What a terminal shows of a pass while it goes on: how much is done, what that took, what runs, and how long it may take. */
export class LiveText {
  readonly #running = new Map<string, number>();
  #doing = 'looking for sessions';
  #found = 0;
  #done = 0;
  #failed = 0;
  #startedAt: number | undefined;
  #taken = { tokensIn: 0, tokensOut: 0, costUsd: 0 };

  /** `now`: milliseconds since the epoch. */
  tell(event: PassEvent, now: number): void {
    if (event.type === 'asking') this.#doing = 'asking the remote';
    if (event.type === 'pushing') this.#doing = 'pushing';
    if (event.type === 'found') {
      this.#found = event.sessions;
      this.#doing = 'looking for sessions';
    }
    if (event.type === 'started') {
      this.#startedAt ??= now;
      if (!this.#running.has(event.session)) this.#running.set(event.session, now);
    }
    if (event.type !== 'finished') return;
    const { session, tokensIn, tokensOut, costUsd } = event.report;
    this.#running.delete(session);
    this.#done += 1;
    if (!event.report.success) this.#failed += 1;
    const before = this.#taken;
    this.#taken = {
      tokensIn: before.tokensIn + tokensIn,
      tokensOut: before.tokensOut + tokensOut,
      costUsd: before.costUsd + costUsd,
    };
  }

  /** Lines of at most `columns` signs. */
  lines(now: number, columns: number): readonly string[] {
    if (this.#running.size === 0) return [this.#doing];
    const shown = [...this.#running].slice(0, SHOWN_AT_ONCE);
    const more = this.#running.size - shown.length;
    return [
      ...this.#head(now, columns),
      ...shown.map(([session, since]) => runLine(printable(session), formatDuration(now - since), columns)),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  }

  /** What has no room beside the rest stands below it. */
  #head(now: number, columns: number): readonly string[] {
    const { tokensIn, tokensOut, costUsd } = this.#taken;
    const parts = [
      `${formatCount(this.#done)} of ${plural(this.#found, 'session')}`,
      this.#failed > 0 ? `${formatCount(this.#failed)} failed` : '',
      tokensIn + tokensOut > 0 ? `${formatCount(tokensIn)} tokens in, ${formatCount(tokensOut)} out` : '',
      costUsd > 0 ? formatCost(costUsd) : '',
      this.#left(now),
    ];
    return folded(
      parts.filter((part) => part !== ''),
      columns,
    );
  }

  /** By the pace so far. */
  #left(now: number): string {
    const left = this.#found - this.#done;
    if (this.#startedAt === undefined || this.#done < LEAST_DONE || left <= 0) return '';
    return `about ${formatDuration(((now - this.#startedAt) / this.#done) * left)} left`;
  }
}

function runLine(session: string, time: string, columns: number): string {
  const room = columns - time.length - 4;
  const name = session.length <= room ? session : `${session.slice(0, Math.max(0, room - 1))}…`;
  return `  ${name}  ${time}`;
}

function folded(parts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    // Before the first line a spinner takes two columns.
    const room = lines.length === 1 ? columns - 2 : columns;
    const longer = `${last} · ${part}`;
    if (last !== undefined && longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(last === undefined ? part : `  ${part}`);
  }
  return lines;
}
