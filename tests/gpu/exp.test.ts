import { describe, expect, test } from 'vitest';
import { defineKernel } from '../../src/gpu/kernel';
import exp from '../../src/shaders/lib/exp.wgsl?raw';
import index from '../../src/shaders/lib/index.wgsl?raw';
import { expectAllClose, runKernel } from '../setup/kernel';

/** lib/exp.wgsl has no kernel of its own. */
const probe = defineKernel({
  name: 'exp_probe',
  lib: [index, exp],
  wgsl: `
struct ProbeParams {
  count: u32,
}
@group(0) @binding(0) var<uniform> params: ProbeParams;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> scalar: array<f32>;
@group(0) @binding(3) var<storage, read_write> vector: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> below: array<vec4f>;

@compute @workgroup_size(WG)
fn exp_probe(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  if (i >= params.count) { return; }
  scalar[i] = exp_scalar(x[i]);
  below[i] = exp_below(vec4f(-abs(x[i]), 0.0, -1.0, -1e30));
  vector[i] = exp_accurate(vec4f(x[i], -x[i], 0.0, 1.0));
}`,
  buffers: { x: 'read', scalar: 'read_write', vector: 'read_write', below: 'read_write' },
  params: ['count'],
  flop: ({ count }) => 20 * count,
});

async function expOf(x: Float32Array<ArrayBuffer>) {
  const { scalar, vector, below } = await runKernel(probe, {
    constants: { WG: 64 },
    inputs: { x },
    outputs: { scalar: x.length, vector: 4 * x.length, below: 4 * x.length },
    params: { count: x.length },
    items: x.length,
  });
  const lane = (l: number) => scalar.map((_, i) => vector[4 * i + l]);
  const below0 = scalar.map((_, i) => below[4 * i]);
  return { scalar, lane, below: below0, ends: below.subarray(0, 4) };
}

// Rounding of r and of the last Horner step, about 2.5 ULP; WGSL's own exp may be 177 ULP off at -87.
const EXP = { rtol: 3e-7 };

describe('lib/exp', () => {
  test('e^x over [-87, 88] to 3e-7', async () => {
    const x = Float32Array.from({ length: 40_001 }, (_, i) => -87 + (i * 175) / 40_000);
    const want = Float64Array.from(x, Math.exp);
    const { scalar, lane, below, ends } = await expOf(x);
    expectAllClose(scalar, want, EXP, 'exp_scalar');
    expectAllClose(lane(0), want, EXP, 'exp_accurate');
    const wantBelow = Float64Array.from(x, (value) => Math.exp(-Math.min(87, Math.abs(value))));
    expectAllClose(below, wantBelow, EXP, 'exp_below');
    expect(ends[1]).toBe(1);
    expectAllClose(ends.subarray(2), [Math.exp(-1), Math.exp(-87)], EXP, 'exp_below');
  });

  test('to 3e-7 near 0 and at the seams of the range reduction', async () => {
    const near = [0, 1e-30, 1e-7, 1e-4, 0.01, 0.3];
    const seams = Array.from({ length: 80 }, (_, k) => (k + 0.5) * Math.LN2);
    const sides = seams.flatMap((x) => [x, x * (1 - 1e-6), x * (1 + 1e-6)]);
    const x = Float32Array.from([...near, ...sides].flatMap((x) => [x, -x]));
    const { scalar, lane } = await expOf(x);
    expectAllClose(scalar, Float64Array.from(x, Math.exp), EXP, 'exp_scalar');
    expectAllClose(lane(0), Float64Array.from(x, Math.exp), EXP, 'exp_accurate');
    expectAllClose(
      lane(1),
      Float64Array.from(x, (value) => Math.exp(-value)),
      EXP,
      'exp_accurate',
    );
    // 0 has no rounding at all: p / p is 1, a ratio of equal probabilities is 1.
    expect(scalar[0]).toBe(1);
    expect([...lane(2)].every((value) => value === 1)).toBe(true);
  });

  test('stays finite and positive outside, at the clamped ends', async () => {
    const x = Float32Array.of(-87, -87.5, -1000, -3.4e38, 88, 88.5, 1000, 3.4e38);
    const ends = Float64Array.from(x, (value) => Math.exp(Math.max(-87, Math.min(88, value))));
    const { scalar, lane } = await expOf(x);
    expectAllClose(scalar, ends, EXP, 'exp_scalar');
    expectAllClose(lane(0), ends, EXP, 'exp_accurate');
  });
});
