import type { Profile } from '../device';
import { defineKernel, type Constants } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/matmul.wgsl?raw';

const lib = [index];
const params = [
  'm',
  'n4',
  'k',
  'a_row',
  'b_row',
  'c_row',
  'a_run',
  'b_run',
  'c_run',
  'add',
] as const;

export const matmulNT = defineKernel({
  name: 'matmul_nt',
  wgsl,
  lib,
  buffers: { a: 'read', b: 'read', c: 'read_write', addend: 'read' },
  params,
});

export const matmulNN = defineKernel({
  name: 'matmul_nn',
  wgsl,
  lib,
  buffers: { a: 'read', b: 'read', c: 'read_write' },
  params,
});

export const matmulTN = defineKernel({
  name: 'matmul_tn',
  wgsl,
  lib,
  buffers: { a: 'read', b: 'read', c: 'read_write' },
  params,
});

/** ROWS x 8 outputs an invocation; ROWS is a multiple of 4. */
export function matmulConstants({ matmul, matmulRows }: Profile) {
  return { WG: matmul, ROWS: matmulRows, QUADS: matmulRows / 4 };
}

/** Invocations of a product with m x n outputs. */
export function matmulItems({ constants }: { constants: Constants }, m: number, n: number): number {
  return Math.ceil(m / (constants.ROWS ?? 8)) * Math.ceil(n / 8);
}
