import { expect, test } from 'vitest';
import { whereNonfinite } from '../../src/engine/nonfinite';
import { isSound, type SavedRun } from '../../src/engine/trainer_state';
import { parameterLayout } from '../../src/model/layout';

const layout = parameterLayout({
  vocab_size: 7,
  hidden_size: 8,
  intermediate_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
});
const [first, second] = layout.layers.map(({ down, qkv }) => ({ down, qkv }));
if (first === undefined || second === undefined) throw new Error('the model has two layers');

/** A run whose weights and gradients are ones, but for these. */
const run = (weights: Record<number, number>, gradients: Record<number, number> = {}) => ({
  layout,
  readParameters: (which: string) => {
    const flat = new Float32Array(layout.total).fill(1);
    const broken = Object.entries(which === 'weights' ? weights : gradients);
    for (const [at, value] of broken) flat[Number(at)] = value;
    return Promise.resolve(flat);
  },
});

test('weights that are not finite are named before gradients, and by the first that a forward pass meets', async () => {
  expect(
    await whereNonfinite(
      run({ [second.qkv]: Infinity, [first.down]: NaN }, { [layout.embed]: NaN }),
      0,
    ),
  ).toEqual({ of: 'weights', tensor: 'model.layers.0.mlp.down_proj.weight' });
});

test.each([
  ['NaN in two layers', { [first.down]: NaN, [second.qkv]: -Infinity }],
  ['no NaN, but squares that are none', { [first.down]: 1e19, [second.qkv]: -2e25 }],
])(
  'a gradient is named by the tensor where it begins: %s',
  async (_, gradients: Record<number, number>) => {
    expect(await whereNonfinite(run({}, gradients), 0)).toEqual({
      of: 'gradient',
      tensor: 'model.layers.1.self_attn.q_proj.weight',
    });
  },
);

test.each([
  [[1, -2, 3e38], 0, true],
  [[1, NaN, 3], 0, false],
  [[1, 2, -Infinity], 0, false],
  [[1, 2, 3], 1, false],
])(
  'a run of weights %j after %i steps without an update is sound: %s',
  (weights, deadSteps, is) => {
    const saved: Partial<SavedRun> = { weights: Float32Array.from(weights), deadSteps };
    expect(isSound(saved as SavedRun)).toBe(is);
  },
);
