/** softmax(logits / temperature) of every row. logits (N, V) -> (N, V). */
export function softmax(logits: Float64Array, V: number, temperature: number): Float64Array {
  const out = new Float64Array(logits.length);
  for (let at = 0; at < logits.length; at += V) {
    let largest = -Infinity;
    for (let v = 0; v < V; v++) largest = Math.max(largest, logits[at + v] / temperature);
    let sum = 0;
    for (let v = 0; v < V; v++)
      sum += out[at + v] = Math.exp(logits[at + v] / temperature - largest);
    for (let v = 0; v < V; v++) out[at + v] /= sum;
  }
  return out;
}
