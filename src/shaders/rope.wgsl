// rope: rotates the query and key heads of every row by its position, in place; `direction` -1 rotates back, which is
// the gradient (a rotation's transpose is its inverse).
//
//   (u, v) = (x[i], x[i + D/2])  ->  (u cos - v sin, v cos + u sin)   with angle position * theta^(-2i/D)
//
// Source: Su et al. 2021, arXiv:2104.09864, in the half-split order of Hugging Face's Llama. The tables come from the
// CPU in float64: WGSL's sin and cos are only good to 2^-11. One invocation per row and head.
// Shapes: x (R, rows, row_stride) with heads of `head_stride` numbers, cosine and sine (positions, head_dim / 2).

struct RopeParams {
  rows: u32,
  positions: u32,             // row n stands at position n % positions
  heads: u32,                 // query and key heads
  head_dim: u32,
  head_stride: u32,           // head_dim padded to a multiple of 4
  row_stride: u32,
  direction: f32,
}

@group(0) @binding(0) var<uniform> params: RopeParams;
@group(0) @binding(1) var<storage, read> cosine: array<f32>;
@group(0) @binding(2) var<storage, read> sine: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(WG)
fn rope(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let item = item_index(workgroup, groups, lane);
  let n = item / params.heads;
  if (n >= params.rows) { return; }
  let half_dim = params.head_dim / 2u;
  let angles = (n % params.positions) * half_dim;
  let at = (workgroup.z * params.rows + n) * params.row_stride + (item % params.heads) * params.head_stride;
  for (var i = 0u; i < half_dim; i++) {
    let c = cosine[angles + i];
    let s = sine[angles + i] * params.direction;
    let u = x[at + i];
    let v = x[at + i + half_dim];
    x[at + i] = u * c - v * s;
    x[at + i + half_dim] = v * c + u * s;
  }
}
