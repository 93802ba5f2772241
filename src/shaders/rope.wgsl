// rope: rotates the query and key heads of every row by its position, in place; `direction` -1 rotates back, which is
// the gradient (a rotation's transpose is its inverse).
//
//   (u, v) = (x[i], x[i + D/2])  ->  (u cos - v sin, v cos + u sin)   with angle position * theta^(-2i/D)
//
// Source: Su et al. 2021, arXiv:2104.09864, in the half-split order of Hugging Face's Llama. The tables come from the
// CPU in float64: WGSL's sin and cos are only good to 2^-11. One invocation per row, head and frequency.
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
  let half_dim = params.head_dim / 2u;
  let i = item_index(workgroup, groups, lane);
  let n = i / (params.heads * half_dim);
  if (n >= params.rows) { return; }
  let head = (i / half_dim) % params.heads;
  let frequency = i % half_dim;
  let angle = (n % params.positions) * half_dim + frequency;
  let c = cosine[angle];
  let s = sine[angle] * params.direction;
  let at = (workgroup.z * params.rows + n) * params.row_stride + head * params.head_stride + frequency;
  let u = x[at];
  let v = x[at + half_dim];
  x[at] = u * c - v * s;
  x[at + half_dim] = v * c + u * s;
}
