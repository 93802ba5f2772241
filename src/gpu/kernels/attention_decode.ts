import { defineKernel } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/attention_decode.wgsl?raw';

const lib = [index, exp];
const params = ['rows', 'heads', 'kv_heads', 'capacity', 'position', 'scale'] as const;

export const attentionDecode = defineKernel({
  name: 'attention_decode',
  wgsl,
  lib,
  buffers: {
    qkv: 'read',
    cosine: 'read',
    sine: 'read',
    cache_k: 'read_write',
    cache_v: 'read_write',
    out: 'read_write',
  },
  params,
  flop: ({ rows, heads, position }, { HEAD = 1 }) =>
    rows * heads * (position + 1) * (16 * HEAD + 20),
});
