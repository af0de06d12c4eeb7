import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MINUTE_MS } from '../../src/clock.ts';
import { waitForReal } from '../../src/work/drain.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a wait', () => {
  /** A wait of a minute, of which one can ask whether it is over. */
  function begin(signal: AbortSignal) {
    let isOver = false;
    void waitForReal(MINUTE_MS, signal).then(() => {
      isOver = true;
    });
    const isOverAfter = async (milliseconds: number) => {
      await vi.advanceTimersByTimeAsync(milliseconds);
      return isOver;
    };
    return { isOverAfter };
  }

  test('ends when its time is over, and leaves no ear at the signal', async () => {
    const { signal } = new AbortController();
    const { isOverAfter } = begin(signal);
    expect(await isOverAfter(MINUTE_MS - 1)).toBe(false);
    expect(await isOverAfter(1)).toBe(true);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('ends with the signal, and leaves no timer', async () => {
    const controller = new AbortController();
    const { isOverAfter } = begin(controller.signal);
    expect(await isOverAfter(1)).toBe(false);
    controller.abort();
    expect(await isOverAfter(0)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not begin after the signal', async () => {
    const { isOverAfter } = begin(AbortSignal.abort());
    expect(vi.getTimerCount()).toBe(0);
    expect(await isOverAfter(0)).toBe(true);
  });
});
