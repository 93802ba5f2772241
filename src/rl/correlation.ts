/**
 * Spearman's rank correlation, -1 to 1: Pearson's of the ranks, ties sharing the average of theirs.
 * Null of fewer than three points, where one side is constant, and where a number is not finite.
 */
export function spearman(x: readonly number[], y: readonly number[]): number | null {
  if (x.length !== y.length) {
    throw new RangeError(`${x.length} values cannot be correlated with ${y.length}`);
  }
  if (x.length < 3 || ![...x, ...y].every(Number.isFinite)) return null;
  return pearson(ranks(x), ranks(y));
}

/** Ranks from 1; equal values share the average of the ranks they take up together. */
export function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function pearson(x: readonly number[], y: readonly number[]): number | null {
  // Ranks always average to this, without rounding.
  const centre = (x.length + 1) / 2;
  const product = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, i) => sum + (value - centre) * (b[i] - centre), 0);
  const scale = Math.sqrt(product(x, x) * product(y, y));
  return scale > 0 ? product(x, y) / scale : null;
}
