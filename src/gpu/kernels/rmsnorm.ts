import { defineKernel } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/rmsnorm.wgsl?raw';

const lib = [index];
const params = [
  'rows',
  'width',
  'features',
  'weight_stride',
  'weight_at',
  'eps',
  'has_residual',
  'chunks',
  'group',
  'groups',
] as const;

export const rmsnorm = defineKernel({
  name: 'rmsnorm',
  wgsl,
  lib,
  buffers: { x: 'read', w: 'read', y: 'read_write', scale: 'read_write' },
  params,
});

export const rmsnormBackward = defineKernel({
  name: 'rmsnorm_backward',
  wgsl,
  lib,
  buffers: {
    x: 'read',
    w: 'read',
    saved_scale: 'read',
    d_y: 'read',
    d_residual: 'read',
    d_x: 'read_write',
  },
  params,
});

export const rmsnormBackwardWeight = defineKernel({
  name: 'rmsnorm_backward_weight',
  wgsl,
  lib,
  buffers: { x: 'read', saved_scale: 'read', d_y: 'read', d_w: 'read_write' },
  params,
});
