import { defineKernel, type Constants } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/attention.wgsl?raw';

const lib = [index, exp];
const params = ['rows', 'positions', 'heads', 'kv_heads', 'scale'] as const;

/** Scores below the diagonal of all query heads, each with `products` dot products of a head's width and one exponential. */
const scores =
  (products: number) =>
  (
    { rows, positions, heads }: Readonly<Record<(typeof params)[number], number>>,
    { HEAD = 1 }: Constants,
  ) =>
    ((rows * heads * positions * (positions + 1)) / 2) * (products * 8 * HEAD + 20);

export const attention = defineKernel({
  name: 'attention',
  wgsl,
  lib,
  buffers: { qkv: 'read', out: 'read_write', log_sum: 'read_write' },
  params,
  flop: scores(2),
});

export const attentionBackwardQuery = defineKernel({
  name: 'attention_backward_query',
  wgsl,
  lib,
  buffers: {
    qkv: 'read',
    saved_out: 'read',
    saved_log_sum: 'read',
    d_out: 'read',
    delta: 'read_write',
    d_qkv: 'read_write',
  },
  params,
  flop: scores(3),
});

export const attentionBackwardKey = defineKernel({
  name: 'attention_backward_key',
  wgsl,
  lib,
  buffers: {
    qkv: 'read',
    saved_log_sum: 'read',
    d_out: 'read',
    saved_delta: 'read',
    d_qkv: 'read_write',
  },
  params,
  flop: scores(4),
});
