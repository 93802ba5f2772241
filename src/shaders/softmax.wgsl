// softmax: the distribution that each row of logits stands for, at its run's temperature.
//
//   p[n, v] = exp(z[n, v] - max z[n]) / sum_u exp(z[n, u] - max z[n]),   z = logits / temperature
//
// Source: Bridle 1990; the largest is taken off so that no power exceeds 1. One invocation per row, four columns at a time;
// the sum of each of the four runs in index order. `softmax_short` is for rows of exactly VOCAB numbers in HELD vectors, which
// stay in registers: each is read once and written once, and nothing branches, which is what costs on a CPU rasteriser.
// Padding counts as the lowest finite number: z less the largest is then clamped by exp_accurate and masked.
// Shapes: logits and p (R, rows, width), width counting vec4f: `vocab` numbers and padding, which comes out as 0.

struct SoftmaxParams {
  rows: u32,
  vocab: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> params: SoftmaxParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> logits: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> p: array<vec4f>;

@compute @workgroup_size(WG)
fn softmax(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= params.rows) { return; }
  let at = (workgroup.z * params.rows + n) * params.width;
  let inverse_temperature = 1.0 / settings[workgroup.z].temperature;
  let whole = params.vocab / 4u;
  var most = vec4f(-3.4028234e38);
  for (var i = 0u; i < whole; i++) { most = max(most, logits[at + i] * inverse_temperature); }
  for (var i = whole; i < params.width; i++) {
    most = max(most, masked(logits[at + i] * inverse_temperature, i, params.vocab, -3.4028234e38));
  }
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  var sums = vec4f(0.0);
  for (var i = 0u; i < whole; i++) {
    let e = exp_accurate(logits[at + i] * inverse_temperature - largest);
    sums += e;
    p[at + i] = e;
  }
  for (var i = whole; i < params.width; i++) {
    let e = masked(exp_accurate(logits[at + i] * inverse_temperature - largest), i, params.vocab, 0.0);
    sums += e;
    p[at + i] = e;
  }
  let share = 1.0 / (sums.x + sums.y + sums.z + sums.w);
  for (var i = 0u; i < params.width; i++) { p[at + i] *= share; }
}

@compute @workgroup_size(WG)
fn softmax_short(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= params.rows) { return; }
  let at = (workgroup.z * params.rows + n) * HELD;
  let inverse_temperature = 1.0 / settings[workgroup.z].temperature;
  const last = HELD - 1u;
  var e: array<vec4f, HELD>;
  for (var i = 0u; i < HELD; i++) { // unrolled
    e[i] = logits[at + i] * inverse_temperature;
  }
  e[last] = masked(e[last], last, VOCAB, -3.4028234e38);
  var most = e[0];
  for (var i = 0u; i < HELD; i++) { // unrolled
    most = max(most, e[i]);
  }
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  for (var i = 0u; i < HELD; i++) { // unrolled
    e[i] = exp_below(e[i] - largest);
  }
  e[last] = masked(e[last], last, VOCAB, 0.0);
  var sums = vec4f(0.0);
  for (var i = 0u; i < HELD; i++) { // unrolled
    sums += e[i];
  }
  let share = 1.0 / (sums.x + sums.y + sums.z + sums.w);
  for (var i = 0u; i < HELD; i++) { // unrolled
    p[at + i] = e[i] * share;
  }
}
