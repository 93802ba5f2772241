import { swiglu, swigluBackward } from '../gpu/kernels/swiglu';
import * as reference from '../reference/swiglu';
import { float32, float64, pad, padded, ROUNDING, unpad } from './arrays';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';
import { source } from './source';
import { requireZeroPadding } from './untouched';

export interface SwigluSubject {
  readonly F: number;
  /** Of the gates: at 100 the sigmoid is 0 or 1 and e^x is clamped. */
  readonly scale: number;
  readonly N: number;
  readonly runs: number;
}

function dataOf({ F, scale, N, runs }: SwigluSubject) {
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

export async function compareSwiglu(bench: Bench, subject: SwigluSubject): Promise<Comparison[]> {
  const { F, N, runs } = subject;
  const { gate, up, gateUp } = dataOf(subject);
  const { y } = await bench.run(swiglu, {
    constants: { WG: bench.profile.element },
    inputs: { gate_up: gateUp },
    outputs: { y: runs * N * padded(F) },
    params: { rows: N, width: padded(F) / 4 },
    items: (N * padded(F)) / 4,
    runs,
  });
  requireZeroPadding(y, runs * N, F);
  const atol = gate.map((g, i) => flushed(g, up[i]));
  return [
    {
      kernel: 'swiglu',
      output: 'y',
      got: unpad(y, runs * N, F),
      want: reference.swiglu(gate, up),
      tolerance: { atol, rtol: RELATIVE },
    },
  ];
}

export async function compareSwigluBackward(
  bench: Bench,
  subject: SwigluSubject,
): Promise<Comparison[]> {
  const { F, N, runs } = subject;
  const { gate, up, dY, gateUp } = dataOf(subject);
  const { d_gate_up } = await bench.run(swigluBackward, {
    constants: { WG: bench.profile.element },
    inputs: { gate_up: gateUp, d_y: pad(dY, runs * N, F) },
    outputs: { d_gate_up: runs * N * 2 * padded(F) },
    params: { rows: N, width: padded(F) / 4 },
    items: (N * padded(F)) / 4,
    runs,
  });
  requireZeroPadding(d_gate_up, 2 * runs * N, F);
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
  const tiny = gate.map((g, i) => flushed(g, dY[i]));
  const kernel = 'swiglu_backward';
  return [
    { kernel, output: 'd_gate', got: part(0), want: want.dGate, tolerance: { atol } },
    {
      kernel,
      output: 'd_up',
      got: part(1),
      want: want.dUp,
      tolerance: { atol: tiny, rtol: RELATIVE },
    },
  ];
}
