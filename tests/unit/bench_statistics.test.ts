import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaseResult } from '../../bench/harness/case';
import { compete, joined } from '../../bench/harness/compete';
import { stepFlop } from '../../bench/harness/floor';
import { LARGE, modelSpec, parameterCount, SMALL } from '../../bench/harness/problems';
import {
  differingShare,
  fitPower,
  largestGap,
  median,
  pairedRatio,
} from '../../bench/harness/statistics';

describe('median', () => {
  test('takes the middle, in any order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('paired ratios', () => {
  test('compare round by round: a slow machine in one round changes nothing', () => {
    expect(pairedRatio([20, 200, 20], [10, 100, 10])).toEqual({ median: 2, lowest: 2, highest: 2 });
    // The ratio of medians would be 1.
    const ratio = pairedRatio([10, 30, 20], [20, 10, 10]);
    expect(ratio).toEqual({ median: 2, lowest: 0.5, highest: 3 });
  });

  test('refuse rounds without a partner', () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow('2 and 1 rounds');
    expect(() => pairedRatio([], [])).toThrow();
  });
});

describe('the exponent of a power law', () => {
  test('is found exactly, whatever the scale', () => {
    const positive = fc.double({ min: 0.01, max: 100, noNaN: true });
    const exponents = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(exponents, positive, (exponent, scale) => {
        const x = [1, 2, 4, 8];
        const fit = fitPower(
          x,
          x.map((value) => scale * value ** exponent),
        );
        expect(fit?.exponent).toBeCloseTo(exponent, 8);
        expect(fit?.scale).toBeCloseTo(scale, 6);
      }),
    );
  });

  test('lies between those of a fixed and a growing cost', () => {
    const x = [1, 2, 4, 8];
    const exponent = fitPower(
      x,
      x.map((value) => 4 + value),
    )?.exponent;
    expect(exponent).toBeGreaterThan(0.2);
    expect(exponent).toBeLessThan(0.8);
  });

  test('does not exist for one size or for times that are no times', () => {
    expect(fitPower([2, 2], [1, 3])).toBeNull();
    expect(fitPower([1, 2], [0, 3])).toBeNull();
    expect(fitPower([1, 2], [NaN, 3])).toBeNull();
  });
});

describe('differences of outcomes', () => {
  test('are relative, above a floor, and infinite where a number is none', () => {
    expect(largestGap([1.1, 2], [1, 2])).toBeCloseTo(0.1, 12);
    expect(largestGap([0.001, 2], [0, 2], 1)).toBeCloseTo(0.001, 12);
    expect(largestGap([0, 0], [0, 0])).toBe(0);
    expect(largestGap([NaN], [1])).toBe(Infinity);
    expect(largestGap([1], [1, 1])).toBe(Infinity);
  });

  test('of tokens are a share of places', () => {
    expect(differingShare([1, 2, 3, 4], [1, 2, 3, 5])).toBe(0.25);
    expect(differingShare([1], [1, 2])).toBe(1);
  });
});

describe('models and their work', () => {
  test('counts what a position costs: two operations a weight of a product, and attention', () => {
    const spec = modelSpec({ vocab_size: 16, hidden_size: 32, intermediate_size: 64 });
    const { generation, update } = stepFlop({ spec, runs: 2, rows: 3, length: 5 });
    const weights = 4 * 32 * 32 + 3 * 32 * 64 + 32 * 16;
    expect(generation).toBe(2 * 3 * (2 * weights * 4 + 2 * 32 * 16));
    expect(update).toBe(3 * generation);
  });

  test('has the sizes that the names of cases say', () => {
    expect(parameterCount(SMALL)).toBe(11_360);
    expect(parameterCount(LARGE)).toBe(104_768);
  });
});

/** A library whose runs take so many made-up outcomes; real time passes, little of it. */
function library(name: string, outcome: number, log: string[] = []) {
  return {
    name,
    prepare: () => {
      const run = (times: number) => {
        log.push(`${name} ${times}`);
        return new Promise<void>((resolve) => setTimeout(resolve, 1));
      };
      return Promise.resolve({ run, outcome: () => [outcome], destroy: () => undefined });
    },
  };
}

const agreement = {
  of: 'outcomes',
  within: 0.1,
  gap: (a: ArrayLike<number>, b: ArrayLike<number>) => largestGap(a, b),
};

describe('a competition', () => {
  test('fails loudly where a library does other work', async () => {
    const contestants = [library('ours', 1), library('theirs', 1.5)];
    await expect(
      compete({ name: 'case', about: '', warmUp: 1, agreement, contestants }, 1, 0),
    ).rejects.toThrow('outcomes of theirs differ from ours by 5.0e-1');
  });

  test('joins first runs of several processes', async () => {
    const contestants = [library('ours', 1), library('theirs', 1)];
    const once = (turn: number) =>
      compete({ name: 'case', about: '', warmUp: 1, firstRun: true, contestants }, 7, turn);
    const parts: CaseResult[] = [];
    for (const turn of [0, 1, 2]) parts.push(await once(turn));
    const all = joined(parts);
    expect(all.rounds).toBe(3);
    expect(all.contestants.map(({ samples_ms }) => samples_ms.length)).toEqual([3, 3]);
    const [ours, theirs] = all.contestants.map(({ samples_ms }) => samples_ms);
    expect(all.ratios['theirs']).toEqual(pairedRatio(theirs, ours));
  });
});
