// token_selection: which response tokens of a minibatch the policy loss learns from, and how much. Everything that has to
// see the whole minibatch is here, before policy_loss.wgsl, which sees one token. With l the log-probability now, H the
// entropy now, A the advantage before weighting, p_old and p the token's probabilities then and now, u a uniform draw:
//
//   gspo          log s = mean over the response of (l - old_logprob), for each of its tokens
//   kl-cov        penalty = kl_cov_coef for the cov_tokens tokens with the largest cov = (A - mean A) (l - mean l), else 0
//   clip-cov      keep = 0 for cov_tokens of the tokens with cov_low < cov < cov_high inside the clip range, those with
//                 the largest u
//   high entropy  keep = 0 for all but the entropy_tokens tokens with the largest H
//   random        keep = 0 for random_tokens of the tokens with A > 0, those with the largest u
//   steer         keep *= exp(-k W),  W = |A / p_old  p (1 - p) (l + H)|,  k = -log(steer_min_weight) / max(max W, 0.02)
//
// The three counts are shares of the minibatch's tokens, worked out exactly on the CPU (src/gpu/run_settings.ts).
// Sources: Zheng et al. 2025, GSPO (arXiv:2507.18071) eq. 7; Cui et al. 2025 (arXiv:2505.22617) section 4.2
// (Clip-Cov, KL-Cov); Wang et al. 2025 (arXiv:2506.01939) section 5.1 (80/20); Jin et al. 2025 (arXiv:2511.05993) (random
// positive clipping); STEER (arXiv:2510.10150). Tokens that tie with the last one selected are selected too.
// One workgroup per run. Counts are integers and sums have a fixed order, so a repeat gives the same bits. The n-th largest
// of m values is found bit by bit, in 32 counts: no sort, no extra memory.
// Shapes: rows (R, rows, 4) as (rollout row, prompt length, length, 0), record (planes, R, rollout_rows, length): 0 old
//         logprob, 3 advantage, 4 logprob now, 5 entropy now; selection (R, rows, positions) in vec4f as
//         (keep, penalty, log s, 0), zero outside the response.

struct TokenSelectionParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  plane: u32,
}

@group(0) @binding(0) var<uniform> params: TokenSelectionParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> rows: array<vec4u>;
@group(0) @binding(3) var<storage, read> record: array<f32>;
@group(0) @binding(4) var<storage, read_write> selection: array<vec4f>;

const BY_COVARIANCE = 0u;
const BY_DRAW_IN_BAND = 1u;
const BY_ENTROPY = 2u;
const BY_DRAW_POSITIVE = 3u;

var<workgroup> sums: array<vec4f, WG>;
var<workgroup> counted: atomic<u32>;

struct Token {
  response: bool,
  cell: u32,
  old_logprob: f32,
  advantage: f32,
  logprob: f32,
  entropy: f32,
}

fn token_at(run: u32, n: u32) -> Token {
  let row = rows[run * params.rows + n / params.positions];
  let t = params.first + n % params.positions + 1u;
  if (t < row.y || t >= row.z) { return Token(false, 0u, 0.0, 0.0, 0.0, 0.0); }
  let cell = row.x * params.length + t;
  let at = run * params.rollout_rows * params.length + cell;
  return Token(true, cell, record[at], record[3u * params.plane + at], record[4u * params.plane + at],
    record[5u * params.plane + at]);
}

// Means over the response tokens of a run.
struct Means {
  advantage: f32,
  logprob: f32,
}

fn covariance(token: Token, means: Means) -> f32 {
  return (token.advantage - means.advantage) * (token.logprob - means.logprob);
}

// Keys are unsigned integers; NOBODY belongs to tokens that do not take part, and no token has the key NONE.
const NOBODY = 0u;
const NONE = 0xffffffffu;

fn taking_part(key: u32) -> u32 { return clamp(key, NOBODY + 1u, NONE - 1u); }

// A key in the order of the numbers. -0 ties with 0, which tokens without an advantage give in either sign.
fn ordered(x: f32) -> u32 {
  let bits = select(bitcast<u32>(x), 0u, x == 0.0);
  return taking_part(select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u));
}

fn draw(s: RunSettings, cell: u32, purpose: u32) -> u32 {
  return taking_part(threefry2x32(vec2u(s.key0, s.key1), vec2u(cell, purpose)).x);
}

fn key_of(s: RunSettings, kind: u32, token: Token, means: Means) -> u32 {
  if (!token.response) { return NOBODY; }
  if (kind == BY_COVARIANCE) { return ordered(covariance(token, means)); }
  if (kind == BY_ENTROPY) { return ordered(token.entropy); }
  if (kind == BY_DRAW_POSITIVE) {
    if (token.advantage > 0.0) { return draw(s, token.cell, kind); }
    return NOBODY;
  }
  let cov = covariance(token, means);
  let range = clip_range(s, token.logprob);
  let ratio = exp_scalar(clamp(token.logprob - token.old_logprob, -20.0, 20.0));
  let clipped = (token.advantage > 0.0 && ratio > range.highest) || (token.advantage < 0.0 && ratio < range.lowest);
  if (clipped || cov <= s.cov_low || cov >= s.cov_high) { return NOBODY; }
  return draw(s, token.cell, kind);
}

// How many tokens have a key of at least `key`.
fn count_from(s: RunSettings, run: u32, lane: u32, kind: u32, means: Means, key: u32) -> u32 {
  if (lane == 0u) { atomicStore(&counted, 0u); }
  workgroupBarrier();
  var own = 0u;
  for (var n = lane; n < params.rows * params.positions; n += WG) {
    if (key_of(s, kind, token_at(run, n), means) >= key) { own++; }
  }
  atomicAdd(&counted, own);
  workgroupBarrier();
  let total = atomicLoad(&counted);
  workgroupBarrier();
  return total;
}

// The key of the `wanted`-th largest; that of the last to take part where they are fewer, NONE where none are wanted.
fn threshold(s: RunSettings, run: u32, lane: u32, kind: u32, means: Means, wanted: u32) -> u32 {
  var key = 0u;
  for (var bit = 0u; bit < 32u; bit++) {
    let candidate = key | (0x80000000u >> bit);
    let enough = count_from(s, run, lane, kind, means, candidate) >= wanted;
    key = select(key, candidate, enough);
  }
  return select(max(key, NOBODY + 1u), NONE, wanted == 0u);
}

fn means_of(run: u32, lane: u32) -> Means {
  var own = vec4f(0.0);
  for (var n = lane; n < params.rows * params.positions; n += WG) {
    let token = token_at(run, n);
    if (token.response) { own += vec4f(1.0, token.advantage, token.logprob, 0.0); }
  }
  sums[lane] = own;
  workgroupBarrier();
  var total = vec4f(0.0);
  for (var i = 0u; i < WG; i++) { total += sums[i]; }
  workgroupBarrier();
  let tokens = max(total.x, 1.0);
  return Means(total.y / tokens, total.z / tokens);
}

// First-order entropy change that a unit of the token's gradient makes, with the ratio's derivative at the old policy.
fn steer_change(token: Token) -> f32 {
  let p = exp_scalar(min(token.logprob, 0.0));
  let old = exp_scalar(min(token.old_logprob, 0.0));
  return abs(token.advantage / max(old, 1e-20) * p * (1.0 - p) * (token.logprob + token.entropy));
}

fn largest_change(run: u32, lane: u32) -> f32 {
  var own = 0.0;
  for (var n = lane; n < params.rows * params.positions; n += WG) {
    let token = token_at(run, n);
    if (token.response) { own = max(own, steer_change(token)); }
  }
  sums[lane] = vec4f(own);
  workgroupBarrier();
  var most = 0.0;
  for (var i = 0u; i < WG; i++) { most = max(most, sums[i].x); }
  workgroupBarrier();
  return most;
}

fn log_sequence_ratio(run: u32, n: u32) -> f32 {
  let row = rows[run * params.rows + n / params.positions];
  let start = run * params.rollout_rows * params.length + row.x * params.length;
  var sum = 0.0;
  for (var t = row.y; t < row.z; t++) {
    sum += record[4u * params.plane + start + t] - record[start + t];
  }
  return sum / f32(row.z - row.y);
}

@compute @workgroup_size(WG)
fn token_selection(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let run = workgroup.z;
  let s = settings[run];
  let means = means_of(run, lane);
  // From which key on, by kind. Loops, because a call is compiled once for each time it is written (performance.md).
  var wanted = array<u32, 4>(0u, 0u, s.entropy_tokens, s.random_tokens);
  if (s.objective == KL_COV) { wanted[BY_COVARIANCE] = s.cov_tokens; }
  if (s.objective == CLIP_COV) { wanted[BY_DRAW_IN_BAND] = s.cov_tokens; }
  var key_from = array<u32, 4>(NONE, NONE, NOBODY, NONE);
  for (var kind = 0u; kind < 4u; kind++) {
    if (wanted[kind] > 0u) { key_from[kind] = threshold(s, run, lane, kind, means, wanted[kind]); }
  }
  var steer = 0.0;
  if (s.steer_min_weight < 1.0) { steer = -log(s.steer_min_weight) / max(largest_change(run, lane), 0.02); }

  for (var n = lane; n < params.rows * params.positions; n += WG) {
    let token = token_at(run, n);
    var out = vec4f(0.0);
    if (token.response) {
      out.x = exp_scalar(-steer * steer_change(token));
      for (var kind = 0u; kind < 4u; kind++) {
        let chosen = key_of(s, kind, token, means) >= key_from[kind];
        // Of highest entropy those are kept that are chosen; the draws choose what is left out.
        if (kind == BY_COVARIANCE) { out.y = select(0.0, s.kl_cov_coef, chosen); }
        else if (chosen != (kind == BY_ENTROPY)) { out.x = 0.0; }
      }
      if (s.objective == GSPO) { out.z = log_sequence_ratio(run, n); }
    }
    selection[run * params.rows * params.positions + n] = out;
  }
}
