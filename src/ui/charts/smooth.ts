/**
 * Exponential mean in which the past has weight `weight` (0: none of it, below 1), corrected for its short start, so
 * that it begins at the first value. What is not finite stays so and is passed over.
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return values;
  const smoothed = new Float64Array(values.length);
  let sum = 0;
  let total = 0;
  for (const [i, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      smoothed[i] = NaN;
      continue;
    }
    sum = weight * sum + (1 - weight) * value;
    total = weight * total + (1 - weight);
    smoothed[i] = sum / total;
  }
  return smoothed;
}
