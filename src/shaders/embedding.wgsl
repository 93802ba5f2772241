// embedding: turns the tokens of a batch of rollout rows into vectors, and gathers the gradient back per token id.
//
//   x[b, s, :] = table[token[row[b], first + s], :]
//   d_table[v, :] (+)= sum over (b, s) with that token = v of d_x[b, s, :]
//
// Source: Llama (Touvron et al. 2023, arXiv:2302.13971); the table is `model.embed_tokens.weight`.
// The backward pass gives each invocation four columns of BLOCK table rows and walks the tokens in order: no atomics,
// fixed order.
// Shapes: tokens (R, rollout_rows, length), rows (R, rows, 4) as (rollout row, prompt length, length, 0),
//         table and d_table (R, vocab, width) with run stride `table_stride`, x and d_x (R, rows, positions, width).
// Widths and strides count vec4f; widths are padded to a multiple of 4 with zeros.

struct EmbeddingParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  vocab: u32,
  width: u32,
  table_stride: u32,
  accumulate: u32,            // backward: 1 adds into d_table, 0 overwrites it
}

@group(0) @binding(0) var<uniform> params: EmbeddingParams;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<vec4u>;
@group(0) @binding(3) var<storage, read> table: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> x: array<vec4f>;

@group(0) @binding(3) var<storage, read> d_x: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> d_table: array<vec4f>;

fn token_at(run: u32, b: u32, s: u32) -> u32 {
  let row = rows[run * params.rows + b].x;
  return tokens[(run * params.rollout_rows + row) * params.length + params.first + s];
}

@compute @workgroup_size(WG)
fn embedding(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let n = i / params.width;
  if (n >= params.rows * params.positions) { return; }
  let run = workgroup.z;
  let column = i % params.width;
  let token = min(token_at(run, n / params.positions, n % params.positions), params.vocab - 1u);
  x[run * params.rows * params.positions * params.width + i] =
    table[run * params.table_stride + token * params.width + column];
}

@compute @workgroup_size(WG)
fn embedding_backward(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let first_token = (i / params.width) * BLOCK;
  if (first_token >= params.vocab) { return; }
  let run = workgroup.z;
  let own = run * params.table_stride + first_token * params.width + i % params.width;
  if (params.accumulate == 0u) {
    for (var v = 0u; v < min(BLOCK, params.vocab - first_token); v++) {
      d_table[own + v * params.width] = vec4f(0.0);
    }
  }
  var source = run * params.rows * params.positions * params.width + i % params.width;
  for (var b = 0u; b < params.rows; b++) {
    let row = rows[run * params.rows + b].x;
    let at = (run * params.rollout_rows + row) * params.length + params.first;
    for (var s = 0u; s < params.positions; s++) {
      let v = tokens[at + s] - first_token;       // below first_token it wraps to a large number
      if (v < BLOCK && v + first_token < params.vocab) { d_table[own + v * params.width] += d_x[source]; }
      source += params.width;
    }
  }
}
