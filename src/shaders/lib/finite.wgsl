// WGSL may assume that infinities and NaN do not occur, so comparisons cannot find them: look at the exponent's bits.

fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}
