import { describe, expect, test } from 'vitest';
import { tokenClip } from '../../src/engine/inspect';

const floats = (...values: number[]) => Float32Array.from(values);
const fixed = { low: 0.2, lowSlope: 0, high: 0.3, highSlope: 0 };

describe('a close look', () => {
  test('sees a clip only on the side the advantage points to', () => {
    const ratios = floats(0.7, 1, 1.4);
    const logprobs = floats(-1, -1, -1);
    expect(tokenClip(0.5, logprobs, ratios, fixed).side).toEqual([null, null, 'high']);
    expect(tokenClip(-0.5, logprobs, ratios, fixed).side).toEqual(['low', null, null]);
    expect(tokenClip(0, logprobs, ratios, fixed).side).toEqual([null, null, null]);
  });

  test('gives each token the range of its probability where bounds depend on it', () => {
    const { lowest, highest, side } = tokenClip(1, floats(0, -30), floats(1.5, 1.5), {
      low: 0.2,
      lowSlope: -0.5,
      high: 0.3,
      highSlope: 0.4,
    });
    // A bound never turns over: low stays at least 0.
    expect(lowest[0]).toBeCloseTo(1, 6);
    expect(highest[0]).toBeCloseTo(1.7, 6);
    expect(highest[1]).toBeCloseTo(1.3, 6);
    expect(side).toEqual([null, 'high']);
  });
});
