import { threefry2x32 } from '../rl/threefry';
import { parameterShapes, type ModelSpec, type Tensor } from './spec';

/** Standard deviation of the token embedding: small, so that the first logits of a tied head are near 0. */
const EMBEDDING_STD = 0.05;

/** Projections that add into the residual stream; scaled down so that its variance does not grow with depth. */
const RESIDUAL_PROJECTION = /\.(o_proj|down_proj)\.weight$/;

/** In (0, 1): never 0, whose logarithm Box-Muller takes. */
const uniform = (bits: number): number => (bits + 0.5) * 2 ** -32;

/** n independent normal numbers keyed by (seed, stream), by the Box-Muller transform. */
function normals(seed: number, stream: number, n: number, std: number): Float32Array {
  const out = new Float32Array(n);
  for (let i = 0; i < n; i += 2) {
    const [a, b] = threefry2x32(seed, stream, i / 2, 0);
    const radius = std * Math.sqrt(-2 * Math.log(uniform(a)));
    const angle = 2 * Math.PI * uniform(b);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

function standardDeviation(name: string, shape: readonly number[], layers: number): number {
  if (name === 'model.embed_tokens.weight') return EMBEDDING_STD;
  const std = 1 / Math.sqrt(shape[1]);
  return RESIDUAL_PROJECTION.test(name) ? std / Math.sqrt(2 * layers) : std;
}

/**
 * Random weights before training, the same for one seed: embedding N(0, 0.05), linear N(0, 1/sqrt(inputs)), residual
 * projections divided by sqrt(2 layers) (Radford et al. 2019, GPT-2, section 2.3), norms 1.
 */
export function initialWeights(spec: ModelSpec, seed: number): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(spec)) {
    const count = shape.reduce((a, b) => a * b, 1);
    const data =
      shape.length === 1
        ? new Float32Array(count).fill(1)
        : normals(
            seed,
            weights.size,
            count,
            standardDeviation(name, shape, spec.num_hidden_layers),
          );
    weights.set(name, { shape, data });
  }
  return weights;
}
