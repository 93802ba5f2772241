import { paddedDims } from '../../model/layout';
import type { ModelSpec } from '../../model/spec';
import type { View } from '../kernel';
import type { Allocator } from '../memory';

/** A batch on the GPU: R runs of `rows` rollout rows with `positions` input positions each. */
export interface BatchShape {
  readonly runs: number;
  readonly rows: number;
  readonly positions: number;
  /** Tokens of the vocabulary whose logits are held at a time; all of them by default. */
  readonly vocabPart?: number;
}

/** Vec4f per token of the policy-loss statistics; see policy_loss.wgsl. */
export const STATS_WIDTH = 7;

/** What the forward pass keeps of a layer for the backward pass; N = rows x positions, all (R, N, ...). */
export interface LayerActivations {
  /** Residual stream into the layer, and between its two blocks. */
  readonly x: View;
  readonly middle: View;
  readonly normed: View;
  readonly scale: View;
  readonly qkv: View;
  readonly attended: View;
  readonly logSum: View;
  readonly normed2: View;
  readonly scale2: View;
  readonly gateUp: View;
  readonly gated: View;
}

export interface Activations {
  readonly shape: BatchShape;
  readonly layers: readonly LayerActivations[];
  /** Residual stream after the last layer. */
  readonly x: View;
  readonly normed: View;
  readonly scale: View;
  /** Of one part of the vocabulary where it is taken in parts. */
  readonly logits: View;
  readonly parts: VocabParts | null;
}

/** A large vocabulary in parts: what is kept of a token while its logits come and go. See vocab_parts.wgsl. */
export interface VocabParts {
  readonly all: readonly VocabPart[];
  /** (R, N, 2) vec4f each. */
  readonly scan: View;
  readonly terms: View;
}

/** Tokens [start, start + width) of the padded vocabulary. */
export interface VocabPart {
  readonly start: number;
  readonly width: number;
}

/** The parts of a padded vocabulary; null where it is taken whole. */
function vocabParts(
  memory: Allocator,
  vocab: number,
  { runs, rows, positions, vocabPart = vocab }: BatchShape,
  name: string,
): VocabParts | null {
  if (vocabPart >= vocab) return null;
  // Their parameters begin at multiples of 256 bytes.
  if (vocabPart % 16 !== 0) throw new Error('a part of the vocabulary is a multiple of 16 tokens');
  const words = runs * rows * positions * 8;
  return {
    all: Array.from({ length: Math.ceil(vocab / vocabPart) }, (_, i) => ({
      start: i * vocabPart,
      width: Math.min(vocabPart, vocab - i * vocabPart),
    })),
    scan: memory.storage(`${name} scan`, words),
    terms: memory.storage(`${name} terms`, words),
  };
}

/** Logits of a token that are held at a time. */
const heldLogits = (vocab: number, { vocabPart = vocab }: BatchShape) => Math.min(vocab, vocabPart);

export function activations(
  memory: Allocator,
  spec: ModelSpec,
  shape: BatchShape,
  name: string,
): Activations {
  const { hidden, qkv, attention, intermediate, vocab } = paddedDims(spec);
  const rows = shape.runs * shape.rows * shape.positions;
  const make = (label: string, width: number) => memory.storage(`${name} ${label}`, rows * width);
  return {
    shape,
    layers: Array.from({ length: spec.num_hidden_layers }, (_, l) => ({
      x: make(`x ${l}`, hidden),
      middle: make(`middle ${l}`, hidden),
      normed: make(`normed ${l}`, hidden),
      scale: make(`scale ${l}`, 1),
      qkv: make(`qkv ${l}`, qkv),
      attended: make(`attended ${l}`, attention),
      logSum: make(`log sum ${l}`, spec.num_attention_heads),
      normed2: make(`normed2 ${l}`, hidden),
      scale2: make(`scale2 ${l}`, 1),
      gateUp: make(`gate up ${l}`, 2 * intermediate),
      gated: make(`gated ${l}`, intermediate),
    })),
    x: make('x last', hidden),
    normed: make('normed last', hidden),
    scale: make('scale last', 1),
    logits: make('logits', heldLogits(vocab, shape)),
    parts: vocabParts(memory, vocab, shape, name),
  };
}

/** Gradients of the activations; one set serves all layers in turn. */
export interface Gradients {
  /** Of one part of the vocabulary, as the logits are. */
  readonly dLogits: View;
  readonly stats: View;
  /** Vec4f per token, see token_selection.wgsl. */
  readonly selection: View;
  /** Residual-stream gradients take turns in these two. */
  readonly dX: readonly [View, View];
  readonly dNormed: View;
  readonly dQkv: View;
  readonly dAttended: View;
  readonly delta: View;
  readonly dGateUp: View;
  readonly dGated: View;
  /** Norm weight gradients before their last sum: (R, 2 L + 1, chunks, hidden). */
  readonly dNorms: View;
  readonly chunks: number;
}

/** Partial sums of a reduction over rows: enough invocations to be parallel, few enough to add up in one. */
export function rowChunks(rows: number): number {
  return Math.max(1, Math.min(64, Math.ceil(rows / 16)));
}

export function gradients(
  memory: Allocator,
  spec: ModelSpec,
  shape: BatchShape,
  name: string,
): Gradients {
  const { hidden, qkv, attention, intermediate, vocab } = paddedDims(spec);
  const perRun = shape.rows * shape.positions;
  const rows = shape.runs * perRun;
  const make = (label: string, width: number) => memory.storage(`${name} ${label}`, rows * width);
  const chunks = rowChunks(perRun);
  const norms = 2 * spec.num_hidden_layers + 1;
  return {
    dLogits: make('d logits', heldLogits(vocab, shape)),
    stats: make('stats', 4 * STATS_WIDTH),
    selection: make('selection', 4),
    dX: [make('d x', hidden), make('d x other', hidden)],
    dNormed: make('d normed', hidden),
    dQkv: make('d qkv', qkv),
    dAttended: make('d attended', attention),
    delta: make('delta', spec.num_attention_heads),
    dGateUp: make('d gate up', 2 * intermediate),
    dGated: make('d gated', intermediate),
    dNorms: memory.storage(`${name} d norms`, shape.runs * norms * chunks * hidden),
    chunks,
  };
}
