import { parameterShapes, type ModelSpec, type Weights } from '../model/spec';
import { attention, attentionBackward, type AttentionShape } from './attention';
import { attentionDecode, type KeyValueCache } from './attention_decode';
import { embedding, embeddingBackward } from './embedding';
import { matmulNn, matmulNt, matmulTn } from './matmul';
import { rmsnorm, rmsnormBackward } from './rmsnorm';
import { rope, ropeInverse, ropeTables, type RopeTables } from './rope';
import { greedy } from './sample';
import { swiglu, swigluBackward } from './swiglu';

/** Parameters or gradients in float64 by their Hugging Face names. */
export type Parameters = ReadonlyMap<string, Float64Array>;

/** What the backward pass reads of one layer; N = B T rows. */
interface LayerActivations {
  readonly x: Float64Array;
  readonly attentionInput: Float64Array;
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly probs: Float64Array;
  readonly attended: Float64Array;
  readonly middle: Float64Array;
  readonly mlpInput: Float64Array;
  readonly gate: Float64Array;
  readonly up: Float64Array;
  readonly hidden: Float64Array;
}

/** A forward pass: logits (B, T, V), those at position t predict the token at t + 1, and what backward needs. */
export interface ForwardPass {
  readonly logits: Float64Array;
  readonly B: number;
  readonly T: number;
  readonly tokens: ArrayLike<number>;
  readonly position: Int32Array;
  readonly tables: RopeTables;
  readonly layers: readonly LayerActivations[];
  readonly last: Float64Array;
  readonly normed: Float64Array;
}

/** Exact float64 copies of f32 weights. */
export function toFloat64(weights: Weights): Map<string, Float64Array> {
  return new Map([...weights].map(([name, tensor]) => [name, Float64Array.from(tensor.data)]));
}

function parameter(parameters: Parameters, name: string): Float64Array {
  const found = parameters.get(name);
  if (!found) throw new Error(`parameter ${name} is missing`);
  return found;
}

/** The parameters of layer i by their short names. */
function layerParameters(parameters: Parameters, i: number) {
  const get = (name: string) => parameter(parameters, `model.layers.${i}.${name}.weight`);
  return {
    inputNorm: get('input_layernorm'),
    q: get('self_attn.q_proj'),
    k: get('self_attn.k_proj'),
    v: get('self_attn.v_proj'),
    o: get('self_attn.o_proj'),
    mlpNorm: get('post_attention_layernorm'),
    gate: get('mlp.gate_proj'),
    up: get('mlp.up_proj'),
    down: get('mlp.down_proj'),
  };
}

const headName = (spec: ModelSpec): string =>
  spec.tie_word_embeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';

function sizes(spec: ModelSpec) {
  const H = spec.num_attention_heads;
  const KV = spec.num_key_value_heads;
  const headDim = spec.hidden_size / H;
  return { D: spec.hidden_size, F: spec.intermediate_size, H, KV, headDim, kvDim: KV * headDim };
}

const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x + b[i]);

/** The whole transformer on tokens (B, T) at positions 0 .. T-1. */
export function forward(
  spec: ModelSpec,
  parameters: Parameters,
  tokens: ArrayLike<number>,
  B: number,
  T: number,
): ForwardPass {
  const { D, F, H, KV, headDim, kvDim } = sizes(spec);
  const N = B * T;
  const shape: AttentionShape = { B, T, H, KV, headDim };
  const tables = ropeTables(T, headDim, spec.rope_theta);
  const position = Int32Array.from({ length: N }, (_, n) => n % T);
  const layers: LayerActivations[] = [];
  let x = embedding(parameter(parameters, 'model.embed_tokens.weight'), tokens, D);
  for (let i = 0; i < spec.num_hidden_layers; i++) {
    const w = layerParameters(parameters, i);
    const attentionInput = rmsnorm(x, w.inputNorm, spec.rms_norm_eps);
    const q = rope(matmulNt(attentionInput, w.q, N, D, D), tables, position, H, headDim);
    const k = rope(matmulNt(attentionInput, w.k, N, kvDim, D), tables, position, KV, headDim);
    const v = matmulNt(attentionInput, w.v, N, kvDim, D);
    const { out: attended, probs } = attention(q, k, v, shape);
    const middle = matmulNt(attended, w.o, N, D, D, x);
    const mlpInput = rmsnorm(middle, w.mlpNorm, spec.rms_norm_eps);
    const gate = matmulNt(mlpInput, w.gate, N, F, D);
    const up = matmulNt(mlpInput, w.up, N, F, D);
    const hidden = swiglu(gate, up);
    const first = { x, attentionInput, q, k, v, probs, attended };
    layers.push({ ...first, middle, mlpInput, gate, up, hidden });
    x = matmulNt(hidden, w.down, N, D, F, middle);
  }
  const normed = rmsnorm(x, parameter(parameters, 'model.norm.weight'), spec.rms_norm_eps);
  const head = parameter(parameters, headName(spec));
  const logits = matmulNt(normed, head, N, spec.vocab_size, D);
  return { logits, B, T, tokens, position, tables, layers, last: x, normed };
}

/** Gradient of every parameter given dLogits (B, T, V). */
export function backward(
  spec: ModelSpec,
  parameters: Parameters,
  pass: ForwardPass,
  dLogits: Float64Array,
): Map<string, Float64Array> {
  const { D, F, H, KV, headDim, kvDim } = sizes(spec);
  const { B, T, position, tables } = pass;
  const N = B * T;
  const V = spec.vocab_size;
  const shape: AttentionShape = { B, T, H, KV, headDim };
  const grads = new Map<string, Float64Array>();
  const head = parameter(parameters, headName(spec));
  const dHead = matmulTn(dLogits, pass.normed, V, D, N);
  const final = rmsnormBackward(
    matmulNn(dLogits, head, N, D, V),
    pass.last,
    parameter(parameters, 'model.norm.weight'),
    spec.rms_norm_eps,
  );
  grads.set('model.norm.weight', final.dWeight);
  let dx = final.dx;
  for (let i = spec.num_hidden_layers - 1; i >= 0; i--) {
    const w = layerParameters(parameters, i);
    const a = pass.layers[i];
    const set = (name: string, grad: Float64Array) =>
      grads.set(`model.layers.${i}.${name}.weight`, grad);

    set('mlp.down_proj', matmulTn(dx, a.hidden, D, F, N));
    const { dGate, dUp } = swigluBackward(matmulNn(dx, w.down, N, F, D), a.gate, a.up);
    set('mlp.gate_proj', matmulTn(dGate, a.mlpInput, F, D, N));
    set('mlp.up_proj', matmulTn(dUp, a.mlpInput, F, D, N));
    const dMlpInput = matmulNn(dUp, w.up, N, D, F, matmulNn(dGate, w.gate, N, D, F));
    const mlp = rmsnormBackward(dMlpInput, a.middle, w.mlpNorm, spec.rms_norm_eps);
    set('post_attention_layernorm', mlp.dWeight);
    const dMiddle = add(dx, mlp.dx);

    set('self_attn.o_proj', matmulTn(dMiddle, a.attended, D, D, N));
    const dAttended = matmulNn(dMiddle, w.o, N, D, D);
    const turned = attentionBackward(dAttended, a.q, a.k, a.v, a.probs, shape);
    const dQ = ropeInverse(turned.dQ, tables, position, H, headDim);
    const dK = ropeInverse(turned.dK, tables, position, KV, headDim);
    set('self_attn.q_proj', matmulTn(dQ, a.attentionInput, D, D, N));
    set('self_attn.k_proj', matmulTn(dK, a.attentionInput, kvDim, D, N));
    set('self_attn.v_proj', matmulTn(turned.dV, a.attentionInput, kvDim, D, N));
    let dInput = matmulNn(dQ, w.q, N, D, D);
    dInput = matmulNn(dK, w.k, N, D, kvDim, dInput);
    dInput = matmulNn(turned.dV, w.v, N, D, kvDim, dInput);
    const input = rmsnormBackward(dInput, a.x, w.inputNorm, spec.rms_norm_eps);
    set('input_layernorm', input.dWeight);
    dx = add(dMiddle, input.dx);
  }
  const dTable = embeddingBackward(dx, pass.tokens, V, D);
  if (spec.tie_word_embeddings) {
    grads.set('model.embed_tokens.weight', add(dTable, dHead));
  } else {
    grads.set('model.embed_tokens.weight', dTable);
    grads.set('lm_head.weight', dHead);
  }
  return new Map([...parameterShapes(spec).keys()].map((name) => [name, parameter(grads, name)]));
}

/** Keys and values of one sequence, layer by layer. */
export interface Cache {
  readonly layers: readonly KeyValueCache[];
  readonly capacity: number;
  readonly tables: RopeTables;
}

/** An empty cache for one sequence of up to `capacity` positions. */
export function createCache(spec: ModelSpec, capacity: number): Cache {
  const { headDim, kvDim } = sizes(spec);
  const empty = () => new Float64Array(capacity * kvDim);
  const layers = Array.from({ length: spec.num_hidden_layers }, () => ({
    keys: empty(),
    values: empty(),
  }));
  return { layers, capacity, tables: ropeTables(capacity, headDim, spec.rope_theta) };
}

/** Feeds one token at one position, writes its keys and values into the cache, returns the next logits (V). */
export function decode(
  spec: ModelSpec,
  parameters: Parameters,
  cache: Cache,
  token: number,
  position: number,
): Float64Array {
  const { D, F, H, KV, headDim, kvDim } = sizes(spec);
  const shape = { B: 1, H, KV, headDim, capacity: cache.capacity };
  let x = embedding(parameter(parameters, 'model.embed_tokens.weight'), [token], D);
  for (let i = 0; i < spec.num_hidden_layers; i++) {
    const w = layerParameters(parameters, i);
    const input = rmsnorm(x, w.inputNorm, spec.rms_norm_eps);
    const q = matmulNt(input, w.q, 1, D, D);
    const k = matmulNt(input, w.k, 1, kvDim, D);
    const v = matmulNt(input, w.v, 1, kvDim, D);
    const attended = attentionDecode(q, k, v, cache.layers[i], cache.tables, position, shape);
    const middle = matmulNt(attended, w.o, 1, D, D, x);
    const mlpInput = rmsnorm(middle, w.mlpNorm, spec.rms_norm_eps);
    const hidden = swiglu(matmulNt(mlpInput, w.gate, 1, F, D), matmulNt(mlpInput, w.up, 1, F, D));
    x = matmulNt(hidden, w.down, 1, D, F, middle);
  }
  const normed = rmsnorm(x, parameter(parameters, 'model.norm.weight'), spec.rms_norm_eps);
  return matmulNt(normed, parameter(parameters, headName(spec)), 1, spec.vocab_size, D);
}

/** `count` greedy tokens after a prompt of at least one token, with cached keys and values. */
export function generate(
  spec: ModelSpec,
  parameters: Parameters,
  prompt: ArrayLike<number>,
  count: number,
): number[] {
  const cache = createCache(spec, prompt.length + count);
  let logits: Float64Array = new Float64Array(0);
  for (let t = 0; t < prompt.length; t++) logits = decode(spec, parameters, cache, prompt[t], t);
  const out: number[] = [];
  while (out.length < count) {
    const next = greedy(logits, spec.vocab_size)[0];
    out.push(next);
    if (out.length < count) {
      logits = decode(spec, parameters, cache, next, prompt.length + out.length - 1);
    }
  }
  return out;
}
