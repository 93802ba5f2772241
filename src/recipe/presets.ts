import type { About } from './about';
import { ABOUT_DEFAULT } from './default_about';
import type { Experiment } from './experiment';
import { defaultRecipe } from './schema';

/** The ablation of the positive subset, all else equal: whole, halved, left out, and on its own. */
const ABLATION = [
  { name: 'GRPO', set: { positive_weight: 1 } },
  { name: 'λ 0.5', set: { positive_weight: 0.5 } },
  { name: 'λ 0', set: { positive_weight: 0 } },
  { name: 'positives only', set: { negative_weight: 0 } },
] as const;

/** Recorded runs of the two experiments that the page may open with. */
const RECORDS = { large: 'default', small: 'default-small' } as const;

/** The recorded run of a default experiment, at whatever seeds; null of any other experiment. */
export function defaultRecord(
  experiment: Experiment,
): (typeof RECORDS)[keyof typeof RECORDS] | null {
  const text = ({ name, base, arms }: Experiment) => JSON.stringify([name, base, arms]);
  if (text(experiment) === text(ablation())) return RECORDS.large;
  return text(experiment) === text(smallAblation()) ? RECORDS.small : null;
}

/** What a default experiment is for, wherever it comes from; null of any other experiment. */
export function defaultAbout(experiment: Experiment): About | null {
  const record = defaultRecord(experiment);
  return record === null ? null : ABOUT_DEFAULT[record];
}

/** The experiment the page opens with. `software`: for a computer without a graphics processor. */
export function defaultExperiment(software: boolean): Experiment {
  return software ? smallAblation() : ablation();
}

/**
 * Who drives the entropy? 16 updates a step, where λ matters most. At twice the learning rate the arms fan out further, but
 * λ = 1 unlearns the task again from about step 8 on (docs/experiments.md, who-drives).
 */
function ablation(): Experiment {
  return {
    version: 1,
    name: 'Which tokens drive entropy?',
    about: null,
    base: {
      ...defaultRecipe,
      task: 'chain-sum',
      policy: 'chain-sum',
      minibatches: 4,
      epochs: 4,
      learning_rate: 3e-4,
      steps: 24,
    },
    arms: ABLATION,
    seeds: [0],
    evaluate: { every: 8, prompts: 64, samples: 16, training: false },
    measure: null,
  };
}

/**
 * The same question on the smallest model and half the rollouts: about 2 GFLOP a step for all four arms, a second or two
 * without a graphics processor.
 */
function smallAblation(): Experiment {
  return {
    version: 1,
    name: 'Which tokens drive entropy? (small)',
    about: null,
    base: {
      ...defaultRecipe,
      task: 'maze-small',
      policy: 'maze-small',
      prompts_per_step: 8,
      group_size: 8,
      train_prompts: 256,
      minibatches: 2,
      epochs: 4,
      learning_rate: 5e-4,
      steps: 24,
    },
    arms: ABLATION,
    seeds: [0],
    evaluate: { every: 8, prompts: 32, samples: 8, training: false },
    measure: null,
  };
}
