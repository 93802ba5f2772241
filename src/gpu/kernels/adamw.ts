import { defineKernel } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import finite from '../../shaders/lib/finite.wgsl?raw';
import wgsl from '../../shaders/adamw.wgsl?raw';

const lib = [index, runSettings, finite];
const params = ['count'] as const;

export const adamw = defineKernel({
  name: 'adamw',
  wgsl,
  lib,
  buffers: {
    settings: 'read',
    norm: 'read',
    grads: 'read',
    weights: 'read_write',
    m: 'read_write',
    v: 'read_write',
  },
  params,
  flop: ({ count }) => 60 * count,
});
