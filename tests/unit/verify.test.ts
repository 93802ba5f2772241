import { describe, expect, test } from 'vitest';
import { profileOf } from '../../src/gpu/device';
import type { KernelSpec } from '../../src/gpu/kernel';
import { CHECKS } from '../../src/verify/checks';
import { checkedOutputs, gapOf, type Comparison } from '../../src/verify/compare';
import { SENTINEL, type Bench } from '../../src/verify/run_kernel';

const compared = (got: number[], want: number[], tolerance: Comparison['tolerance']) =>
  gapOf({ got, want, tolerance });

describe('gapOf', () => {
  test('the largest error, what is allowed there, and the largest share of all', () => {
    expect(compared([1, 10.5], [1.25, 10], { atol: 0.5, rtol: 0.1 })).toEqual({
      numbers: 2,
      error: 0.5,
      allowed: 1.5,
      scale: 10,
      share: 0.4,
      worst: 0,
    });
  });

  test('tolerances by number', () => {
    expect(compared([1, 2], [1, 3], { atol: [0, 2] }).share).toBe(0.5);
    expect(compared([2, 3], [1, 3], { atol: [0, 2] }).share).toBe(Infinity);
  });

  test('equal is right without any tolerance, nothing else is', () => {
    expect(compared([3, -0], [3, 0], {}).share).toBe(0);
    expect(compared([3 + 1e-9], [3], {}).share).toBe(Infinity);
  });

  test.each([
    [NaN, 1],
    [1, NaN],
    [Infinity, Infinity],
    [Infinity, 1],
  ])('%f against %f is infinitely far', (got, want) => {
    const { share, error } = compared([0, got, 0], [0, want, 0], { atol: 1, rtol: 1 });
    expect(share).toBe(Infinity);
    expect(error).toBe(Infinity);
  });

  test('a tolerance that is no number allows nothing', () => {
    expect(compared([1], [2], { atol: NaN }).share).toBe(Infinity);
  });

  test('another number of numbers is an error', () => {
    expect(() => compared([1], [1, 2], { atol: 9 })).toThrow('1 numbers, not 2');
  });
});

test('comparisons of one output are told together, by the worst', () => {
  const one = { kernel: 'k', output: 'y', tolerance: { atol: 1 } };
  const outputs = checkedOutputs([
    { ...one, got: [1], want: [1.25] },
    { ...one, got: [7], want: [8], tolerance: { atol: 10 } },
    { ...one, output: 'z', got: [0], want: [0] },
  ]);
  expect(outputs).toEqual([
    ...[
      { kernel: 'k', output: 'y', numbers: 2, error: 1, allowed: 10, relative: 0.125, share: 0.25 },
    ],
    ...[{ kernel: 'k', output: 'z', numbers: 1, error: 0, allowed: 1, relative: 0, share: 0 }],
  ]);
});

/** A device that computes nothing: every output comes back as it was. */
function idle(seen: KernelSpec[], value = SENTINEL): Bench {
  const run = (spec: KernelSpec, { outputs }: { outputs: Record<string, unknown> }) => {
    seen.push(spec);
    const left = Object.entries(outputs).map(([name, before]) => [
      name,
      typeof before === 'number'
        ? new Float32Array(before).fill(value)
        : (before as Float32Array).slice(),
    ]);
    return Promise.resolve(Object.fromEntries(left));
  };
  const facts = { vendor: '', architecture: '', description: '', software: false };
  return { profile: profileOf(facts), run };
}

describe('the checks of the page', () => {
  const named = CHECKS.map((check) => [check.kernels.join(), check] as const);

  test.each(named)('%s fails on a device that computes nothing', async (_, check) => {
    for (const value of [SENTINEL, 0]) {
      const seen: KernelSpec[] = [];
      const found = await check.compare(idle(seen, value)).then(
        (comparisons) => checkedOutputs(comparisons).filter(({ share }) => !(share <= 1)),
        (error: unknown) => [error],
      );
      expect(found.length).toBeGreaterThan(0);
      expect([...new Set(seen.map(({ name }) => name))]).toEqual(check.kernels);
    }
  });

  test.each(named)('%s says on what', (_, { about }) => {
    expect(about.length).toBeGreaterThan(10);
    expect(about.length).toBeLessThan(100);
  });
});
