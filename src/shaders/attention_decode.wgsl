// attention_decode: one new position of every row against its KV cache. Rotates the query and the new key, appends key
// and value to the cache, and attends to all positions so far, in one dispatch.
//
//   o = sum_{j <= t} softmax_j(q_t . k_j / sqrt(D)) v_j
//
// Source: as attention.wgsl and rope.wgsl. One invocation per (row, head). Heads that share a key each rotate it for
// themselves and read the cache only below t, so none waits for the one that appends it.
// Shapes: qkv (R, rows, (H + 2 KV) heads of HEAD vec4f), cache_k and cache_v (R, rows, KV, capacity, HEAD),
//         cosine and sine (positions, HALF), out (R, rows, H heads).

struct AttentionDecodeParams {
  rows: u32,
  heads: u32,
  kv_heads: u32,
  capacity: u32,
  position: u32,              // t
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: AttentionDecodeParams;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> cosine: array<f32>;
@group(0) @binding(3) var<storage, read> sine: array<f32>;
@group(0) @binding(4) var<storage, read_write> cache_k: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> cache_v: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>;

alias Head = array<vec4f, HEAD>;

fn rotate(at: u32, position: u32) -> Head {
  var flat: array<f32, 4u * HEAD>;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    let x = qkv[at + d];
    flat[4u * d] = x.x;
    flat[4u * d + 1u] = x.y;
    flat[4u * d + 2u] = x.z;
    flat[4u * d + 3u] = x.w;
  }
  for (var d = 0u; d < HALF; d++) { // unrolled
    let c = cosine[position * HALF + d];
    let s = sine[position * HALF + d];
    let u = flat[d];
    let v = flat[d + HALF];
    flat[d] = u * c - v * s;
    flat[d + HALF] = v * c + u * s;
  }
  var rotated: Head;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    rotated[d] = vec4f(flat[4u * d], flat[4u * d + 1u], flat[4u * d + 2u], flat[4u * d + 3u]);
  }
  return rotated;
}

@compute @workgroup_size(WG)
fn attention_decode(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  if (item >= params.rows * params.heads) { return; }
  let head = item % params.heads;
  let group = params.heads / params.kv_heads;
  let kv_head = head / group;
  let row = workgroup.z * params.rows + item / params.heads;
  let row_at = row * (params.heads + 2u * params.kv_heads) * HEAD;
  let new_k_at = row_at + (params.heads + kv_head) * HEAD;
  let new_v_at = new_k_at + params.kv_heads * HEAD;
  let cache_at = (row * params.kv_heads + kv_head) * params.capacity * HEAD;

  var q = rotate(row_at + head * HEAD, params.position);
  var k = rotate(new_k_at, params.position);
  var sum: Head;
  var largest = 0.0;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    q[d] *= params.scale;
    largest += dot(q[d], k[d]);
    sum[d] = qkv[new_v_at + d];
  }
  var total = 1.0;
  for (var j = 0u; j < params.position; j++) {
    let at = cache_at + j * HEAD;
    var score = 0.0;
    for (var d = 0u; d < HEAD; d++) { // unrolled
      score += dot(q[d], cache_k[at + d]);
    }
    if (score > largest) {
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
      sum[d] += p * cache_v[at + d];
    }
  }
  if (head % group == 0u && params.position < params.capacity) {
    let at = cache_at + params.position * HEAD;
    for (var d = 0u; d < HEAD; d++) { // unrolled
      cache_k[at + d] = k[d];
      cache_v[at + d] = qkv[new_v_at + d];
    }
  }
  let out_at = (row * params.heads + head) * HEAD;
  for (var d = 0u; d < HEAD; d++) { // unrolled
    out[out_at + d] = sum[d] / total;
  }
}
