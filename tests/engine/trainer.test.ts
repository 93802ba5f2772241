import { describe, expect, test } from 'vitest';
import { Trainer } from '../../src/engine/trainer';
import { STAT } from '../../src/engine/update_stats';
import { testGpu } from '../setup/engine';
import { policy, spec, train } from '../setup/small_runs';

describe('a step', () => {
  test('the first minibatch after a rollout has ratio 1, no clipping and no KL to itself', async () => {
    const { lines } = await train([spec()], 3);
    for (const { updates } of lines[0]) {
      expect(updates).toHaveLength(4);
      const { sums } = updates[0];
      const tokens = sums[STAT.tokens];
      expect(tokens).toBeGreaterThan(0);
      expect(sums[STAT.logRatioMax]).toBeLessThan(1e-5);
      expect(Math.abs(sums[STAT.ratio] / tokens - 1)).toBeLessThan(1e-5);
      expect(sums[STAT.clipLow]).toBe(0);
      expect(sums[STAT.clipHigh]).toBe(0);
      expect(sums[STAT.approxKl] / tokens).toBeLessThan(1e-8);
      // ... and the updates that follow are off-policy.
      expect(updates[3].sums[STAT.logRatioMax]).toBeGreaterThan(1e-3);
    }
  });

  test('metrics count what happened', async () => {
    const { metrics } = await train([spec()], 2);
    expect(metrics[0].map(({ step }) => step)).toEqual([1, 2]);
    const [first, second] = metrics[0];
    expect(first.updates).toBe(4);
    expect(second.updates).toBe(8);
    expect(second.tokens).toBeGreaterThan(first.tokens);
    expect(first.entropy).toBeGreaterThan(0.3);
    expect(first.entropy).toBeLessThan(Math.log(18));
    expect(first.reward * 32).toBeCloseTo(Math.round(first.reward * 32), 9);
    expect(first.kl).toBeNull();
    expect(first.skipped_updates).toBe(0);
    expect(first.grad_norm).toBeGreaterThan(0);
  });

  test('the entropy the trainer measures at ratio 1 is the one the sampler recorded', async () => {
    const { lines } = await train([spec({ minibatches: 1, epochs: 1 })], 1);
    const [{ metrics, updates }] = lines[0];
    const measured = updates[0].sums[STAT.entropy] / updates[0].sums[STAT.tokens];
    expect(Math.abs(measured - metrics.entropy)).toBeLessThan(1e-5);
  });
});

describe('runs in one dispatch sequence', () => {
  const arms = [
    spec({ positive_weight: 1 }),
    spec({ positive_weight: 0.25, clip_low: 0.1, learning_rate: 3e-4 }),
    spec({ seed: 7, temperature: 0.8, negative_weight: 0 }),
    spec({ seed: 7, aggregation: 'sequence-mean', entropy_coef: 0.01 }),
    spec({ seed: 3, kl_coef: 0.05, max_grad_norm: null }),
    spec({ seed: 3, dual_clip: 3, weight_decay: 0.1 }),
    spec({ seed: 5, objective: 'reinforce' }),
    spec({ seed: 6, advantage: 'rloo', aggregation: 'constant', aggregation_constant: 9 }),
  ];

  test.each([2, 8])('each of %i gives bit for bit what it gives alone', async (count) => {
    const together = await train(arms.slice(0, count), 2);
    // Alone: the first and the last, whose place in the batch differs most.
    for (const run of [0, count - 1]) {
      const alone = await train([arms[run]], 2);
      expect(together.weights[run]).toEqual(alone.weights[0]);
      const kl = alone.metrics[0][0].kl === null ? { kl: null } : {};
      expect(together.metrics[run].map((line) => ({ ...line, ...kl }))).toEqual(alone.metrics[0]);
    }
  });

  test('two identical trainings are identical, and another seed is not', async () => {
    const [a, b, c] = [
      await train([spec()], 3),
      await train([spec()], 3),
      await train([spec({ seed: 1 })], 3),
    ];
    expect(a.weights).toEqual(b.weights);
    expect(a.metrics).toEqual(b.metrics);
    expect(a.weights).not.toEqual(c.weights);
  });

  test('arms of one seed start from the same prompts and draws', async () => {
    const { metrics } = await train(
      [spec({ positive_weight: 1 }), spec({ positive_weight: 0 })],
      2,
    );
    expect(metrics[0][0].reward).toBe(metrics[1][0].reward);
    expect(metrics[0][0].entropy).toBe(metrics[1][0].entropy);
    expect(metrics[0][1].entropy).not.toBe(metrics[1][1].entropy);
  });
});

describe('settings', () => {
  test('a learning rate of 0 leaves every bit of the weights', async () => {
    const before = await train([spec()], 0);
    const after = await train([spec({ learning_rate: 0 })], 2);
    expect(after.weights).toEqual(before.weights);
  });

  test('both weights at 0 give a zero gradient', async () => {
    const { metrics } = await train([spec({ positive_weight: 0, negative_weight: 0 })], 1);
    expect(metrics[0][0].grad_norm).toBe(0);
  });

  test('a change between steps acts from the next update on, without recompiling', async () => {
    const trainer = await Trainer.create(await testGpu(), [spec()]);
    try {
      await trainer.next();
      expect(trainer.nextUpdateStep).toBe(2);
      trainer.set(0, 'positive_weight', 0.5);
      trainer.set(0, 'learning_rate', 0);
      const first = await trainer.next();
      const frozen = await trainer.runs.readParameters('weights', 0);
      const second = await trainer.flush();
      expect(first[0].metrics.positive_weight).toBe(1);
      expect(second[0].metrics.positive_weight).toBe(0.5);
      await trainer.next();
      await trainer.flush();
      expect(await trainer.runs.readParameters('weights', 0)).toEqual(frozen);
    } finally {
      trainer.destroy();
    }
  });

  test('KL to the base policy is 0 before any update and positive after', async () => {
    const { metrics } = await train([spec({ kl_coef: 0.1, minibatches: 1, epochs: 1 })], 3);
    expect(metrics[0][0].kl).toBeLessThan(1e-8);
    expect(metrics[0][2].kl).toBeGreaterThan(1e-6);
  });

  test('entropy-guided lambda moves by delta towards the target', async () => {
    const schedule = { kind: 'entropy-guided', target: 5, delta: 0.1, initial: 0.8 } as const;
    const { metrics } = await train([spec({ positive_weight_schedule: schedule })], 3);
    const weights = metrics[0].map(({ positive_weight }) => positive_weight);
    [0.8, 0.7, 0.6].forEach((want, i) => expect(weights[i]).toBeCloseTo(want, 12));
  });
});

describe('save and restore', () => {
  test('save, restore, step equals step, bit for bit', async () => {
    const gpu = await testGpu();
    const specs = [spec({ positive_weight: 0.5 }), spec({ kl_coef: 0.02, seed: 2 })];
    const trainer = await Trainer.create(gpu, specs);
    const other = await Trainer.create(gpu, specs);
    try {
      for (let step = 0; step < 2; step++) await trainer.next();
      await trainer.flush();
      const saved = await trainer.save();
      await trainer.next();
      const want = await trainer.flush();
      other.restore(saved);
      await other.next();
      const got = await other.flush();
      expect(got.map(({ metrics }) => metrics)).toEqual(want.map(({ metrics }) => metrics));
      expect(await other.save()).toEqual(await trainer.save());
    } finally {
      trainer.destroy();
      other.destroy();
    }
  });
});

test('nothing is allocated by further steps', async () => {
  const trainer = await Trainer.create(await testGpu(), [spec()]);
  try {
    await trainer.next();
    const { bytes, bufferCount } = trainer.runs;
    for (let step = 0; step < 3; step++) await trainer.next();
    await trainer.flush();
    expect(trainer.runs.bytes).toBe(bytes);
    expect(trainer.runs.bufferCount).toBe(bufferCount);
  } finally {
    trainer.destroy();
  }
});

test('dispatches of an update and of a token stay within their budgets', async () => {
  const trainer = await Trainer.create(await testGpu(), [spec()]);
  try {
    const layers = policy.spec.num_hidden_layers;
    const { update, rollout } = trainer.runs.dispatches;
    const { promptLength, maxResponse } = trainer.task;
    expect(update).toBeLessThanOrEqual(25 * layers + 15);
    expect(rollout).toBeLessThanOrEqual((8 * layers + 4) * (promptLength + maxResponse - 1));
  } finally {
    trainer.destroy();
  }
});
