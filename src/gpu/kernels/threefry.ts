import { defineKernel } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import threefryLib from '../../shaders/lib/threefry.wgsl?raw';
import wgsl from '../../shaders/threefry.wgsl?raw';

const lib = [index, threefryLib];
const params = ['count', 'start', 'stream', 'key0', 'key1'] as const;

export const threefry = defineKernel({
  name: 'threefry',
  wgsl,
  lib,
  buffers: { bits: 'read_write' },
  params,
  flop: ({ count }) => 100 * count,
});
