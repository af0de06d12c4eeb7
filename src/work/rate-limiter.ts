import { type Clock, systemClock } from '../clock.ts';

/** What is kept between passes, so that sixty an hour means sixty an hour over all of them. */
export interface RateWindow {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly used: number;
}

/** A token bucket that is filled up at the start of each window, not drop by drop. */
export class RateLimiter {
  /** Of one window. */
  readonly maxTokens: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  #window: RateWindow;

  constructor(maxTokens: number, windowMs: number, options: { clock?: Clock; restored?: RateWindow | undefined } = {}) {
    this.maxTokens = maxTokens;
    this.#windowMs = windowMs;
    this.#clock = options.clock ?? systemClock;
    this.#window = options.restored ?? { startedAt: this.#clock(), used: 0 };
  }

  /** Takes one token; false when none is left in this window. */
  allow(): boolean {
    if (this.remaining() <= 0) return false;
    this.#window = { ...this.#window, used: this.#window.used + 1 };
    return true;
  }

  /** Gives a token back that turned out not to be used. */
  giveBack(): void {
    const { startedAt, used } = this.window();
    this.#window = { startedAt, used: Math.max(0, used - 1) };
  }

  /** Tokens left in the current window. */
  remaining(): number {
    return Math.max(0, this.maxTokens - this.window().used);
  }

  /** The current window, a fresh one when the last has run out. A window from the future (the clock was set back) starts anew now. */
  window(): RateWindow {
    const now = this.#clock();
    const { startedAt, used } = this.#window;
    if (startedAt > now) this.#window = { startedAt: now, used };
    else if (now - startedAt >= this.#windowMs) this.#window = { startedAt: now, used: 0 };
    return this.#window;
  }

  /** When the window ends, in milliseconds since the epoch. */
  refillsAt(): number {
    return this.window().startedAt + this.#windowMs;
  }
}
