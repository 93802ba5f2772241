import { defineKernel, type Constants } from '../kernel';
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
  'd_x_items',
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
  flop: ({ rows, width }) => 16 * rows * width,
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
    d_w: 'read_write',
  },
  params,
  flop: ({ rows, width }) => 60 * rows * width,
});

/** Invocations of d_x, whole workgroups, and of both gradients. `width` counts vec4f. */
export function rmsnormBackwardItems(
  { constants: { WG } }: { constants: Constants },
  { rows, chunks, width }: { rows: number; chunks: number; width: number },
): { dX: number; all: number } {
  const dX = Math.ceil(rows / WG) * WG;
  return { dX, all: dX + chunks * width };
}
