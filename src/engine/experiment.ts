import type { Failure } from '../errors/failure';
import type { Gpu } from '../gpu/device';
import type { Policy } from '../model/policy';
import { armRecipes, type Experiment } from '../recipe/experiment';
import type { StepMetrics } from '../rl/metrics';
import { lastQuarter, summariseRuns, type ExperimentSummary, type RunResult } from '../rl/summary';
import type { Evaluation } from './evaluate';
import { Lockstep, type LockstepMetrics } from './lockstep';
import type { RunSpec } from './run_spec';

/** What happens while an experiment runs. Lines come in order of step, then of run. */
export interface ExperimentEvents {
  /** Kernels compiled so far. */
  readonly preparing?: (done: number, total: number) => void;
  metrics(run: RunSpec, metrics: StepMetrics): Promise<void> | void;
  evaluation(run: RunSpec, step: number, evaluation: Evaluation): Promise<void> | void;
  /** Called once the runs are ready, before the first step: may restore them from a checkpoint. */
  readonly ready?: (lockstep: Lockstep) => Promise<void>;
  /** Metrics of the steps before a checkpoint, which count in the summary. */
  readonly earlier?: (run: RunSpec) => readonly StepMetrics[];
  /** Asked after every step; true ends the experiment cleanly. */
  stopped(): boolean;
}

export interface ExperimentResult {
  readonly summary: ExperimentSummary;
  readonly steps: number;
  readonly finished: boolean;
  /** Why training ended early, if a run diverged. */
  readonly diverged: Failure | null;
}

/** Every arm at every seed, with the policy it starts from. */
export function experimentRuns(
  experiment: Experiment,
  policies: ReadonlyMap<string, Policy>,
): RunSpec[] {
  return armRecipes(experiment).flatMap(({ name, recipe }) =>
    experiment.seeds.map((seed) => {
      const policy = policies.get(recipe.policy);
      if (!policy) throw new Error(`the policy ${recipe.policy} was not loaded`);
      return { arm: name, recipe: { ...recipe, seed }, policy };
    }),
  );
}

/** Steps of the longest arm: arms run in lockstep, so they share it. */
export function experimentSteps(runs: readonly RunSpec[]): number {
  return Math.max(...runs.map(({ recipe }) => recipe.steps));
}

/**
 * Trains all runs of an experiment in lockstep, evaluates them as it says, and summarises. `save` is called with the
 * lockstep once training has ended (finished, stopped or diverged), before it is destroyed.
 */
export async function runExperiment(
  gpu: Gpu,
  experiment: Experiment,
  runs: readonly RunSpec[],
  steps: number,
  events: ExperimentEvents,
  save: (lockstep: Lockstep, result: ExperimentResult) => Promise<void>,
): Promise<ExperimentResult> {
  const lockstep = await Lockstep.create(gpu, runs, events.preparing);
  try {
    await events.ready?.(lockstep);
    const series = runs.map((run) => {
      const earlier = events.earlier?.(run) ?? [];
      return {
        entropy: earlier.map(({ entropy }) => entropy),
        reward: earlier.map(({ reward }) => reward),
      };
    });
    const take = async (completed: readonly LockstepMetrics[]) => {
      for (const { index, metrics } of completed) {
        const spec = runs[index];
        series[index]?.entropy.push(metrics.entropy);
        series[index]?.reward.push(metrics.reward);
        if (spec) await events.metrics(spec, metrics);
      }
    };
    const { every, prompts, samples } = experiment.evaluate;
    let last: readonly Evaluation[] = [];
    const evaluate = async (step: number) => {
      last = await lockstep.evaluate(prompts, samples);
      for (const [index, evaluation] of last.entries()) {
        const spec = runs[index];
        if (spec) await events.evaluation(spec, step, evaluation);
      }
    };

    let { step } = lockstep;
    if (every > 0 && step === 0) await evaluate(0);
    while (step < steps && !lockstep.diverged && !events.stopped()) {
      await take(await lockstep.next());
      step++;
      if (every > 0 && step % every === 0 && step < steps) {
        await take(await lockstep.flush());
        await evaluate(step);
      }
    }
    await take(await lockstep.flush());
    const { diverged } = lockstep;
    // A policy that is not finite has no confidence to score.
    if (step > 0 && !diverged) await evaluate(step);
    const results = runs.map((spec, index) => resultOf(spec, series[index], last[index]));
    const result = {
      summary: summariseRuns(results),
      steps: step,
      finished: step === steps,
      diverged,
    };
    await save(lockstep, result);
    return result;
  } finally {
    lockstep.destroy();
  }
}

function resultOf(
  { arm, recipe }: RunSpec,
  series: { readonly entropy: readonly number[]; readonly reward: readonly number[] } | undefined,
  evaluation: Evaluation | undefined,
): RunResult {
  return {
    arm,
    seed: recipe.seed,
    entropy: lastQuarter(series?.entropy ?? []),
    reward: lastQuarter(series?.reward ?? []),
    evaluation: evaluation ? { ...evaluation } : null,
  };
}
