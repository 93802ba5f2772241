import { defineKernel } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/rope.wgsl?raw';

const lib = [index];
const params = [
  'rows',
  'positions',
  'heads',
  'head_dim',
  'head_stride',
  'row_stride',
  'direction',
] as const;

export const rope = defineKernel({
  name: 'rope',
  wgsl,
  lib,
  buffers: { cosine: 'read', sine: 'read', x: 'read_write' },
  params,
  flop: ({ rows, heads, head_dim }) => 3 * rows * heads * head_dim,
});
