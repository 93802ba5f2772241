import { describe, expect, test } from 'vitest';
import {
  tokenSelection,
  type SelectionInput,
  type SelectionSettings,
} from '../../src/reference/token_selection';

/** Numbers worked out by hand from (64), (67), (68) and (70) to (73) of docs/math.md. */

const OFF: SelectionSettings = {
  objective: 'ppo',
  clipLow: 0.2,
  clipHigh: 0.2,
  clipLowSlope: 0,
  clipHighSlope: 0,
  covTokens: 0,
  covLow: 0,
  covHigh: 0,
  klCovCoef: 0,
  entropyTokens: 0,
  randomTokens: 0,
  steerMinWeight: 1,
  key: [7, 11],
};

/**
 * Two responses of two tokens. Mean advantage 0, mean logprob −2: covariances 1, −1, −0.5 and 0.5. Log ratios 0.5, −0.1,
 * 0 and 0.3.
 */
const FOUR: SelectionInput = {
  row: [0, 0, 1, 1],
  advantage: [1, 1, -1, -1],
  logprob: [-1, -3, -1.5, -2.5],
  oldLogprob: [-1.5, -2.9, -1.5, -2.8],
  entropy: [0.1, 0.9, 0.5, 0.7],
  cell: [0, 1, 2, 3],
};

const select = (settings: Partial<SelectionSettings>, input = FOUR) =>
  tokenSelection(input, { ...OFF, ...settings });

test('nothing is left out where nothing asks for it', () => {
  const { keep, penalty } = select({});
  expect([...keep]).toEqual([1, 1, 1, 1]);
  expect([...penalty]).toEqual([0, 0, 0, 0]);
});

test('(64) the ratio of a response is the geometric mean of those of its tokens', () => {
  const { logSequenceRatio } = select({});
  [0.2, 0.2, 0.15, 0.15].forEach((expected, n) =>
    expect(logSequenceRatio[n]).toBeCloseTo(expected, 12),
  );
});

test('(67), (68) KL-Cov holds the tokens of largest covariance', () => {
  const of = (covTokens: number) =>
    Array.from(select({ objective: 'kl-cov', covTokens, klCovCoef: 0.3 }).penalty);
  expect(of(1)).toEqual([0.3, 0, 0, 0]);
  expect(of(2)).toEqual([0.3, 0, 0, 0.3]);
  expect(of(3)).toEqual([0.3, 0, 0.3, 0.3]);
  // Another mean changes who is above it: of advantages 1, 1, 1 and −1 (mean 0.5) the products are 0.5, −0.5, 0.25, 0.75.
  const other = { ...FOUR, advantage: [1, 1, 1, -1] };
  const { penalty } = select({ objective: 'kl-cov', covTokens: 1, klCovCoef: 0.3 }, other);
  expect([...penalty]).toEqual([0, 0, 0, 0.3]);
});

describe('(70) Clip-Cov', () => {
  const band = { objective: 'clip-cov', covLow: 0.25, covHigh: 2, covTokens: 4 } as const;

  test('leaves out tokens of the band, not those that clipping has stopped already', () => {
    // Token 0 is in the band, but its ratio e^0.5 = 1.65 is above 1.2 with a good answer.
    expect([...select(band).keep]).toEqual([1, 1, 1, 0]);
    // With room up to 1.7 it is inside.
    expect([...select({ ...band, clipHigh: 0.7 }).keep]).toEqual([0, 1, 1, 0]);
    // A slope of −1.2 takes the room away again: 1 + 0.7 − 1.2 e^−1 = 1.26.
    const sloped = { ...band, clipHigh: 0.7, clipHighSlope: -1.2 };
    expect([...select(sloped).keep]).toEqual([1, 1, 1, 0]);
  });

  test('the ends of the band are outside it', () => {
    const to = (covLow: number, covHigh: number) =>
      Array.from(select({ ...band, clipHigh: 0.7, covLow, covHigh }).keep);
    expect(to(0.5, 2)).toEqual([0, 1, 1, 1]);
    expect(to(0.25, 1)).toEqual([1, 1, 1, 0]);
  });

  test('draws as many as it may', () => {
    const left = select({ ...band, clipHigh: 0.7, covTokens: 1 }).keep;
    expect([left[1], left[2]]).toEqual([1, 1]);
    expect((left[0] ?? 0) + (left[3] ?? 0)).toBe(1);
  });
});

test('(71) 80/20 keeps the tokens of highest entropy', () => {
  expect([...select({ entropyTokens: 1 }).keep]).toEqual([0, 1, 0, 0]);
  expect([...select({ entropyTokens: 2 }).keep]).toEqual([0, 1, 0, 1]);
  expect([...select({ entropyTokens: 3 }).keep]).toEqual([0, 1, 1, 1]);
  // Those that tie with the last one stay with it.
  const tied = { ...FOUR, entropy: [0.5, 0.9, 0.5, 0.1] };
  expect([...select({ entropyTokens: 2 }, tied).keep]).toEqual([1, 1, 1, 0]);
});

test('(72) random clipping takes tokens of good answers only', () => {
  expect([...select({ randomTokens: 4 }).keep]).toEqual([0, 0, 1, 1]);
  const one = select({ randomTokens: 1 }).keep;
  expect([one[2], one[3]]).toEqual([1, 1]);
  expect((one[0] ?? 0) + (one[1] ?? 0)).toBe(1);
});

describe('(73) STEER', () => {
  const half = Math.log(0.5);
  /** On policy with p = 1/2 the change of a token is |A| (1 − p) |log p + H|: here half of what is added to −log p. */
  const changing = (advantage: number[], added: number[]): SelectionInput => ({
    ...FOUR,
    advantage,
    logprob: [half, half, half, half],
    oldLogprob: [half, half, half, half],
    entropy: added.map((nats) => nats - half),
  });

  test('the largest change has the least weight, and none the whole', () => {
    // Changes 0.2, 0.05, 0.1 (twice the advantage, half the distance) and 0.
    const { keep } = select({ steerMinWeight: 0.8 }, changing([1, -1, 2, 1], [0.4, -0.1, 0.1, 0]));
    // 0.8 ** 1, 0.8 ** (1/4), 0.8 ** (1/2), 0.8 ** 0
    [0.8, 0.945742, 0.894427, 1].forEach((expected, n) => expect(keep[n]).toBeCloseTo(expected, 6));
  });

  test('changes that are all small are not blown up', () => {
    // 0.01 against the least scale of 0.02: 0.8 ** (1/2).
    const { keep } = select({ steerMinWeight: 0.8 }, changing([1, 1, 1, 1], [0.02, 0, 0, 0]));
    expect(keep[0]).toBeCloseTo(0.894427, 6);
    expect(keep[1]).toBe(1);
  });

  test('a token that has become likelier changes more', () => {
    // p (1 − p) / p_old = 0.25 / 0.25 instead of 0.25 / 0.5: 0.4 against 0.2 of the next, 0.8 ** (1/2).
    const input = changing([1, 1, 1, 1], [0.4, 0.4, 0, 0]);
    const oldLogprob = [Math.log(0.25), half, half, half];
    const { keep } = select({ steerMinWeight: 0.8 }, { ...input, oldLogprob });
    expect(keep[0]).toBeCloseTo(0.8, 12);
    expect(keep[1]).toBeCloseTo(0.894427, 6);
  });
});
