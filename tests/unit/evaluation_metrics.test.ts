import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibration, sequenceConfidence } from '../../src/rl/calibration';
import { distinct, distinctCorrect, majorityCorrect } from '../../src/rl/diversity';
import { meanPassAtK, passAtK } from '../../src/rl/pass_at_k';

describe('pass@k', () => {
  test.each([
    [4, 0, 2, 0],
    [4, 1, 1, 0.25],
    [4, 1, 2, 0.5], // 3 of the 6 pairs hold the one correct response
    [4, 2, 2, 5 / 6],
    [4, 3, 2, 1],
    [16, 16, 16, 1],
  ])('n %i, correct %i, k %i', (n, correct, k, expected) => {
    expect(passAtK(n, correct, k)).toBeCloseTo(expected, 14);
  });

  test('is the share of k-subsets with a correct response', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(9), fc.nat(8), (n, c, j) => {
        const correct = Math.min(c, n);
        const k = 1 + (j % n);
        let hits = 0;
        let all = 0;
        for (let subset = 0; subset < 2 ** n; subset++) {
          const members = Array.from({ length: n }, (_, i) => i).filter((i) => (subset >> i) & 1);
          if (members.length !== k) continue;
          all++;
          if (members.some((i) => i < correct)) hits++;
        }
        expect(passAtK(n, correct, k)).toBeCloseTo(hits / all, 12);
      }),
      { numRuns: 60 },
    );
  });

  test('averages over prompts, and refuses what cannot be estimated', () => {
    expect(meanPassAtK(4, [0, 1, 4], 1)).toBeCloseTo(5 / 12, 14);
    expect(() => passAtK(4, 1, 5)).toThrow('pass@5 needs at least 5 responses; got 4');
    expect(() => passAtK(4, 5, 1)).toThrow(RangeError);
  });
});

describe('calibration', () => {
  test('confidence is the geometric mean probability of the tokens', () => {
    expect(sequenceConfidence([Math.log(0.5), Math.log(0.125)])).toBeCloseTo(0.25, 15);
    expect(() => sequenceConfidence([])).toThrow(RangeError);
  });

  test('by hand: two bins', () => {
    // Bin 9: confidence .95 and .9, one right: |.5 - .925|. Bin 1: .15, wrong: |0 - .15|.
    const { ece, brier, bins } = calibration([0.95, 0.9, 0.15], [true, false, false]);
    expect(ece).toBeCloseTo((2 / 3) * 0.425 + (1 / 3) * 0.15, 14);
    expect(brier).toBeCloseTo((0.05 ** 2 + 0.9 ** 2 + 0.15 ** 2) / 3, 14);
    expect(bins).toHaveLength(10);
    expect(bins[9]).toMatchObject({ from: 0.9, to: 1, count: 2, accuracy: 0.5 });
    expect(bins[9].confidence).toBeCloseTo(0.925, 14);
    expect(bins[0]).toEqual({ from: 0, to: 0.1, count: 0, confidence: null, accuracy: null });
  });

  test('certain and right is perfect; certain and wrong is the worst', () => {
    expect(calibration([1, 1, 0], [true, true, false])).toMatchObject({ ece: 0, brier: 0 });
    expect(calibration([1, 1], [false, false])).toMatchObject({ ece: 1, brier: 1 });
  });

  test('a confidence outside 0 to 1 is refused', () => {
    expect(() => calibration([Number.NaN], [true])).toThrow(RangeError);
    expect(() => calibration([0.5], [])).toThrow(RangeError);
  });
});

describe('diversity', () => {
  const responses = [[1, 2], [1, 2], [12], [3], [3]];
  test('counts different responses, and different correct ones', () => {
    expect(distinct(responses)).toBe(3);
    expect(distinctCorrect(responses, [true, true, false, true, true])).toBe(2);
    expect(distinct([])).toBe(0);
  });

  test.each([
    [['7', '7', '3'], [true, true, false], 1],
    [['7', '3', '3'], [true, false, false], 0],
    [['7', '3'], [true, false], 0.5], // a tie is settled by a fair draw
    [[null, null, '7'], [false, false, true], 1],
    [[null, null], [false, false], 0],
    [[], [], 0],
  ])('majority of %j', (answers, correct, expected) => {
    expect(majorityCorrect(answers, correct)).toBe(expected);
  });
});
