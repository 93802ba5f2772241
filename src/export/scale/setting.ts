import type { Recipe, RecipeKey } from '../../recipe/recipe';

/** How well a trainer follows a setting of ours. */
export type Fit = 'exact' | 'approximate' | 'none';

/** What becomes of one setting of a recipe in another trainer. */
export interface Setting {
  readonly fit: Fit;
  /** Its arguments there with their values as text; empty where a file of the folder acts on it. */
  readonly args: readonly (readonly [name: string, value: string])[];
  /** What acts on it. */
  readonly where: string;
  /** What differs, a sentence; empty of an exact one. */
  readonly note: string;
}

/** Every setting of a recipe for one trainer: a new knob does not compile before it has its line in each. */
export type Mapping = { readonly [K in RecipeKey]: (recipe: Recipe) => Setting };

type Value = string | number | boolean;

/** Passed on as arguments that mean the same there. */
export function passed(args: Readonly<Record<string, Value>>): Setting {
  const list = Object.entries(args).map(([name, value]) => [name, String(value)] as const);
  return { fit: 'exact', args: list, where: list.map(([name]) => name).join(', '), note: '' };
}

/** Acted on by a file of the folder, which does what we do. */
export function inFile(where: string): Setting {
  return { fit: 'exact', args: [], where, note: '' };
}

/** As `setting`, but for what the sentence says. */
export function roughly(setting: Setting, note: string): Setting {
  return { ...setting, fit: 'approximate', note };
}

/** Not acted on there. */
export function unmapped(note: string): Setting {
  return { fit: 'none', args: [], where: '–', note };
}

/** Trainers drop the last, incomplete batch of prompts of an epoch, and with too few prompts there is no other. */
export function trainFile(args: Setting, { train_prompts, prompts_per_step }: Recipe): Setting {
  return train_prompts >= prompts_per_step
    ? args
    : roughly(args, 'Prompts repeat in the file, since a batch takes more than there are.');
}

const LOSS = 'rlvr_loss.py';
const ADVANTAGES = 'rlvr_advantages.py';
const OTHER_DRAWS = 'The same rule; which ones it falls on is drawn anew.';

/** Settings that the files of the folder act on in the same way whoever trains. */
export const sharedSettings = {
  version: () => inFile('recipe.json'),
  task: () => inFile('data/*.jsonl, rlvr_task.py'),
  difficulty_low: ({ difficulty_low: low }) =>
    low === 0 ? inFile('off') : unmapped('Prompts are not chosen by success rate.'),
  difficulty_high: ({ difficulty_high: high }) =>
    high === 1 ? inFile('off') : unmapped('Prompts are not chosen by success rate.'),
  label_noise: ({ label_noise: noise }) =>
    noise === 0 ? inFile('off') : roughly(inFile(ADVANTAGES), OTHER_DRAWS),
  length_penalty: () => inFile(ADVANTAGES),
  overlong_buffer: () => inFile(ADVANTAGES),
  reward: ({ reward }) => {
    if (reward === 'verifier') return inFile('rlvr_task.py');
    if (reward === 'random') return roughly(inFile(ADVANTAGES), OTHER_DRAWS);
    return unmapped('Responses are not compared in pairs: the verifier’s reward is used.');
  },
  advantage: () => inFile(ADVANTAGES),
  advantage_quantile: () => inFile(ADVANTAGES),
  objective: ({ objective }) =>
    objective === 'clip-cov' ? roughly(inFile(LOSS), OTHER_DRAWS) : inFile(LOSS),
  clip_low: () => inFile(LOSS),
  clip_high: () => inFile(LOSS),
  dual_clip: () => inFile(LOSS),
  gppo_low: () => inFile(LOSS),
  gppo_high: () => inFile(LOSS),
  cov_fraction: () => inFile(LOSS),
  cov_low: () => inFile(LOSS),
  cov_high: () => inFile(LOSS),
  kl_cov_coef: () => inFile(LOSS),
  random_clip_fraction: ({ random_clip_fraction: share }) =>
    share === 0 ? inFile('off') : roughly(inFile(LOSS), OTHER_DRAWS),
  positive_weight: () => inFile(LOSS),
  negative_weight: () => inFile(LOSS),
} as const satisfies Partial<Mapping>;
