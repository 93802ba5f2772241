import { ROUNDING } from './arrays';

/** What rounding may do to the attention of one query, to first order: bounds for every number, not for the largest. */
export interface QueryError {
  readonly probs: Float64Array;
  readonly logSum: number;
  /** Error of each score: headDim products and their sum, and three more roundings of what it is made of. */
  readonly score: Float64Array;
  /** Relative error of each weight recomputed as exp(score - saved log sum). */
  readonly weight: Float64Array;
  /** Error of each number of the output. */
  readonly out: Float64Array;
}

/** `q`, and `count` rows of keys and values, in the head of the query. */
export function queryError(
  q: Float64Array,
  key: (j: number) => Float64Array,
  value: (j: number) => Float64Array,
  count: number,
): QueryError {
  const D = q.length;
  const scale = 1 / Math.sqrt(D);
  const scores = new Float64Array(count);
  const score = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    const k = key(j);
    let size = 0;
    for (let d = 0; d < D; d++) {
      scores[j] += q[d] * k[d] * scale;
      size += Math.abs(q[d] * k[d]) * scale;
    }
    score[j] = (D + 5) * ROUNDING * size;
  }
  const most = Math.max(...scores);
  let total = 0;
  for (const s of scores) total += Math.exp(s - most);
  const logSum = most + Math.log(total);
  const probs = scores.map((s) => Math.exp(s - logSum));
  // exp is good to 5 roundings; log_sum carries the mean of the scores' errors and its own rounding.
  let mean = 0;
  probs.forEach((p, j) => (mean += p * score[j]));
  const ofLogSum = mean + 4 * ROUNDING * (1 + Math.abs(logSum));
  const weight = score.map((s) => s + ofLogSum + 5 * ROUNDING);
  const out = new Float64Array(D);
  const error = new Float64Array(D);
  for (let j = 0; j < count; j++) for (let d = 0; d < D; d++) out[d] += probs[j] * value(j)[d];
  for (let j = 0; j < count; j++) {
    const v = value(j);
    for (let d = 0; d < D; d++) {
      // A weight that is off moves the mean only as far as its value lies from it; then the sum itself.
      error[d] +=
        probs[j] *
        (2 * score[j] * Math.abs(v[d] - out[d]) + (count + 12) * ROUNDING * Math.abs(v[d]));
    }
  }
  return { probs, logSum, score, weight, out: error };
}
