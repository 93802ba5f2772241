import { defineKernel } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import rowSoftmax from '../../shaders/lib/row_softmax.wgsl?raw';
import wgsl from '../../shaders/token_stats.wgsl?raw';

const lib = [index, exp, runSettings, rowSoftmax];
const params = [
  'rows',
  'positions',
  'first',
  'length',
  'rollout_rows',
  'vocab',
  'vocab_stride',
  'plane',
  'logprob_plane',
  'entropy_plane',
] as const;

export const tokenStats = defineKernel({
  name: 'token_stats',
  wgsl,
  lib,
  buffers: {
    settings: 'read',
    rows: 'read',
    tokens: 'read',
    logits: 'read',
    record: 'read_write',
  },
  params,
  flop: ({ rows, positions, vocab }) => rows * positions * (40 * vocab + 50),
});
