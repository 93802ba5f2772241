// e^x to about 1 ULP. WGSL allows exp an error of 3 + 2 |x| ULP, and CPU rasterisers use it up (16 ULP at -20): that is
// more than all other rounding of a training step together, and entropies are what this engine is asked for.
//
//   x = k ln 2 + r, |r| <= ln 2 / 2,   e^x = 2^k e^r,   e^r by its Taylor series to r^7 (remainder below 2^-27)
//
// ln 2 is split so that k times its high part is exact (Cody and Waite 1980). Arguments are clamped to [-87, 88], where
// the result is a normal number: no kernel may rely on infinity, and e^-87 adds nothing to any sum here.

fn exp_accurate(x: vec4f) -> vec4f {
  let bounded = clamp(x, vec4f(-87.0), vec4f(88.0));
  let k = round(bounded * 1.44269504);
  let r = (bounded - k * 0.693145751953125) - k * 1.42860677e-6;
  var series = 1.0 + r * 0.14285715;
  series = 1.0 + r * 0.16666667 * series;
  series = 1.0 + r * 0.2 * series;
  series = 1.0 + r * 0.25 * series;
  series = 1.0 + r * 0.33333334 * series;
  series = 1.0 + r * 0.5 * series;
  series = 1.0 + r * series;
  return series * bitcast<vec4f>((vec4i(k) + 127) << vec4u(23u));
}

fn exp_scalar(x: f32) -> f32 {
  let bounded = clamp(x, -87.0, 88.0);
  let k = round(bounded * 1.44269504);
  let r = (bounded - k * 0.693145751953125) - k * 1.42860677e-6;
  var series = 1.0 + r * 0.14285715;
  series = 1.0 + r * 0.16666667 * series;
  series = 1.0 + r * 0.2 * series;
  series = 1.0 + r * 0.25 * series;
  series = 1.0 + r * 0.33333334 * series;
  series = 1.0 + r * 0.5 * series;
  series = 1.0 + r * series;
  return series * bitcast<f32>((i32(k) + 127) << 23u);
}

// The same for x <= 0, a third faster on a CPU rasteriser: no upper clamp, Horner's form, and 2^k by way of the bits of
// k + 127 + 1.5 * 2^23, whose last digits are k + 127 (what is above is shifted out).
fn exp_below(x: vec4f) -> vec4f {
  let bounded = max(x, vec4f(-87.0));
  let k = round(bounded * 1.44269504);
  let r = (bounded - k * 0.693145751953125) - k * 1.42860677e-6;
  var series = r * 1.9841270e-4 + 1.3888889e-3;
  series = series * r + 8.3333333e-3;
  series = series * r + 4.1666667e-2;
  series = series * r + 0.16666667;
  series = series * r + 0.5;
  series = series * r + 1.0;
  series = series * r + 1.0;
  return series * bitcast<vec4f>(bitcast<vec4u>(k + 12583039.0) << vec4u(23u));
}
