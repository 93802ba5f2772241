import { attentionDecode } from '../gpu/kernels/attention_decode';
import * as reference from '../reference/attention_decode';
import { rope, ropeTables } from '../reference/rope';
import { float32, float64, pad, padded, ROUNDING, unpad } from './arrays';
import { queryError } from './attention_error';
import type { Comparison } from './compare';
import { SENTINEL, type Bench } from './run_kernel';
import { source } from './source';
import { requireSameBits, requireZeroPadding } from './untouched';

/** `steps` positions decoded one after the other, with room for one more in the caches. */
export interface DecodeSubject {
  readonly headDim: number;
  readonly H: number;
  readonly KV: number;
  readonly steps: number;
  readonly B: number;
  readonly scale: number;
  readonly runs: number;
}

/** One run's new position: heads without padding. */
interface Position {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
}

/** q, k and v side by side for every row, heads padded. */
function packQkv(data: readonly Position[], { headDim, H, KV, B }: DecodeSubject) {
  const stride = padded(headDim);
  const heads = H + 2 * KV;
  const qkv = new Float32Array(data.length * B * heads * stride);
  data.forEach((run, r) => {
    for (let b = 0; b < B; b++) {
      const at = (r * B + b) * heads * stride;
      const row = (x: Float64Array, n: number) =>
        pad(x.subarray(b * n * headDim, (b + 1) * n * headDim), n, headDim);
      qkv.set(row(run.q, H), at);
      qkv.set(row(run.k, KV), at + H * stride);
      qkv.set(row(run.v, KV), at + (H + KV) * stride);
    }
  });
  return qkv;
}

export async function compareAttentionDecode(
  bench: Bench,
  subject: DecodeSubject,
): Promise<Comparison[]> {
  const { headDim, H, KV, steps, B, scale, runs } = subject;
  const random = source(headDim * 100 + steps);
  const stride = padded(headDim);
  const capacity = steps + 1;
  const exact = ropeTables(capacity, headDim, 10_000);
  const [cosine, sine] = [float32(exact.cos), float32(exact.sin)];
  const tables = { cos: float64(cosine), sin: float64(sine) };
  const cacheLength = B * KV * capacity * headDim;
  const caches = Array.from({ length: runs }, () => ({
    keys: new Float64Array(cacheLength),
    values: new Float64Array(cacheLength),
  }));
  const found: Comparison[] = [];
  // Cells of positions to come hold garbage.
  let k = new Float32Array(runs * B * KV * capacity * stride).fill(SENTINEL);
  let v = new Float32Array(k);
  for (let position = 0; position < steps; position++) {
    const data = Array.from({ length: runs }, () => ({
      q: float64(float32(random.array(B * H * headDim, scale))),
      k: float64(float32(random.array(B * KV * headDim))),
      v: float64(float32(random.array(B * KV * headDim))),
    }));
    const got = await bench.run(attentionDecode, {
      constants: { WG: bench.profile.row, HEAD: stride / 4, HALF: headDim / 2 },
      inputs: { qkv: packQkv(data, subject), cosine, sine },
      outputs: { cache_k: k, cache_v: v, out: runs * B * H * stride },
      params: {
        rows: B,
        heads: H,
        kv_heads: KV,
        capacity,
        position,
        scale: 1 / Math.sqrt(headDim),
      },
      items: B * H,
      runs,
    });
    [k, v] = [got.cache_k, got.cache_v];
    requireZeroPadding(got.out, runs * B * H, headDim);
    const outs = unpad(got.out, runs * B * H, headDim);
    data.forEach((run, r) => {
      const cache = caches[r];
      const shape = { B, H, KV, headDim, capacity };
      const want = reference.attentionDecode(run.q, run.k, run.v, cache, tables, position, shape);
      // As for attention; the rotation of q and k is among the roundings of a score.
      const query = rope(run.q, tables, Array<number>(B).fill(position), H, headDim);
      const atol = Array.from({ length: B * H }, (_, item) => {
        const head = Math.floor(item / H) * KV + Math.floor(((item % H) * KV) / H);
        const row = (values: Float64Array) => (j: number) =>
          values.subarray((head * capacity + j) * headDim, (head * capacity + j + 1) * headDim);
        const q = query.subarray(item * headDim, (item + 1) * headDim);
        return [...queryError(q, row(cache.keys), row(cache.values), position + 1).out];
      }).flat();
      found.push({
        kernel: 'attention_decode',
        output: 'out',
        got: outs.subarray(r * want.length, (r + 1) * want.length),
        want,
        tolerance: { atol },
      });
    });
  }
  // The caches: rotated keys (three roundings), and values as they came.
  const keys = caches.map((cache) => cache.keys);
  const values = caches.map((cache) => cache.values);
  return [
    ...found,
    ...compareCache('cache_k', k, keys, 3 * ROUNDING * 10, subject),
    ...compareCache('cache_v', v, values, 0, subject),
  ];
}

/** Every cell of the cache: nothing may have been written beyond the last position. */
function compareCache(
  output: string,
  cache: Float32Array<ArrayBuffer>,
  twins: readonly Float64Array[],
  atol: number,
  { headDim, KV, steps, B, runs }: DecodeSubject,
): Comparison[] {
  const stride = padded(headDim);
  const capacity = steps + 1;
  const ofRun = B * KV * capacity;
  return Array.from({ length: runs * ofRun }, (_, cell) => cell).flatMap((cell) => {
    const got = cache.subarray(cell * stride, (cell + 1) * stride);
    if (cell % capacity >= steps) {
      requireSameBits(got, new Float32Array(stride).fill(SENTINEL), output);
      return [];
    }
    requireZeroPadding(got, 1, headDim);
    const at = (cell % ofRun) * headDim;
    const want = twins[Math.floor(cell / ofRun)].subarray(at, at + headDim);
    const compared = { got: unpad(got, 1, headDim), want, tolerance: { atol } };
    return [{ kernel: 'attention_decode', output, ...compared }];
  });
}
