import { parseStrictJson, quote } from './json';
import {
  parseSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from './safetensors';
import { parameterShapes, type ModelSpec, type Tensor, type Weights } from './spec';

/** A policy file: weights by Hugging Face names plus what is needed to run and to trust them. */
export interface Policy {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  /** Name of the task it was made for. */
  readonly task: string;
  /** Text of each token id. */
  readonly vocabulary: readonly string[];
  /** How it was made, for people; free-form. */
  readonly made: Readonly<Record<string, unknown>>;
  /** Of a policy from elsewhere, whose vocabulary is not that of a task (model/foreign). */
  readonly tokenizer?: PolicyTokenizer;
}

/** What a policy from elsewhere brings along to read and write text. */
export interface PolicyTokenizer {
  /** The token that ends a response. */
  readonly eos: number;
  /** Tokens that stand before every text, such as a begin token. */
  readonly prefix: readonly number[];
  /** tokenizer.json and its companions as they came, to leave with the policy. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Token ids of a text, without `prefix`. */
  readonly encode: (text: string) => readonly number[];
}

/** Value of the metadata key `format`. */
export const POLICY_FORMAT = 'rlvr-policy-1';

/** Bounds of each whole number of a spec: what a browser can hold, so that a hostile file is refused before any work. */
export const SPEC_LIMITS = {
  vocab_size: [1, 65536],
  hidden_size: [2, 4096],
  intermediate_size: [1, 16384],
  num_hidden_layers: [1, 64],
  num_attention_heads: [1, 128],
  num_key_value_heads: [1, 128],
  max_position_embeddings: [1, 65536],
} as const satisfies Partial<Record<keyof ModelSpec, readonly [number, number]>>;

/** Most parameters in all: 256 MB of f32. */
export const MAX_PARAMETERS = 2 ** 26;

const MAX_TEXT = 200;

/** Entries of a Hugging Face config that would change the arithmetic, with the only values ours has. */
const FIXED_ENTRIES = new Map<string, readonly unknown[]>([
  ['model_type', ['llama']],
  ['hidden_act', ['silu']],
  ['attention_bias', [false]],
  ['mlp_bias', [false]],
  ['rope_scaling', [null]],
]);

function fail(message: string): never {
  throw new SafetensorsError(message);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value of a stranger's config for a message. */
const show = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? 'a list or object'
    : typeof value === 'string'
      ? quote(value)
      : String(value);

function wholeNumber(config: Record<string, unknown>, key: keyof typeof SPEC_LIMITS): number {
  const value = Object.hasOwn(config, key) ? config[key] : undefined;
  const [min, max] = SPEC_LIMITS[key];
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    fail(`The config needs a whole number from ${min} to ${max} as ${key}, not ${show(value)}.`);
  }
  return value as number;
}

function realNumber(
  config: Record<string, unknown>,
  key: string,
  min: number,
  max: number,
): number {
  const value = Object.hasOwn(config, key) ? config[key] : undefined;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    fail(`The config needs a number from ${min} to ${max} as ${key}, not ${show(value)}.`);
  }
  return value;
}

/** Parameters of a model of this shape, by arithmetic: a hostile spec must not make us list its tensors. */
function parameterCount(spec: ModelSpec): number {
  const D = spec.hidden_size;
  const kvDim = (D / spec.num_attention_heads) * spec.num_key_value_heads;
  const layer = 2 * D * D + 2 * D * kvDim + 3 * D * spec.intermediate_size + 2 * D;
  const tables = spec.tie_word_embeddings ? 1 : 2;
  return tables * spec.vocab_size * D + spec.num_hidden_layers * layer + D;
}

/**
 * The spec in a Hugging Face `config.json` object; entries we do not use are ignored. Throws SafetensorsError for a
 * shape that is out of bounds or inconsistent, and for settings of Llama that our kernels do not compute.
 */
export function readSpec(config: unknown, maxParameters = MAX_PARAMETERS): ModelSpec {
  if (!isObject(config)) fail('The config is not a JSON object.');
  const tied = Object.hasOwn(config, 'tie_word_embeddings')
    ? config.tie_word_embeddings
    : undefined;
  if (typeof tied !== 'boolean') fail('The config needs true or false as tie_word_embeddings.');
  const spec: ModelSpec = {
    vocab_size: wholeNumber(config, 'vocab_size'),
    hidden_size: wholeNumber(config, 'hidden_size'),
    intermediate_size: wholeNumber(config, 'intermediate_size'),
    num_hidden_layers: wholeNumber(config, 'num_hidden_layers'),
    num_attention_heads: wholeNumber(config, 'num_attention_heads'),
    num_key_value_heads: wholeNumber(config, 'num_key_value_heads'),
    max_position_embeddings: wholeNumber(config, 'max_position_embeddings'),
    rms_norm_eps: realNumber(config, 'rms_norm_eps', 1e-12, 0.1),
    rope_theta: realNumber(config, 'rope_theta', 1, 1e9),
    tie_word_embeddings: tied,
  };
  const { hidden_size: D, num_attention_heads: H, num_key_value_heads: KV } = spec;
  if (D % H !== 0) fail(`The hidden size ${D} does not divide into ${H} heads.`);
  if ((D / H) % 2 !== 0) fail(`The head size ${D / H} is odd; rotary positions need an even one.`);
  if (H % KV !== 0) fail(`The ${H} query heads cannot share ${KV} key/value heads evenly.`);
  const fixed = new Map(FIXED_ENTRIES).set('head_dim', [D / H, null]);
  for (const [key, allowed] of fixed) {
    if (Object.hasOwn(config, key) && !allowed.includes(config[key])) {
      fail(
        `The config has ${show(config[key])} as ${key}; this engine computes only ${show(allowed[0])}.`,
      );
    }
  }
  const count = parameterCount(spec);
  if (count > maxParameters) fail(`The model has ${count} parameters, more than ${maxParameters}.`);
  return spec;
}

/**
 * The weights of a file whose tensor names start with none of `except`. Throws SafetensorsError unless they are exactly
 * the parameters of `spec`, in f32, with the right shapes and finite values.
 */
export function readWeights(
  file: SafetensorsFile,
  spec: ModelSpec,
  except: readonly string[] = [],
): Map<string, Tensor> {
  const shapes = parameterShapes(spec);
  for (const name of file.tensors.keys()) {
    if (!shapes.has(name) && !except.some((prefix) => name.startsWith(prefix))) {
      fail(`The file has the tensor ${quote(name)}, which this model has not.`);
    }
  }
  const weights = new Map<string, Tensor>();
  for (const [name, shape] of shapes) {
    const tensor = file.tensors.get(name);
    if (!tensor) fail(`The file lacks the tensor ${name}.`);
    if (tensor.dtype !== 'F32') fail(`The tensor ${name} is ${tensor.dtype}, not F32.`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i])) {
      fail(
        `The tensor ${name} has shape [${tensor.shape.slice(0, 4).join()}], not [${shape.join()}].`,
      );
    }
    if (!tensor.data.every(Number.isFinite))
      fail(`The tensor ${name} holds a value that is not finite.`);
    weights.set(name, { shape, data: tensor.data });
  }
  return weights;
}

function readJson(metadata: ReadonlyMap<string, string>, key: string): unknown {
  const text = metadata.get(key);
  if (text === undefined) fail(`The file has no ${key} in its metadata.`);
  try {
    return parseStrictJson(text);
  } catch {
    fail(`The ${key} of the file is not valid JSON.`);
  }
}

const isToken = (token: unknown): token is string =>
  typeof token === 'string' && token.length <= MAX_TEXT;

function checkText(spec: ModelSpec, task: string | undefined, vocabulary: unknown, made: unknown) {
  if (!task || task.length > MAX_TEXT) fail('The file does not name its task.');
  if (!Array.isArray(vocabulary) || !vocabulary.every(isToken)) {
    fail('The vocabulary of the file is not a list of short texts.');
  }
  if (vocabulary.length !== spec.vocab_size) {
    fail(`The vocabulary has ${vocabulary.length} tokens, the model ${spec.vocab_size}.`);
  }
  if (!isObject(made)) fail('The note on how the policy was made is not a JSON object.');
  return { task, vocabulary, made };
}

/** Reads and checks a policy file. Throws SafetensorsError, whose message is one sentence for people. */
export function readPolicy(bytes: Uint8Array): Policy {
  const file = parseSafetensors(bytes);
  const { metadata } = file;
  if (metadata.get('format') !== POLICY_FORMAT) {
    fail(`The file is not a policy: its metadata does not say format ${POLICY_FORMAT}.`);
  }
  const spec = readSpec(readJson(metadata, 'config'));
  const [vocabulary, made] = [readJson(metadata, 'vocabulary'), readJson(metadata, 'made')];
  const text = checkText(spec, metadata.get('task'), vocabulary, made);
  return { spec, weights: readWeights(file, spec), ...text };
}

/** Bytes of a policy file. Throws SafetensorsError for a policy that `readPolicy` would refuse. */
export function writePolicy(policy: Policy): Uint8Array<ArrayBuffer> {
  const spec = readSpec(policy.spec);
  const { task, vocabulary, made } = checkText(spec, policy.task, policy.vocabulary, policy.made);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, { shape, data }] of policy.weights)
    tensors.set(name, { dtype: 'F32', shape, data });
  const checked = readWeights({ metadata: new Map(), tensors }, spec);
  return writeSafetensors(
    new Map([...checked].map(([name, tensor]) => [name, { dtype: 'F32', ...tensor }])),
    new Map([
      ['format', POLICY_FORMAT],
      ['config', JSON.stringify(spec)],
      ['task', task],
      ['vocabulary', JSON.stringify(vocabulary)],
      ['made', JSON.stringify(made)],
    ]),
  );
}
