/** Shape of a Llama-architecture policy; the names are those of a Hugging Face `config.json`. */
export interface ModelSpec {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  /** Most positions of prompt + response. */
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  readonly rope_theta: number;
  readonly tie_word_embeddings: boolean;
}

/** A named tensor of a policy, row-major; a vector has one row. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A policy on the CPU: Hugging Face tensor names to values. */
export type Weights = ReadonlyMap<string, Tensor>;

/** Shape of every parameter by its Hugging Face name, in file order. */
export function parameterShapes(spec: ModelSpec): Map<string, readonly number[]> {
  const {
    vocab_size: V,
    hidden_size: D,
    intermediate_size: F,
    num_attention_heads: H,
    num_key_value_heads: KV,
  } = spec;
  const headDim = D / H;
  const shapes = new Map<string, readonly number[]>([['model.embed_tokens.weight', [V, D]]]);
  for (let layer = 0; layer < spec.num_hidden_layers; layer++) {
    const at = `model.layers.${layer}.`;
    shapes.set(`${at}input_layernorm.weight`, [D]);
    shapes.set(`${at}self_attn.q_proj.weight`, [H * headDim, D]);
    shapes.set(`${at}self_attn.k_proj.weight`, [KV * headDim, D]);
    shapes.set(`${at}self_attn.v_proj.weight`, [KV * headDim, D]);
    shapes.set(`${at}self_attn.o_proj.weight`, [D, H * headDim]);
    shapes.set(`${at}post_attention_layernorm.weight`, [D]);
    shapes.set(`${at}mlp.gate_proj.weight`, [F, D]);
    shapes.set(`${at}mlp.up_proj.weight`, [F, D]);
    shapes.set(`${at}mlp.down_proj.weight`, [D, F]);
  }
  shapes.set('model.norm.weight', [D]);
  if (!spec.tie_word_embeddings) shapes.set('lm_head.weight', [V, D]);
  return shapes;
}
