/**
 * Rows to draw so that a chart never holds more than `most` points: the first, the last, and the lowest and highest
 * of each equal bucket between them, in order. Spikes survive, which a plain stride would lose. Rows that are not
 * finite are left out.
 */
export function decimate(values: ArrayLike<number>, most: number): number[] {
  const rows: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) rows.push(i);
  }
  if (rows.length <= most) return rows;
  const inner = rows.slice(1, -1);
  const buckets = Math.max(1, Math.floor((most - 2) / 2));
  const kept = [rows[0]];
  for (let b = 0; b < buckets; b++) {
    const bucket = inner.slice(
      Math.floor((b * inner.length) / buckets),
      Math.floor(((b + 1) * inner.length) / buckets),
    );
    kept.push(...extremes(values, bucket));
  }
  kept.push(rows[rows.length - 1]);
  return kept;
}

function extremes(values: ArrayLike<number>, bucket: readonly number[]): number[] {
  let low = bucket[0];
  let high = bucket[0];
  if (low === undefined || high === undefined) return [];
  for (const row of bucket) {
    if (values[row] < values[low]) low = row;
    if (values[row] > values[high]) high = row;
  }
  if (low === high) return [low];
  return low < high ? [low, high] : [high, low];
}
