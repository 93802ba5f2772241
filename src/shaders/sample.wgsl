// sample: draws the next token of every row by the Gumbel-max trick, and records its log-probability and the entropy.
//
//   token = argmax_v (z_v + g_v),   g_v = -log(e_v),   e_v = -log(1 - u_v),   u_v uniform,   z = logits / temperature
//
// Source: Gumbel 1954 (see Maddison et al. 2014, arXiv:1411.0030); threefry of lib/threefry.wgsl, counted by (row,
// position, token) and keyed by (seed, step), so batching and pausing cannot change a draw, and runs of one seed share
// their noise. A maximum does not depend on the order it is taken in; ties go to the lower id.
// One invocation per row. Rows whose prompt is not over keep it; rows that ended are filled with `eos`.
// Shapes: logits (R, rows, vocab_stride), tokens (R, rows, length), spans (R, rows, 2) as (prompt length, length; 0: not
//         over), record (planes, R, rows, length): plane 0 logprob, plane 1 entropy.

struct SampleParams {
  rows: u32,
  length: u32,
  position: u32,              // the logits are those of this position; the token lands at position + 1
  vocab: u32,
  vocab_stride: u32,
  plane: u32,
  eos: u32,                   // no token ends a row when it is vocab or more
}

@group(0) @binding(0) var<uniform> params: SampleParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(4) var<storage, read_write> spans: array<vec2u>;
@group(0) @binding(5) var<storage, read_write> record: array<f32>;

// -log(u) of an exponential variate from 23 random bits. Near 0, where the winners come from, log(1 - u) would lose
// its digits, so the series of -log(1 - u) replaces it.
fn gumbel(bits: u32) -> f32 {
  let u = (f32(bits >> 9u) + 0.5) * exp2(-23.0);
  var exponential = u * (1.0 + u * (0.5 + u * (0.33333334 + u * 0.25)));
  if (u > 0.02) { exponential = -log(1.0 - u); }
  return -log(exponential);
}

@compute @workgroup_size(WG)
fn sample(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let b = item_index(workgroup, groups, lane);
  if (b >= params.rows) { return; }
  let run = workgroup.z;
  let row = run * params.rows + b;
  let span = spans[row];
  let t = params.position + 1u;
  if (t < span.x) { return; }
  let cell = row * params.length + t;
  if (span.y > 0u) {
    tokens[cell] = params.eos;
    record[cell] = 0.0;
    record[params.plane + cell] = 0.0;
    return;
  }

  let s = settings[run];
  let at = row * params.vocab_stride;
  let inverse_temperature = 1.0 / s.temperature;
  let soft = row_softmax(at, params.vocab, inverse_temperature);
  var best = 0u;
  var best_score = -3.4028234e38;
  for (var v = 0u; v < params.vocab; v += 2u) {
    let bits = threefry2x32(vec2u(s.key0, s.key1), vec2u((s.first_row + b) * params.length + t, v / 2u));
    for (var half = 0u; half < 2u && v + half < params.vocab; half++) {
      var score = logits[at + v + half] * inverse_temperature;
      if (s.greedy == 0u) { score += gumbel(select(bits.x, bits.y, half == 1u)); }
      if (score > best_score) {
        best_score = score;
        best = v + half;
      }
    }
  }
  tokens[cell] = best;
  record[cell] = logits[at + best] * inverse_temperature - soft.largest - soft.log_sum;
  record[params.plane + cell] = soft.entropy;
  if (best == params.eos || t + 1u == params.length) { spans[row].y = t + 1u; }
}
