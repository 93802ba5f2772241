/**
 * A Llama policy as both peers take it: nested by layer, matrices as (inputs, outputs), so that a layer is x @ W without
 * a transposition. `make(data, shape)` makes an array of the library.
 */
export function nestedWeights({ spec, weights }, make) {
  const tensor = (name) => {
    const { data, shape } = weights.get(name);
    return shape.length === 1
      ? make(data, shape)
      : make(transposed(data, shape), shape.toReversed());
  };
  const embedding = weights.get('model.embed_tokens.weight');
  return {
    embedding: make(embedding.data, [...embedding.shape]),
    layers: Array.from({ length: spec.num_hidden_layers }, (_, l) => {
      const at = `model.layers.${l}.`;
      return {
        inputNorm: tensor(`${at}input_layernorm.weight`),
        q: tensor(`${at}self_attn.q_proj.weight`),
        k: tensor(`${at}self_attn.k_proj.weight`),
        v: tensor(`${at}self_attn.v_proj.weight`),
        o: tensor(`${at}self_attn.o_proj.weight`),
        mlpNorm: tensor(`${at}post_attention_layernorm.weight`),
        gate: tensor(`${at}mlp.gate_proj.weight`),
        up: tensor(`${at}mlp.up_proj.weight`),
        down: tensor(`${at}mlp.down_proj.weight`),
      };
    }),
    norm: tensor('model.norm.weight'),
    head: tensor('lm_head.weight'),
  };
}

/** (rows, columns) -> (columns, rows). */
function transposed(data, [rows, columns]) {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c];
  }
  return out;
}

/** Inputs and targets (rows, positions) of next-token prediction from tokens (rows, positions + 1). */
export function inputsAndTargets({ tokens, rows, positions }) {
  const inputs = new Int32Array(rows * positions);
  const targets = new Int32Array(rows * positions);
  for (let b = 0; b < rows; b++) {
    const row = tokens.subarray(b * (positions + 1), (b + 1) * (positions + 1));
    inputs.set(row.subarray(0, positions), b * positions);
    targets.set(row.subarray(1), b * positions);
  }
  return { inputs, targets };
}
