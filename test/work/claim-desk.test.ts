import { describe, expect, test } from 'vitest';
import { ClaimDesk } from '../../src/work/claim-desk.ts';
import type { WorkHandler } from '../../src/work/handler.ts';
import { type WorkItem, WorkQueue } from '../../src/work/queue.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`);

/** A handler that writes down for what it was asked, and whose questions the test answers. */
function deskFor(queued: readonly string[], { batchSize = 4, type = 'test' } = {}) {
  const queue = new WorkQueue(() => 0);
  for (const name of queued)
    queue.enqueue({ type: name.startsWith('other') ? 'other' : type, payload: name, dedupKey: name });
  const asked: string[][] = [];
  const answers: PromiseWithResolvers[] = [];
  const claim = (items: readonly WorkItem[]) => {
    asked.push(items.map(({ dedupKey }) => dedupKey));
    return new Promise<ReadonlyMap<string, string>>((resolve, reject) => answers.push({ resolve, reject }));
  };
  const handler = { claim } as unknown as WorkHandler;
  const desk = new ClaimDesk(queue, batchSize);
  const next = () => desk.holder(handler, queue.dequeue() as WorkItem);
  return { queue, desk, handler, asked, answers, next };
}

interface PromiseWithResolvers {
  resolve(holders: ReadonlyMap<string, string>): void;
  reject(error: Error): void;
}

const NOBODY: ReadonlyMap<string, string> = new Map();

describe('a question', () => {
  test('is asked for an item together with those that come next', () => {
    const { next, asked } = deskFor(names(9));
    void next();
    expect(asked).toEqual([['1', '2', '3', '4']]);
  });

  test('is one for all of them, and each hears its own answer', async () => {
    const { next, asked, answers } = deskFor(names(3));
    const holders = [next(), next(), next()];
    answers[0]?.resolve(new Map([['2', 'tom']]));
    expect(await Promise.all(holders)).toEqual([undefined, 'tom', undefined]);
    expect(asked).toEqual([['1', '2', '3']]);
  });

  test('is asked for the next ones before the last of these is taken', () => {
    const { next, asked } = deskFor(names(9));
    for (const expected of [1, 1, 1, 2, 2, 3, 3, 4, 4]) {
      void next();
      expect(asked).toHaveLength(expected);
    }
    expect(asked).toEqual([['1', '2', '3', '4'], ['5', '6'], ['7', '8'], ['9']]);
  });

  test('is asked one ahead where one is worked on at a time', () => {
    const { next, asked } = deskFor(names(4), { batchSize: 2 });
    void next();
    void next();
    expect(asked).toEqual([['1', '2'], ['3']]);
  });

  test('is not asked again for an item that comes back', async () => {
    const { queue, desk, handler, asked, answers } = deskFor(['1']);
    const item = queue.dequeue() as WorkItem;
    const first = desk.holder(handler, item);
    answers[0]?.resolve(NOBODY);
    expect(await first).toBeUndefined();
    queue.requeue(item);
    expect(await desk.holder(handler, queue.dequeue() as WorkItem)).toBeUndefined();
    expect(asked).toEqual([['1']]);
  });

  test('is asked of each handler for its own kind of work only', () => {
    const { next, asked } = deskFor(['1', 'other 2', '3']);
    void next();
    expect(asked).toEqual([['1', '3']]);
  });

  test('that has no answer fails for every item that it was for, when its turn comes', async () => {
    const { next, answers, desk } = deskFor(names(2));
    const first = next();
    answers[0]?.reject(new Error('no answer'));
    await expect(first).rejects.toThrow('no answer');
    await desk.idle();
    await expect(next()).rejects.toThrow('no answer');
  });
});

test('what was taken and is lost again is left to others, when its turn comes', async () => {
  const { next, handler, answers } = deskFor(names(2));
  const lost = new Set(['2']);
  handler.isLost = ({ dedupKey }) => lost.has(dedupKey);
  const holders = [next(), next()];
  answers[0]?.resolve(NOBODY);
  expect(await Promise.all(holders)).toEqual([undefined, 'claimed by others']);
});

test('a handler that shares with nobody is asked nothing: everything is free', async () => {
  const { queue, desk } = deskFor(['1']);
  const handler = {} as WorkHandler;
  expect(await desk.holder(handler, queue.dequeue() as WorkItem)).toBeUndefined();
});

test('the desk is idle when every question has an answer, also those that nobody came for', async () => {
  const { next, answers, desk } = deskFor(names(6));
  for (let taken = 0; taken < 4; taken += 1) void next().catch(() => {});
  let isIdle = false;
  const idle = desk.idle().then(() => {
    isIdle = true;
  });
  answers[0]?.resolve(NOBODY);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isIdle).toBe(false);
  answers[1]?.reject(new Error('no answer'));
  await idle;
});
