// swiglu: the gated unit of the feed-forward block, and its gradient.
//
//   y = silu(gate) * up,   silu(g) = g * sigmoid(g)
//   d_up = d_y silu(gate),   d_gate = d_y up sigmoid(gate) (1 + gate (1 - sigmoid(gate)))
//
// Source: Shazeer 2020, arXiv:2002.05202, eq. 6 (with beta 1). One invocation per four units.
// Shapes: gate_up and d_gate_up (R, rows, 2, width): gate, then up; y and d_y (R, rows, width). Widths count vec4f.

struct SwigluParams {
  rows: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> params: SwigluParams;
@group(0) @binding(1) var<storage, read> gate_up: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@group(0) @binding(2) var<storage, read> d_y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> d_gate_up: array<vec4f>;

fn sigmoid(x: vec4f) -> vec4f {
  return 1.0 / (1.0 + exp_accurate(-x));
}

@compute @workgroup_size(WG)
fn swiglu(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let n = i / params.width;
  if (n >= params.rows) { return; }
  let row = workgroup.z * params.rows + n;
  let gate_at = row * 2u * params.width + i % params.width;
  let gate = gate_up[gate_at];
  y[row * params.width + i % params.width] = gate * sigmoid(gate) * gate_up[gate_at + params.width];
}

@compute @workgroup_size(WG)
fn swiglu_backward(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  let n = i / params.width;
  if (n >= params.rows) { return; }
  let row = workgroup.z * params.rows + n;
  let gate_at = row * 2u * params.width + i % params.width;
  let gate = gate_up[gate_at];
  let up = gate_up[gate_at + params.width];
  let d = d_y[row * params.width + i % params.width];
  let sig = sigmoid(gate);
  d_gate_up[gate_at] = d * up * sig * (1.0 + gate * (1.0 - sig));
  d_gate_up[gate_at + params.width] = d * gate * sig;
}
