import { defineKernel } from '../kernel';
import clip from '../../shaders/lib/clip.wgsl?raw';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import tokenLoss from '../../shaders/lib/token_loss.wgsl?raw';
import rowSoftmax from '../../shaders/lib/row_softmax.wgsl?raw';
import wgsl from '../../shaders/policy_loss.wgsl?raw';

const lib = [index, exp, runSettings, clip, tokenLoss, rowSoftmax];
const params = [
  'rows',
  'positions',
  'first',
  'length',
  'rollout_rows',
  'vocab',
  'vocab_stride',
  'plane',
  'minibatch_rows',
] as const;

export const policyLoss = defineKernel({
  name: 'policy_loss',
  wgsl,
  lib,
  buffers: {
    settings: 'read',
    rows: 'read',
    tokens: 'read',
    record: 'read',
    logits: 'read',
    selection: 'read',
    d_logits: 'read_write',
    stats: 'read_write',
  },
  params,
  flop: ({ rows, positions, vocab }) => rows * positions * (60 * vocab + 200),
});
