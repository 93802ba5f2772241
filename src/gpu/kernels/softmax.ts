import { defineKernel } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import wgsl from '../../shaders/softmax.wgsl?raw';

export const softmax = defineKernel({
  name: 'softmax',
  wgsl,
  lib: [index, exp, runSettings],
  buffers: { settings: 'read', logits: 'read', p: 'read_write' },
  params: ['rows', 'vocab', 'width'],
});
