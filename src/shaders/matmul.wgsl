// matmul: the matrix products of a linear layer y = x W^T and of its gradients.
//
//   matmul_nt          c[m, n] = sum_k a[m, k] b[n, k] (+ addend[m, n])      y = x W^T, with the residual stream as addend
//   matmul_gradients   d_x[n, i] (+)= sum_o d_y[n, o] w[o, i]                d_x = d_y W
//                      d_w[o, i] (+)= sum_n d_y[n, o] x[n, i]                d_W = d_y^T x, in the same dispatch
//
// One invocation computes ROWS x 8 outputs in registers from vec4 loads, without workgroup memory: loads per product are
// what counts on a CPU rasteriser, and there are no barriers to wait at. Every sum runs in index order, whatever ROWS.
// matmul_nt: a, b, c, addend row-major, one matrix per run at the given run strides (0 shares one matrix). All strides and
// n4 count vec4f, k the vec4f of a sum.
// matmul_gradients: x, d_x (R, rows, in4), d_y (R, rows, out4); w, d_w (R, 4 out4, in4) at run stride `w_run`; vec4f.
// Row widths are padded to a multiple of 4 with zeros, so padding adds nothing.

struct MatmulParams {
  m: u32,                     // rows of c
  n4: u32,                    // columns of c / 4
  k: u32,
  a_row: u32,
  b_row: u32,
  c_row: u32,
  a_run: u32,
  b_run: u32,
  c_run: u32,
  add: u32,                   // 1 adds `addend`, which is laid out as c
}

@group(0) @binding(0) var<uniform> params: MatmulParams;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(4) var<storage, read> addend: array<vec4f>;

struct GradientParams {
  rows: u32,
  out4: u32,
  in4: u32,
  w_run: u32,
  d_x_items: u32,             // invocations for d_x, whole workgroups; those after them are for d_w
  add: u32,                   // 1 adds into d_w
  add_x: u32,                 // 1 adds into d_x
}

@group(0) @binding(0) var<uniform> gradients: GradientParams;
@group(0) @binding(1) var<storage, read> d_y: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> d_x: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> d_w: array<vec4f>;

// Outputs (m0 + i, 4 n0 ..) of an invocation: c[2 i] holds the left four columns, c[2 i + 1] the right four. Rows and
// columns past the edge repeat the last ones while summing, and are not stored.

@compute @workgroup_size(WG)
fn matmul_nt(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = item_index(workgroup, groups, lane);
  let across = (params.n4 + 1u) / 2u;
  let m0 = (tile / across) * ROWS;
  let n0 = (tile % across) * 2u;
  if (m0 >= params.m) { return; }
  let last_m = params.m - 1u;
  let last_n = params.n4 * 4u - 1u;
  let a_base = workgroup.z * params.a_run;
  let b_base = workgroup.z * params.b_run;
  var a_at: array<u32, ROWS>;
  var b_at: array<u32, 8>;
  var sum: array<vec4f, 2 * ROWS>;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    a_at[i] = a_base + min(m0 + i, last_m) * params.a_row;
  }
  for (var j = 0u; j < 8u; j++) { // unrolled
    b_at[j] = b_base + min(n0 * 4u + j, last_n) * params.b_row;
  }
  for (var k = 0u; k < params.k; k++) {
    var row: array<vec4f, 8>;
    for (var j = 0u; j < 8u; j++) { // unrolled
      row[j] = b[b_at[j] + k];
    }
    for (var i = 0u; i < ROWS; i++) { // unrolled
      let v = a[a_at[i] + k];
      sum[2u * i] += vec4f(dot(v, row[0]), dot(v, row[1]), dot(v, row[2]), dot(v, row[3]));
      sum[2u * i + 1u] += vec4f(dot(v, row[4]), dot(v, row[5]), dot(v, row[6]), dot(v, row[7]));
    }
  }
  let right = n0 + 1u < params.n4;
  let c_at = workgroup.z * params.c_run + m0 * params.c_row + n0;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    if (m0 + i < params.m) {
      let at = c_at + i * params.c_row;
      if (params.add == 1u) {
        sum[2u * i] += addend[at];
        if (right) { sum[2u * i + 1u] += addend[at + 1u]; }
      }
      c[at] = sum[2u * i];
      if (right) { c[at + 1u] = sum[2u * i + 1u]; }
    }
  }
}

@compute @workgroup_size(WG)
fn matmul_gradients(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  // The two share no data, and d_x_items is whole workgroups: no workgroup does both.
  if (item < gradients.d_x_items) {
    input_gradient(workgroup.z, item);
  } else {
    weight_gradient(workgroup.z, item - gradients.d_x_items);
  }
}

fn input_gradient(run: u32, tile: u32) {
  let across = (gradients.in4 + 1u) / 2u;
  let m0 = (tile / across) * ROWS;
  let n0 = (tile % across) * 2u;
  if (m0 >= gradients.rows) { return; }
  let last_m = gradients.rows - 1u;
  let right = n0 + 1u < gradients.in4;
  let right_step = select(0u, 1u, right);
  var d_y_at: array<u32, ROWS>;
  var sum: array<vec4f, 2 * ROWS>;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    d_y_at[i] = (run * gradients.rows + min(m0 + i, last_m)) * gradients.out4;
  }
  var w_at = run * gradients.w_run + n0;
  for (var k = 0u; k < gradients.out4; k++) {
    var v: array<vec4f, ROWS>;
    for (var i = 0u; i < ROWS; i++) { // unrolled
      v[i] = d_y[d_y_at[i] + k];
    }
    for (var q = 0u; q < 4u; q++) { // unrolled
      let l = w[w_at];
      let h = w[w_at + right_step];
      for (var i = 0u; i < ROWS; i++) { // unrolled
        sum[2u * i] += v[i][q] * l;
        sum[2u * i + 1u] += v[i][q] * h;
      }
      w_at += gradients.in4;
    }
  }
  let d_x_at = (run * gradients.rows + m0) * gradients.in4 + n0;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    if (m0 + i < gradients.rows) {
      let at = d_x_at + i * gradients.in4;
      if (gradients.add_x == 1u) {
        sum[2u * i] += d_x[at];
        if (right) { sum[2u * i + 1u] += d_x[at + 1u]; }
      }
      d_x[at] = sum[2u * i];
      if (right) { d_x[at + 1u] = sum[2u * i + 1u]; }
    }
  }
}

fn weight_gradient(run: u32, tile: u32) {
  let across = (gradients.in4 + 1u) / 2u;
  let m0 = (tile / across) * ROWS;
  let n0 = (tile % across) * 2u;
  let rows_of_w = 4u * gradients.out4;
  if (m0 >= rows_of_w) { return; }
  let right = n0 + 1u < gradients.in4;
  let right_step = select(0u, 1u, right);
  let last_m4 = gradients.out4 - 1u;
  var d_y_step: array<u32, QUADS>;
  var sum: array<vec4f, 2 * ROWS>;
  for (var q = 0u; q < QUADS; q++) { // unrolled
    d_y_step[q] = min(m0 / 4u + q, last_m4);
  }
  var d_y_at = run * gradients.rows * gradients.out4;
  var x_at = run * gradients.rows * gradients.in4 + n0;
  for (var n = 0u; n < gradients.rows; n++) {
    let l = x[x_at];
    let h = x[x_at + right_step];
    for (var q = 0u; q < QUADS; q++) { // unrolled
      let v = d_y[d_y_at + d_y_step[q]];
      for (var i = 0u; i < 4u; i++) { // unrolled
        sum[8u * q + 2u * i] += v[i] * l;
        sum[8u * q + 2u * i + 1u] += v[i] * h;
      }
    }
    d_y_at += gradients.out4;
    x_at += gradients.in4;
  }
  let d_w_at = run * gradients.w_run + m0 * gradients.in4 + n0;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    if (m0 + i < rows_of_w) {
      let at = d_w_at + i * gradients.in4;
      if (gradients.add == 1u) {
        sum[2u * i] += d_w[at];
        if (right) { sum[2u * i + 1u] += d_w[at + 1u]; }
      }
      d_w[at] = sum[2u * i];
      if (right) { d_w[at + 1u] = sum[2u * i + 1u]; }
    }
  }
}
