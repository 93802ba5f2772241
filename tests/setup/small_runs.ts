import { readFileSync } from 'node:fs';
import { Trainer } from '../../src/engine/trainer';
import type { RunSpec } from '../../src/engine/run_spec';
import { readPolicy } from '../../src/model/policy';
import type { Recipe } from '../../src/recipe/recipe';
import { completeRecipe } from '../../src/recipe/schema';
import { testGpu } from './engine';

export const policy = readPolicy(
  readFileSync(new URL('../../public/policies/maze-small.safetensors', import.meta.url)),
);

/** A run of the smallest policy on few rollouts. */
export function spec(changes: Partial<Recipe> = {}, arm = 'arm'): RunSpec {
  const recipe = completeRecipe({
    task: 'maze-small',
    policy: 'maze-small',
    prompts_per_step: 4,
    group_size: 8,
    minibatches: 2,
    epochs: 2,
    train_prompts: 64,
    learning_rate: 5e-4,
    steps: 6,
    ...changes,
  });
  if (!recipe.ok) throw new Error(recipe.problems.map(({ message }) => message).join('; '));
  return { arm, recipe: recipe.value, policy };
}

/** Trains and returns the metrics of every step by run, with the final weights. */
export async function train(specs: readonly RunSpec[], steps: number) {
  const trainer = await Trainer.create(await testGpu(), specs);
  try {
    const lines = specs.map(() => [] as Awaited<ReturnType<Trainer['next']>>);
    const take = (completed: Awaited<ReturnType<Trainer['next']>>) => {
      for (const entry of completed) lines[entry.run].push(entry);
    };
    for (let step = 0; step < steps; step++) take(await trainer.next());
    take(await trainer.flush());
    const weights = [];
    for (const run of specs.keys()) weights.push(await trainer.runs.readParameters('weights', run));
    return { lines, weights, metrics: lines.map((own) => own.map(({ metrics }) => metrics)) };
  } finally {
    trainer.destroy();
  }
}
