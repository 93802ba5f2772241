// attention: causal self-attention with grouped-query heads over whole rows, and its gradients.
//
//   p[i, j] = softmax over j <= i of (q_i . k_j / sqrt(D))          o_i = sum_j p[i, j] v_j
//   delta_i = d_o_i . o_i                                            ds[i, j] = p[i, j] (d_o_i . v_j - delta_i)
//   d_q_i = sum_j ds[i, j] k_j / sqrt(D)     d_k_j = sum_i ds[i, j] q_i / sqrt(D)     d_v_j = sum_i p[i, j] d_o_i
//
// Source: Vaswani et al. 2017 (arXiv:1706.03762), grouped heads of Ainslie et al. 2023 (arXiv:2305.13245), the
// one-pass softmax and the delta of Dao et al. 2022 (arXiv:2205.14135). Masked positions are left out of the loops, not
// masked with a number. One invocation per (row, head, query), backward also per (row, key head, key); sums in order.
// Shapes: qkv and d_qkv (R, rows, positions, (H + 2 KV) heads of HEAD vec4f), out and d_out (R, rows, positions, H heads),
//         log_sum and delta (R, rows, positions, H): logsumexp of the scores, and d_o . o.

struct AttentionParams {
  rows: u32,
  positions: u32,
  heads: u32,
  kv_heads: u32,
  scale: f32,                 // 1 / sqrt(D), D without padding
}

@group(0) @binding(0) var<uniform> params: AttentionParams;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> log_sum: array<f32>;

@group(0) @binding(2) var<storage, read> saved_out: array<vec4f>;
@group(0) @binding(3) var<storage, read> saved_log_sum: array<f32>;
@group(0) @binding(4) var<storage, read> d_out: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> delta: array<f32>;
@group(0) @binding(5) var<storage, read> saved_delta: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_qkv: array<vec4f>;

@compute @workgroup_size(WG)
fn attention(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  let n = item / params.heads;                       // row and position
  if (n >= params.rows * params.positions) { return; }
  let head = item % params.heads;
  let i = n % params.positions;
  let row_start = workgroup.z * params.rows * params.positions + n - i;
  let stride = (params.heads + 2u * params.kv_heads) * HEAD;
  let kv_head = head / (params.heads / params.kv_heads);
  let q_at = (row_start + i) * stride + head * HEAD;
  var k_at = row_start * stride + (params.heads + kv_head) * HEAD;
  let v_offset = params.kv_heads * HEAD;

  var q: array<vec4f, HEAD>;
  var sum: array<vec4f, HEAD>;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    q[d] = qkv[q_at + d] * params.scale;
    sum[d] = vec4f(0.0);
  }
  var largest = -3.4028234e38;
  var total = 0.0;
  for (var j = 0u; j <= i; j++) {
    var score = 0.0;
    for (var d = 0u; d < HEAD; d++) { // unrolled
      score += dot(q[d], qkv[k_at + d]);
    }
    if (score > largest) {
      // A new maximum rescales what was summed so far; the first one rescales zeros.
      let shrink = exp_scalar(largest - score);
      total *= shrink;
      for (var d = 0u; d < HEAD; d++) { // unrolled
        sum[d] *= shrink;
      }
      largest = score;
    }
    let p = exp_scalar(score - largest);
    total += p;
    for (var d = 0u; d < HEAD; d++) { // unrolled
      sum[d] += p * qkv[k_at + v_offset + d];
    }
    k_at += stride;
  }
  let at = workgroup.z * params.rows * params.positions * params.heads + item;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    out[at * HEAD + d] = sum[d] / total;
  }
  log_sum[at] = largest + log(total);
}

@compute @workgroup_size(WG)
fn attention_backward_query(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  let n = item / params.heads;
  if (n >= params.rows * params.positions) { return; }
  let head = item % params.heads;
  let i = n % params.positions;
  let row_start = workgroup.z * params.rows * params.positions + n - i;
  let stride = (params.heads + 2u * params.kv_heads) * HEAD;
  let kv_head = head / (params.heads / params.kv_heads);
  let q_at = (row_start + i) * stride + head * HEAD;
  var k_at = row_start * stride + (params.heads + kv_head) * HEAD;
  let v_offset = params.kv_heads * HEAD;
  let at = workgroup.z * params.rows * params.positions * params.heads + item;

  var q: array<vec4f, HEAD>;
  var d_o: array<vec4f, HEAD>;
  var d_q: array<vec4f, HEAD>;
  var d_i = 0.0;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    q[d] = qkv[q_at + d] * params.scale;
    d_o[d] = d_out[at * HEAD + d];
    d_q[d] = vec4f(0.0);
    d_i += dot(d_o[d], saved_out[at * HEAD + d]);
  }
  let log_total = saved_log_sum[at];
  for (var j = 0u; j <= i; j++) {
    var k: array<vec4f, HEAD>;
    var score = 0.0;
    var d_p = 0.0;
    for (var d = 0u; d < HEAD; d++) { // unrolled
      k[d] = qkv[k_at + d];
      score += dot(q[d], k[d]);
      d_p += dot(d_o[d], qkv[k_at + v_offset + d]);
    }
    let d_score = exp_scalar(min(score - log_total, 0.0)) * (d_p - d_i) * params.scale;
    for (var d = 0u; d < HEAD; d++) { // unrolled
      d_q[d] += d_score * k[d];
    }
    k_at += stride;
  }
  for (var d = 0u; d < HEAD; d++) { // unrolled
    d_qkv[q_at + d] = d_q[d];
  }
  delta[at] = d_i;
}

@compute @workgroup_size(WG)
fn attention_backward_key(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  let n = item / params.kv_heads;
  if (n >= params.rows * params.positions) { return; }
  let kv_head = item % params.kv_heads;
  let j = n % params.positions;
  let row_start = workgroup.z * params.rows * params.positions + n - j;
  let stride = (params.heads + 2u * params.kv_heads) * HEAD;
  let k_at = (row_start + j) * stride + (params.heads + kv_head) * HEAD;
  let v_at = k_at + params.kv_heads * HEAD;
  let group = params.heads / params.kv_heads;

  var k: array<vec4f, HEAD>;
  var v: array<vec4f, HEAD>;
  var d_k: array<vec4f, HEAD>;
  var d_v: array<vec4f, HEAD>;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    k[d] = qkv[k_at + d];
    v[d] = qkv[v_at + d];
    d_k[d] = vec4f(0.0);
    d_v[d] = vec4f(0.0);
  }
  for (var i = j; i < params.positions; i++) {
    for (var g = 0u; g < group; g++) {
      let head = kv_head * group + g;
      let q_at = (row_start + i) * stride + head * HEAD;
      let at = (row_start + i) * params.heads + head;
      var q: array<vec4f, HEAD>;
      var d_o: array<vec4f, HEAD>;
      var score = 0.0;
      var d_p = 0.0;
      for (var d = 0u; d < HEAD; d++) { // unrolled
        q[d] = qkv[q_at + d];
        d_o[d] = d_out[at * HEAD + d];
        score += dot(q[d], k[d]);
        d_p += dot(d_o[d], v[d]);
      }
      let p = exp_scalar(min(score * params.scale - saved_log_sum[at], 0.0));
      let d_score = p * (d_p - saved_delta[at]) * params.scale;
      for (var d = 0u; d < HEAD; d++) { // unrolled
        d_k[d] += d_score * q[d];
        d_v[d] += p * d_o[d];
      }
    }
  }
  for (var d = 0u; d < HEAD; d++) { // unrolled
    d_qkv[k_at + d] = d_k[d];
    d_qkv[v_at + d] = d_v[d];
  }
}
