// policy_loss: the policy-gradient loss of every response token, its gradient with respect to the logits, and what the
// token does to the entropy. With z = logits / temperature, p = softmax(z), H its entropy, a the sampled token:
//
//   A' = w A,  w = positive_weight if A > 0, negative_weight if A < 0            (Positive-Advantage Reweighting)
//   r  = exp(clamp(log p_a - old_logprob, -20, 20))
//   ppo-clip    s = -min(r A', clamp(r, 1 - clip_low, 1 + clip_high) A');  dual_clip c: s = min(s, -c A') where A' < 0
//   reinforce   s = -A' log p_a
//   k3 = exp(x) - x - 1,  x = ref_logprob - log p_a
//   loss = agg(s) + kl_coef agg(k3) - entropy_coef agg(H)
//   d loss / d z_v = share [(d s/d log p_a + kl_coef (1 - exp x)) (1[v = a] - p_v) + entropy_coef p_v (log p_v + H)]
//   drive = -sum_v (d H / d z_v) (d agg(s) / d z_v),   d H / d z_v = -p_v (log p_v + H)
//
// agg multiplies each token by its share: token-mean 1 / response tokens; sequence-mean 1 / (rows x the row's tokens);
// constant 1 / (rows x aggregation_constant). Signs and counts go by A before weighting.
// Sources: Schulman et al. 2017 (arXiv:1707.06347) eq. 7; Yu et al. 2025, DAPO (arXiv:2503.14476) eq. 8 (two-sided clip,
// token mean); Ye et al. 2020 (arXiv:1912.09729) (dual clip); Jin et al. 2025 (arXiv:2511.05993) section 7.3 (weights);
// Schulman 2020, "Approximating KL divergence" (k3). One invocation per position, the vocabulary in index order.
// Shapes: logits, d_logits (R, rows, positions, vocab_stride), rows (R, rows, 4) as (rollout row, prompt length, length,
//         0), tokens (R, rollout_rows, length), record (planes, R, rollout_rows, length): 0 old logprob, 2 reference
//         logprob, 3 advantage; stats (R, rows, positions, 5) in vec4f, zero outside the response.

struct PolicyLossParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  vocab: u32,
  vocab_stride: u32,
  plane: u32,
}

@group(0) @binding(0) var<uniform> params: PolicyLossParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> rows: array<vec4u>;
@group(0) @binding(3) var<storage, read> tokens: array<u32>;
@group(0) @binding(4) var<storage, read> record: array<f32>;
@group(0) @binding(5) var<storage, read> logits: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_logits: array<f32>;
@group(0) @binding(7) var<storage, read_write> stats: array<vec4f>;

const STATS_WIDTH = 5u;

struct Surrogate {
  loss: f32,
  d_logprob: f32,             // d loss / d log p_a
}

fn surrogate(s: RunSettings, logprob: f32, log_ratio: f32, ratio: f32, weighted: f32) -> Surrogate {
  if (s.objective == 1u) { return Surrogate(-weighted * logprob, -weighted); }
  let free = ratio * weighted;
  let bounded = clamp(ratio, 1.0 - s.clip_low, 1.0 + s.clip_high) * weighted;
  var loss = -min(free, bounded);
  var slope = select(0.0, -free, free <= bounded && abs(log_ratio) <= 20.0);
  if (s.dual_clip > 0.0 && weighted < 0.0 && -s.dual_clip * weighted < loss) {
    loss = -s.dual_clip * weighted;
    slope = 0.0;
  }
  return Surrogate(loss, slope);
}

fn token_share(s: RunSettings, response_tokens: u32) -> f32 {
  if (s.aggregation == 1u) { return 1.0 / (f32(params.rows) * f32(response_tokens)); }
  if (s.aggregation == 2u) { return 1.0 / (f32(params.rows) * s.aggregation_constant); }
  return 1.0 / s.token_count;
}

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
    for (var i = 0u; i < STATS_WIDTH; i++) { stats[stats_at + i] = vec4f(0.0); }
    return;
  }

  let s = settings[run];
  let cell = (run * params.rollout_rows + row.x) * params.length + t;
  let chosen = min(tokens[cell], params.vocab - 1u);
  let inverse_temperature = 1.0 / s.temperature;
  let soft = row_softmax(at, params.vocab, inverse_temperature);
  let offset = soft.largest + soft.log_sum;
  let logprob = logits[at + chosen] * inverse_temperature - offset;
  let entropy = soft.entropy;

  let advantage = record[3u * params.plane + cell];
  var weighted = advantage;
  if (advantage > 0.0) { weighted *= s.positive_weight; }
  if (advantage < 0.0) { weighted *= s.negative_weight; }
  let log_ratio = logprob - record[cell];
  let ratio = exp_scalar(clamp(log_ratio, -20.0, 20.0));
  let policy = surrogate(s, logprob, log_ratio, ratio, weighted);
  let x = record[2u * params.plane + cell] - logprob;
  let exp_x = exp_scalar(x);
  let k3 = exp_x - x - 1.0;

  let share = token_share(s, row.z - row.y);
  let policy_slope = share * policy.d_logprob;
  let slope = policy_slope + share * s.kl_coef * (1.0 - exp_x);
  let bonus = share * s.entropy_coef;
  var chosen_term = 0.0;        // p_a (log p_a + H)
  var mean_term = 0.0;          // sum_v p_v p_v (log p_v + H)
  for (var v = 0u; v < params.vocab; v++) {
    let log_p = logits[at + v] * inverse_temperature - offset;
    let p = exp_scalar(log_p);
    let f = p * (log_p + entropy);
    mean_term += p * f;
    var d = -slope * p + bonus * f;
    if (v == chosen) {
      d += slope;
      chosen_term = f;
    }
    d_logits[at + v] = d * inverse_temperature;
  }
  for (var v = params.vocab; v < params.vocab_stride; v++) { d_logits[at + v] = 0.0; }

  let drive = policy_slope * (chosen_term - mean_term);
  let positive = select(0.0, 1.0, advantage > 0.0);
  let negative = select(0.0, 1.0, advantage < 0.0);
  let clipped_low = select(0.0, 1.0, advantage < 0.0 && ratio < 1.0 - s.clip_low);
  let clipped_high = select(0.0, 1.0, advantage > 0.0 && ratio > 1.0 + s.clip_high);
  let bounded_log_ratio = clamp(log_ratio, -20.0, 20.0);
  stats[stats_at] = vec4f(share * policy.loss, share * k3, share * entropy, ratio - 1.0 - bounded_log_ratio);
  stats[stats_at + 1u] = vec4f(clipped_low, clipped_high, positive, negative);
  stats[stats_at + 2u] = vec4f(positive * drive, negative * drive, 1.0, k3);
  stats[stats_at + 3u] = vec4f(ratio, abs(log_ratio), 0.0, 0.0);
  stats[stats_at + 4u] = vec4f(logprob, entropy, ratio, drive);
}
