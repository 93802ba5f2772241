import { defineKernel } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import finite from '../../shaders/lib/finite.wgsl?raw';
import wgsl from '../../shaders/reduce.wgsl?raw';

const lib = [index, finite];
const params = [
  'rows',
  'width',
  'groups',
  'per_group',
  'out_run',
  'max_column',
  'accumulate',
] as const;
const dotParams = ['count', 'a_run', 'b_run', 'chunks'] as const;

export const reduceRows = defineKernel({
  name: 'reduce_rows',
  wgsl,
  lib,
  buffers: { source: 'read', out: 'read_write' },
  params,
  flop: ({ rows, width }) => 4 * rows * width,
});

export const dotProduct = defineKernel({
  name: 'dot_product',
  wgsl,
  lib,
  buffers: { a: 'read', b: 'read', partial: 'read_write' },
  params: dotParams,
  flop: ({ count }) => 8 * count,
});
