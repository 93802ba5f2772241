import type { TransformerRuns } from '../gpu/transformer/runs';
import { unpackWeights } from '../model/layout';
import type { Failure } from '../errors/failure';

type Place = Pick<Extract<Failure, { kind: 'nonfinite' }>, 'of' | 'tensor'>;

/**
 * Which tensor of a run holds the numbers that are not finite, by its name in files: read once, when training has ended
 * for them. In weights that are broken it is the first that a forward pass meets. In gradients it is the last: a backward
 * pass comes from there, and spreads what it finds to all before. Where every number is finite their sum of squares is
 * not, and it is the tensor with the largest.
 */
export async function whereNonfinite(
  runs: Pick<TransformerRuns, 'layout' | 'readParameters'>,
  run: number,
): Promise<Place> {
  const magnitudes = async (of: 'weights' | 'grads') =>
    [...unpackWeights(runs.layout, await runs.readParameters(of, run))].map(
      ([tensor, { data }]) => [tensor, largest(data)] as const,
    );
  const broken = (await magnitudes('weights')).find(([, size]) => size === Infinity);
  if (broken) return { of: 'weights', tensor: broken[0] };
  const gradients = await magnitudes('grads');
  const most = Math.max(...gradients.map(([, size]) => size));
  return { of: 'gradient', tensor: gradients.findLast(([, size]) => size === most)?.[0] ?? '' };
}

/** The largest magnitude; infinite where a number is none. */
function largest(data: Float32Array): number {
  let most = 0;
  for (const value of data) {
    if (!Number.isFinite(value)) return Infinity;
    most = Math.max(most, Math.abs(value));
  }
  return most;
}
