import type { RecordedGroup } from '../../storage/record';
import { taskNamed } from '../../tasks/registry';
import { readResponse } from '../../tasks/response';
import type { Task } from '../../tasks/task';
import type { LoggedRun } from './logged_run';

/**
 * A run as JSONL in the canonical schema of UNIPO (github.com/poloclub/unipo, docs/canonical_schema.json): a header,
 * then a line for each step. Their steps are updates; ours are generations with all their updates, so every one of them
 * follows a rollout, and the ratio of its first update is 1: `log_probs` are `old_log_probs`.
 */
export function unipoLog(run: LoggedRun): string {
  const task = taskNamed(run.recipe.task);
  const entries = run.steps.map((step, i) => ({
    type: 'step',
    step,
    is_first_step_after_rollout_phase: true,
    metrics: metricsOf(run, i),
    ...promptsOf(task, run.groups, step),
  }));
  return [header(run, task), ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function header({ name, arm, recipe, steps }: LoggedRun, task: Task) {
  const { clip_low, clip_high, kl_coef, learning_rate, group_size } = recipe;
  return {
    type: 'header',
    task: task.title,
    dataset: task.name,
    reward_strategy: recipe.reward,
    algorithm: recipe.advantage,
    run: `${name}: ${arm}, seed ${recipe.seed}`,
    totalSteps: steps.length,
    model_name: recipe.policy,
    reference_model_name: recipe.policy,
    hparams: {
      ...recipe,
      clip_eps: [clip_low, clip_high],
      kl_coef,
      learning_rate,
      group_size,
    },
  };
}

function metricsOf({ columns, recipe }: LoggedRun, at: number): Record<string, number> {
  const value = (key: Parameters<typeof columns.get>[0]) => columns.get(key)?.[at] ?? null;
  const loss = value('loss');
  const low = value('clip_low_fraction');
  const high = value('clip_high_fraction');
  const metrics: Record<string, number | null> = {
    // What is maximised; a record leaves out a loss that never changed.
    policy_objective: loss === null ? 0 : -loss,
    total_loss: loss,
    reward: value('reward'),
    entropy: value('entropy'),
    kl: value('kl'),
    clip_fraction: low === null && high === null ? null : (low ?? 0) + (high ?? 0),
    grad_norm: value('grad_norm'),
    response_length: value('response_length'),
    positive_weight: value('positive_weight'),
    learning_rate: recipe.learning_rate,
  };
  return Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null),
  );
}

/** The responses kept of a step; absent where there are none. */
function promptsOf(task: Task, groups: readonly RecordedGroup[], step: number) {
  const own = groups.filter((group) => group.step === step);
  if (own.length === 0) return {};
  const text = (tokens: readonly number[]) => tokens.map((token) => task.vocabulary[token] ?? '');
  const prompts = own.map(({ prompt, responses }, p) => ({
    prompt: text(prompt).join(''),
    responses: responses.map(({ tokens, logprob, advantage }, i) => ({
      id: `step${step}_p${p}_sample${i}`,
      reward: task.verify(prompt, tokens).reward,
      ...(advantage !== undefined && { advantage }),
      response_text: text(readResponse(tokens, task.eos).body).join(''),
      response_length: tokens.length,
      tokens: {
        ids: tokens,
        strings: text(tokens),
        ...(logprob && { log_probs: logprob, old_log_probs: logprob }),
        ...(advantage !== undefined && { advantages: tokens.map(() => advantage) }),
      },
    })),
  }));
  return { prompts };
}
