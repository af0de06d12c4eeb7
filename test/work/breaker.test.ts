import { expect, test } from 'vitest';
import { Breaker } from '../../src/work/breaker.ts';

function after(...kinds: readonly (string | undefined)[]): Breaker {
  const breaker = new Breaker();
  for (const kind of kinds) breaker.note(kind);
  return breaker;
}

test.each<[string, readonly (string | undefined)[], number, boolean]>([
  ['nothing', [], 0, false],
  ['four failures alike', ['a', 'a', 'a', 'a'], 4, false],
  ['five failures alike', ['a', 'a', 'a', 'a', 'a'], 5, true],
  ['five that differ', ['a', 'b', 'a', 'b', 'a'], 1, false],
  ['another one after four', ['a', 'a', 'a', 'a', 'b'], 1, false],
  ['an answer after four', ['a', 'a', 'a', 'a', undefined], 0, false],
  ['four, an answer and one more', ['a', 'a', 'a', 'a', undefined, 'a'], 1, false],
  ['answers', [undefined, undefined, undefined, undefined, undefined, undefined], 0, false],
])('after %s the count and the breaker are right', (_, kinds, count, isTripped) => {
  expect(after(...kinds)).toMatchObject({ count, isTripped });
});
