import { TASK_NAMES } from '../tasks/registry';
import type { Recipe, RecipeKey } from './recipe';
import { quoted, type Problem } from './untrusted';

/** A rule between settings: the sentence that says how it is broken, or null. */
type Rule = readonly [key: RecipeKey, check: (recipe: Recipe) => string | null];

const rules: readonly Rule[] = [
  [
    'aggregation_constant',
    ({ aggregation, aggregation_constant: constant }) =>
      aggregation === 'constant' && constant === null
        ? 'aggregation_constant must be a number when aggregation is "constant"; got null'
        : null,
  ],
  [
    'minibatches',
    ({ prompts_per_step: prompts, group_size: size, minibatches }) =>
      (prompts * size) % minibatches === 0
        ? null
        : `minibatches must divide prompts_per_step × group_size = ${prompts * size}; got ${minibatches}`,
  ],
  [
    'difficulty_low',
    ({ difficulty_low: low, difficulty_high: high }) =>
      low <= high ? null : `difficulty_low must not be above difficulty_high = ${high}; got ${low}`,
  ],
  [
    'cov_low',
    ({ cov_low: low, cov_high: high }) =>
      low <= high ? null : `cov_low must not be above cov_high = ${high}; got ${low}`,
  ],
  [
    'aggregation',
    ({ objective, aggregation }) =>
      objective !== 'gspo' || aggregation === 'sequence-mean'
        ? null
        : `aggregation must be "sequence-mean" with objective "gspo"; got ${quoted(aggregation)}`,
  ],
  [
    'policy',
    ({ policy, task }) =>
      policy === task || !TASK_NAMES.includes(policy)
        ? null
        : `policy must fit the task ${quoted(task)}; got the base policy of ${quoted(policy)}`,
  ],
];

/** How the settings of a complete recipe fail to fit together. */
export function recipeProblems(recipe: Recipe): Problem[] {
  return rules.flatMap(([key, check]) => {
    const message = check(recipe);
    return message === null ? [] : [{ key, message }];
  });
}
