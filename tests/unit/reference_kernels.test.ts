import { describe, expect, test } from 'vitest';
import { adamw, clipScale, globalNorm, type AdamwState } from '../../src/reference/adamw';
import { attention, attentionBackward } from '../../src/reference/attention';
import { attentionDecode } from '../../src/reference/attention_decode';
import { embedding, embeddingBackward } from '../../src/reference/embedding';
import { matmulNn, matmulNt, matmulTn } from '../../src/reference/matmul';
import { columnSums, dot, reduceRows } from '../../src/reference/reduce';
import { rmsnorm, rmsnormBackward } from '../../src/reference/rmsnorm';
import { rope, ropeInverse, ropeTables } from '../../src/reference/rope';
import { greedy, gumbel, gumbelMax, gumbelNoise } from '../../src/reference/sample';
import { swiglu, swigluBackward } from '../../src/reference/swiglu';
import { threefry2x32 } from '../../src/reference/threefry';
import { tokenStats } from '../../src/reference/token_stats';
import { source } from '../../src/verify/source';
import { difference, gradientGap, GRADIENT_LIMIT } from './reference_support';

const SEEDS = Array.from({ length: 20 }, (_, i) => 100 + i);

describe.each(SEEDS)('backward against central differences, seed %i', (seed) => {
  const random = source(seed);

  test('embedding', () => {
    const [N, V, C] = [1 + random.below(6), 1 + random.below(5), 1 + random.below(4)];
    const table = random.array(V * C);
    const token = Array.from({ length: N }, () => random.below(V));
    const dOut = random.array(N * C);
    const f = () => dot(embedding(table, token, C), dOut);
    expect(gradientGap(f, table, embeddingBackward(dOut, token, V, C))).toBeLessThan(
      GRADIENT_LIMIT,
    );
  });

  test('rmsnorm', () => {
    const [N, C] = [1 + random.below(4), 1 + random.below(9)];
    const x = random.array(N * C, random.pick([0.3, 1, 10]));
    const weight = random.array(C);
    const dOut = random.array(N * C);
    const f = () => dot(rmsnorm(x, weight, 1e-3), dOut);
    const { dx, dWeight } = rmsnormBackward(dOut, x, weight, 1e-3);
    expect(gradientGap(f, x, dx)).toBeLessThan(GRADIENT_LIMIT);
    expect(gradientGap(f, weight, dWeight)).toBeLessThan(GRADIENT_LIMIT);
  });

  test('matmul: nn and tn are the gradients of nt', () => {
    const [M, N, K] = [1 + random.below(5), 1 + random.below(5), 1 + random.below(5)];
    const [a, b, addend] = [random.array(M * K), random.array(N * K), random.array(M * N)];
    const dOut = random.array(M * N);
    const f = () => dot(matmulNt(a, b, M, N, K, addend), dOut);
    expect(gradientGap(f, a, matmulNn(dOut, b, M, K, N))).toBeLessThan(GRADIENT_LIMIT);
    expect(gradientGap(f, b, matmulTn(dOut, a, N, K, M))).toBeLessThan(GRADIENT_LIMIT);
    expect(gradientGap(f, addend, dOut)).toBeLessThan(GRADIENT_LIMIT);
    const zero = new Float64Array(M * K);
    expect(
      difference(
        matmulNn(dOut, b, M, K, N, a),
        matmulNn(dOut, b, M, K, N, zero).map((x, i) => x + a[i]),
      ),
    ).toBe(0);
    expect(
      difference(
        matmulTn(dOut, a, N, K, M, b),
        matmulTn(dOut, a, N, K, M).map((x, i) => x + b[i]),
      ),
    ).toBe(0);
  });

  test('rope', () => {
    const [N, heads, headDim] = [
      1 + random.below(4),
      1 + random.below(3),
      2 * (1 + random.below(4)),
    ];
    const tables = ropeTables(12, headDim, 10000);
    const position = Array.from({ length: N }, () => random.below(12));
    const x = random.array(N * heads * headDim);
    const dOut = random.array(x.length);
    const f = () => dot(rope(x, tables, position, heads, headDim), dOut);
    const back = ropeInverse(dOut, tables, position, heads, headDim);
    expect(gradientGap(f, x, back)).toBeLessThan(GRADIENT_LIMIT);
    const turned = rope(x, tables, position, heads, headDim);
    expect(difference(ropeInverse(turned, tables, position, heads, headDim), x)).toBeLessThan(
      1e-14,
    );
  });

  test('attention', () => {
    const KV = 1 + random.below(2);
    const shape = {
      B: 1 + random.below(2),
      T: 1 + random.below(5),
      H: KV * (1 + random.below(3)),
      KV,
      headDim: 2 + random.below(3),
    };
    const { B, T, H, headDim } = shape;
    const q = random.array(B * T * H * headDim);
    const [k, v] = [random.array(B * T * KV * headDim), random.array(B * T * KV * headDim)];
    const dOut = random.array(q.length);
    const f = () => dot(attention(q, k, v, shape).out, dOut);
    const { probs } = attention(q, k, v, shape);
    const { dQ, dK, dV } = attentionBackward(dOut, q, k, v, probs, shape);
    expect(gradientGap(f, q, dQ)).toBeLessThan(GRADIENT_LIMIT);
    expect(gradientGap(f, k, dK)).toBeLessThan(GRADIENT_LIMIT);
    expect(gradientGap(f, v, dV)).toBeLessThan(GRADIENT_LIMIT);
  });

  test('swiglu', () => {
    const n = 1 + random.below(20);
    const [gate, up, dOut] = [random.array(n, 3), random.array(n), random.array(n)];
    const f = () => dot(swiglu(gate, up), dOut);
    const { dGate, dUp } = swigluBackward(dOut, gate, up);
    expect(gradientGap(f, gate, dGate)).toBeLessThan(GRADIENT_LIMIT);
    expect(gradientGap(f, up, dUp)).toBeLessThan(GRADIENT_LIMIT);
  });
});

test('swiglu is finite where the sigmoid underflows', () => {
  const gate = Float64Array.of(-1000, 1000);
  expect(swiglu(gate, Float64Array.of(2, 2))).toEqual(Float64Array.of(-0, 2000));
  const { dGate } = swigluBackward(Float64Array.of(1, 1), gate, Float64Array.of(2, 2));
  expect([...dGate].map(Math.abs)).toEqual([0, 2]);
});

test('decoding step by step equals attention over the whole sequence', () => {
  const random = source(7);
  const [B, T, H, KV, headDim] = [2, 6, 4, 2, 6];
  const tables = ropeTables(T, headDim, 10000);
  const q = random.array(B * T * H * headDim);
  const [k, v] = [random.array(B * T * KV * headDim), random.array(B * T * KV * headDim)];
  const position = Array.from({ length: B * T }, (_, n) => n % T);
  const whole = attention(
    rope(q, tables, position, H, headDim),
    rope(k, tables, position, KV, headDim),
    v,
    { B, T, H, KV, headDim },
  ).out;
  const capacity = T + 3;
  const cacheSize = B * KV * capacity * headDim;
  const cache = { keys: random.array(cacheSize), values: random.array(cacheSize) };
  const shape = { B, H, KV, headDim, capacity };
  /** Position t of every sequence of x (B, T, heads, headDim). */
  const slice = (x: Float64Array, heads: number, t: number) => {
    const width = heads * headDim;
    return Float64Array.from({ length: B * width }, (_, i) => {
      return x[(Math.floor(i / width) * T + t) * width + (i % width)];
    });
  };
  for (let t = 0; t < T; t++) {
    const one = [slice(q, H, t), slice(k, KV, t), slice(v, KV, t)] as const;
    const got = attentionDecode(...one, cache, tables, t, shape);
    expect(difference(got, slice(whole, H, t))).toBeLessThan(1e-14);
  }
});

test('rope tables hold position times theta^(-i / half)', () => {
  const { cos, sin } = ropeTables(3, 4, 100);
  expect(cos[2 * 2 + 1]).toBeCloseTo(Math.cos(0.2), 15);
  expect(sin[2 * 2 + 0]).toBeCloseTo(Math.sin(2), 15);
});

describe('token_stats', () => {
  test('equal logits give -log V and log V', () => {
    const { logprob, entropy } = tokenStats(new Float64Array(5).fill(3), [2], 5, 0.7);
    expect(logprob[0]).toBeCloseTo(-Math.log(5), 14);
    expect(entropy[0]).toBeCloseTo(Math.log(5), 14);
  });

  test('temperature divides the logits; large and masked logits stay finite', () => {
    const logits = Float64Array.of(1, -2, 0.5);
    const cold = tokenStats(logits, [1], 3, 0.5);
    expect(cold).toEqual(
      tokenStats(
        logits.map((z) => 2 * z),
        [1],
        3,
        1,
      ),
    );
    const extreme = tokenStats(Float64Array.of(1e4, 0, -1e30), [0], 3, 1);
    expect([...extreme.logprob, ...extreme.entropy]).toEqual([0, 0]);
  });
});

describe('sample', () => {
  test('greedy takes the lower index of a tie', () => {
    expect(greedy(Float64Array.of(1, 3, 3, 0, 0, 0), 3)).toEqual(Int32Array.of(1, 0));
  });

  test('Gumbel noise has the mean and variance of its law, and is finite at both ends', () => {
    const noise = gumbelNoise(1, 2, 3, 20000);
    const mean = noise.reduce((a, b) => a + b) / noise.length;
    const variance = noise.reduce((a, b) => a + (b - mean) ** 2, 0) / noise.length;
    // Euler's constant and pi^2 / 6; six standard errors of 20,000 draws.
    expect(Math.abs(mean - 0.5772156649)).toBeLessThan(0.055);
    expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(0.16);
    expect(Number.isFinite(gumbel(0)) && Number.isFinite(gumbel(0xffffffff))).toBe(true);
  });

  test('draws follow softmax(logits / temperature)', () => {
    const logits = Float64Array.of(1, 0, -1, 0.5);
    const draws = 20000;
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < draws; i++) counts[gumbelMax(logits, gumbelNoise(5, 6, i, 4), 4, 0.8)[0]]++;
    counts.forEach((count, v) => {
      const p = Math.exp(tokenStats(logits, [v], 4, 0.8).logprob[0]);
      // Five standard errors of a binomial share.
      expect(Math.abs(count / draws - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws));
    });
  });
});

test('threefry2x32 gives the published answers', () => {
  const hex = (words: [number, number]) =>
    words.map((w) => w.toString(16).padStart(8, '0')).join(' ');
  expect(hex(threefry2x32(0, 0, 0, 0))).toBe('6b200159 99ba4efe');
  const all = 0xffffffff;
  expect(hex(threefry2x32(all, all, all, all))).toBe('1cb996fc bb002be7');
  expect(hex(threefry2x32(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))).toBe(
    'c4923a9c 483df7a0',
  );
});

test('reductions', () => {
  const x = Float64Array.of(1, 2, 3, 4, 5, 6);
  expect(columnSums(x, 2)).toEqual(Float64Array.of(9, 12));
  expect(reduceRows(x, 2, 2)).toEqual(Float64Array.of(4, 6, 5, 6));
  expect(dot(x, x)).toBe(91);
});

describe('adamw', () => {
  const settings = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.5 };

  test('the first step is decay and a step of learningRate against the sign', () => {
    const zeros = new Float64Array(3);
    const state = { weight: Float64Array.of(1, 1, 1), m: zeros, v: zeros };
    const after = adamw(state, Float64Array.of(5, -0.01, 0), settings, 1);
    expect(difference(after.weight, [0.95 - 0.1, 0.95 + 0.1, 0.95])).toBeLessThan(1e-6);
    expect(state.weight).toEqual(Float64Array.of(1, 1, 1));
  });

  test('three steps equal the moments written out as sums', () => {
    const grads = [0.3, -1.2, 0.7];
    const { learningRate, beta1, beta2, eps, weightDecay } = settings;
    let state: AdamwState = {
      weight: Float64Array.of(2),
      m: new Float64Array(1),
      v: new Float64Array(1),
    };
    let want = 2;
    grads.forEach((g, i) => {
      state = adamw(state, Float64Array.of(g), settings, i + 1);
      const seen = grads.slice(0, i + 1);
      const mean = (beta: number, power: number) =>
        seen.reduce((s, x, j) => s + (1 - beta) * beta ** (i - j) * x ** power, 0) /
        (1 - beta ** (i + 1));
      want -=
        learningRate * weightDecay * want +
        (learningRate * mean(beta1, 1)) / (Math.sqrt(mean(beta2, 2)) + eps);
      expect(state.weight[0]).toBeCloseTo(want, 12);
    });
  });

  test('clipping scales by the norm over all tensors, null and small norms leave the gradient alone', () => {
    expect(globalNorm([Float64Array.of(3), Float64Array.of(0, 4)])).toBe(5);
    expect(clipScale(5, 1)).toBe(1 / (5 + 1e-6));
    expect([clipScale(5, null), clipScale(0.5, 1), clipScale(0, 1)]).toEqual([1, 1, 1]);
  });
});
