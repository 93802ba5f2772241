// matmul: the three matrix products of a linear layer y = x W^T and its gradients.
//
//   matmul_nt   c[m, n] = sum_k a[m, k] b[n, k] (+ addend[m, n])     y = x W^T, with the residual stream as addend
//   matmul_nn   c[m, n] = sum_k a[m, k] b[k, n]                      d_x = d_y W
//   matmul_tn   c[m, n] (+)= sum_k a[k, m] b[k, n]                   d_W = d_y^T x
//
// One invocation computes ROWS x 8 outputs in registers from vec4 loads, without workgroup memory: loads per product are
// what counts on a CPU rasteriser, and there are no barriers to wait at. Every sum runs in index order, whatever ROWS.
// Shapes: a, b, c, addend row-major, one matrix per run at the given run strides (0 shares one matrix).
// All strides and n4, k4 count vec4f; row widths are padded to a multiple of 4 with zeros, so padding adds nothing.
// m: rows of c. n4: columns of c / 4. k: length of the sum (matmul_nt, matmul_nn: k / 4 in vec4f; matmul_tn: rows).

struct MatmulParams {
  m: u32,
  n4: u32,
  k: u32,
  a_row: u32,
  b_row: u32,
  c_row: u32,
  a_run: u32,
  b_run: u32,
  c_run: u32,
  add: u32,                   // matmul_nt: 1 adds `addend` (laid out as c); matmul_tn: 1 adds into c
}

@group(0) @binding(0) var<uniform> params: MatmulParams;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(4) var<storage, read> addend: array<vec4f>;

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
    var w: array<vec4f, 8>;
    for (var j = 0u; j < 8u; j++) { // unrolled
      w[j] = b[b_at[j] + k];
    }
    for (var i = 0u; i < ROWS; i++) { // unrolled
      let x = a[a_at[i] + k];
      sum[2u * i] += vec4f(dot(x, w[0]), dot(x, w[1]), dot(x, w[2]), dot(x, w[3]));
      sum[2u * i + 1u] += vec4f(dot(x, w[4]), dot(x, w[5]), dot(x, w[6]), dot(x, w[7]));
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
fn matmul_nn(
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
  let a_base = workgroup.z * params.a_run;
  let right = n0 + 1u < params.n4;
  let right_step = select(0u, 1u, right);
  var a_at: array<u32, ROWS>;
  var sum: array<vec4f, 2 * ROWS>;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    a_at[i] = a_base + min(m0 + i, last_m) * params.a_row;
  }
  var b_at = workgroup.z * params.b_run + n0;
  for (var k = 0u; k < params.k; k++) {
    var x: array<vec4f, ROWS>;
    for (var i = 0u; i < ROWS; i++) { // unrolled
      x[i] = a[a_at[i] + k];
    }
    for (var q = 0u; q < 4u; q++) { // unrolled
      let l = b[b_at];
      let h = b[b_at + right_step];
      for (var i = 0u; i < ROWS; i++) { // unrolled
        sum[2u * i] += x[i][q] * l;
        sum[2u * i + 1u] += x[i][q] * h;
      }
      b_at += params.b_row;
    }
  }
  let c_at = workgroup.z * params.c_run + m0 * params.c_row + n0;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    if (m0 + i < params.m) {
      let at = c_at + i * params.c_row;
      c[at] = sum[2u * i];
      if (right) { c[at + 1u] = sum[2u * i + 1u]; }
    }
  }
}

@compute @workgroup_size(WG)
fn matmul_tn(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = item_index(workgroup, groups, lane);
  let across = (params.n4 + 1u) / 2u;
  let m0 = (tile / across) * ROWS;
  let n0 = (tile % across) * 2u;
  if (m0 >= params.m) { return; }
  let right = n0 + 1u < params.n4;
  let right_step = select(0u, 1u, right);
  let last_m4 = (params.m + 3u) / 4u - 1u;
  var a_step: array<u32, QUADS>;
  var sum: array<vec4f, 2 * ROWS>;
  for (var q = 0u; q < QUADS; q++) { // unrolled
    a_step[q] = min(m0 / 4u + q, last_m4);
  }
  var a_at = workgroup.z * params.a_run;
  var b_at = workgroup.z * params.b_run + n0;
  for (var k = 0u; k < params.k; k++) {
    let l = b[b_at];
    let h = b[b_at + right_step];
    for (var q = 0u; q < QUADS; q++) { // unrolled
      let x = a[a_at + a_step[q]];
      for (var i = 0u; i < 4u; i++) { // unrolled
        sum[8u * q + 2u * i] += x[i] * l;
        sum[8u * q + 2u * i + 1u] += x[i] * h;
      }
    }
    a_at += params.a_row;
    b_at += params.b_row;
  }
  let c_at = workgroup.z * params.c_run + m0 * params.c_row + n0;
  for (var i = 0u; i < ROWS; i++) { // unrolled
    if (m0 + i < params.m) {
      let at = c_at + i * params.c_row;
      if (params.add == 1u) {
        sum[2u * i] += c[at];
        if (right) { sum[2u * i + 1u] += c[at + 1u]; }
      }
      c[at] = sum[2u * i];
      if (right) { c[at + 1u] = sum[2u * i + 1u]; }
    }
  }
}
