import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerFrequency,
  calibration,
  sequenceConfidence,
  sequenceProbability,
} from '../../src/rl/calibration';
import {
  answerEntropy,
  distinct,
  distinctCorrect,
  distinctN,
  majorityCorrect,
  selfBleu,
} from '../../src/rl/diversity';
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
  test('a policy without finite numbers has no confidence, and can be judged', () => {
    expect(sequenceConfidence([NaN, -1])).toBe(0);
    expect(sequenceProbability([Infinity, -Infinity])).toBe(0);
    expect(calibration([sequenceConfidence([NaN])], [true]).brier).toBe(1);
  });

  test('confidence is the geometric mean probability of the tokens', () => {
    expect(sequenceConfidence([Math.log(0.5), Math.log(0.125)])).toBeCloseTo(0.25, 15);
    expect(() => sequenceConfidence([])).toThrow(RangeError);
  });

  test('the probability of a sequence is the product over its tokens', () => {
    expect(sequenceProbability([Math.log(0.5), Math.log(0.125)])).toBeCloseTo(1 / 16, 15);
    expect(sequenceProbability([1e-7])).toBe(1); // a logprob may round to just above 0
    expect(() => sequenceProbability([])).toThrow(RangeError);
  });

  test('the frequency of an answer, of all responses', () => {
    expect(answerFrequency(['7', '3', '7', null])).toEqual([0.5, 0.25, 0.5, 0]);
    expect(answerFrequency(['7'])).toEqual([1]);
    expect(answerFrequency([null, null])).toEqual([0, 0]);
    expect(answerFrequency([])).toEqual([]);
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

  test('distinct-n over all responses together', () => {
    const pair = [
      [1, 2, 1],
      [1, 2],
    ];
    expect(distinctN(pair, 1)).toBe(2 / 5); // 1 2 1 1 2
    expect(distinctN(pair, 2)).toBe(2 / 3); // 12 21 12, none across responses
    expect(distinctN(pair, 3)).toBe(1);
    expect(distinctN(pair, 4)).toBeNull();
    expect(distinctN([], 1)).toBeNull();
    expect(
      distinctN(
        [
          [1, 12],
          [11, 2],
        ],
        2,
      ),
    ).toBe(1); // tokens 1 12 are not 11 2
    expect(() => distinctN(pair, 0)).toThrow('no n-grams of length 0');
  });

  test('answer entropy, in nats', () => {
    expect(answerEntropy(['7', '3'])).toBeCloseTo(Math.LN2, 15);
    // Three quarters and a quarter: ln 4 - 3/4 ln 3.
    expect(answerEntropy(['7', '7', '3', '7'])).toBeCloseTo(Math.log(4) - 0.75 * Math.log(3), 15);
    expect(answerEntropy(['7', null, '3', null])).toBeCloseTo(Math.LN2, 15);
    expect(answerEntropy(['7', '7'])).toBe(0);
    expect(answerEntropy([null])).toBeNull();
    expect(answerEntropy([])).toBeNull();
  });

  describe('self-BLEU', () => {
    test('1 of equal responses, however short; 0 of responses that share no token', () => {
      expect(selfBleu([[5], [5]])).toBe(1);
      expect(selfBleu(new Array<number[]>(3).fill([1, 2, 3, 4, 5, 6]))).toBe(1);
      expect(
        selfBleu([
          [1, 2],
          [3, 4],
        ]),
      ).toBe(0);
    });

    test('of fewer than two responses, none; an empty response is like no other', () => {
      expect(selfBleu([])).toBeNull();
      expect(selfBleu([[1, 2]])).toBeNull();
      expect(selfBleu([[], []])).toBe(0);
      expect(selfBleu([[1], [1], []])).toBeCloseTo(2 / 3, 15);
    });

    test('by hand: one token of three differs', () => {
      // Each: 2 of 3 unigrams, 1 of 2 bigrams, no trigram, which counts as 0.1 of 1.
      const bleu = ((2 / 3) * (1 / 2) * 0.1) ** (1 / 3);
      const responses = [
        [1, 2, 3],
        [1, 2, 4],
      ];
      expect(selfBleu(responses)).toBeCloseTo(bleu, 14);
    });

    test('by hand: a short response pays for its brevity, a long one for what it adds', () => {
      const short = Math.exp(1 - 4 / 2); // every n-gram of 1 2 is in 1 2 3 4
      const long = ((2 / 4) * (1 / 3) * (0.1 / 2) * (0.1 / 1)) ** (1 / 4);
      const responses = [
        [1, 2],
        [1, 2, 3, 4],
      ];
      expect(selfBleu(responses)).toBeCloseTo((short + long) / 2, 14);
    });

    test('by hand: an n-gram counts as often as one other response has it', () => {
      const ones = (n: number) => new Array<number>(n).fill(1);
      const three = ((2 / 3) * (1 / 2) * 0.1) ** (1 / 3); // others have at most two 1, one 11, no 111
      const two = 1; // others of lengths 3 and 1 are as close: the shorter counts
      const one = Math.exp(1 - 2 / 1); // the closest other has length 2
      expect(selfBleu([ones(3), ones(2), ones(1)])).toBeCloseTo((three + two + one) / 3, 14);
    });

    test('lies between 0 and 1 and does not depend on the order', () => {
      const token = fc.nat(3);
      const responses = fc.array(fc.array(token, { minLength: 1, maxLength: 6 }), {
        minLength: 2,
        maxLength: 6,
      });
      fc.assert(
        fc.property(responses, (drawn) => {
          const value = selfBleu(drawn) ?? NaN;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
          expect(selfBleu(drawn.toReversed())).toBeCloseTo(value, 12);
        }),
      );
    });
  });
});
