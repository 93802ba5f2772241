// adamw: clips the gradient by its global norm and takes one AdamW step, over all parameters of all runs at once.
//
//   g = grad * min(1, max_grad_norm / (norm + 1e-6))
//   m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
//   w = w (1 - lr decay) - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
//
// Source: Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; clipping as torch.nn.utils.clip_grad_norm_.
// A run whose gradient holds a number that is not finite skips the step: weights and moments stay as they are.
// One invocation per four parameters. Shapes: weights, grads, m, v (R, count) in vec4f; settings (R);
//         norm (R): (squared norm, numbers that are not finite, -, -).

struct AdamwParams {
  count: u32,
}

@group(0) @binding(0) var<uniform> params: AdamwParams;
@group(0) @binding(1) var<storage, read> settings: array<RunSettings>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> grads: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> weights: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;

@compute @workgroup_size(WG)
fn adamw(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = item_index(workgroup, groups, lane);
  if (i >= params.count) { return; }
  let run = workgroup.z;
  let measured = norm[run];
  if (measured.y > 0.0 || !is_finite(measured.x)) { return; }
  let s = settings[run];
  var scale = 1.0;
  if (s.max_grad_norm > 0.0) { scale = min(1.0, s.max_grad_norm / (sqrt(measured.x) + 1e-6)); }
  let at = run * params.count + i;
  let g = grads[at] * scale;
  let m1 = s.beta1 * m[at] + (1.0 - s.beta1) * g;
  let v1 = s.beta2 * v[at] + (1.0 - s.beta2) * g * g;
  m[at] = m1;
  v[at] = v1;
  let step = (m1 / s.bias_correction1) / (sqrt(v1 / s.bias_correction2) + s.adam_eps);
  weights[at] = weights[at] * (1.0 - s.learning_rate * s.weight_decay) - s.learning_rate * step;
}
