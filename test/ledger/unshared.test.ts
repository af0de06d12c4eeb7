import { describe, expect, test } from 'vitest';
import { unshared } from '../../src/ledger/unshared.ts';
import { Chance } from '../support/chance.ts';

describe('what one of two lists has alone', () => {
  test('is found whatever their order', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const chance = new Chance(seed);
      const all = Array.from({ length: chance.between(0, 90) }, (_, number) => `${number}`);
      const some = () => all.filter(() => chance.between(0, 9) > 0);
      const shuffled = (list: string[]) => list.sort(() => chance.between(-1, 1));
      const [a, b] = [some(), chance.between(0, 1) === 0 ? some() : shuffled(some())];
      const alone = [...a.filter((name) => !b.includes(name)), ...b.filter((name) => !a.includes(name))];
      expect([...unshared(a, b)].sort(), `seed ${seed}`).toEqual(alone.sort());
    }
  });
});
