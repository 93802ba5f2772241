import { defineKernel } from '../kernel';
import clip from '../../shaders/lib/clip.wgsl?raw';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import masked from '../../shaders/lib/masked.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import tokenLoss from '../../shaders/lib/token_loss.wgsl?raw';
import wgsl from '../../shaders/vocab_parts.wgsl?raw';

const shared = { wgsl, lib: [index, exp, masked, runSettings, clip, tokenLoss] };
const place = ['rows', 'positions', 'first', 'length', 'rollout_rows'] as const;
const part = ['tokens', 'vocab', 'start', 'width'] as const;

/** One invocation per position. */
export const vocabScan = defineKernel({
  ...shared,
  name: 'vocab_scan',
  buffers: { settings: 'read', rows: 'read', tokens: 'read', logits: 'read', scan: 'read_write' },
  params: [...place, 'vocab', 'start', 'width'],
  flop: ({ rows, positions, width }) => rows * positions * (4 * 32 * width + 60),
});

/** One invocation per position. */
export const vocabStats = defineKernel({
  ...shared,
  name: 'vocab_stats',
  buffers: { rows: 'read', saved_scan: 'read', measures: 'read_write' },
  params: [...place, 'plane', 'logprob_plane', 'entropy_plane'],
  flop: ({ rows, positions }) => 30 * rows * positions,
});

/** One invocation per position. */
export const vocabLoss = defineKernel({
  ...shared,
  name: 'vocab_loss',
  buffers: {
    settings: 'read',
    rows: 'read',
    tokens: 'read',
    record: 'read',
    saved_scan: 'read',
    selection: 'read',
    terms: 'read_write',
    stats: 'read_write',
  },
  params: [...place, 'vocab', 'plane', 'minibatch_rows'],
  flop: ({ rows, positions }) => 250 * rows * positions,
});

/** One invocation per four logits. */
export const vocabGradient = defineKernel({
  ...shared,
  name: 'vocab_gradient',
  buffers: { logits: 'read', saved_terms: 'read', d_logits: 'read_write' },
  params: part,
  flop: ({ tokens, width }) => 4 * 30 * tokens * width,
});

/** One invocation per four logits. */
export const vocabSoftmax = defineKernel({
  ...shared,
  name: 'vocab_softmax',
  buffers: { logits: 'read', saved_terms: 'read', probabilities: 'read_write' },
  params: part,
  flop: ({ tokens, width }) => 4 * 22 * tokens * width,
});
