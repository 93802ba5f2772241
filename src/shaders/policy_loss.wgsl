// policy_loss: the policy-gradient loss of every response token, its gradient with respect to the logits, and what the
// token does to the entropy.
//
//   d loss / d z_v = slope (1[v = a] - p_v) + bonus p_v (log p_v + H),   z = logits / temperature,  p = softmax(z)
//   drive = policy_slope [p_a (log p_a + H) - sum_v p_v p_v (log p_v + H)]
//
// with a the sampled token and H the entropy of p; the slopes, and their sources, are in lib/token_loss.wgsl. vocab_parts.wgsl
// does the same for vocabularies whose logits are not held as a whole.
// One invocation per position, the vocabulary in index order.
// Shapes: logits, d_logits (R, rows, positions, vocab_stride), rows (R, rows, 4) as (rollout row, prompt length, length,
//         0), tokens (R, rollout_rows, length), record (planes, R, rollout_rows, length): 0 old logprob, 2 reference
//         logprob, 3 advantage; selection (R, rows, positions) in vec4f as (keep, penalty, log ratio of the response, 0);
//         stats (R, rows, positions, 7) in vec4f, zero outside the response.

struct PolicyLossParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  vocab: u32,
  vocab_stride: u32,
  plane: u32,
  minibatch_rows: u32,        // of all passes that make up an update
}

@group(0) @binding(0) var<uniform> params: PolicyLossParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> rows: array<vec4u>;
@group(0) @binding(3) var<storage, read> tokens: array<u32>;
@group(0) @binding(4) var<storage, read> record: array<f32>;
@group(0) @binding(5) var<storage, read> logits: array<f32>;
@group(0) @binding(6) var<storage, read> selection: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> d_logits: array<f32>;
@group(0) @binding(8) var<storage, read_write> stats: array<vec4f>;

@compute @workgroup_size(WG)
fn policy_loss(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= params.rows * params.positions) { return; }
  let run = workgroup.z;
  let row = rows[run * params.rows + n / params.positions];
  let t = params.first + n % params.positions + 1u;
  let at = (run * params.rows * params.positions + n) * params.vocab_stride;
  let stats_at = (run * params.rows * params.positions + n) * STATS_WIDTH;
  if (t < row.y || t >= row.z) {
    for (var v = 0u; v < params.vocab_stride; v++) { d_logits[at + v] = 0.0; }
    write_no_stats(stats_at);
    return;
  }

  let cell = (run * params.rollout_rows + row.x) * params.length + t;
  let chosen = min(tokens[cell], params.vocab - 1u);
  let inverse_temperature = 1.0 / settings[run].temperature;
  let soft = row_softmax(at, params.vocab, inverse_temperature);
  let offset = soft.largest + soft.log_sum;
  let logprob = logits[at + chosen] * inverse_temperature - offset;
  let entropy = soft.entropy;
  let token = token_loss(run, n, cell, row.z - row.y, logprob, entropy);
  var chosen_term = 0.0;        // p_a (log p_a + H)
  var mean_term = 0.0;          // sum_v p_v p_v (log p_v + H)
  for (var v = 0u; v < params.vocab; v++) {
    let log_p = logits[at + v] * inverse_temperature - offset;
    let p = exp_scalar(log_p);
    let f = p * (log_p + entropy);
    mean_term += p * f;
    var d = -token.slope * p + token.bonus * f;
    if (v == chosen) {
      d += token.slope;
      chosen_term = f;
    }
    d_logits[at + v] = d * inverse_temperature;
  }
  for (var v = params.vocab; v < params.vocab_stride; v++) { d_logits[at + v] = 0.0; }
  write_stats(stats_at, token, logprob, entropy, chosen_term - mean_term);
}
