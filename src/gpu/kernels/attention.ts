import { defineKernel } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/attention.wgsl?raw';

const lib = [index, exp];
const params = ['rows', 'positions', 'heads', 'kv_heads', 'scale'] as const;

export const attention = defineKernel({
  name: 'attention',
  wgsl,
  lib,
  buffers: { qkv: 'read', out: 'read_write', log_sum: 'read_write' },
  params,
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
});
