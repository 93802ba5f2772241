// vocab_parts: the loss of policy_loss.wgsl, and the numbers of token_stats.wgsl, of a large vocabulary, whose logits exist a
// part of the vocabulary at a time: each part is computed twice, once to be summed up and once for its gradient.
//
//   vocab_scan       m = max_v z_v,  S = sum_v e_v,  S' = sum_v e_v d_v,  Q = sum_v e_v^2,  Q' = sum_v e_v^2 d_v,  and z_a
//                    with z = logits / temperature, d_v = z_v - m, e_v = exp d_v; where a part raises m by x, the sums so far
//                    become f S, f (S' - x S), f^2 Q, f^2 (Q' - x Q) with f = exp -x
//   vocab_stats      log p_a = z_a - m - log S,   H = log S - S' / S
//   vocab_loss       slope and bonus of lib/token_loss.wgsl, and the drive, of which
//                    sum_v p_v p_v (log p_v + H) = (Q' - (S' / S) Q) / S^2
//   vocab_gradient   d loss / d z_v = slope (1[v = a] - p_v) + bonus p_v (log p_v + H)
//   vocab_softmax    p_v = exp(z_v - m - log S)
//
// Source: Milakov and Gimelshein 2018 (arXiv:1805.02867), the running maximum; second moments by the same rule.
// One invocation per position, but for vocab_gradient and vocab_softmax: one per four logits. Parts come in index order.
// Shapes: logits, d_logits, probabilities (R, rows, positions, width) of the part, in vec4f; scan (R, rows, positions, 2) in vec4f as
//         (m, S, S', Q), (Q', z_a, 0, 0); terms (R, rows, positions, 2) in vec4f as (m + log S, H, slope, bonus),
//         (1 / temperature, a, 0, 0), zero outside the response; the others as in policy_loss.wgsl.

struct ScanParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  vocab: u32,
  start: u32,                 // first token of the part, a multiple of 4
  width: u32,                 // of the part, in vec4f
}

struct VocabStatsParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  plane: u32,                 // numbers of one plane
  logprob_plane: u32,
  entropy_plane: u32,         // the same again: no entropy is written
}

struct VocabLossParams {
  rows: u32,
  positions: u32,
  first: u32,
  length: u32,
  rollout_rows: u32,
  vocab: u32,
  plane: u32,
  minibatch_rows: u32,        // of all passes that make up an update
}

struct PartParams {
  tokens: u32,                // rows x positions
  vocab: u32,
  start: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> scanned: ScanParams;
@group(0) @binding(0) var<uniform> measured: VocabStatsParams;
@group(0) @binding(0) var<uniform> params: VocabLossParams;
@group(0) @binding(0) var<uniform> part: PartParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> rows: array<vec4u>;
@group(0) @binding(3) var<storage, read> tokens: array<u32>;
@group(0) @binding(4) var<storage, read> logits: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> scan: array<vec4f>;
@group(0) @binding(5) var<storage, read> saved_scan: array<vec4f>;
@group(0) @binding(4) var<storage, read> record: array<f32>;
@group(0) @binding(4) var<storage, read_write> measures: array<f32>;
@group(0) @binding(6) var<storage, read> selection: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> terms: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> stats: array<vec4f>;
@group(0) @binding(2) var<storage, read> saved_terms: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> d_logits: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> probabilities: array<vec4f>;

const LOWEST = -3.4028234e38;

fn sum_of(v: vec4f) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

@compute @workgroup_size(WG)
fn vocab_scan(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= scanned.rows * scanned.positions) { return; }
  let run = workgroup.z;
  let row = rows[run * scanned.rows + n / scanned.positions];
  let t = scanned.first + n % scanned.positions + 1u;
  if (t < row.y || t >= row.z) { return; }
  let token = run * scanned.rows * scanned.positions + n;
  let at = token * scanned.width;
  let inverse_temperature = 1.0 / settings[run].temperature;
  let here = scanned.vocab - scanned.start;
  let whole = min(scanned.width, here / 4u);
  var most = vec4f(LOWEST);
  for (var i = 0u; i < whole; i++) { most = max(most, logits[at + i] * inverse_temperature); }
  for (var i = whole; i < scanned.width; i++) {
    most = max(most, masked(logits[at + i] * inverse_temperature, i, here, LOWEST));
  }
  var largest = max(max(most.x, most.y), max(most.z, most.w));
  var sums = vec4f(0.0);        // S, S', Q, Q'
  var chosen_logit = 0.0;
  if (scanned.start > 0u) {
    let before = scan[2u * token];
    let rest = scan[2u * token + 1u];
    largest = max(largest, before.x);
    let shift = before.x - largest;
    let f = exp_scalar(shift);
    sums = vec4f(
      f * before.y,
      f * (before.z + shift * before.y),
      f * f * before.w,
      f * f * (rest.x + shift * before.w),
    );
    chosen_logit = rest.y;
  }
  var s = vec4f(0.0);
  var s_d = vec4f(0.0);
  var q = vec4f(0.0);
  var q_d = vec4f(0.0);
  for (var i = 0u; i < scanned.width; i++) {
    let d = max(logits[at + i] * inverse_temperature - largest, vec4f(-87.0));
    let e = masked(exp_accurate(d), i, here, 0.0);
    s += e;
    s_d += e * d;
    q += e * e;
    q_d += e * e * d;
  }
  sums += vec4f(sum_of(s), sum_of(s_d), sum_of(q), sum_of(q_d));
  let chosen = min(tokens[(run * scanned.rollout_rows + row.x) * scanned.length + t], scanned.vocab - 1u);
  if (chosen >= scanned.start && chosen - scanned.start < 4u * scanned.width) {
    let column = chosen - scanned.start;
    chosen_logit = logits[at + column / 4u][column % 4u] * inverse_temperature;
  }
  scan[2u * token] = vec4f(largest, sums.xyz);
  scan[2u * token + 1u] = vec4f(sums.w, chosen_logit, 0.0, 0.0);
}

// What the sums of a whole vocabulary say of a token.
struct Scanned {
  offset: f32,                // m + log S: log p_v = z_v - offset
  logprob: f32,
  entropy: f32,
  mean_term: f32,             // sum_v p_v p_v (log p_v + H)
}

fn scanned_token(token: u32) -> Scanned {
  let a = saved_scan[2u * token];
  let b = saved_scan[2u * token + 1u];
  let log_sum = log(a.y);
  let mean = a.z / a.y;
  return Scanned(
    a.x + log_sum,
    b.y - (a.x + log_sum),
    max(log_sum - mean, 0.0),
    (b.x - mean * a.w) / (a.y * a.y),
  );
}

@compute @workgroup_size(WG)
fn vocab_stats(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= measured.rows * measured.positions) { return; }
  let run = workgroup.z;
  let row = rows[run * measured.rows + n / measured.positions];
  let t = measured.first + n % measured.positions + 1u;
  if (t < row.y || t >= row.z) { return; }
  let token = scanned_token(run * measured.rows * measured.positions + n);
  let cell = (run * measured.rollout_rows + row.x) * measured.length + t;
  measures[measured.logprob_plane * measured.plane + cell] = token.logprob;
  if (measured.entropy_plane != measured.logprob_plane) {
    measures[measured.entropy_plane * measured.plane + cell] = token.entropy;
  }
}

@compute @workgroup_size(WG)
fn vocab_loss(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= params.rows * params.positions) { return; }
  let run = workgroup.z;
  let row = rows[run * params.rows + n / params.positions];
  let t = params.first + n % params.positions + 1u;
  let token = run * params.rows * params.positions + n;
  if (t < row.y || t >= row.z) {
    terms[2u * token] = vec4f(0.0);
    terms[2u * token + 1u] = vec4f(0.0);
    write_no_stats(token * STATS_WIDTH);
    return;
  }
  let cell = (run * params.rollout_rows + row.x) * params.length + t;
  let chosen = min(tokens[cell], params.vocab - 1u);
  let seen = scanned_token(token);
  let loss = token_loss(run, n, cell, row.z - row.y, seen.logprob, seen.entropy);
  let chosen_term = exp_scalar(seen.logprob) * (seen.logprob + seen.entropy);
  write_stats(token * STATS_WIDTH, loss, seen.logprob, seen.entropy, chosen_term - seen.mean_term);
  terms[2u * token] = vec4f(seen.offset, seen.entropy, loss.slope, loss.bonus);
  // Token ids below 2^24 are exact as f32; their bits as they are would be subnormal numbers.
  terms[2u * token + 1u] = vec4f(1.0 / settings[run].temperature, f32(chosen), 0.0, 0.0);
}

@compute @workgroup_size(WG)
fn vocab_gradient(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  if (item >= part.tokens * part.width) { return; }
  let at = workgroup.z * part.tokens * part.width + item;
  let token = workgroup.z * part.tokens + item / part.width;
  let column = item % part.width;
  let a = saved_terms[2u * token];
  let b = saved_terms[2u * token + 1u];
  let log_p = logits[at] * b.x - a.x;
  let p_v = exp_accurate(log_p);
  let columns = vec4u(part.start + 4u * column) + vec4u(0u, 1u, 2u, 3u);
  let chosen = select(vec4f(0.0), vec4f(a.z), columns == vec4u(u32(b.y)));
  let d = (a.w * p_v * (log_p + a.y) - a.z * p_v + chosen) * b.x;
  d_logits[at] = masked(d, column, part.vocab - part.start, 0.0);
}

@compute @workgroup_size(WG)
fn vocab_softmax(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  if (item >= part.tokens * part.width) { return; }
  let at = workgroup.z * part.tokens * part.width + item;
  let token = workgroup.z * part.tokens + item / part.width;
  let inverse_temperature = saved_terms[2u * token + 1u].x;
  let p_v = exp_accurate(logits[at] * inverse_temperature - saved_terms[2u * token].x);
  let inside = select(vec4f(0.0), p_v, vec4<bool>(inverse_temperature > 0.0));
  probabilities[at] = masked(inside, item % part.width, part.vocab - part.start, 0.0);
}
