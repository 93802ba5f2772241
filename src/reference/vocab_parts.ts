/**
 * What src/shaders/vocab_parts.wgsl sums up of a row of logits (V) at a temperature: with z = logits / temperature, d = z - max z
 * and e = exp d, the largest of z and the sums of e, e d, e^2 and e^2 d.
 */
export function moments(row: Float64Array, temperature: number): [number, ...number[]] {
  const z = Array.from(row, (logit) => logit / temperature);
  const largest = z.reduce((most, value) => Math.max(most, value));
  const sum = (of: (d: number) => number) =>
    z.reduce((total, value) => total + of(value - largest), 0);
  return [
    largest,
    sum((d) => Math.exp(d)),
    sum((d) => Math.exp(d) * d),
    sum((d) => Math.exp(2 * d)),
    sum((d) => Math.exp(2 * d) * d),
  ];
}
