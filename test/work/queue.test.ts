import { validate, version } from 'uuid';
import { describe, expect, test } from 'vitest';
import { completeItem, MAX_QUEUE_DEPTH, type NewWorkItem, type WorkItem, WorkQueue } from '../../src/work/queue.ts';

const NOON = Date.UTC(2026, 2, 6, 12);

const item = (dedupKey: string, more: Partial<NewWorkItem> = {}): NewWorkItem => ({
  type: 'test',
  payload: undefined,
  dedupKey,
  ...more,
});

function queueOf(...items: readonly NewWorkItem[]): WorkQueue {
  const queue = new WorkQueue(() => NOON);
  for (const one of items) queue.enqueue(one);
  return queue;
}

function drain(queue: WorkQueue): string[] {
  const keys: string[] = [];
  for (let next = queue.dequeue(); next; next = queue.dequeue()) keys.push(next.dedupKey);
  return keys;
}

const dequeue = (queue: WorkQueue) => queue.dequeue() as WorkItem;

describe('an item leaves', () => {
  test.each<[string, readonly NewWorkItem[], readonly string[]]>([
    ['in the order of arrival when all else is equal', [item('a'), item('b'), item('c')], ['a', 'b', 'c']],
    [
      'before those with a higher priority number',
      [item('ten', { priority: 10 }), item('zero', { priority: 0 }), item('five', { priority: 5 })],
      ['zero', 'five', 'ten'],
    ],
    [
      'before younger ones of its priority, whenever it arrived',
      [item('young', { createdAt: '2026-03-06T12:00:00Z' }), item('old', { createdAt: '2026-03-06T11:00:00Z' })],
      ['old', 'young'],
    ],
    [
      'by the moment it was made, not by how that is written',
      [
        item('later', { createdAt: '2026-03-06T11:30:00Z' }),
        item('earlier', { createdAt: '2026-03-06T12:15:00+01:00' }),
      ],
      ['earlier', 'later'],
    ],
    [
      'behind a younger one that is more urgent',
      [item('old', { priority: 10, createdAt: '2026-03-06T01:00:00Z' }), item('urgent', { priority: 1 })],
      ['urgent', 'old'],
    ],
    ['with the usual priority 10 when it names none', [item('none'), item('nine', { priority: 9 })], ['nine', 'none']],
  ])('%s', (_, items, order) => {
    expect(drain(queueOf(...items))).toEqual(order);
  });
});

test('what waits can be looked at in the order in which it will leave, and leaves all the same', () => {
  const queue = queueOf(item('a'), item('urgent', { priority: 0 }), item('b'));
  expect(queue.peek().map(({ dedupKey }) => dedupKey)).toEqual(['urgent', 'a', 'b']);
  expect(drain(queue)).toEqual(['urgent', 'a', 'b']);
});

test('an empty queue gives nothing', () => {
  expect(queueOf().dequeue()).toBeUndefined();
});

test('the queue fills in id, priority, time and counters', () => {
  const made = dequeue(queueOf(item('a')));
  expect(made).toMatchObject({ priority: 10, attempts: 0, lastErr: '', createdAt: '2026-03-06T12:00:00.000Z' });
  expect(validate(made.id) && version(made.id)).toBe(7);
});

test('the queue fills in what is empty and keeps what is given', () => {
  const empty = dequeue(queueOf(item('a', { id: '', createdAt: '' })));
  expect(empty.createdAt).toBe('2026-03-06T12:00:00.000Z');
  expect(version(empty.id)).toBe(7);
  const given = {
    id: 'mine',
    createdAt: '2026-01-01T00:00:00Z',
    attempts: 2,
    lastErr: 'hm',
    priority: 3,
    payload: { a: 1 },
  };
  expect(dequeue(queueOf(item('a', given)))).toEqual({ ...item('a'), ...given });
});

test('ids differ, and sort by the time they were made', () => {
  const ids = Array.from({ length: 50 }, (_, index) => completeItem(item(`${index}`), NOON).id);
  expect(new Set(ids).size).toBe(50);
  expect([...ids].sort()).toEqual(ids);
});

test('a key is taken once while it waits, and the first item stays', () => {
  const queue = queueOf(item('a', { payload: 'first' }));
  expect(queue.enqueue(item('a', { payload: 'second', priority: 0 }))).toBe(false);
  expect(queue.length).toBe(1);
  expect(dequeue(queue).payload).toBe('first');
});

test('a key is not taken while it is in progress, and again once it is complete', () => {
  const queue = queueOf(item('a'));
  expect(queue.inProgress('a')).toBe(false);
  queue.dequeue();
  expect(queue.inProgress('a')).toBe(true);
  expect(queue.enqueue(item('a'))).toBe(false);
  queue.complete('a');
  expect(queue.inProgress('a')).toBe(false);
  expect(queue.enqueue(item('a'))).toBe(true);
});

test('a key is known from its arrival to its completion', () => {
  const queue = queueOf(item('a'));
  expect([queue.has('a'), queue.has('b')]).toEqual([true, false]);
  queue.dequeue();
  expect(queue.has('a')).toBe(true);
  queue.complete('a');
  expect(queue.has('a')).toBe(false);
});

test('completing a key that waits leaves it waiting', () => {
  const queue = queueOf(item('a'));
  queue.complete('a');
  expect(queue.enqueue(item('a'))).toBe(false);
  expect(queue.length).toBe(1);
});

test('the length counts what waits, not what is in progress', () => {
  const queue = queueOf(item('a'), item('b'));
  expect(queue.length).toBe(2);
  queue.dequeue();
  expect(queue.length).toBe(1);
});

test('the hundred-and-first item is refused, and taken when one has left', () => {
  const queue = queueOf();
  const taken = Array.from({ length: MAX_QUEUE_DEPTH + 1 }, (_, index) => queue.enqueue(item(`key ${index}`)));
  expect(MAX_QUEUE_DEPTH).toBe(100);
  expect(taken.indexOf(false)).toBe(100);
  expect(queue).toMatchObject({ length: 100, hasRoom: false });
  queue.dequeue();
  expect(queue.hasRoom).toBe(true);
  expect(queue.enqueue(item('key 100'))).toBe(true);
});

test('a requeued item waits again, under its key, behind its equals', () => {
  const queue = queueOf(item('a'), item('b'), item('later', { createdAt: '2026-03-06T12:00:01Z' }));
  const first = dequeue(queue);
  queue.requeue({ ...first, attempts: 1 });
  expect(queue.inProgress('a')).toBe(false);
  expect(queue.enqueue(item('a'))).toBe(false);
  expect(drain(queue)).toEqual(['b', 'a', 'later']);
});

test('a requeued item keeps what was learned about it', () => {
  const queue = queueOf(item('a'));
  queue.requeue({ ...dequeue(queue), attempts: 2, lastErr: 'no answer' });
  expect(dequeue(queue)).toMatchObject({ attempts: 2, lastErr: 'no answer' });
});

test('an item goes back into a full queue', () => {
  const queue = queueOf(item('mine'));
  const mine = dequeue(queue);
  for (let index = 0; index < MAX_QUEUE_DEPTH; index += 1) queue.enqueue(item(`other ${index}`));
  queue.requeue(mine);
  expect(queue.length).toBe(MAX_QUEUE_DEPTH + 1);
  expect(drain(queue)).toContain('mine');
});

test('an item that waits already is not put back a second time', () => {
  const queue = queueOf(item('a'));
  const first = dequeue(queue);
  queue.requeue(first);
  queue.requeue(first);
  expect(drain(queue)).toEqual(['a']);
});
