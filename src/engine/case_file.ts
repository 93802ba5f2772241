import { AGGREGATIONS, type Aggregation } from '../recipe/recipe';
import { parseStrictJson } from '../model/json';
import { readSpec } from '../model/policy';
import { SafetensorsError, type SafetensorsFile } from '../model/safetensors';
import { parameterShapes, type ModelSpec, type Tensor, type Weights } from '../model/spec';
import { RlvrError } from '../errors/failure';

/** Settings of a conformance case; keys as in its `config` metadata. */
export interface CaseConfig {
  readonly model: ModelSpec;
  readonly loss: {
    readonly temperature: number;
    readonly clip_low: number;
    readonly clip_high: number;
    readonly dual_clip: number | null;
    readonly positive_weight: number;
    readonly negative_weight: number;
    readonly entropy_coef: number;
    readonly kl_coef: number;
    readonly aggregation: Aggregation;
    readonly aggregation_constant: number | null;
  };
  readonly optimizer: {
    readonly learning_rate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly eps: number;
    readonly weight_decay: number;
    readonly max_grad_norm: number | null;
  };
  /** Tokens of greedy continuation. */
  readonly generate: number;
}

/** One policy-gradient step worked out elsewhere: what goes in, and what must come out. */
export interface Case {
  readonly config: CaseConfig;
  readonly weights: Weights;
  /** Rollout rows and positions. */
  readonly rows: number;
  readonly length: number;
  readonly tokens: Int32Array;
  readonly promptLengths: Int32Array;
  readonly lengths: Int32Array;
  readonly oldLogprob: Float32Array;
  readonly refLogprob: Float32Array;
  readonly advantage: Float32Array;
  /** Expected tensors by name without the `expected.` prefix. */
  readonly expected: ReadonlyMap<string, Float32Array | Int32Array>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

function refuse(field: string, detail: string): never {
  throw new RlvrError({ kind: 'badInput', field, detail });
}

/** Reads a case (format `rlvr-case-1`). Throws RlvrError `badInput` naming the field that is wrong. */
export function readCase(file: SafetensorsFile): Case {
  if (file.metadata.get('format') !== 'rlvr-case-1')
    refuse('format', 'the file is not an rlvr-case-1');
  const config = readConfig(file.metadata.get('config'));
  const weights = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(config.model)) {
    weights.set(name, { shape, data: floats(file, name, shape) });
  }
  const tokens = file.tensors.get('input.tokens');
  const [rows, length] = tokens?.shape ?? [];
  if (
    tokens?.dtype !== 'I32' ||
    rows === undefined ||
    length === undefined ||
    tokens.shape.length !== 2
  ) {
    refuse('input.tokens', 'it must be I32 of shape (rows, length)');
  }
  if (length > config.model.max_position_embeddings) {
    refuse('input.tokens', `${length} positions are more than max_position_embeddings`);
  }
  const grid = [rows, length];
  const made = {
    config,
    weights,
    rows,
    length,
    tokens: tokens.data,
    promptLengths: integers(file, 'input.prompt_length', [rows]),
    lengths: integers(file, 'input.length', [rows]),
    oldLogprob: floats(file, 'input.old_logprob', grid),
    refLogprob: floats(file, 'input.ref_logprob', grid),
    advantage: floats(file, 'input.advantage', grid),
    expected: new Map<string, Float32Array | Int32Array>(),
    shapes: new Map<string, readonly number[]>(),
  };
  if (made.tokens.some((token) => token < 0 || token >= config.model.vocab_size)) {
    refuse('input.tokens', 'a token id lies outside the vocabulary');
  }
  made.promptLengths.forEach((prompt, b) => {
    const end = made.lengths[b] ?? 0;
    if (prompt < 1 || end < prompt || end > length) {
      refuse(
        'input.length',
        `row ${b} has prompt ${prompt} and length ${end} of ${length} positions`,
      );
    }
  });
  for (const [name, tensor] of file.tensors) {
    if (!name.startsWith('expected.')) continue;
    const key = name.slice('expected.'.length);
    made.expected.set(key, tensor.data);
    made.shapes.set(key, tensor.shape);
  }
  return made;
}

const object = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readConfig(text: string | undefined): CaseConfig {
  let value: unknown;
  try {
    value = parseStrictJson(text ?? '');
  } catch {
    refuse('config', 'the metadata has no JSON under "config"');
  }
  if (!object(value)) refuse('config', 'it must be an object');
  const { model, loss, optimizer, generate } = value;
  const spec = caseSpec(model);
  const aggregation = object(loss) ? AGGREGATIONS.find((name) => name === loss.aggregation) : null;
  if (aggregation == null) {
    refuse('loss.aggregation', `it must be one of ${AGGREGATIONS.join(', ')}`);
  }
  if (
    typeof generate !== 'number' ||
    !Number.isInteger(generate) ||
    generate < 0 ||
    generate > 4096
  ) {
    refuse('generate', 'it must be a whole number from 0 to 4096');
  }
  return {
    model: spec,
    loss: {
      ...numbers('loss', loss, LOSS_NUMBERS),
      ...optionalNumbers('loss', loss, ['dual_clip', 'aggregation_constant']),
      aggregation,
    },
    optimizer: {
      ...numbers('optimizer', optimizer, OPTIMIZER_NUMBERS),
      ...optionalNumbers('optimizer', optimizer, ['max_grad_norm']),
    },
    generate,
  };
}

const LOSS_NUMBERS = [
  'temperature',
  'clip_low',
  'clip_high',
  'positive_weight',
  'negative_weight',
  'entropy_coef',
  'kl_coef',
] as const satisfies readonly (keyof CaseConfig['loss'])[];

const OPTIMIZER_NUMBERS = [
  'learning_rate',
  'beta1',
  'beta2',
  'eps',
  'weight_decay',
] as const satisfies readonly (keyof CaseConfig['optimizer'])[];

/** The model's shape, within the bounds of a policy file. */
function caseSpec(model: unknown): ModelSpec {
  try {
    return readSpec(model);
  } catch (error) {
    if (error instanceof SafetensorsError) refuse('model', error.message);
    throw error;
  }
}

/** The settings of these names and no others, so that nothing foreign goes on. */
function numbers<K extends string>(
  where: string,
  value: unknown,
  keys: readonly K[],
): Record<K, number> {
  if (!object(value)) refuse(where, 'it must be an object');
  const entries = keys.map((key): [K, number] => {
    const number = Object.hasOwn(value, key) ? value[key] : null;
    return typeof number === 'number' && Number.isFinite(number)
      ? [key, number]
      : refuse(`${where}.${key}`, 'it must be a finite number');
  });
  return Object.fromEntries(entries) as Record<K, number>;
}

/** Numbers that may be null or left out, which is the same. */
function optionalNumbers<K extends string>(
  where: string,
  value: unknown,
  keys: readonly K[],
): Record<K, number | null> {
  const given = keys.filter(
    (key) => object(value) && Object.hasOwn(value, key) && value[key] !== null,
  );
  const none = Object.fromEntries(keys.map((key) => [key, null])) as Record<K, null>;
  return { ...none, ...numbers(where, value, given) };
}

function floats(file: SafetensorsFile, name: string, shape: readonly number[]): Float32Array {
  const tensor = file.tensors.get(name);
  if (tensor?.dtype !== 'F32' || tensor.shape.join() !== shape.join()) {
    refuse(name, `it must be F32 of shape (${shape.join(', ')})`);
  }
  return tensor.data;
}

function integers(file: SafetensorsFile, name: string, shape: readonly number[]): Int32Array {
  const tensor = file.tensors.get(name);
  if (tensor?.dtype !== 'I32' || tensor.shape.join() !== shape.join()) {
    refuse(name, `it must be I32 of shape (${shape.join(', ')})`);
  }
  return tensor.data;
}
