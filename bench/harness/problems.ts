import { initialWeights } from '../../src/model/init';
import { ropeTables } from '../../src/model/layout';
import { parameterShapes, type ModelSpec, type Weights } from '../../src/model/spec';
import { integerBelow, STREAMS, stream } from '../../src/rl/random';

/** What every contestant gets: the same numbers, on the CPU. */
export interface ProductProblem {
  readonly n: number;
  /** (n, n) each. */
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
}

export interface SoftmaxProblem {
  readonly rows: number;
  readonly columns: number;
  /** (rows, columns). */
  readonly x: Float32Array<ArrayBuffer>;
}

/** Next-token prediction on one batch. */
export interface TrainingProblem {
  readonly spec: ModelSpec;
  readonly rows: number;
  readonly positions: number;
  /** (rows, positions + 1). */
  readonly tokens: Uint32Array<ArrayBuffer>;
  readonly weights: Weights;
  /** (positions, half a head) each, computed in float64: what a shader's sine gives is no basis for a comparison. */
  readonly cosine: Float32Array<ArrayBuffer>;
  readonly sine: Float32Array<ArrayBuffer>;
  readonly adam: AdamSettings;
}

/** AdamW without weight decay, since tfjs has no other: that is Adam. */
export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** Greedy responses to prompts of one length. */
export interface GenerationProblem extends Pick<
  TrainingProblem,
  'spec' | 'rows' | 'weights' | 'cosine' | 'sine'
> {
  readonly promptLength: number;
  /** Prompt and response. */
  readonly length: number;
  /** (rows, promptLength). */
  readonly prompts: Uint32Array<ArrayBuffer>;
}

function floats(count: number): Float32Array<ArrayBuffer> {
  const random = stream(count, STREAMS.corpus);
  return Float32Array.from({ length: count }, () => 2 * random() - 1);
}

function tokensBelow(vocabulary: number, count: number): Uint32Array<ArrayBuffer> {
  const random = stream(count, STREAMS.corpus);
  return Uint32Array.from({ length: count }, () => integerBelow(vocabulary, random));
}

export function productProblem(n: number): ProductProblem {
  const both = floats(2 * n * n);
  return { n, a: both.slice(0, n * n), b: both.slice(n * n) };
}

export function softmaxProblem(rows: number, columns: number): SoftmaxProblem {
  return { rows, columns, x: floats(rows * columns).map((value) => 8 * value) };
}

/** A Llama; what `changes` leave out makes 11,360 parameters. */
export function modelSpec(changes: Partial<ModelSpec>): ModelSpec {
  return {
    vocab_size: 16,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: changes.num_attention_heads ?? 2,
    max_position_embeddings: 128,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: false,
    ...changes,
  };
}

export const SMALL = modelSpec({});
/** 104,768 parameters. */
export const LARGE = modelSpec({
  vocab_size: 32,
  hidden_size: 64,
  intermediate_size: 176,
  num_hidden_layers: 2,
  num_attention_heads: 4,
});

export function parameterCount(spec: ModelSpec): number {
  let sum = 0;
  for (const shape of parameterShapes(spec).values()) sum += shape.reduce((a, b) => a * b, 1);
  return sum;
}

export function trainingProblem(spec: ModelSpec, rows: number, positions: number): TrainingProblem {
  return {
    spec,
    rows,
    positions,
    tokens: tokensBelow(spec.vocab_size, rows * (positions + 1)),
    weights: initialWeights(spec, 0),
    ...ropeTables(spec, positions),
    adam: { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, eps: 1e-8 },
  };
}

export function generationProblem(
  spec: ModelSpec,
  rows: number,
  promptLength: number,
  length: number,
): GenerationProblem {
  return {
    ...{ spec, rows, promptLength, length },
    prompts: tokensBelow(spec.vocab_size, rows * promptLength),
    weights: initialWeights(spec, 0),
    ...ropeTables(spec, length),
  };
}
