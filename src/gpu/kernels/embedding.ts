import { defineKernel, type Constants } from '../kernel';
import index from '../../shaders/lib/index.wgsl?raw';
import wgsl from '../../shaders/embedding.wgsl?raw';

const lib = [index];
const params = [
  'rows',
  'positions',
  'first',
  'length',
  'rollout_rows',
  'vocab',
  'width',
  'table_stride',
  'accumulate',
] as const;

export const embedding = defineKernel({
  name: 'embedding',
  wgsl,
  lib,
  buffers: { tokens: 'read', rows: 'read', table: 'read', x: 'read_write' },
  params,
  flop: ({ rows, positions, width }) => 4 * rows * positions * width,
});

export const embeddingBackward = defineKernel({
  name: 'embedding_backward',
  wgsl,
  lib,
  buffers: { tokens: 'read', rows: 'read', d_x: 'read', d_table: 'read_write' },
  params,
  // Every block of table rows walks all tokens.
  flop: ({ rows, positions, vocab, width }, { BLOCK = 1 }) =>
    rows * positions * width * (4 + Math.ceil(vocab / BLOCK)),
});

/** Invocations of the backward pass: BLOCK table rows and four columns each. */
export function embeddingBackwardItems(
  { constants }: { constants: Constants },
  vocab: number,
  width: number,
): number {
  return Math.ceil(vocab / (constants.BLOCK ?? 1)) * width;
}
