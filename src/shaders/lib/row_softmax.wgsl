// The log-softmax of one row of `logits` at a temperature, with its entropy: z = logits / temperature,
//   log_sum = log sum_v exp(z_v - max z),   log p_v = z_v - max z - log_sum,   H = log_sum - sum_v p_v (z_v - max z).
// The joining shader declares `logits: array<f32>` and joins lib/exp.wgsl. The maximum starts at the lowest finite number, not at -infinity.

struct RowSoftmax {
  largest: f32,               // of z
  log_sum: f32,
  entropy: f32,               // nats
}

fn row_softmax(at: u32, vocab: u32, inverse_temperature: f32) -> RowSoftmax {
  var largest = -3.4028234e38;
  for (var v = 0u; v < vocab; v++) { largest = max(largest, logits[at + v] * inverse_temperature); }
  var sum = 0.0;
  var weighted = 0.0;
  for (var v = 0u; v < vocab; v++) {
    let d = max(logits[at + v] * inverse_temperature - largest, -87.0);
    let e = exp_scalar(d);
    sum += e;
    weighted += e * d;
  }
  let log_sum = log(sum);
  return RowSoftmax(largest, log_sum, max(log_sum - weighted / sum, 0.0));
}
