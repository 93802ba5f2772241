import { afterAll, assert } from 'vitest';
import type { Profile } from '../../src/gpu/device';
import { gapOf, type Comparison, type Tolerance } from '../../src/verify/compare';
import { benchOf, type Bench } from '../../src/verify/run_kernel';
import { testDevice } from './device';

export {
  requireSameBits as expectSameBits,
  requireZeroPadding as expectZeroPadding,
} from '../../src/verify/untouched';

/** Small workgroups, so that small inputs take several; products in the tiles of a GPU. */
const PROFILE: Profile = {
  matmul: 32,
  matmulRows: 8,
  embeddingBlock: 1,
  row: 16,
  element: 64,
  flopPerMs: 1e6,
  dispatchMs: 0.05,
};

/** The test file's device; `profile` changes sizes of workgroups and tiles. */
export async function testBench(profile: Partial<Profile> = {}): Promise<Bench> {
  return benchOf({ device: await testDevice(), profile: { ...PROFILE, ...profile } });
}

type Run = Bench['run'];

/** Runs a kernel on the test file's device: compiles, dispatches, reads back and checks the canaries. */
export const runKernel: Run = async (spec, call) => (await testBench()).run(spec, call);

/** Largest error of each name so far, and the largest share of its tolerance that an error used up. */
const measured = new Map<string, { error: number; ofTolerance: number }>();

/** |got - want| <= atol + rtol |want| everywhere; names the worst place. A NaN on either side fails. */
export function expectAllClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: Tolerance,
  what = 'values',
): void {
  if (got.length !== want.length) assert.fail(`${what}: ${got.length} numbers, not ${want.length}`);
  const { error, share, worst } = gapOf({ got, want, tolerance });
  if (!(share <= 1)) {
    assert.fail(
      `${what}[${worst}] is ${got[worst]}, not ${want[worst]}: off by ${Math.abs(got[worst] - want[worst])}, ` +
        `${share} times what is allowed`,
    );
  }
  const before = measured.get(what) ?? { error: 0, ofTolerance: 0 };
  measured.set(what, {
    error: Math.max(before.error, error),
    ofTolerance: Math.max(before.ofTolerance, share),
  });
}

/** Everything a kernel wrote is as near to its twin as it must be. */
export function expectTwin(comparisons: readonly Comparison[]): void {
  if (comparisons.length === 0) assert.fail('nothing was compared');
  for (const { kernel, output, got, want, tolerance } of comparisons)
    expectAllClose(got, want, tolerance, `${kernel} ${output}`);
}

// MEASURE=1 npm run test:gpu shows how much of each tolerance is used.
if (process.env['MEASURE']) {
  afterAll(() => {
    for (const [what, { error, ofTolerance }] of measured) {
      console.log(
        `${what}: ${error.toExponential(1)}, ${(100 * ofTolerance).toFixed(0)}% of tolerance`,
      );
    }
  });
}
