// reduce: fixed-order sums in two stages, since WGSL has no float atomics and their order would not repeat.
//
//   reduce_rows   out[g, c] (+)= sum of in[r, c] over the rows r of group g (or the maximum, for one column group)
//   dot_product   out[chunk] = (sum_i a[i] b[i], numbers in a that are not finite, 0, 0) over one chunk
//
// One invocation per output column group or chunk. `dot_product` gives the squared norm of the gradient with b = a.
// Shapes: in (R, rows, width), out (R, groups, width) at run stride `out_run`; group g holds rows
//         [g * per_group, (g + 1) * per_group) below `rows`. dot_product: a, b (R, count) -> out (R, chunks). All in vec4f.

struct ReduceParams {
  rows: u32,
  width: u32,
  groups: u32,
  per_group: u32,
  out_run: u32,
  max_column: u32,            // this column group takes the maximum; `width` or more for none
  accumulate: u32,            // 1 adds into out, or takes the larger
}

struct DotParams {
  count: u32,                 // vec4f of one run that take part
  a_run: u32,                 // run strides
  b_run: u32,
  chunks: u32,
}

@group(0) @binding(0) var<uniform> params: ReduceParams;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;

@group(0) @binding(0) var<uniform> dot_params: DotParams;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>;

@compute @workgroup_size(WG)
fn reduce_rows(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let group = i / params.width;
  if (group >= params.groups) { return; }
  let column = i % params.width;
  let first = min(group * params.per_group, params.rows);
  let last = min(first + params.per_group, params.rows);
  let base = workgroup.z * params.rows;
  var sum = vec4f(0.0);
  for (var r = first; r < last; r++) {
    let v = source[(base + r) * params.width + column];
    if (column == params.max_column) { sum = max(sum, v); } else { sum += v; }
  }
  let at = workgroup.z * params.out_run + i;
  if (params.accumulate == 1u) {
    if (column == params.max_column) { sum = max(sum, out[at]); } else { sum += out[at]; }
  }
  out[at] = sum;
}

fn count_not_finite(x: vec4f) -> f32 {
  var n = 0.0;
  for (var d = 0u; d < 4u; d++) {
    if (!is_finite(x[d])) { n += 1.0; }
  }
  return n;
}

@compute @workgroup_size(WG)
fn dot_product(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let chunk = item_index(workgroup, groups, lane);
  if (chunk >= dot_params.chunks) { return; }
  let per_chunk = (dot_params.count + dot_params.chunks - 1u) / dot_params.chunks;
  let first = min(chunk * per_chunk, dot_params.count);
  let last = min(first + per_chunk, dot_params.count);
  let a_base = workgroup.z * dot_params.a_run;
  let b_base = workgroup.z * dot_params.b_run;
  var sum = vec4f(0.0);
  var bad = 0.0;
  for (var i = first; i < last; i++) {
    let x = a[a_base + i];
    sum += x * b[b_base + i];
    bad += count_not_finite(x);
  }
  partial[workgroup.z * dot_params.chunks + chunk] = vec4f(dot(sum, vec4f(1.0)), bad, 0.0, 0.0);
}
