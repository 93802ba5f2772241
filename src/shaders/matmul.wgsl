// matmul: the three matrix products of a linear layer y = x W^T and its gradients.
//
//   matmul_nt   c[m, n] = sum_k a[m, k] b[n, k] (+ addend[m, n])     y = x W^T, with the residual stream as addend
//   matmul_nn   c[m, n] = sum_k a[m, k] b[k, n]                      d_x = d_y W
//   matmul_tn   c[m, n] (+)= sum_k a[k, m] b[k, n]                   d_W = d_y^T x
//
// One invocation computes 8 x 8 outputs in registers from vec4 loads, without workgroup memory: loads per product are
// what counts on a CPU rasteriser, and there are no barriers to wait at. Every sum runs in index order.
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

const TILE = 8u;

fn store_nt(at: u32, left: vec4f, right: vec4f, has_right: bool) {
  if (params.add == 1u) {
    c[at] = left + addend[at];
    if (has_right) { c[at + 1u] = right + addend[at + 1u]; }
  } else {
    c[at] = left;
    if (has_right) { c[at + 1u] = right; }
  }
}

@compute @workgroup_size(WG)
fn matmul_nt(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let across = (params.n4 + 1u) / 2u;
  let m0 = (i / across) * TILE;
  let n0 = (i % across) * 2u;
  if (m0 >= params.m) { return; }
  // Rows past the edge repeat the last one; their outputs are not stored.
  let last_m = params.m - 1u;
  let last_n = params.n4 * 4u - 1u;
  let a_base = workgroup.z * params.a_run;
  let b_base = workgroup.z * params.b_run;
  let a0 = a_base + min(m0 + 0u, last_m) * params.a_row;
  let a1 = a_base + min(m0 + 1u, last_m) * params.a_row;
  let a2 = a_base + min(m0 + 2u, last_m) * params.a_row;
  let a3 = a_base + min(m0 + 3u, last_m) * params.a_row;
  let a4 = a_base + min(m0 + 4u, last_m) * params.a_row;
  let a5 = a_base + min(m0 + 5u, last_m) * params.a_row;
  let a6 = a_base + min(m0 + 6u, last_m) * params.a_row;
  let a7 = a_base + min(m0 + 7u, last_m) * params.a_row;
  let b0 = b_base + min(n0 * 4u + 0u, last_n) * params.b_row;
  let b1 = b_base + min(n0 * 4u + 1u, last_n) * params.b_row;
  let b2 = b_base + min(n0 * 4u + 2u, last_n) * params.b_row;
  let b3 = b_base + min(n0 * 4u + 3u, last_n) * params.b_row;
  let b4 = b_base + min(n0 * 4u + 4u, last_n) * params.b_row;
  let b5 = b_base + min(n0 * 4u + 5u, last_n) * params.b_row;
  let b6 = b_base + min(n0 * 4u + 6u, last_n) * params.b_row;
  let b7 = b_base + min(n0 * 4u + 7u, last_n) * params.b_row;
  var c0l = vec4f(0.0);  var c0h = vec4f(0.0);
  var c1l = vec4f(0.0);  var c1h = vec4f(0.0);
  var c2l = vec4f(0.0);  var c2h = vec4f(0.0);
  var c3l = vec4f(0.0);  var c3h = vec4f(0.0);
  var c4l = vec4f(0.0);  var c4h = vec4f(0.0);
  var c5l = vec4f(0.0);  var c5h = vec4f(0.0);
  var c6l = vec4f(0.0);  var c6h = vec4f(0.0);
  var c7l = vec4f(0.0);  var c7h = vec4f(0.0);
  for (var k = 0u; k < params.k; k++) {
    let w0 = b[b0 + k];
    let w1 = b[b1 + k];
    let w2 = b[b2 + k];
    let w3 = b[b3 + k];
    let w4 = b[b4 + k];
    let w5 = b[b5 + k];
    let w6 = b[b6 + k];
    let w7 = b[b7 + k];
    let x0 = a[a0 + k];
    c0l += vec4f(dot(x0, w0), dot(x0, w1), dot(x0, w2), dot(x0, w3));
    c0h += vec4f(dot(x0, w4), dot(x0, w5), dot(x0, w6), dot(x0, w7));
    let x1 = a[a1 + k];
    c1l += vec4f(dot(x1, w0), dot(x1, w1), dot(x1, w2), dot(x1, w3));
    c1h += vec4f(dot(x1, w4), dot(x1, w5), dot(x1, w6), dot(x1, w7));
    let x2 = a[a2 + k];
    c2l += vec4f(dot(x2, w0), dot(x2, w1), dot(x2, w2), dot(x2, w3));
    c2h += vec4f(dot(x2, w4), dot(x2, w5), dot(x2, w6), dot(x2, w7));
    let x3 = a[a3 + k];
    c3l += vec4f(dot(x3, w0), dot(x3, w1), dot(x3, w2), dot(x3, w3));
    c3h += vec4f(dot(x3, w4), dot(x3, w5), dot(x3, w6), dot(x3, w7));
    let x4 = a[a4 + k];
    c4l += vec4f(dot(x4, w0), dot(x4, w1), dot(x4, w2), dot(x4, w3));
    c4h += vec4f(dot(x4, w4), dot(x4, w5), dot(x4, w6), dot(x4, w7));
    let x5 = a[a5 + k];
    c5l += vec4f(dot(x5, w0), dot(x5, w1), dot(x5, w2), dot(x5, w3));
    c5h += vec4f(dot(x5, w4), dot(x5, w5), dot(x5, w6), dot(x5, w7));
    let x6 = a[a6 + k];
    c6l += vec4f(dot(x6, w0), dot(x6, w1), dot(x6, w2), dot(x6, w3));
    c6h += vec4f(dot(x6, w4), dot(x6, w5), dot(x6, w6), dot(x6, w7));
    let x7 = a[a7 + k];
    c7l += vec4f(dot(x7, w0), dot(x7, w1), dot(x7, w2), dot(x7, w3));
    c7h += vec4f(dot(x7, w4), dot(x7, w5), dot(x7, w6), dot(x7, w7));
  }
  let right = n0 + 1u < params.n4;
  let at = workgroup.z * params.c_run + m0 * params.c_row + n0;
  store_nt(at, c0l, c0h, right);
  if (m0 + 1u >= params.m) { return; }
  store_nt(at + 1u * params.c_row, c1l, c1h, right);
  if (m0 + 2u >= params.m) { return; }
  store_nt(at + 2u * params.c_row, c2l, c2h, right);
  if (m0 + 3u >= params.m) { return; }
  store_nt(at + 3u * params.c_row, c3l, c3h, right);
  if (m0 + 4u >= params.m) { return; }
  store_nt(at + 4u * params.c_row, c4l, c4h, right);
  if (m0 + 5u >= params.m) { return; }
  store_nt(at + 5u * params.c_row, c5l, c5h, right);
  if (m0 + 6u >= params.m) { return; }
  store_nt(at + 6u * params.c_row, c6l, c6h, right);
  if (m0 + 7u >= params.m) { return; }
  store_nt(at + 7u * params.c_row, c7l, c7h, right);
}

fn store_nn(at: u32, left: vec4f, right: vec4f, has_right: bool) {
  c[at] = left;
  if (has_right) { c[at + 1u] = right; }
}

@compute @workgroup_size(WG)
fn matmul_nn(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let across = (params.n4 + 1u) / 2u;
  let m0 = (i / across) * TILE;
  let n0 = (i % across) * 2u;
  if (m0 >= params.m) { return; }
  let last_m = params.m - 1u;
  let a_base = workgroup.z * params.a_run;
  let left = workgroup.z * params.b_run + n0;
  let right_step = select(0u, 1u, n0 + 1u < params.n4);
  let a0 = a_base + min(m0 + 0u, last_m) * params.a_row;
  let a1 = a_base + min(m0 + 1u, last_m) * params.a_row;
  let a2 = a_base + min(m0 + 2u, last_m) * params.a_row;
  let a3 = a_base + min(m0 + 3u, last_m) * params.a_row;
  let a4 = a_base + min(m0 + 4u, last_m) * params.a_row;
  let a5 = a_base + min(m0 + 5u, last_m) * params.a_row;
  let a6 = a_base + min(m0 + 6u, last_m) * params.a_row;
  let a7 = a_base + min(m0 + 7u, last_m) * params.a_row;
  var c0l = vec4f(0.0);  var c0h = vec4f(0.0);
  var c1l = vec4f(0.0);  var c1h = vec4f(0.0);
  var c2l = vec4f(0.0);  var c2h = vec4f(0.0);
  var c3l = vec4f(0.0);  var c3h = vec4f(0.0);
  var c4l = vec4f(0.0);  var c4h = vec4f(0.0);
  var c5l = vec4f(0.0);  var c5h = vec4f(0.0);
  var c6l = vec4f(0.0);  var c6h = vec4f(0.0);
  var c7l = vec4f(0.0);  var c7h = vec4f(0.0);
  for (var k = 0u; k < params.k; k++) {
    let x0 = a[a0 + k];
    let x1 = a[a1 + k];
    let x2 = a[a2 + k];
    let x3 = a[a3 + k];
    let x4 = a[a4 + k];
    let x5 = a[a5 + k];
    let x6 = a[a6 + k];
    let x7 = a[a7 + k];
    let row0 = left + (4u * k + 0u) * params.b_row;
    let l0 = b[row0];
    let h0 = b[row0 + right_step];
    c0l += x0.x * l0; c0h += x0.x * h0;
    c1l += x1.x * l0; c1h += x1.x * h0;
    c2l += x2.x * l0; c2h += x2.x * h0;
    c3l += x3.x * l0; c3h += x3.x * h0;
    c4l += x4.x * l0; c4h += x4.x * h0;
    c5l += x5.x * l0; c5h += x5.x * h0;
    c6l += x6.x * l0; c6h += x6.x * h0;
    c7l += x7.x * l0; c7h += x7.x * h0;
    let row1 = left + (4u * k + 1u) * params.b_row;
    let l1 = b[row1];
    let h1 = b[row1 + right_step];
    c0l += x0.y * l1; c0h += x0.y * h1;
    c1l += x1.y * l1; c1h += x1.y * h1;
    c2l += x2.y * l1; c2h += x2.y * h1;
    c3l += x3.y * l1; c3h += x3.y * h1;
    c4l += x4.y * l1; c4h += x4.y * h1;
    c5l += x5.y * l1; c5h += x5.y * h1;
    c6l += x6.y * l1; c6h += x6.y * h1;
    c7l += x7.y * l1; c7h += x7.y * h1;
    let row2 = left + (4u * k + 2u) * params.b_row;
    let l2 = b[row2];
    let h2 = b[row2 + right_step];
    c0l += x0.z * l2; c0h += x0.z * h2;
    c1l += x1.z * l2; c1h += x1.z * h2;
    c2l += x2.z * l2; c2h += x2.z * h2;
    c3l += x3.z * l2; c3h += x3.z * h2;
    c4l += x4.z * l2; c4h += x4.z * h2;
    c5l += x5.z * l2; c5h += x5.z * h2;
    c6l += x6.z * l2; c6h += x6.z * h2;
    c7l += x7.z * l2; c7h += x7.z * h2;
    let row3 = left + (4u * k + 3u) * params.b_row;
    let l3 = b[row3];
    let h3 = b[row3 + right_step];
    c0l += x0.w * l3; c0h += x0.w * h3;
    c1l += x1.w * l3; c1h += x1.w * h3;
    c2l += x2.w * l3; c2h += x2.w * h3;
    c3l += x3.w * l3; c3h += x3.w * h3;
    c4l += x4.w * l3; c4h += x4.w * h3;
    c5l += x5.w * l3; c5h += x5.w * h3;
    c6l += x6.w * l3; c6h += x6.w * h3;
    c7l += x7.w * l3; c7h += x7.w * h3;
  }
  let right = n0 + 1u < params.n4;
  let at = workgroup.z * params.c_run + m0 * params.c_row + n0;
  store_nn(at, c0l, c0h, right);
  if (m0 + 1u >= params.m) { return; }
  store_nn(at + 1u * params.c_row, c1l, c1h, right);
  if (m0 + 2u >= params.m) { return; }
  store_nn(at + 2u * params.c_row, c2l, c2h, right);
  if (m0 + 3u >= params.m) { return; }
  store_nn(at + 3u * params.c_row, c3l, c3h, right);
  if (m0 + 4u >= params.m) { return; }
  store_nn(at + 4u * params.c_row, c4l, c4h, right);
  if (m0 + 5u >= params.m) { return; }
  store_nn(at + 5u * params.c_row, c5l, c5h, right);
  if (m0 + 6u >= params.m) { return; }
  store_nn(at + 6u * params.c_row, c6l, c6h, right);
  if (m0 + 7u >= params.m) { return; }
  store_nn(at + 7u * params.c_row, c7l, c7h, right);
}

fn store_tn(at: u32, left: vec4f, right: vec4f, has_right: bool) {
  if (params.add == 1u) {
    c[at] += left;
    if (has_right) { c[at + 1u] += right; }
  } else {
    c[at] = left;
    if (has_right) { c[at + 1u] = right; }
  }
}

@compute @workgroup_size(WG)
fn matmul_tn(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let across = (params.n4 + 1u) / 2u;
  let m0 = (i / across) * TILE;
  let n0 = (i % across) * 2u;
  if (m0 >= params.m) { return; }
  let a_right = select(0u, 1u, m0 + 4u < params.m);
  let b_right = select(0u, 1u, n0 + 1u < params.n4);
  var a_at = workgroup.z * params.a_run + m0 / 4u;
  var b_at = workgroup.z * params.b_run + n0;
  var c0l = vec4f(0.0);  var c0h = vec4f(0.0);
  var c1l = vec4f(0.0);  var c1h = vec4f(0.0);
  var c2l = vec4f(0.0);  var c2h = vec4f(0.0);
  var c3l = vec4f(0.0);  var c3h = vec4f(0.0);
  var c4l = vec4f(0.0);  var c4h = vec4f(0.0);
  var c5l = vec4f(0.0);  var c5h = vec4f(0.0);
  var c6l = vec4f(0.0);  var c6h = vec4f(0.0);
  var c7l = vec4f(0.0);  var c7h = vec4f(0.0);
  for (var k = 0u; k < params.k; k++) {
    let p = a[a_at];
    let q = a[a_at + a_right];
    let l = b[b_at];
    let h = b[b_at + b_right];
    c0l += p.x * l; c0h += p.x * h;
    c1l += p.y * l; c1h += p.y * h;
    c2l += p.z * l; c2h += p.z * h;
    c3l += p.w * l; c3h += p.w * h;
    c4l += q.x * l; c4h += q.x * h;
    c5l += q.y * l; c5h += q.y * h;
    c6l += q.z * l; c6h += q.z * h;
    c7l += q.w * l; c7h += q.w * h;
    a_at += params.a_row;
    b_at += params.b_row;
  }
  let right = n0 + 1u < params.n4;
  let at = workgroup.z * params.c_run + m0 * params.c_row + n0;
  store_tn(at, c0l, c0h, right);
  if (m0 + 1u >= params.m) { return; }
  store_tn(at + 1u * params.c_row, c1l, c1h, right);
  if (m0 + 2u >= params.m) { return; }
  store_tn(at + 2u * params.c_row, c2l, c2h, right);
  if (m0 + 3u >= params.m) { return; }
  store_tn(at + 3u * params.c_row, c3l, c3h, right);
  if (m0 + 4u >= params.m) { return; }
  store_tn(at + 4u * params.c_row, c4l, c4h, right);
  if (m0 + 5u >= params.m) { return; }
  store_tn(at + 5u * params.c_row, c5l, c5h, right);
  if (m0 + 6u >= params.m) { return; }
  store_tn(at + 6u * params.c_row, c6l, c6h, right);
  if (m0 + 7u >= params.m) { return; }
  store_tn(at + 7u * params.c_row, c7l, c7h, right);
}
