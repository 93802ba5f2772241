import type { Recipe } from '../../recipe/recipe';
import { taskNamed } from '../../tasks/registry';
import {
  inFile,
  passed,
  roughly,
  sharedSettings,
  trainFile,
  unmapped,
  type Mapping,
  type Setting,
} from './setting';

const ACTOR = 'actor_rollout_ref.actor';
const ROLLOUT = 'actor_rollout_ref.rollout';
const NO_ENTROPY = 'A policy loss of verl is not given the entropy of each token.';
/** Its word for a gradient that is not clipped: none reaches this norm. */
const NO_GRADIENT_CLIP = '1e9';

const AGGREGATION = {
  'token-mean': 'token-mean',
  'sequence-mean': 'seq-mean-token-mean',
  constant: 'seq-mean-token-sum-norm',
} as const;

/** What every setting becomes for verl's configuration and the plug-in rlvr_verl.py. */
export const VERL_SETTINGS: Mapping = {
  ...sharedSettings,
  policy: () => passed({ 'actor_rollout_ref.model.path': '"$MODEL"' }),
  seed: ({ seed }) =>
    roughly(
      passed({ 'data.seed': seed }),
      'Training and held-out prompts are the same; their order and all other draws are verl’s.',
    ),
  steps: ({ steps, prompts_per_step: prompts, train_prompts: all }) =>
    passed({
      'trainer.total_training_steps': steps,
      'trainer.total_epochs': Math.ceil((steps * prompts) / Math.max(prompts, all)) + 1,
    }),
  prompts_per_step: ({ prompts_per_step: prompts }) => passed({ 'data.train_batch_size': prompts }),
  group_size: ({ group_size: size }) => passed({ [`${ROLLOUT}.n`]: size }),
  train_prompts: (recipe) =>
    trainFile(
      passed({
        'data.train_files': '"$FOLDER/data/train.jsonl"',
        'data.val_files': '"$FOLDER/data/test.jsonl"',
      }),
      recipe,
    ),
  dynamic_sampling: ({ dynamic_sampling: batches }) =>
    batches === 0
      ? inFile('off')
      : unmapped(
          'Groups of equal rewards stay; the DAPO recipe of verl has a trainer that replaces them.',
        ),
  temperature: ({ temperature, task }) =>
    passed({
      [`${ROLLOUT}.temperature`]: temperature,
      [`${ROLLOUT}.top_p`]: '1.0',
      [`${ROLLOUT}.top_k`]: -1,
      'data.max_prompt_length': taskNamed(task).promptLength,
      'data.max_response_length': taskNamed(task).maxResponse,
    }),
  minibatches,
  epochs: ({ epochs }) => passed({ [`${ACTOR}.ppo_epochs`]: epochs }),
  learning_rate: ({ learning_rate }) => passed({ [`${ACTOR}.optim.lr`]: learning_rate }),
  adam_beta1: ({ adam_beta1, adam_beta2 }) =>
    passed({ [`${ACTOR}.optim.betas`]: `'[${adam_beta1},${adam_beta2}]'` }),
  adam_beta2: () => ({ ...inFile(`${ACTOR}.optim.betas`) }),
  adam_eps: ({ adam_eps }) =>
    passed({ [`+${ACTOR}.optim.override_optimizer_config.eps`]: adam_eps }),
  weight_decay: ({ weight_decay }) => passed({ [`${ACTOR}.optim.weight_decay`]: weight_decay }),
  max_grad_norm: ({ max_grad_norm: most }) =>
    passed({ [`${ACTOR}.grad_clip`]: most ?? NO_GRADIENT_CLIP }),
  entropy_advantage: ({ entropy_advantage: factor }) =>
    factor === 0 ? inFile('off') : unmapped(NO_ENTROPY),
  entropy_advantage_bound: ({ entropy_advantage: factor }) =>
    factor === 0 ? inFile('off') : unmapped(NO_ENTROPY),
  aggregation: ({ aggregation }) =>
    passed({ [`${ACTOR}.loss_agg_mode`]: AGGREGATION[aggregation] }),
  aggregation_constant: ({ aggregation, aggregation_constant: constant }) =>
    aggregation === 'constant' && constant !== null
      ? passed({ [`${ACTOR}.loss_scale_factor`]: constant })
      : inFile('off'),
  dynamic_clip: ({ dynamic_clip: { kind } }) =>
    kind === 'off' || kind === 'constant'
      ? inFile('rlvr_loss.py')
      : unmapped(
          'The workers that compute the loss do not know the step: the fixed bounds are used.',
        ),
  high_entropy_fraction: ({ high_entropy_fraction: share }) =>
    share === 1 ? inFile('off') : unmapped(NO_ENTROPY),
  steer_min_weight: ({ steer_min_weight: least }) =>
    least === 1 ? inFile('off') : unmapped(NO_ENTROPY),
  positive_weight_schedule: weightSchedule,
  entropy_coef: ({ entropy_coef }) =>
    passed({
      [`${ACTOR}.entropy_coeff`]: entropy_coef,
      [`${ACTOR}.calculate_entropy`]: true,
    }),
  entropy_coef_schedule: ({ entropy_coef_schedule: { kind } }) =>
    kind === 'constant'
      ? inFile('off')
      : unmapped('The coefficient stays as it is set: verl has no schedule for it.'),
  kl_coef: ({ kl_coef }) =>
    passed({
      [`${ACTOR}.use_kl_loss`]: kl_coef > 0,
      [`${ACTOR}.kl_loss_coef`]: kl_coef,
      // Its name for k3.
      [`${ACTOR}.kl_loss_type`]: 'low_var_kl',
    }),
};

/** verl cuts a batch between prompts, so a minibatch has whole groups. */
function minibatches({ prompts_per_step: prompts, minibatches: parts }: Recipe): Setting {
  const fitting = Array.from({ length: Math.min(parts, prompts) }, (_, i) => i + 1)
    .filter((count) => prompts % count === 0)
    .at(-1);
  const setting = passed({ [`${ACTOR}.ppo_mini_batch_size`]: prompts / (fitting ?? 1) });
  if (parts === 1) return setting;
  return roughly(
    setting,
    fitting === parts
      ? 'Minibatches are cut between prompts; here they are drawn from all responses.'
      : `Minibatches are cut between prompts, so there are ${fitting} of them instead of ${parts}.`,
  );
}

function weightSchedule({ positive_weight_schedule: { kind }, objective }: Recipe): Setting {
  const setting = inFile('rlvr_schedules.py');
  if (kind === 'constant') return setting;
  return objective === 'clip-cov' || objective === 'kl-cov'
    ? roughly(
        setting,
        'The driver multiplies advantages by λ before the loss chooses tokens by them.',
      )
    : setting;
}
