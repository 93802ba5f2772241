import { describe, test } from 'vitest';
import { swiglu, swigluBackward } from '../../src/gpu/kernels/swiglu';
import * as reference from '../../src/reference/swiglu';
import {
  expectAllClose,
  expectZeroPadding,
  float32,
  float64,
  pad,
  padded,
  runKernel,
  ROUNDING,
  unpad,
} from '../setup/kernel';
import { source } from '../unit/reference_support';

const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 31, 64, 65];
/** At 100 the sigmoid is 0 or 1 and e^x is clamped. */
const SCALES = [0, 1, 10, 30, 100];

const CASES = WIDTHS.flatMap((F, i) =>
  SCALES.map((scale, j) => ({
    F,
    scale,
    N: [1, 2, 7, 17][(i + j) % 4],
    runs: 1 + ((i + 2 * j) % 3),
  })),
);

function dataOf({ F, scale, N, runs }: (typeof CASES)[number]) {
  const random = source(F * 1000 + scale);
  const array = (by: number) => float64(float32(random.array(runs * N * F, by)));
  const data = { gate: array(scale), up: array(1), dY: array(1) };
  const stride = 2 * padded(F);
  const gateUp = new Float32Array(runs * N * stride);
  for (let n = 0; n < runs * N; n++) {
    gateUp.set(data.gate.subarray(n * F, (n + 1) * F), n * stride);
    gateUp.set(data.up.subarray(n * F, (n + 1) * F), n * stride + padded(F));
  }
  return { ...data, gateUp };
}

// The sigmoid: e^x to 3e-7, a sum and a quotient of 2.5 ULP; then two products.
const RELATIVE = 3e-7 + 6 * ROUNDING;
/** Below the least normal number a device may round to 0, the sigmoid as well as its products with the others. */
const TINY = 2 ** -126;
const flushed = (gate: number, other: number) =>
  TINY * (1 + Math.abs(gate)) * (1 + Math.abs(other));

describe('swiglu', () => {
  test.each(CASES)('F = $F, scale $scale, $N rows, $runs runs', async (subject) => {
    const { F, N, runs } = subject;
    const { gate, up, gateUp } = dataOf(subject);
    const { y } = await runKernel(swiglu, {
      constants: { WG: 64 },
      inputs: { gate_up: gateUp },
      outputs: { y: runs * N * padded(F) },
      params: { rows: N, width: padded(F) / 4 },
      items: (N * padded(F)) / 4,
      runs,
    });
    expectZeroPadding(y, runs * N, F);
    const atol = gate.map((g, i) => flushed(g, up[i]));
    const want = reference.swiglu(gate, up);
    expectAllClose(unpad(y, runs * N, F), want, { atol, rtol: RELATIVE }, 'swiglu');
  });
});

describe('swiglu_backward', () => {
  test.each(CASES)('F = $F, scale $scale, $N rows, $runs runs', async (subject) => {
    const { F, N, runs } = subject;
    const { gate, up, dY, gateUp } = dataOf(subject);
    const { d_gate_up } = await runKernel(swigluBackward, {
      constants: { WG: 64 },
      inputs: { gate_up: gateUp, d_y: pad(dY, runs * N, F) },
      outputs: { d_gate_up: runs * N * 2 * padded(F) },
      params: { rows: N, width: padded(F) / 4 },
      items: (N * padded(F)) / 4,
      runs,
    });
    expectZeroPadding(d_gate_up, 2 * runs * N, F);
    const both = unpad(d_gate_up, 2 * runs * N, F);
    const part = (which: number) =>
      gate.map((_, i) => both[(2 * Math.floor(i / F) + which) * F + (i % F)]);
    const want = reference.swigluBackward(dY, gate, up);
    // 1 + g (1 - s) cancels where it is near 0 (g = -1.28), and 1 - s has the absolute error of s.
    const atol = gate.map((g, i) => {
      const s = 1 / (1 + Math.exp(-g));
      const other = dY[i] * up[i];
      return RELATIVE * s * (1 + Math.abs(g)) * Math.abs(other) + flushed(g, other);
    });
    expectAllClose(part(0), want.dGate, { atol }, 'swiglu d_gate');
    const tiny = gate.map((g, i) => flushed(g, dY[i]));
    expectAllClose(part(1), want.dUp, { atol: tiny, rtol: RELATIVE }, 'swiglu d_up');
  });
});
