import { describe, expect, test } from 'vitest';
import { permutationTest, signTest } from '../../src/rl/paired_tests';

describe('sign test', () => {
  test.each([
    [4, 0, 1 / 8], // two of the sixteen rows of four signs
    [0, 4, 1 / 8],
    [1, 0, 1],
    [3, 1, 10 / 16], // 1 + 4 on either side
    [2, 2, 1],
    [8, 1, 20 / 512], // 1 + 9 on either side
    [3, 2, 1],
  ])('%i higher, %i lower', (higher, lower, p) => {
    expect(signTest(higher, lower)).toBe(p);
  });

  test('ties alone say nothing', () => {
    expect(signTest(0, 0)).toBeNull();
  });
});

describe('permutation test', () => {
  test.each([
    [[1, 2, 3], 2 / 8], // only all signs equal reach 6
    [[1, 2, -3], 1], // nothing is closer to zero than 0
    [[1, 2, 4, -1], 6 / 16], // 8 in one way and 6 in two, on either side
    [[5], 1],
    [[0, 0], 1],
    [[1, 1, 1, 1, 0], 1 / 8], // a zero changes neither side
  ])('exact: %j', (differences, p) => {
    expect(permutationTest(differences)).toBe(p);
  });

  test('nothing to test', () => {
    expect(permutationTest([])).toBeNull();
    expect(permutationTest([1, Number.NaN])).toBeNull();
  });

  test('sums that are equal but for rounding are as extreme as each other', () => {
    // 0.1 + 0.2 - 0.3 is a little more than 0, and some other orders of signs are 0.
    expect(permutationTest([0.1, 0.2, -0.3])).toBe(1);
    // Observed .6; on either side 1.2, 1 and .8 in one way each and .6 in two.
    expect(permutationTest([0.1, 0.2, -0.3, 0.6])).toBe(10 / 16);
  });

  test('exact up to twelve pairs', () => {
    expect(permutationTest(new Array<number>(12).fill(0.3), { resamples: 1 })).toBe(2 / 4096);
  });

  test('beyond, drawn: repeats, is never 0, and comes close to the exact value', () => {
    const same = new Array<number>(20).fill(0.3);
    expect(permutationTest(same, { resamples: 999 })).toBe(1 / 1000);
    const differences = [4, 3, ...new Array<number>(12).fill(0)];
    // The zeros change nothing: half of the assignments reach 7, the others only 1.
    const p = permutationTest(differences) ?? NaN;
    expect(Math.abs(p - 0.5)).toBeLessThan(0.02); // four standard errors of 10 000 draws
    expect(permutationTest(differences)).toBe(p);
    expect(permutationTest(differences, { seed: 1 })).not.toBe(p);
  });
});
