import type { Profile } from '../device';
import { defineKernel, type Constants } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/matmul.wgsl?raw';

const lib = [index];

export const matmulNT = defineKernel({
  name: 'matmul_nt',
  wgsl,
  lib,
  buffers: { a: 'read', b: 'read', c: 'read_write', addend: 'read' },
  params: ['m', 'n4', 'k', 'a_row', 'b_row', 'c_row', 'a_run', 'b_run', 'c_run', 'add'],
  flop: ({ m, n4, k }) => 32 * m * n4 * k,
});

export const matmulGradients = defineKernel({
  name: 'matmul_gradients',
  wgsl,
  lib,
  buffers: { d_y: 'read', w: 'read', x: 'read', d_x: 'read_write', d_w: 'read_write' },
  params: ['rows', 'out4', 'in4', 'w_run', 'd_x_items', 'add', 'add_x'],
  flop: ({ rows, out4, in4 }) => 64 * rows * out4 * in4,
});

/** ROWS x 8 outputs an invocation; ROWS is a multiple of 4. */
export function matmulConstants({ matmul, matmulRows }: Profile) {
  return { WG: matmul, ROWS: matmulRows, QUADS: matmulRows / 4 };
}

/** Invocations of a product with m x n outputs. */
export function matmulItems({ constants }: { constants: Constants }, m: number, n: number): number {
  return Math.ceil(m / (constants.ROWS ?? 8)) * Math.ceil(n / 8);
}

/** Invocations of both gradients of a linear layer, and how many of them are for d_x; sizes in numbers, padded. */
export function gradientItems(
  kernel: { constants: Constants },
  { rows, out, inner }: { rows: number; out: number; inner: number },
): { dX: number; all: number } {
  const { WG } = kernel.constants;
  const dX = Math.ceil(matmulItems(kernel, rows, inner) / WG) * WG;
  return { dX, all: dX + matmulItems(kernel, out, inner) };
}
