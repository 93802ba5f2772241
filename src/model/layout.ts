import { parameterShapes, type ModelSpec, type Tensor, type Weights } from './spec';

/**
 * Where each parameter lies in the flat buffer the GPU holds (weights, gradients and moments share the layout).
 *
 * Every row is padded to a multiple of 4 numbers and every matrix to a multiple of 4 rows, with zeros: kernels then
 * read vec4f without edge cases, and padding stays zero because it only ever multiplies and adds zeros. Query, key and
 * value are one matrix, gate and up are one matrix, all norms are one block; blocks start on 256 bytes, so that each
 * can be bound by itself.
 */
export interface ParameterLayout {
  readonly spec: ModelSpec;
  readonly dims: PaddedDims;
  /** Numbers of one run, a multiple of 64. */
  readonly total: number;
  readonly embed: number;
  /** Equals `embed` when tied. */
  readonly head: number;
  /** 2 L + 1 rows of `dims.hidden`: input and post-attention norm of each layer, then the final one. */
  readonly norms: number;
  readonly layers: readonly LayerBlocks[];
}

/** Offsets, in numbers, of a layer's matrices: (out rows, in columns), padded. */
export interface LayerBlocks {
  readonly qkv: number;
  readonly o: number;
  readonly gateUp: number;
  readonly down: number;
}

/** Sizes with padding, in numbers. */
export interface PaddedDims {
  readonly vocab: number;
  readonly hidden: number;
  readonly intermediate: number;
  /** One head. */
  readonly head: number;
  /** All query heads. */
  readonly attention: number;
  /** Query, key and value heads. */
  readonly qkv: number;
}

const padded = (n: number) => Math.ceil(n / 4) * 4;

export function headDim(spec: ModelSpec): number {
  return spec.hidden_size / spec.num_attention_heads;
}

export function paddedDims(spec: ModelSpec): PaddedDims {
  const head = padded(headDim(spec));
  const attention = spec.num_attention_heads * head;
  return {
    vocab: padded(spec.vocab_size),
    hidden: padded(spec.hidden_size),
    intermediate: padded(spec.intermediate_size),
    head,
    attention,
    qkv: attention + 2 * spec.num_key_value_heads * head,
  };
}

export function parameterLayout(spec: ModelSpec): ParameterLayout {
  const dims = paddedDims(spec);
  let at = 0;
  const block = (rows: number, columns: number) => {
    const start = at;
    at += Math.ceil((rows * columns) / 64) * 64;
    return start;
  };
  const embed = block(dims.vocab, dims.hidden);
  const head = spec.tie_word_embeddings ? embed : block(dims.vocab, dims.hidden);
  const norms = block(2 * spec.num_hidden_layers + 1, dims.hidden);
  const layers = Array.from({ length: spec.num_hidden_layers }, () => ({
    qkv: block(dims.qkv, dims.hidden),
    o: block(dims.hidden, dims.attention),
    gateUp: block(2 * dims.intermediate, dims.hidden),
    down: block(dims.hidden, dims.intermediate),
  }));
  return { spec, dims, total: at, embed, head, norms, layers };
}

/** A run of rows of one tensor inside the flat buffer: cell (r, c) lies at offset + row(r) * stride + column(c). */
interface Place {
  readonly offset: number;
  readonly stride: number;
  /** Rows and columns may come in heads that are padded apart: size and padded size. */
  readonly rowHead?: readonly [number, number];
  readonly columnHead?: readonly [number, number];
}

function places(layout: ParameterLayout): Map<string, Place> {
  const { spec, dims } = layout;
  const heads = [headDim(spec), dims.head] as const;
  const stride = dims.hidden;
  const found = new Map<string, Place>([
    ['model.embed_tokens.weight', { offset: layout.embed, stride }],
  ]);
  const kRows = dims.attention * stride;
  const vRows = kRows + spec.num_key_value_heads * dims.head * stride;
  layout.layers.forEach((blocks, layer) => {
    const at = `model.layers.${layer}.`;
    const norm = layout.norms + 2 * layer * stride;
    found.set(`${at}input_layernorm.weight`, { offset: norm, stride });
    found.set(`${at}self_attn.q_proj.weight`, { offset: blocks.qkv, stride, rowHead: heads });
    found.set(`${at}self_attn.k_proj.weight`, {
      offset: blocks.qkv + kRows,
      stride,
      rowHead: heads,
    });
    found.set(`${at}self_attn.v_proj.weight`, {
      offset: blocks.qkv + vRows,
      stride,
      rowHead: heads,
    });
    found.set(`${at}self_attn.o_proj.weight`, {
      offset: blocks.o,
      stride: dims.attention,
      columnHead: heads,
    });
    found.set(`${at}post_attention_layernorm.weight`, { offset: norm + stride, stride });
    found.set(`${at}mlp.gate_proj.weight`, { offset: blocks.gateUp, stride });
    found.set(`${at}mlp.up_proj.weight`, {
      offset: blocks.gateUp + dims.intermediate * stride,
      stride,
    });
    found.set(`${at}mlp.down_proj.weight`, { offset: blocks.down, stride: dims.intermediate });
  });
  found.set('model.norm.weight', {
    offset: layout.norms + 2 * spec.num_hidden_layers * stride,
    stride,
  });
  if (!spec.tie_word_embeddings) found.set('lm_head.weight', { offset: layout.head, stride });
  return found;
}

const spread = (i: number, head?: readonly [number, number]) =>
  head ? Math.floor(i / head[0]) * head[1] + (i % head[0]) : i;

/** Calls `visit(index in the tensor, index in the flat buffer)` for every number of a tensor. */
function eachCell(
  shape: readonly number[],
  place: Place,
  visit: (from: number, to: number) => void,
): void {
  const [rows, columns] = shape.length === 2 ? [shape[0] ?? 0, shape[1] ?? 0] : [1, shape[0] ?? 0];
  for (let r = 0; r < rows; r++) {
    const row = place.offset + spread(r, place.rowHead) * place.stride;
    for (let c = 0; c < columns; c++) visit(r * columns + c, row + spread(c, place.columnHead));
  }
}

/** Lays a policy out as the GPU holds it. Throws when a tensor is missing or has another shape. */
export function packWeights(layout: ParameterLayout, weights: Weights): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(layout.total);
  const where = places(layout);
  for (const [name, shape] of parameterShapes(layout.spec)) {
    const tensor = weights.get(name);
    const place = where.get(name);
    if (!tensor || !place || tensor.shape.join() !== shape.join()) {
      throw new Error(
        `${name}: expected shape ${shape.join('x')}, got ${tensor?.shape.join('x') ?? 'nothing'}`,
      );
    }
    eachCell(shape, place, (from, to) => {
      flat[to] = tensor.data[from] ?? 0;
    });
  }
  return flat;
}

/** Takes a flat buffer (weights, gradients or moments of one run) apart into named tensors. */
export function unpackWeights(layout: ParameterLayout, flat: Float32Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  const where = places(layout);
  for (const [name, shape] of parameterShapes(layout.spec)) {
    const place = where.get(name);
    if (!place) continue;
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
    eachCell(shape, place, (from, to) => {
      data[from] = flat[to] ?? 0;
    });
    tensors.set(name, { shape, data });
  }
  return tensors;
}

/** Cosine and sine of every position and frequency, in float64 before rounding: (positions, head dim / 2). */
export function ropeTables(
  spec: ModelSpec,
  positions: number,
): { cosine: Float32Array<ArrayBuffer>; sine: Float32Array<ArrayBuffer> } {
  const half = headDim(spec) / 2;
  const cosine = new Float32Array(positions * half);
  const sine = new Float32Array(positions * half);
  for (let t = 0; t < positions; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t * spec.rope_theta ** (-i / half);
      cosine[t * half + i] = Math.cos(angle);
      sine[t * half + i] = Math.sin(angle);
    }
  }
  return { cosine, sine };
}
