// The clip range of a token: [1 - low, 1 + high], with bounds that may depend on the token's probability p now,
//   low = clip_low + clip_low_slope p,   high = clip_high + clip_high_slope p,   both at least 0.
// Source: arXiv:2602.09782 (bounds linear in the probability); slopes of 0 give the fixed range of PPO.
// The joining shader joins lib/exp.wgsl and lib/run_settings.wgsl.

struct ClipRange {
  lowest: f32,
  highest: f32,
}

fn clip_range(s: RunSettings, logprob: f32) -> ClipRange {
  let p = exp_scalar(min(logprob, 0.0));
  return ClipRange(
    1.0 - max(s.clip_low + s.clip_low_slope * p, 0.0),
    1.0 + max(s.clip_high + s.clip_high_slope * p, 0.0),
  );
}
