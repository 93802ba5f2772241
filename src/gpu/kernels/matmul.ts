import { defineKernel } from '../kernel';
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
