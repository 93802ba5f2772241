import { defineKernel } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import rowSoftmax from '../../shaders/lib/row_softmax.wgsl?raw';
import threefryLib from '../../shaders/lib/threefry.wgsl?raw';
import wgsl from '../../shaders/sample.wgsl?raw';

const lib = [index, exp, runSettings, rowSoftmax, threefryLib];
const params = ['rows', 'length', 'position', 'vocab', 'vocab_stride', 'plane', 'eos'] as const;

export const sample = defineKernel({
  name: 'sample',
  wgsl,
  lib,
  buffers: {
    settings: 'read',
    logits: 'read',
    tokens: 'read_write',
    spans: 'read_write',
    record: 'read_write',
  },
  params,
  flop: ({ rows, vocab }) => rows * (60 * vocab + 200),
});
