// rmsnorm: scales each row to unit root mean square, then by a learned weight; and its gradients.
//
//   scale[n] = 1 / sqrt(mean_d x[n, d]^2 + eps)          y[n, d] = x[n, d] * scale[n] * w[d]
//   d_x[n, d] = d_residual[n, d] + scale[n] * (w[d] d_y[n, d] - x[n, d] scale[n]^2 / D * sum_e w[e] d_y[n, e] x[n, e])
//   d_w[d] = sum_n d_y[n, d] x[n, d] scale[n]            (per chunk of rows here; summed by reduce_rows)
//
// Source: Zhang and Sennrich 2019, arXiv:1910.07467, eq. 4. One invocation per row (forward, d_x) or per chunk and
// column group (d_w, in the same dispatch as d_x); each sum runs in index order.
// Shapes: x, y, d_y, d_residual, d_x (R, rows, width), scale (R, rows), w (R, width) with run stride `weight_stride`,
//         d_w (R, groups, chunks, width), this norm's part at `group`. Widths and strides count vec4f, zero-padded.

struct RmsnormParams {
  rows: u32,
  width: u32,
  features: u32,              // D, the width without padding
  weight_stride: u32,
  weight_at: u32,             // where this norm's weights begin
  eps: f32,
  has_residual: u32,          // backward: 1 adds d_residual
  d_x_items: u32,             // backward: invocations for d_x, whole workgroups; those after them are for d_w
  chunks: u32,
  group: u32,
  groups: u32,
}

@group(0) @binding(0) var<uniform> params: RmsnormParams;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> scale: array<f32>;

@group(0) @binding(3) var<storage, read> saved_scale: array<f32>;
@group(0) @binding(4) var<storage, read> d_y: array<vec4f>;
@group(0) @binding(5) var<storage, read> d_residual: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> d_x: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> d_w: array<vec4f>;

@compute @workgroup_size(WG)
fn rmsnorm(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = item_index(workgroup, groups, lane);
  if (n >= params.rows) { return; }
  let run = workgroup.z;
  let base = (run * params.rows + n) * params.width;
  let weight = run * params.weight_stride + params.weight_at;
  var squares = 0.0;
  for (var i = 0u; i < params.width; i++) {
    let v = x[base + i];
    squares += dot(v, v);
  }
  let s = 1.0 / sqrt(squares / f32(params.features) + params.eps);
  for (var i = 0u; i < params.width; i++) {
    y[base + i] = x[base + i] * s * w[weight + i];
  }
  scale[run * params.rows + n] = s;
}

@compute @workgroup_size(WG)
fn rmsnorm_backward(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  // The two share no data, and d_x_items is whole workgroups: no workgroup does both.
  if (item < params.d_x_items) {
    input_gradient(workgroup.z, item);
  } else {
    weight_gradient(workgroup.z, item - params.d_x_items);
  }
}

fn input_gradient(run: u32, n: u32) {
  if (n >= params.rows) { return; }
  let base = (run * params.rows + n) * params.width;
  let weight = run * params.weight_stride + params.weight_at;
  let s = saved_scale[run * params.rows + n];
  var projection = 0.0;
  for (var i = 0u; i < params.width; i++) {
    projection += dot(w[weight + i] * d_y[base + i], x[base + i]);
  }
  let pull = projection * s * s / f32(params.features);
  for (var i = 0u; i < params.width; i++) {
    var d = s * (w[weight + i] * d_y[base + i] - x[base + i] * pull);
    if (params.has_residual == 1u) { d += d_residual[base + i]; }
    d_x[base + i] = d;
  }
}

fn weight_gradient(run: u32, item: u32) {
  let chunk = item / params.width;
  let column = item % params.width;
  if (chunk >= params.chunks) { return; }
  let per_chunk = (params.rows + params.chunks - 1u) / params.chunks;
  let first = run * params.rows + min(chunk * per_chunk, params.rows);
  let last = run * params.rows + min((chunk + 1u) * per_chunk, params.rows);
  var sum = vec4f(0.0);
  for (var n = first; n < last; n++) {
    let at = n * params.width + column;
    sum += d_y[at] * x[at] * saved_scale[n];
  }
  d_w[((run * params.groups + params.group) * params.chunks + chunk) * params.width + column] = sum;
}
