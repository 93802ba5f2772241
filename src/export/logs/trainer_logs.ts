import { csv } from '../csv';
import type { LoggedRun } from './logged_run';
import { METRIC_KEYS, METRIC_NAMES, type Trainer } from './metric_names';

/** Numbers of one step under a trainer's names, those there are. */
function named({ recipe, columns }: LoggedRun, trainer: Trainer, at: number) {
  const entries = METRIC_KEYS.flatMap((key) => {
    const metric = METRIC_NAMES[key][trainer];
    const value = columns.get(key)?.[at] ?? null;
    if (metric === null || value === null) return [];
    return [[metric.name, value * (metric.factor?.(recipe) ?? 1)] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * A run as TRL's trainer_state.json: `log_history` has an entry for each step of ours, at the number of updates taken,
 * which is what TRL calls a step. `epoch` counts passes over the training prompts.
 */
export function trlLog(run: LoggedRun): string {
  const { minibatches, epochs, steps, learning_rate, prompts_per_step, train_prompts } = run.recipe;
  const updates = minibatches * epochs;
  const history = run.steps.map((step, i) => ({
    step: step * updates,
    epoch: (step * prompts_per_step) / train_prompts,
    learning_rate,
    ...withReward(run, i),
    ...named(run, 'trl', i),
  }));
  const state = {
    epoch: history.at(-1)?.epoch ?? 0,
    global_step: history.at(-1)?.step ?? 0,
    max_steps: steps * updates,
    logging_steps: updates,
    log_history: history,
  };
  return `${JSON.stringify(state, null, 2)}\n`;
}

/** TRL always logs a reward; where ours was the verifier's, a record keeps it once only. */
function withReward({ columns }: LoggedRun, at: number): Record<string, number> {
  const reward = columns.get('reward')?.[at] ?? null;
  return reward === null ? {} : { reward };
}

/** A run as the lines of verl's file logger: a step and its numbers each. */
export function verlLog(run: LoggedRun): string {
  return run.steps
    .map((step, i) => {
      const data = {
        ...named(run, 'verl', i),
        'training/global_step': step,
        'actor/lr': run.recipe.learning_rate,
      };
      return `${JSON.stringify({ step, data })}\n`;
    })
    .join('');
}

/** All that was measured of a run, a row for each step. */
export function csvLog({ arm, recipe, steps, columns }: LoggedRun): string {
  const keys = [...columns.keys()].filter((key) => key !== 'step');
  const rows = steps.map((step, i) => [
    arm,
    recipe.seed,
    step,
    ...keys.map((key) => columns.get(key)?.[i] ?? null),
  ]);
  return csv(['arm', 'seed', 'step', ...keys], rows);
}
