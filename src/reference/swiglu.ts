const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** out[i] = silu(gate[i]) up[i], silu(x) = x / (1 + exp(-x)). gate, up, out of one shape (N, F). */
export function swiglu(gate: Float64Array, up: Float64Array): Float64Array {
  return gate.map((g, i) => g * sigmoid(g) * up[i]);
}

/** With s = sigmoid(gate): dGate = dOut up s (1 + gate (1 - s)), dUp = dOut gate s. All (N, F). */
export function swigluBackward(
  dOut: Float64Array,
  gate: Float64Array,
  up: Float64Array,
): { dGate: Float64Array; dUp: Float64Array } {
  const dGate = new Float64Array(gate.length);
  const dUp = new Float64Array(gate.length);
  for (let i = 0; i < gate.length; i++) {
    const s = sigmoid(gate[i]);
    dGate[i] = dOut[i] * up[i] * s * (1 + gate[i] * (1 - s));
    dUp[i] = dOut[i] * gate[i] * s;
  }
  return { dGate, dUp };
}
