// What the loss makes of one response token, given the log-probability of what was sampled and the entropy there. With
// z = logits / temperature, p = softmax(z), H its entropy, a the sampled token:
//
//   A~ = A + min(entropy_advantage H, |A| / entropy_advantage_bound)             (entropy-shaped, off at 0)
//   A' = w A~,  w = positive_weight if A > 0, negative_weight if A < 0           (Positive-Advantage Reweighting)
//   r  = exp(clamp(log p_a - old_logprob, -20, 20)),  bounded(r) = clamp(r, 1 - low, 1 + high), see lib/clip.wgsl
//   ppo-clip    s = -min(r A', bounded(r) A');  dual_clip c: s = min(s, -c A') where A' < 0;  clip-cov is the same
//   reinforce   s = -A' log p_a
//   gspo        ppo-clip with the ratio of the whole response, exp(mean (log p - old)), for each of its tokens
//   cispo       s = -bounded(r) A' log p_a, no gradient through bounded(r)
//   ce-gppo     s = -gppo_low (1 - low) r / [r] A' below the range where A' < 0, -gppo_high (1 + high) r / [r] A' above it
//               where A' > 0 ([r]: no gradient), else -r A' with dual clip
//   kl-cov      s = -r A' + penalty |log p_a - old_logprob|, without slope where that is below 1e-4: there the policies
//               are the same, and the sign would be that of rounding
//   k3 = exp(x) - x - 1,  x = ref_logprob - log p_a
//   loss = agg(keep s) + kl_coef agg(k3) - entropy_coef agg(H)
//   d loss / d z_v = share [(keep d s/d log p_a + kl_coef (1 - exp x)) (1[v = a] - p_v) + entropy_coef p_v (log p_v + H)]
//   drive = -sum_v (d H / d z_v) (d agg(keep s) / d z_v),   d H / d z_v = -p_v (log p_v + H)
//
// `keep`, `penalty` and the response's ratio come from token_selection.wgsl where settings say so (else 1, 0, unused).
// agg multiplies each token by its share: token-mean 1 / response tokens; sequence-mean 1 / (minibatch_rows x the
// row's tokens); constant 1 / (minibatch_rows x aggregation_constant). Signs and counts go by A before shaping and weighting.
// Sources: Schulman et al. 2017 (arXiv:1707.06347) eq. 7; Yu et al. 2025, DAPO (arXiv:2503.14476) eq. 8 (two-sided clip,
// token mean); Ye et al. 2020 (arXiv:1912.09729) (dual clip); Jin et al. 2025 (arXiv:2511.05993) section 7.3 (weights);
// Zheng et al. 2025 (arXiv:2507.18071) (GSPO, token form); MiniMax 2025 (arXiv:2506.13585) (CISPO); CE-GPPO
// (arXiv:2509.20712); Cui et al. 2025 (arXiv:2505.22617) (Clip-Cov, KL-Cov); Cheng et al. 2025 (arXiv:2506.14758)
// (entropy-shaped advantage); Schulman 2020, "Approximating KL divergence" (k3).
// The joining shader joins lib/exp.wgsl, lib/run_settings.wgsl and lib/clip.wgsl, declares `record`, `selection` and `stats`,
// and params with `plane`, `rows`, `positions` and `minibatch_rows`.

const STATS_WIDTH = 7u;
const SAME_POLICY = 1e-4;

struct Surrogate {
  loss: f32,
  d_logprob: f32,             // d loss / d log p_a
}

// What one token's surrogate is made of; `weighted` is A'.
struct Surroundings {
  logprob: f32,
  log_ratio: f32,
  ratio: f32,
  weighted: f32,
  penalty: f32,
  range: ClipRange,
}

fn surrogate(s: RunSettings, at: Surroundings) -> Surrogate {
  let free = at.ratio * at.weighted;
  let bounded = clamp(at.ratio, at.range.lowest, at.range.highest) * at.weighted;
  let moves = abs(at.log_ratio) <= 20.0;
  switch (s.objective) {
    case REINFORCE: { return Surrogate(-at.weighted * at.logprob, -at.weighted); }
    case CISPO: { return Surrogate(-bounded * at.logprob, -bounded); }
    case KL_COV: {
      return Surrogate(
        -free + at.penalty * abs(at.log_ratio),
        select(0.0, -free, moves) + select(0.0, at.penalty * sign(at.log_ratio), abs(at.log_ratio) > SAME_POLICY),
      );
    }
    case CE_GPPO: {
      if (at.weighted < 0.0 && at.ratio < at.range.lowest) {
        return Surrogate(-s.gppo_low * bounded, -s.gppo_low * bounded);
      }
      if (at.weighted > 0.0 && at.ratio > at.range.highest) {
        return Surrogate(-s.gppo_high * bounded, -s.gppo_high * bounded);
      }
      return dual_clipped(s, at.weighted, Surrogate(-free, select(0.0, -free, moves)));
    }
    default: {
      let open = Surrogate(-min(free, bounded), select(0.0, -free, free <= bounded && moves));
      return dual_clipped(s, at.weighted, open);
    }
  }
}

fn dual_clipped(s: RunSettings, weighted: f32, open: Surrogate) -> Surrogate {
  if (s.dual_clip > 0.0 && weighted < 0.0 && -s.dual_clip * weighted < open.loss) {
    return Surrogate(-s.dual_clip * weighted, 0.0);
  }
  return open;
}

fn token_share(s: RunSettings, response_tokens: u32) -> f32 {
  if (s.aggregation == 1u) { return 1.0 / (f32(params.minibatch_rows) * f32(response_tokens)); }
  if (s.aggregation == 2u) { return 1.0 / (f32(params.minibatch_rows) * s.aggregation_constant); }
  return 1.0 / s.token_count;
}

// d loss / d z_v = slope (1[v = a] - p_v) + bonus p_v (log p_v + H)
struct TokenLoss {
  slope: f32,
  bonus: f32,
  policy_slope: f32,          // the part of `slope` that is the policy's, without KL
  removed_slope: f32,         // what clipping took away: that of -r A' less `policy_slope`
  policy: f32,                // share keep s
  kl: f32,                    // share k3
  k3: f32,
  share: f32,
  keep: f32,
  advantage: f32,
  ratio: f32,
  log_ratio: f32,             // of the token
  clipped_low: f32,
  clipped_high: f32,
}

// The token at `cell` of the record, number `n` among those of its run in this pass.
fn token_loss(run: u32, n: u32, cell: u32, response_tokens: u32, logprob: f32, entropy: f32) -> TokenLoss {
  let s = settings[run];
  let advantage = record[3u * params.plane + cell];
  var weighted = advantage;
  if (s.entropy_advantage > 0.0) {
    weighted += min(s.entropy_advantage * entropy, abs(advantage) / s.entropy_advantage_bound);
  }
  if (advantage > 0.0) { weighted *= s.positive_weight; }
  if (advantage < 0.0) { weighted *= s.negative_weight; }
  let token_log_ratio = logprob - record[cell];
  var log_ratio = token_log_ratio;
  var keep = 1.0;
  var penalty = 0.0;
  if (s.selects == 1u) {
    let selected = selection[run * params.rows * params.positions + n];
    keep = selected.x;
    penalty = selected.y;
    if (s.objective == GSPO) { log_ratio = selected.z; }
  }
  let ratio = exp_scalar(clamp(log_ratio, -20.0, 20.0));
  let range = clip_range(s, logprob);
  let policy = surrogate(s, Surroundings(logprob, log_ratio, ratio, weighted, penalty, range));
  let x = record[2u * params.plane + cell] - logprob;
  let exp_x = exp_scalar(x);
  let k3 = exp_x - x - 1.0;

  let share = token_share(s, response_tokens);
  let policy_slope = share * keep * policy.d_logprob;
  let clips = s.objective != REINFORCE && s.objective != KL_COV;
  return TokenLoss(
    policy_slope + share * s.kl_coef * (1.0 - exp_x),
    share * s.entropy_coef,
    policy_slope,
    select(0.0, share * keep * (-ratio * weighted - policy.d_logprob), clips),
    share * keep * policy.loss,
    share * k3,
    k3,
    share,
    keep,
    advantage,
    ratio,
    token_log_ratio,
    select(0.0, 1.0, advantage < 0.0 && ratio < range.lowest),
    select(0.0, 1.0, advantage > 0.0 && ratio > range.highest),
  );
}

// `unit_drive` is the drive of a slope of 1: p_a (log p_a + H) - sum_v p_v p_v (log p_v + H).
fn write_stats(at: u32, token: TokenLoss, logprob: f32, entropy: f32, unit_drive: f32) {
  let drive = token.policy_slope * unit_drive;
  let removed = token.removed_slope * unit_drive;
  let positive = select(0.0, 1.0, token.advantage > 0.0);
  let negative = select(0.0, 1.0, token.advantage < 0.0);
  let likely = select(0.0, 1.0, -logprob < entropy);
  let bounded = clamp(token.log_ratio, -20.0, 20.0);
  stats[at] = vec4f(token.policy, token.kl, token.share * entropy, exp_scalar(bounded) - 1.0 - bounded);
  stats[at + 1u] = vec4f(token.clipped_low, token.clipped_high, positive, negative);
  stats[at + 2u] = vec4f(positive * drive, negative * drive, 1.0, token.k3);
  stats[at + 3u] = vec4f(token.ratio, abs(token.log_ratio), 0.0, 0.0);
  stats[at + 4u] = vec4f(logprob, entropy, token.ratio, drive);
  stats[at + 5u] =
    vec4f(positive * likely, positive * (1.0 - likely), negative * likely, negative * (1.0 - likely)) * drive;
  stats[at + 6u] = vec4f(positive * removed, negative * removed, token.keep, 0.0);
}

fn write_no_stats(at: u32) {
  for (var i = 0u; i < STATS_WIDTH; i++) { stats[at + i] = vec4f(0.0); }
}
