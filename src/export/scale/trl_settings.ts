import { taskNamed } from '../../tasks/registry';
import {
  inFile,
  passed,
  roughly,
  sharedSettings,
  trainFile,
  unmapped,
  type Mapping,
} from './setting';

const SCHEDULES = 'rlvr_schedules.py';
const LOSS = 'rlvr_loss.py';

const ONE_PROCESS =
  'With several processes each aggregates its own part of a minibatch, and their mean is taken.';

/** What every setting becomes for TRL's `GRPOConfig` and the trainer of rlvr_trl.py. */
export const TRL_SETTINGS: Mapping = {
  ...sharedSettings,
  policy: () => inFile('policy/'),
  seed: ({ seed }) =>
    roughly(
      passed({ seed }),
      'Training and held-out prompts are the same; their order and all other draws are TRL’s.',
    ),
  // TRL counts updates, we count generations.
  steps: ({ steps, minibatches, epochs }) => passed({ max_steps: steps * minibatches * epochs }),
  prompts_per_step: ({ prompts_per_step: prompts, group_size: size, minibatches }) =>
    passed({
      per_device_train_batch_size: `${(prompts * size) / minibatches} // PROCESSES`,
    }),
  group_size: ({ group_size: size }) => passed({ num_generations: size }),
  train_prompts: (recipe) => trainFile(inFile('data/train.jsonl'), recipe),
  dynamic_sampling: ({ dynamic_sampling: batches }) =>
    batches === 0 ? inFile('off') : unmapped('Groups of equal rewards stay in the batch.'),
  temperature: ({ temperature, task }) =>
    passed({
      temperature,
      top_p: '1.0',
      top_k: 0,
      max_completion_length: taskNamed(task).maxResponse,
    }),
  minibatches: ({ minibatches }) =>
    passed({ steps_per_generation: minibatches, gradient_accumulation_steps: 1 }),
  epochs: ({ epochs, minibatches }) => {
    const setting = passed({ num_iterations: epochs });
    return epochs === 1 || minibatches === 1
      ? setting
      : roughly(setting, 'Every epoch has the same minibatches; here they are drawn anew.');
  },
  learning_rate: ({ learning_rate }) =>
    passed({ learning_rate, lr_scheduler_type: '"constant"', warmup_steps: 0 }),
  adam_beta1: ({ adam_beta1 }) => passed({ optim: '"adamw_torch"', adam_beta1 }),
  adam_beta2: ({ adam_beta2 }) => passed({ adam_beta2 }),
  adam_eps: ({ adam_eps }) => passed({ adam_epsilon: adam_eps }),
  weight_decay: ({ weight_decay }) =>
    weight_decay === 0
      ? passed({ weight_decay })
      : roughly(passed({ weight_decay }), 'transformers spares the weights of norms; we do not.'),
  // 0 is its word for "off".
  max_grad_norm: ({ max_grad_norm: most }) => passed({ max_grad_norm: most ?? '0.0' }),
  entropy_advantage: () => inFile(LOSS),
  entropy_advantage_bound: () => inFile(LOSS),
  aggregation: ({ aggregation }) =>
    aggregation === 'token-mean' ? roughly(inFile(LOSS), ONE_PROCESS) : inFile(LOSS),
  aggregation_constant: () => inFile(LOSS),
  dynamic_clip: () => inFile(SCHEDULES),
  high_entropy_fraction: () => inFile(LOSS),
  steer_min_weight: () => inFile(LOSS),
  positive_weight_schedule: () => inFile(SCHEDULES),
  entropy_coef: () => inFile(LOSS),
  entropy_coef_schedule: () => inFile(SCHEDULES),
  kl_coef: ({ kl_coef }) => passed({ beta: kl_coef }),
};
