import { defaultRecipe } from '../../src/recipe/schema';
import { ADVANTAGES, OBJECTIVES, type Recipe } from '../../src/recipe/recipe';
import { pick, stream } from '../../src/rl/random';
import { tasks } from '../../src/tasks/registry';
import type { Random, Task } from '../../src/tasks/task';

/** The recipe that cases change. */
export const SCALE_RECIPE: Recipe = {
  ...defaultRecipe,
  task: 'maze-small',
  policy: 'maze-small',
};

const [B, T, V] = [3, 5, 6];

/** What is asked of the Python files of an exported folder; tools/check_scale.py answers. Plain data. */
export function scaleInputs() {
  const random = stream(1, 90);
  return {
    recipe: SCALE_RECIPE,
    responses: Object.fromEntries(tasks.map((task) => [task.name, responses(task, random)])),
    rewards: {
      values: [1, 0, 0, 1, 1, 1, 1, 1, 0.25, 0.5, 0, 0.75],
      groups: [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
    },
    advantages: ADVANTAGES.map((advantage) => ({ advantage, advantage_quantile: 0.5 })),
    training_rewards: trainingRewards(),
    schedules: schedules(),
    losses: lossRecipes().map((recipe) => lossCase(recipe, random)),
  };
}

/** Right, careless, cut off, and any old tokens; without their end token, as trainers decode them. */
function responses(task: Task, random: Random): [string, string][] {
  const text = (tokens: readonly number[]) =>
    tokens
      .filter((token) => token !== task.eos)
      .map((token) => task.vocabulary[token])
      .join('');
  return Array.from({ length: 12 }, () => task.prompt(random)).flatMap((prompt) => {
    const right = task.solve(prompt, random) ?? [];
    const longest = Array.from({ length: task.maxResponse }, (_, i) => right[i % right.length]);
    const any = Array.from({ length: 4 }, () => pick([...task.vocabulary.keys()], random));
    return [right, task.demonstrate(prompt, random), right.slice(1), longest, any, []]
      .filter(
        (tokens) => tokens.indexOf(task.eos) < 0 || tokens.indexOf(task.eos) === tokens.length - 1,
      )
      .map((tokens): [string, string] => [text(prompt), text(tokens)]);
  });
}

function trainingRewards() {
  const off: Partial<Recipe> = { label_noise: 0, length_penalty: 0, overlong_buffer: null };
  const recipes: Partial<Recipe>[] = [
    off,
    { ...off, label_noise: 1 },
    { ...off, length_penalty: 0.5 },
    { ...off, overlong_buffer: 4 },
    { ...off, label_noise: 1, length_penalty: -0.25, overlong_buffer: 3 },
  ];
  return recipes.flatMap((recipe) =>
    [2, 8, 9].map((length) => ({ recipe, verified: 1, length, longest: 9 })),
  );
}

function schedules(): { recipe: Partial<Recipe>; entropy: number[] }[] {
  const entropy = [1.1, 0.9, 0.6, 0.4, 0.3, 0.45, 0.2, 0.7, 0.8, 0.5];
  const bounds = { high_base: 0.5, high_slope: -0.25, low_base: 0.3, low_slope: -0.13 };
  const recipes: Partial<Recipe>[] = [
    { positive_weight: 0.25 },
    { positive_weight_schedule: { kind: 'stage' } },
    { positive_weight_schedule: { kind: 'epoch', epochs: 4 } },
    {
      positive_weight_schedule: { kind: 'entropy-guided', target: 0.5, delta: 0.1, initial: 0.35 },
    },
    {
      positive_weight_schedule: {
        kind: 'entropy-guided-relative',
        fraction: 0.5,
        delta: 0.3,
        initial: 0,
      },
    },
    {
      entropy_coef: 0.002,
      entropy_coef_schedule: { kind: 'adaptive', target: 0.5, delta: 0.003, max: 0.007 },
    },
    { dynamic_clip: { kind: 'constant', ...bounds } },
    { dynamic_clip: { kind: 'increase-decrease', ...bounds } },
    { dynamic_clip: { kind: 'oscillatory-decay', floor: 0.4, ...bounds } },
  ];
  return recipes.map((recipe) => ({ recipe: { steps: entropy.length, ...recipe }, entropy }));
}

function lossRecipes(): Partial<Recipe>[] {
  return [
    ...OBJECTIVES.filter((objective) => objective !== 'clip-cov').map((objective) => ({
      objective,
    })),
    // Of a single eligible token the draw does not matter, and all of them are dropped.
    { objective: 'clip-cov', cov_fraction: 1, cov_low: 0.1, cov_high: 5 },
    { aggregation: 'sequence-mean' },
    { aggregation: 'constant', aggregation_constant: 4 },
    { positive_weight: 0.25, negative_weight: 1.5 },
    { positive_weight: -1 },
    { dual_clip: 1.2 },
    { objective: 'ce-gppo', dual_clip: 1.1, gppo_low: 0.75, gppo_high: 0.5 },
    { entropy_coef: 0.1, kl_coef: 0.2, temperature: 1.3 },
    { entropy_advantage: 0.4, entropy_advantage_bound: 2 },
    { high_entropy_fraction: 0.3 },
    { steer_min_weight: 0.5 },
    { random_clip_fraction: 1 },
    {
      dynamic_clip: {
        kind: 'constant',
        high_base: 0.5,
        high_slope: -0.25,
        low_base: 0.3,
        low_slope: -0.13,
      },
    },
  ];
}

/** One small batch; log-probabilities of before lie around those of now, so that all branches are met. */
function lossCase(recipe: Partial<Recipe>, random: Random) {
  const grid = <X>(cell: (b: number, t: number) => X) =>
    Array.from({ length: B }, (_, b) => Array.from({ length: T }, (_, t) => cell(b, t)));
  const short = (value: number) => Number(value.toFixed(4));
  const { temperature } = { ...SCALE_RECIPE, ...recipe };
  const logits = grid(() => Array.from({ length: V }, () => short(4 * random() - 2)));
  const token = grid(() => Math.floor(V * random()));
  const logprob = (b: number, t: number) => {
    const row = logits[b][t].map((z) => z / temperature);
    const total = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
    return row[token[b][t]] - total;
  };
  const dynamic = recipe.dynamic_clip;
  const all = { ...SCALE_RECIPE, ...recipe };
  return {
    recipe,
    controls: {
      positive_weight: all.positive_weight,
      entropy_coef: all.entropy_coef,
      clip_low: dynamic?.kind === 'constant' ? dynamic.low_base : all.clip_low,
      clip_high: dynamic?.kind === 'constant' ? dynamic.high_base : all.clip_high,
      clip_low_slope: dynamic?.kind === 'constant' ? dynamic.low_slope : 0,
      clip_high_slope: dynamic?.kind === 'constant' ? dynamic.high_slope : 0,
    },
    logits,
    token,
    old_logprob: grid((b, t) => short(logprob(b, t) + 1.6 * random() - 0.8)),
    ref_logprob: grid((b, t) => short(logprob(b, t) + random() - 0.5)),
    advantage: [[1.25], [-0.75], [short(2 * random() - 1)]],
    // Responses of 5, 3 and 4 tokens.
    mask: grid((b, t) => (t < [5, 3, 4][b] ? 1 : 0)),
  };
}
