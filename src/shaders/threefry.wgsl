// threefry: fills an array with random bits; the known answers of the generator are tested through it.
//
//   bits[i] = threefry2x32(key, (start + i, stream))
//
// Source: lib/threefry.wgsl. One invocation per pair of words.
// Shapes: bits (R, count, 2).

struct ThreefryParams {
  count: u32,
  start: u32,
  stream: u32,
  key0: u32,
  key1: u32,
}

@group(0) @binding(0) var<uniform> params: ThreefryParams;
@group(0) @binding(1) var<storage, read_write> bits: array<vec2u>;

@compute @workgroup_size(WG)
fn threefry(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  if (i >= params.count) { return; }
  bits[workgroup.z * params.count + i] =
    threefry2x32(vec2u(params.key0, params.key1), vec2u(params.start + i, params.stream));
}
