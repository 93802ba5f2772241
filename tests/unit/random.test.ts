import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  integerBelow,
  permutation,
  pick,
  shuffled,
  STREAMS,
  stream,
  toUniform,
} from '../../src/rl/random';
import { threefry2x32 } from '../../src/rl/threefry';

const word = fc.integer({ min: 0, max: 0xffffffff });

describe('threefry2x32', () => {
  test.each([
    // The Random123 distribution's known answers for threefry2x32 with 20 rounds.
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
  ])('key %i %i, counter %i %i', (k0, k1, c0, c1, x0, x1) => {
    expect(threefry2x32(k0, k1, c0, c1)).toEqual([x0, x1]);
  });

  test('words are unsigned, and neighbouring counters differ', () => {
    fc.assert(
      fc.property(word, word, word, (k0, k1, c) => {
        const [x0, x1] = threefry2x32(k0, k1, c, 0);
        expect(x0).toBe(x0 >>> 0);
        expect(x1).toBe(x1 >>> 0);
        // A bijection of the counter: equal outputs would need equal counters.
        expect(threefry2x32(k0, k1, c, 1)).not.toEqual([x0, x1]);
      }),
    );
  });
});

describe('streams', () => {
  test('a stream repeats from its seed, and differs from other seeds and purposes', () => {
    const draw = (seed: number, id: number) => Array.from({ length: 8 }, stream(seed, id));
    expect(draw(7, 1)).toEqual(draw(7, 1));
    expect(draw(7, 1)).not.toEqual(draw(8, 1));
    expect(draw(7, 1)).not.toEqual(draw(7, 2));
    expect(new Set(Object.values(STREAMS)).size).toBe(Object.keys(STREAMS).length);
  });

  test('uniform numbers lie strictly between 0 and 1', () => {
    expect(toUniform(0)).toBe(2 ** -25);
    expect(toUniform(0xffffffff)).toBe(1 - 2 ** -25);
  });

  test('integers below n are spread evenly', () => {
    const random = stream(1, 1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10000; i++) counts[integerBelow(10, random)]++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(27.9); // 0.1% point of chi-squared with 9 degrees of freedom
  });

  test('shuffling keeps the items and leaves the input alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), word, (items, seed) => {
        const before = items.slice();
        const after = shuffled(items, stream(seed, 0));
        expect(items).toEqual(before);
        expect(after.slice().sort()).toEqual(before.slice().sort());
      }),
    );
    expect(new Set(permutation(50, stream(0, 0))).size).toBe(50);
  });

  test('nothing can be picked from an empty list', () => {
    expect(() => pick([], stream(0, 0))).toThrow(RangeError);
  });
});
