import { defineKernel } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/swiglu.wgsl?raw';

const lib = [index, exp];
const params = ['rows', 'width'] as const;

export const swiglu = defineKernel({
  name: 'swiglu',
  wgsl,
  lib,
  buffers: { gate_up: 'read', y: 'read_write' },
  params,
  flop: ({ rows, width }) => 100 * rows * width,
});

export const swigluBackward = defineKernel({
  name: 'swiglu_backward',
  wgsl,
  lib,
  buffers: { gate_up: 'read', d_y: 'read', d_gate_up: 'read_write' },
  params,
  flop: ({ rows, width }) => 140 * rows * width,
});
