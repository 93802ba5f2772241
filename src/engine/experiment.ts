import type { Failure } from '../errors/failure';
import type { Gpu } from '../gpu/device';
import type { Policy } from '../model/policy';
import { armRecipes, type Experiment } from '../recipe/experiment';
import type { StepMetrics } from '../rl/metrics';
import {
  entropyAtReward,
  entropyCorrelations,
  lastQuarter,
  summariseRuns,
  type ExperimentSummary,
  type RunResult,
} from '../rl/summary';
import type { Batch } from './batch';
import type { Measurement } from './diagnose/measure';
import type { Evaluation } from './evaluate';
import { Lockstep, type LockstepMetrics } from './lockstep';
import type { RunSpec } from './run_spec';

/** Which prompts an evaluation was made on. */
export type EvaluatedOn = 'held-out' | 'training';

/** What happens while an experiment runs. Lines come in order of step, then of run. */
export interface ExperimentEvents {
  /** Kernels compiled so far. */
  readonly preparing?: (done: number, total: number) => void;
  metrics(run: RunSpec, metrics: StepMetrics): Promise<void> | void;
  evaluation(
    run: RunSpec,
    step: number,
    evaluation: Evaluation,
    on: EvaluatedOn,
  ): Promise<void> | void;
  /** The rollouts of each step, before its updates. */
  readonly rollouts?: (run: RunSpec, step: number, batch: Batch) => void;
  /** What the experiment's `measure` asks for. */
  readonly measurement?: (run: RunSpec, measurement: Measurement) => Promise<void> | void;
  /** Called once the runs are ready, before the first step: may restore them from a checkpoint. */
  readonly ready?: (lockstep: Lockstep) => Promise<void>;
  /** Metrics of the steps before a checkpoint, which count in the summary. */
  readonly earlier?: (run: RunSpec) => readonly StepMetrics[];
  /** Held-out evaluations before a checkpoint, which count in the correlations along a run. */
  readonly earlierEvaluations?: (run: RunSpec) => readonly (object & { readonly step: number })[];
  /** Where the states of all runs go now and then, so that no more than the steps since is lost with a device. */
  readonly keep?: {
    /** Asked after every step but the last. */
    isDue(step: number): boolean;
    /** All metrics of its step and of those before have been told. */
    take(lockstep: Lockstep): Promise<void>;
  };
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
    const { every, prompts, samples, training } = experiment.evaluate;
    const last: Record<EvaluatedOn, readonly Evaluation[]> = { 'held-out': [], training: [] };
    // By step: a stop may have added a point that a resumed run passes again.
    const along = runs.map(
      (run) =>
        new Map<number, object>(
          (events.earlierEvaluations?.(run) ?? []).map((line) => [line.step, line]),
        ),
    );
    const evaluateOn = async (step: number, on: EvaluatedOn) => {
      last[on] = await lockstep.evaluate(prompts, samples, on === 'training' ? 'train' : 'heldOut');
      for (const [index, evaluation] of last[on].entries()) {
        const spec = runs[index];
        if (on === 'held-out') along[index]?.set(step, evaluation);
        if (spec) await events.evaluation(spec, step, evaluation, on);
      }
    };
    const evaluate = async (step: number) => {
      await evaluateOn(step, 'held-out');
      if (training) await evaluateOn(step, 'training');
    };
    const measures = async (step: number) => {
      if (!experiment.measure?.at.includes(step)) return;
      for (const kind of experiment.measure.kinds) {
        const found = await lockstep.measure(
          kind,
          experiment.measure.prompts,
          experiment.measure.samples,
        );
        for (const [index, measurement] of found.entries()) {
          const spec = runs[index];
          if (spec) await events.measurement?.(spec, measurement);
        }
      }
    };

    let { step } = lockstep;
    if (every > 0 && step === 0) await evaluate(0);
    if (step === 0) await measures(0);
    while (step < steps && !lockstep.diverged && !events.stopped()) {
      await take(await lockstep.next());
      step++;
      runs.forEach((spec, index) => {
        const batch = lockstep.batch(index);
        if (batch) events.rollouts?.(spec, step, batch);
      });
      const evaluates = every > 0 && step % every === 0 && step < steps;
      if (evaluates || experiment.measure?.at.includes(step)) await take(await lockstep.flush());
      if (evaluates) await evaluate(step);
      await measures(step);
      if (step < steps && events.keep?.isDue(step)) {
        await take(await lockstep.flush());
        if (!lockstep.diverged) await events.keep.take(lockstep);
      }
    }
    await take(await lockstep.flush());
    const { diverged } = lockstep;
    // A policy that is not finite has no confidence to score.
    if (step > 0 && !diverged) await evaluate(step);
    const results = runs.map((spec, index) => ({
      // Of a run that diverged there is no evaluation after its last step.
      ...(diverged
        ? resultOf(spec, series[index], undefined, undefined)
        : resultOf(spec, series[index], last['held-out'][index], last.training[index])),
      correlations: entropyCorrelations(pointsOf(along[index], every, step)),
    }));
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

/** The evaluations that an uninterrupted run has too: every so many steps, and at the end. */
function pointsOf(
  along: ReadonlyMap<number, object> | undefined,
  every: number,
  last: number,
): Record<string, unknown>[] {
  return [...(along ?? [])]
    .filter(([step]) => step === last || (every > 0 && step % every === 0))
    .map(([, evaluation]) => ({ ...evaluation }));
}

function resultOf(
  { arm, recipe }: RunSpec,
  series: { readonly entropy: readonly number[]; readonly reward: readonly number[] } | undefined,
  evaluation: Evaluation | undefined,
  training: Evaluation | undefined,
): RunResult {
  return {
    arm,
    seed: recipe.seed,
    entropy: lastQuarter(series?.entropy ?? []),
    reward: lastQuarter(series?.reward ?? []),
    evaluation: evaluation ? { ...evaluation } : null,
    ...(training ? { evaluation_training: { ...training } } : {}),
    entropy_at_reward: entropyAtReward(series?.entropy ?? [], series?.reward ?? []),
  };
}
