// token_stats: log-probability of the token that was chosen at each response position, and the policy's entropy there.
//
//   logprob[b, t] = log softmax(logits[b, t - 1] / temperature)[token[b, t]]      entropy[b, t] = -sum_v p_v log p_v
//
// Source: Schulman et al. 2017, arXiv:1707.06347, eq. 9 (entropy); lib/row_softmax.wgsl. One invocation per position.
// Positions outside the response are left as they are.
// Shapes: logits (R, rows, positions, vocab_stride), rows (R, rows, 4) as (rollout row, prompt length, length, 0),
//         tokens (R, rollout_rows, length), record (planes, R, rollout_rows, length): writes `logprob_plane` and, unless
//         it equals `logprob_plane`, `entropy_plane`.

struct TokenStatsParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  vocab: u32,
  vocab_stride: u32,
  plane: u32,                 // numbers of one plane
  logprob_plane: u32,
  entropy_plane: u32,
}

@group(0) @binding(0) var<uniform> params: TokenStatsParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> rows: array<vec4u>;
@group(0) @binding(3) var<storage, read> tokens: array<u32>;
@group(0) @binding(4) var<storage, read> logits: array<f32>;
@group(0) @binding(5) var<storage, read_write> record: array<f32>;

@compute @workgroup_size(WG)
fn token_stats(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= params.rows * params.positions) { return; }
  let run = workgroup.z;
  let row = rows[run * params.rows + n / params.positions];
  let t = params.first + n % params.positions + 1u;
  if (t < row.y || t >= row.z) { return; }
  let at = (run * params.rows * params.positions + n) * params.vocab_stride;
  let inverse_temperature = 1.0 / settings[run].temperature;
  let soft = row_softmax(at, params.vocab, inverse_temperature);
  let cell = (run * params.rollout_rows + row.x) * params.length + t;
  let chosen = min(tokens[cell], params.vocab - 1u);
  record[params.logprob_plane * params.plane + cell] =
    logits[at + chosen] * inverse_temperature - soft.largest - soft.log_sum;
  if (params.entropy_plane != params.logprob_plane) {
    record[params.entropy_plane * params.plane + cell] = soft.entropy;
  }
}
