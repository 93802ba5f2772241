import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Trainer } from '../../src/engine/trainer';
import { STAT } from '../../src/engine/update_stats';
import { readPolicy } from '../../src/model/policy';
import { completeRecipe } from '../../src/recipe/schema';
import { testGpu } from '../setup/engine';

const policy = readPolicy(
  readFileSync(new URL('../../public/policies/maze-small.safetensors', import.meta.url)),
);

test('a temperature that changes after the rollouts waits for the next ones', async () => {
  const recipe = completeRecipe({
    task: 'maze-small',
    prompts_per_step: 2,
    group_size: 8,
    minibatches: 2,
    epochs: 1,
    train_prompts: 16,
  });
  if (!recipe.ok) throw new Error('bad recipe');
  const trainer = await Trainer.create(await testGpu(), [
    { arm: 'a', recipe: recipe.value, policy },
  ]);
  try {
    const first = trainer.next();
    // The rollouts are under way, the updates on them are not.
    expect(trainer.set(0, 'temperature', 2)).toBe(2);
    expect(trainer.set(0, 'clip_low', 0.1)).toBe(1);
    await first;
    const [one] = await trainer.flush();
    await trainer.next();
    const [two] = await trainer.flush();
    for (const { updates } of [one, two]) {
      expect(updates[0].sums[STAT.logRatioMax]).toBeLessThan(1e-5);
    }
    expect(two.metrics.entropy).toBeGreaterThan(1.5 * one.metrics.entropy);
  } finally {
    trainer.destroy();
  }
});
