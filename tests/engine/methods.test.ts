import { describe, expect, test } from 'vitest';
import type { Recipe } from '../../src/recipe/recipe';
import { ADVANTAGES, OBJECTIVES, REWARD_SOURCES } from '../../src/recipe/recipe';
import { STAT } from '../../src/engine/update_stats';
import { expectSameBits } from '../setup/kernel';
import { spec, train } from '../setup/small_runs';

const aggregationOf = (objective: string) =>
  objective === 'gspo' ? ({ aggregation: 'sequence-mean' } as const) : {};

/** Trains variants side by side for two steps. */
async function side(variants: readonly Partial<Recipe>[]) {
  return train(
    variants.map((changes, i) => spec(changes, `arm ${i}`)),
    2,
  );
}

describe('every method trains', () => {
  const bounds = { high_base: 0.5, high_slope: -0.25, low_base: 0.3, low_slope: -0.13 };
  const variants: Partial<Recipe>[] = [
    ...ADVANTAGES.map((advantage) => ({ advantage })),
    ...OBJECTIVES.map((objective) => ({ objective, ...aggregationOf(objective) })),
    ...REWARD_SOURCES.map((reward) => ({ reward })),
    { high_entropy_fraction: 0.2 },
    { random_clip_fraction: 0.5 },
    { steer_min_weight: 0.5 },
    { entropy_advantage: 0.4 },
    { label_noise: 0.3, length_penalty: 0.5, overlong_buffer: 3 },
    { dynamic_sampling: 2, clip_high: 0.28 },
    { dynamic_clip: { kind: 'constant', ...bounds } },
    { dynamic_clip: { kind: 'increase-decrease', ...bounds } },
    { dynamic_clip: { kind: 'oscillatory-decay', floor: 0.2, ...bounds } },
    { entropy_coef_schedule: { kind: 'adaptive', target: 2, delta: 0.01, max: 0.1 } },
    { difficulty_low: 0.1, difficulty_high: 0.9 },
  ];

  test('numbers stay finite, weights move, no update is skipped', async () => {
    const { metrics, weights } = await side(variants);
    for (const [i, own] of metrics.entries()) {
      const what = JSON.stringify(variants[i]);
      expect(own, what).toHaveLength(2);
      for (const line of own) {
        for (const [key, value] of Object.entries(line))
          if (value !== null) expect(Number.isFinite(value), `${key} of ${what}`).toBe(true);
        expect(line.skipped_updates, what).toBe(0);
        expect(line.grad_norm, what).toBeGreaterThan(0);
      }
    }
    // No two of them are the same method under two names (the defaults, a clip schedule that begins as fixed, and a
    // bonus that begins at 0 are).
    const plain = weights[0];
    const same = weights.flatMap((own, i) => (own.every((w, j) => w === plain[j]) ? [i] : []));
    const isPlain = (changes: Partial<Recipe>) =>
      changes.advantage === 'grpo' ||
      changes.objective === 'ppo-clip' ||
      changes.reward === 'verifier';
    expect(same).toEqual(
      expect.arrayContaining(variants.flatMap((v, i) => (isPlain(v) ? [i] : []))),
    );
    expect(same.length).toBeLessThanOrEqual(3);
  });
});

describe('methods that must agree', () => {
  test('ce-gppo without kept gradients is ppo-clip, bit for bit', async () => {
    const { weights } = await side([{}, { objective: 'ce-gppo', gppo_low: 0, gppo_high: 0 }]);
    expectSameBits(weights[1], weights[0], 'weights');
  });

  test('clip-cov with an empty band is ppo-clip; kl-cov without a penalty is the clip left open', async () => {
    const { weights } = await side([
      {},
      { objective: 'clip-cov', cov_low: 900, cov_high: 901 },
      { clip_low: 1, clip_high: 1000 },
      { objective: 'kl-cov', kl_cov_coef: 0 },
    ]);
    expectSameBits(weights[1], weights[0], 'clip-cov');
    expectSameBits(weights[3], weights[2], 'kl-cov');
  });

  test('on the first minibatch every objective has the gradient of reinforce', async () => {
    const once = { minibatches: 1, epochs: 1, aggregation: 'sequence-mean' } as const;
    const { lines } = await side(
      OBJECTIVES.map((objective) => ({
        ...once,
        objective,
        kl_cov_coef: 0,
        cov_low: 900,
        cov_high: 901,
      })),
    );
    const norms = lines.map(([{ updates }]) => updates[0].gradNorm);
    for (const norm of norms) expect(Math.abs(norm / norms[1] - 1)).toBeLessThan(1e-4);
  });

  test('token selection keeps the share it says', async () => {
    const { lines } = await side([
      { high_entropy_fraction: 0.25 },
      { random_clip_fraction: 0.5 },
      { objective: 'clip-cov', cov_fraction: 0.1, cov_low: -900, cov_high: 900 },
    ]);
    for (const [{ updates }] of lines) expect(updates).toHaveLength(4);
    // The first tokens of a group stand in one state, so their entropies tie, and ties are kept together.
    for (const { sums } of lines[0][0].updates) {
      const wanted = Math.ceil(0.25 * sums[STAT.tokens]);
      expect(sums[STAT.kept]).toBeGreaterThanOrEqual(wanted);
      expect(sums[STAT.kept]).toBeLessThan(wanted + 8);
    }
    for (const { sums } of lines[1][0].updates)
      expect(sums[STAT.kept]).toBe(sums[STAT.tokens] - Math.floor(0.5 * sums[STAT.positive]));
    for (const { sums } of lines[2][0].updates)
      expect(sums[STAT.tokens] - sums[STAT.kept]).toBe(
        Math.max(1, Math.floor(0.1 * sums[STAT.tokens])),
      );
  });
});

describe('rewards and data', () => {
  test('noise and other rewards change what is learned, not what is reported or drawn', async () => {
    const { metrics } = await side([{}, { label_noise: 0.5 }, { reward: 'random' }]);
    for (const [first] of metrics.slice(1)) {
      expect(first.reward).toBe(metrics[0][0].reward);
      expect(first.entropy).toBe(metrics[0][0].entropy);
      expect(first.training_reward).not.toBe(first.reward);
    }
  });

  test('dynamic sampling trains on fewer even groups and on ratios that begin at 1', async () => {
    const { lines } = await train(
      [spec({ dynamic_sampling: 4, prompts_per_step: 8, group_size: 4 }, 'dynamic')],
      2,
    );
    for (const { metrics, updates } of lines[0]) {
      expect(metrics.zero_variance_groups).toBeGreaterThan(0);
      expect(metrics.replaced_groups).toBe(metrics.zero_variance_groups);
      expect(updates[0].sums[STAT.logRatioMax]).toBeLessThan(1e-5);
    }
  });

  test('an arm is not touched by the redraws of its companion, replaced or not', async () => {
    // With groups of two most are even, and so are most redraws: some step finds fewer replacements than it wants.
    const dynamic = { dynamic_sampling: 2, prompts_per_step: 2, group_size: 2, minibatches: 1 };
    const companion = { prompts_per_step: 2, group_size: 2, minibatches: 1 };
    const together = await train([spec(dynamic, 'dynamic'), spec(companion, 'plain')], 3);
    const alone = await train([spec(companion, 'plain')], 3);
    expect(together.metrics[0].some(({ replaced_groups: n }) => n < 2)).toBe(true);
    expectSameBits(together.weights[1], alone.weights[0], 'weights');
  });

  test('arms of a band may have different numbers of prompts', async () => {
    const { metrics } = await train(
      [
        spec({ train_prompts: 8, difficulty_low: 0.01 }, 'few'),
        spec({ train_prompts: 32, difficulty_high: 0.99 }, 'many'),
      ],
      1,
    );
    expect(metrics.map((own) => own.length)).toEqual([1, 1]);
  });

  test('a band that no prompt falls into is refused with the numbers', async () => {
    const impossible = spec({ difficulty_low: 0.99, difficulty_high: 0.995 });
    await expect(train([impossible], 1)).rejects.toThrow(/between 0.99 and 0.995/);
  });
});
