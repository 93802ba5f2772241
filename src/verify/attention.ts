import { attention, attentionBackwardKey, attentionBackwardQuery } from '../gpu/kernels/attention';
import * as reference from '../reference/attention';
import { float32, float64, largest, pad, padded, ROUNDING, unpad } from './arrays';
import { queryError, type QueryError } from './attention_error';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';
import { source } from './source';
import { requireZeroPadding } from './untouched';

export interface AttentionSubject {
  readonly headDim: number;
  /** Query heads, and the key and value heads that they share. */
  readonly H: number;
  readonly KV: number;
  readonly T: number;
  readonly rows: number;
  readonly scale: number;
  readonly runs: number;
}

/** One run: q and k times the scale (scores reach its square), v normal; heads without padding. */
export function attentionData({ headDim, H, KV, T, rows, scale, runs }: AttentionSubject) {
  const random = source(headDim * 1000 + H * 100 + T);
  const array = (heads: number, by: number) =>
    float64(float32(random.array(rows * T * heads * headDim, by)));
  return Array.from({ length: runs }, () => ({
    // q alone carries the scale: at 30 the softmax is one-hot.
    q: array(H, scale),
    k: array(KV, 1),
    v: array(KV, 1),
    dOut: array(H, 1),
  }));
}

type Data = ReturnType<typeof attentionData>[number];

/** q, k and v side by side for every position, heads padded. */
export function packQkv(
  data: readonly Pick<Data, 'q' | 'k' | 'v'>[],
  { headDim, H, KV, T, rows }: AttentionSubject,
) {
  const stride = padded(headDim);
  const rowStride = (H + 2 * KV) * stride;
  const out = new Float32Array(data.length * rows * T * rowStride);
  data.forEach(({ q, k, v }, run) => {
    for (let n = 0; n < rows * T; n++) {
      const at = (run * rows * T + n) * rowStride;
      const put = (values: Float64Array, heads: number, head: number) => {
        const part = values.subarray(n * heads * headDim, (n + 1) * heads * headDim);
        out.set(pad(part, heads, headDim), at + head * stride);
      };
      put(q, H, 0);
      put(k, KV, H);
      put(v, KV, H + KV);
    }
  });
  return out;
}

const shapeOf = ({ headDim, H, KV, T, rows }: AttentionSubject) => ({ B: rows, T, H, KV, headDim });

const paramsOf = ({ headDim, H, KV, T, rows }: AttentionSubject) => ({
  rows,
  positions: T,
  heads: H,
  kv_heads: KV,
  scale: 1 / Math.sqrt(headDim),
});

const constantsOf = ({ profile }: Bench, { headDim }: AttentionSubject) => ({
  WG: profile.row,
  HEAD: padded(headDim) / 4,
});

/** The rounding errors of every query head of one run, in the order of log_sum. */
function queryErrors(
  { q, k, v }: Data,
  { headDim, H, KV, T, rows }: AttentionSubject,
): QueryError[] {
  return Array.from({ length: rows * T * H }, (_, item) => {
    const [n, h] = [Math.floor(item / H), item % H];
    const start = n - (n % T);
    const row = (values: Float64Array) => (j: number) => {
      const at = ((start + j) * KV + Math.floor((h * KV) / H)) * headDim;
      return values.subarray(at, at + headDim);
    };
    return queryError(
      q.subarray(item * headDim, (item + 1) * headDim),
      row(k),
      row(v),
      1 + (n % T),
    );
  });
}

/** What those errors may do to the gradients, to first order. */
function gradientErrors(
  run: Data,
  { headDim, H, KV, T, rows }: AttentionSubject,
  errors: readonly QueryError[],
) {
  const { q, k, v, dOut } = run;
  const scale = 1 / Math.sqrt(headDim);
  // Weights below e^-87 come out as e^-87, 1.6e-38, in terms below 1000.
  const [dQ, dK, dV] = [q, k, v].map(({ length }) => new Float64Array(length).fill(1e-34));
  for (let item = 0; item < rows * T * H; item++) {
    const [n, h] = [Math.floor(item / H), item % H];
    const start = n - (n % T);
    const { probs, weight } = errors[item];
    const at = item * headDim;
    const keyAt = (j: number) => ((start + j) * KV + Math.floor((h * KV) / H)) * headDim;
    const dP = probs.map((_, j) => {
      let sum = 0;
      for (let d = 0; d < headDim; d++) sum += dOut[at + d] * v[keyAt(j) + d];
      return sum;
    });
    const size = probs.map((_, j) => {
      let sum = 0;
      for (let d = 0; d < headDim; d++) sum += Math.abs(dOut[at + d] * v[keyAt(j) + d]);
      return sum;
    });
    const delta = dP.reduce((sum, x, j) => sum + probs[j] * x, 0);
    const deltaSize = size.reduce((sum, x, j) => sum + probs[j] * x, 0);
    for (let j = 0; j < probs.length; j++) {
      const terms = T * (H / KV);
      const ofDifference = (headDim + 6) * ROUNDING * (size[j] + deltaSize);
      const dScore =
        probs[j] *
        scale *
        ((weight[j] + (terms + 4) * ROUNDING) * Math.abs(dP[j] - delta) + ofDifference);
      for (let d = 0; d < headDim; d++) {
        dQ[at + d] += dScore * Math.abs(k[keyAt(j) + d]);
        dK[keyAt(j) + d] += dScore * Math.abs(q[at + d]);
        dV[keyAt(j) + d] += probs[j] * (weight[j] + terms * ROUNDING) * Math.abs(dOut[at + d]);
      }
    }
  }
  return { dQ, dK, dV };
}

export async function attentionForward(
  bench: Bench,
  subject: AttentionSubject,
  qkv: Float32Array<ArrayBuffer>,
) {
  const { H, T, rows, headDim } = subject;
  const runs = subject.runs;
  return bench.run(attention, {
    constants: constantsOf(bench, subject),
    inputs: { qkv },
    outputs: { out: runs * rows * T * H * padded(headDim), log_sum: runs * rows * T * H },
    params: paramsOf(subject),
    items: rows * T * H,
    runs,
  });
}

export async function attentionBackward(
  bench: Bench,
  subject: AttentionSubject,
  qkv: Float32Array<ArrayBuffer>,
  saved: { out: Float32Array<ArrayBuffer>; log_sum: Float32Array<ArrayBuffer> },
  dOut: Float32Array<ArrayBuffer>,
) {
  const { H, KV, T, rows, runs } = subject;
  const query = await bench.run(attentionBackwardQuery, {
    constants: constantsOf(bench, subject),
    inputs: { qkv, saved_out: saved.out, saved_log_sum: saved.log_sum, d_out: dOut },
    outputs: { delta: saved.log_sum.length, d_qkv: qkv.length },
    params: paramsOf(subject),
    items: rows * T * H,
    runs,
  });
  return bench.run(attentionBackwardKey, {
    constants: constantsOf(bench, subject),
    inputs: { qkv, saved_log_sum: saved.log_sum, d_out: dOut, saved_delta: query.delta },
    outputs: { d_qkv: query.d_qkv },
    params: paramsOf(subject),
    items: rows * T * KV,
    runs,
  });
}

export async function compareAttention(
  bench: Bench,
  subject: AttentionSubject,
): Promise<Comparison[]> {
  const { headDim, H, T, rows, runs } = subject;
  const data = attentionData(subject);
  const { out, log_sum } = await attentionForward(bench, subject, packQkv(data, subject));
  requireZeroPadding(out, runs * rows * T * H, headDim);
  const size = rows * T * H;
  const kernel = 'attention';
  return data.flatMap((run, r) => {
    const { out: want } = reference.attention(run.q, run.k, run.v, shapeOf(subject));
    const errors = queryErrors(run, subject);
    const atol = errors.flatMap((error) => [...error.out]);
    const from = r * size * headDim;
    const got = unpad(out, runs * size, headDim).subarray(from, from + size * headDim);
    // The largest error of a score, and a sum of T terms.
    const sumError = errors.map(({ score }) => largest(score) + (T + 8) * ROUNDING);
    return [
      { kernel, output: 'out', got, want, tolerance: { atol } },
      {
        kernel,
        output: 'log_sum',
        got: log_sum.subarray(r * size, (r + 1) * size),
        want: errors.map(({ logSum }) => logSum),
        tolerance: { atol: sumError, rtol: 2 * ROUNDING },
      },
    ];
  });
}

/** Both kernels: the one gives the gradient of the queries, the other those of keys and values. */
export async function compareAttentionBackward(
  bench: Bench,
  subject: AttentionSubject,
): Promise<Comparison[]> {
  const { headDim, H, KV, T, rows, runs } = subject;
  const data = attentionData(subject);
  const shape = shapeOf(subject);
  const stride = padded(headDim);
  const N = rows * T;
  const passes = data.map(({ q, k, v }) => reference.attention(q, k, v, shape));
  const flat = (parts: readonly Float64Array[]) => Float32Array.from(parts.flatMap((p) => [...p]));
  const errors = data.map((run) => queryErrors(run, subject));
  // Saved from the twin, so that this looks at the backward kernels alone.
  const saved = {
    out: pad(flat(passes.map(({ out }) => out)), runs * N * H, headDim),
    log_sum: Float32Array.from(errors.flatMap((run) => run.map(({ logSum }) => logSum))),
  };
  const dOut = pad(flat(data.map((run) => run.dOut)), runs * N * H, headDim);
  const { d_qkv } = await attentionBackward(bench, subject, packQkv(data, subject), saved, dOut);
  const heads = H + 2 * KV;
  requireZeroPadding(d_qkv, runs * N * heads, headDim);
  return data.flatMap((run, r) => {
    const { probs } = passes[r];
    const want = reference.attentionBackward(run.dOut, run.q, run.k, run.v, probs, shape);
    const pick = (first: number, count: number) =>
      Float64Array.from({ length: N * count * headDim }, (_, i) => {
        const [n, head] = [Math.floor(i / (count * headDim)), Math.floor(i / headDim) % count];
        return d_qkv[((r * N + n) * heads + first + head) * stride + (i % headDim)];
      });
    const bound = gradientErrors(run, subject, errors[r]);
    const [query, key] = ['attention_backward_query', 'attention_backward_key'];
    return [
      {
        kernel: query,
        output: 'd_q',
        got: pick(0, H),
        want: want.dQ,
        tolerance: { atol: bound.dQ },
      },
      {
        kernel: key,
        output: 'd_k',
        got: pick(H, KV),
        want: want.dK,
        tolerance: { atol: bound.dK },
      },
      {
        kernel: key,
        output: 'd_v',
        got: pick(H + KV, KV),
        want: want.dV,
        tolerance: { atol: bound.dV },
      },
    ];
  });
}
