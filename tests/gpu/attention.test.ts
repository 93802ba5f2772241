import { describe, test } from 'vitest';
import {
  attention,
  attentionBackwardKey,
  attentionBackwardQuery,
} from '../../src/gpu/kernels/attention';
import * as reference from '../../src/reference/attention';
import {
  expectAllClose,
  expectSameBits,
  expectZeroPadding,
  float32,
  float64,
  largest,
  pad,
  padded,
  runKernel,
  ROUNDING,
  unpad,
} from '../setup/kernel';
import { source } from '../unit/reference_support';
import { queryError, type QueryError } from './attention_error';

interface Subject {
  readonly headDim: number;
  readonly H: number;
  readonly KV: number;
  readonly T: number;
  readonly rows: number;
  readonly scale: number;
  readonly runs: number;
}

const HEADS = [
  [1, 1],
  [2, 2],
  [2, 1],
  [4, 1],
  [4, 2],
  [6, 2],
  [3, 1],
] as const;
const LENGTHS = [1, 2, 3, 7, 17, 33];
const SCALES = [0, 1, 10, 30];

const CASES: readonly Subject[] = [2, 6, 8, 16, 20].flatMap((headDim, i) =>
  LENGTHS.flatMap((T, j) =>
    [0, 1].map((turn) => {
      const [H, KV] = HEADS[(i + j + 3 * turn) % HEADS.length];
      const scale = SCALES[(i + j + turn) % 4];
      return { headDim, H, KV, T, rows: 1 + ((i + j) % 3), scale, runs: 1 + ((j + turn) % 3) };
    }),
  ),
);

/** One run: q and k times the scale (scores reach its square), v normal; heads without padding. */
function dataOf({ headDim, H, KV, T, rows, scale, runs }: Subject) {
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

type Data = ReturnType<typeof dataOf>[number];

/** q, k and v side by side for every position, heads padded. */
function packQkv(
  data: readonly Pick<Data, 'q' | 'k' | 'v'>[],
  { headDim, H, KV, T, rows }: Subject,
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

const shapeOf = ({ headDim, H, KV, T, rows }: Subject) => ({ B: rows, T, H, KV, headDim });

const paramsOf = ({ headDim, H, KV, T, rows }: Subject) => ({
  rows,
  positions: T,
  heads: H,
  kv_heads: KV,
  scale: 1 / Math.sqrt(headDim),
});

const constantsOf = ({ headDim }: Subject) => ({ WG: 16, HEAD: padded(headDim) / 4 });

/** The rounding errors of every query head of one run, in the order of log_sum. */
function queryErrors({ q, k, v }: Data, { headDim, H, KV, T, rows }: Subject): QueryError[] {
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
  { headDim, H, KV, T, rows }: Subject,
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

async function forward(subject: Subject, qkv: Float32Array<ArrayBuffer>) {
  const { H, T, rows, headDim } = subject;
  const runs = subject.runs;
  return runKernel(attention, {
    constants: constantsOf(subject),
    inputs: { qkv },
    outputs: { out: runs * rows * T * H * padded(headDim), log_sum: runs * rows * T * H },
    params: paramsOf(subject),
    items: rows * T * H,
    runs,
  });
}

async function backward(
  subject: Subject,
  qkv: Float32Array<ArrayBuffer>,
  saved: { out: Float32Array<ArrayBuffer>; log_sum: Float32Array<ArrayBuffer> },
  dOut: Float32Array<ArrayBuffer>,
) {
  const { H, KV, T, rows, runs } = subject;
  const query = await runKernel(attentionBackwardQuery, {
    constants: constantsOf(subject),
    inputs: { qkv, saved_out: saved.out, saved_log_sum: saved.log_sum, d_out: dOut },
    outputs: { delta: saved.log_sum.length, d_qkv: qkv.length },
    params: paramsOf(subject),
    items: rows * T * H,
    runs,
  });
  return runKernel(attentionBackwardKey, {
    constants: constantsOf(subject),
    inputs: { qkv, saved_log_sum: saved.log_sum, d_out: dOut, saved_delta: query.delta },
    outputs: { d_qkv: query.d_qkv },
    params: paramsOf(subject),
    items: rows * T * KV,
    runs,
  });
}

const NAME = 'head $headDim, heads $H/$KV, T = $T, $rows rows, scale $scale, $runs runs';

describe('attention', () => {
  test.each(CASES)(NAME, async (subject) => {
    const { headDim, H, T, rows, runs } = subject;
    const data = dataOf(subject);
    const { out, log_sum } = await forward(subject, packQkv(data, subject));
    expectZeroPadding(out, runs * rows * T * H, headDim);
    const size = rows * T * H;
    data.forEach((run, r) => {
      const { out: want } = reference.attention(run.q, run.k, run.v, shapeOf(subject));
      const errors = queryErrors(run, subject);
      const atol = errors.flatMap((error) => [...error.out]);
      const from = r * size * headDim;
      const got = unpad(out, runs * size, headDim).subarray(from, from + size * headDim);
      expectAllClose(got, want, { atol }, 'attention out');
      const sums = errors.map(({ logSum }) => logSum);
      // The largest error of a score, and a sum of T terms.
      const sumError = errors.map(({ score }) => largest(score) + (T + 8) * ROUNDING);
      const got2 = log_sum.subarray(r * size, (r + 1) * size);
      expectAllClose(got2, sums, { atol: sumError, rtol: 2 * ROUNDING }, 'attention log_sum');
    });
  });

  test('positions after t change no bit at t', async () => {
    const subject = { headDim: 6, H: 4, KV: 2, T: 9, rows: 2, scale: 3, runs: 2 };
    const qkv = packQkv(dataOf(subject), subject);
    const rowStride = (4 + 4) * 8;
    const other = float32(source(8).array(qkv.length, 50));
    const changed = qkv.map((value, i) => (Math.floor(i / rowStride) % 9 > 4 ? other[i] : value));
    const [before, after] = [await forward(subject, qkv), await forward(subject, changed)];
    for (let row = 0; row < 4; row++) {
      const seen = [row * 9 * 4 * 8, (row * 9 + 5) * 4 * 8] as const;
      expectSameBits(after.out.subarray(...seen), before.out.subarray(...seen), 'out');
    }
  });

  test('equal scores average the values', async () => {
    const subject = { headDim: 2, H: 1, KV: 1, T: 3, rows: 1, scale: 0, runs: 1 };
    const v = Float64Array.of(1, 2, 3, 6, 8, 1);
    const zero = new Float64Array(6);
    const { out } = await forward(subject, packQkv([{ q: zero, k: zero, v }], subject));
    expectAllClose(unpad(out, 3, 2), [1, 2, 2, 4, 4, 3], { rtol: 4 * ROUNDING }, 'attention mean');
  });
});

describe('attention_backward', () => {
  test.each(CASES)(NAME, async (subject) => {
    const { headDim, H, KV, T, rows, runs } = subject;
    const data = dataOf(subject);
    const shape = shapeOf(subject);
    const stride = padded(headDim);
    const N = rows * T;
    const passes = data.map(({ q, k, v }) => reference.attention(q, k, v, shape));
    const flat = (parts: readonly Float64Array[]) =>
      Float32Array.from(parts.flatMap((p) => [...p]));
    const errors = data.map((run) => queryErrors(run, subject));
    // Saved from the twin, so that this looks at the backward kernels alone.
    const saved = {
      out: pad(flat(passes.map(({ out }) => out)), runs * N * H, headDim),
      log_sum: Float32Array.from(errors.flatMap((run) => run.map(({ logSum }) => logSum))),
    };
    const dOut = pad(flat(data.map((run) => run.dOut)), runs * N * H, headDim);
    const { d_qkv } = await backward(subject, packQkv(data, subject), saved, dOut);
    const heads = H + 2 * KV;
    expectZeroPadding(d_qkv, runs * N * heads, headDim);
    data.forEach((run, r) => {
      const want = reference.attentionBackward(
        run.dOut,
        run.q,
        run.k,
        run.v,
        passes[r].probs,
        shape,
      );
      const pick = (first: number, count: number) =>
        Float64Array.from({ length: N * count * headDim }, (_, i) => {
          const [n, head] = [Math.floor(i / (count * headDim)), Math.floor(i / headDim) % count];
          return d_qkv[((r * N + n) * heads + first + head) * stride + (i % headDim)];
        });
      const bound = gradientErrors(run, subject, errors[r]);
      expectAllClose(pick(0, H), want.dQ, { atol: bound.dQ }, 'attention d_q');
      expectAllClose(pick(H, KV), want.dK, { atol: bound.dK }, 'attention d_k');
      expectAllClose(pick(H + KV, KV), want.dV, { atol: bound.dV }, 'attention d_v');
    });
  });

  test('a query whose gradient is zero gives none', async () => {
    const subject = { headDim: 6, H: 2, KV: 1, T: 5, rows: 1, scale: 2, runs: 1 };
    const [run] = dataOf(subject);
    const qkv = packQkv([run], subject);
    const saved = await forward(subject, qkv);
    // Only position 0 has a gradient: keys and values after it must get exactly zero.
    const dOut = pad(
      run.dOut.map((x, i) => (i < 12 ? x : 0)),
      10,
      6,
    );
    const { d_qkv } = await backward(subject, qkv, saved, dOut);
    expectZeroPadding(d_qkv, 1, 4 * 8, d_qkv.length);
  });
});
