// Shared by every kernel with one invocation per item: the item's index from a workgroup grid folded over x and y
// (one dimension of a dispatch is limited to 65,535 workgroups). The z dimension is the run.

fn item_index(workgroup: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (workgroup.y * groups.x + workgroup.x) * WG + lane;
}
