// Four neighbouring numbers of a row, of which those past its end count as `other`: `column` counts vec4f.

fn masked(z: vec4f, column: u32, width: u32, other: f32) -> vec4f {
  let columns = vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(other), z, columns < vec4u(width));
}
