import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from '../engine/checkpoint';
import { experimentRuns, experimentSteps, runExperiment } from '../engine/experiment';
import { checkFit, type RunSpec } from '../engine/run_spec';
import type { Lockstep } from '../engine/lockstep';
import type { TrainerState } from '../engine/trainer_state';
import type { Gpu } from '../gpu/device';
import { writePolicy, type Policy } from '../model/policy';
import { armRecipes, parseExperiment, type Experiment } from '../recipe/experiment';
import type { RecipeKey } from '../recipe/recipe';
import { problemText } from '../recipe/untrusted';
import type { StepMetrics } from '../rl/metrics';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { RlvrError } from '../errors/failure';
import { openGpu } from './adapter';
import { loadPolicy, prepareFolder, readBytes, readJson, writeWhole } from './files';
import { interruption } from './interrupt';
import { readArgs, refuse, wholeNumber, type Command } from './options';
import { Progress } from './progress';

export const runCommand: Command = {
  name: 'run',
  usage: 'run EXPERIMENT.json --out DIR [--steps N] [--resume] [--adapter NAME]',
  summary: 'train every arm of an experiment at every seed',
  help: [
    'Writes DIR/metrics.jsonl (a line per arm, seed and step), DIR/evaluations.jsonl, DIR/summary.json (effect sizes',
    'with intervals), DIR/experiment.json (what was run) and DIR/policies/*.safetensors (what was trained).',
    'Ctrl-C stops after the step and keeps all of that; --resume goes on from there, bit for bit.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      out: { type: 'string' },
      steps: { type: 'string' },
      resume: { type: 'boolean' },
      adapter: { type: 'string' },
    });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) refuse('EXPERIMENT', 'give one experiment file');
    if (!values.out) refuse('--out', 'say which folder to write to');
    const experiment = readExperiment(await readJson(path, 'EXPERIMENT'));
    const runs = experimentRuns(experiment, await loadPolicies(experiment));
    for (const { policy, recipe } of runs) checkFit(policy, taskNamed(recipe.task));
    const steps = wholeNumber('steps', values.steps, experimentSteps(runs), [1, 1_000_000]);
    const earlier = values.resume ? await readEarlier(values.out) : nothingEarlier;
    await prepareFolder(values.out, '--out');
    const gpu = await openGpu(values.adapter);
    return train(gpu, experiment, runs, steps, values.out, earlier);
  },
};

function readExperiment(value: unknown): Experiment {
  const parsed = parseExperiment(value, { names: TASK_NAMES, paths: true });
  if (parsed.ok) return parsed.value;
  throw new RlvrError({ kind: 'badRecipe', detail: problemText(parsed.problems) });
}

async function loadPolicies(experiment: Experiment): Promise<Map<string, Policy>> {
  const policies = new Map<string, Policy>();
  for (const { recipe } of armRecipes(experiment)) {
    if (policies.has(recipe.policy)) continue;
    policies.set(recipe.policy, await loadPolicy(recipe.policy, TASK_NAMES));
  }
  return policies;
}

async function train(
  gpu: Gpu,
  experiment: Experiment,
  runs: readonly RunSpec[],
  steps: number,
  out: string,
  earlier: Earlier,
): Promise<number> {
  const progress = new Progress();
  const interrupt = interruption(progress);
  const metrics = await create(join(out, 'metrics.jsonl'));
  const evaluations = await create(join(out, 'evaluations.jsonl'));
  await metrics.appendFile(earlier.metrics.map(asLine).join(''));
  await evaluations.appendFile(earlier.evaluations.map(asLine).join(''));
  const latest = new Map<RunSpec, StepMetrics>();
  const line = (file: FileHandle, value: object) => file.appendFile(asLine(value));
  try {
    const result = await runExperiment(
      gpu,
      experiment,
      runs,
      steps,
      {
        async metrics(run, step) {
          await line(metrics, { arm: run.arm, seed: run.recipe.seed, ...step });
          latest.set(run, step);
          if (run === runs.at(-1)) progress.update(step.step, steps, inWords(latest));
        },
        evaluation: (run, step, evaluation) =>
          line(evaluations, { arm: run.arm, seed: run.recipe.seed, step, ...evaluation }),
        stopped: () => interrupt.requested,
        ready: async (lockstep) => {
          if (earlier.states) resume(lockstep, earlier.states);
          // From here on an old summary would be of other metrics than those beside it.
          await rm(join(out, 'summary.json'), { force: true });
        },
        earlier: ({ arm, recipe }) =>
          earlier.metrics.filter((step) => step.arm === arm && step.seed === recipe.seed),
      },
      async (lockstep) => {
        await savePolicies(lockstep, gpu, out);
        await writeWhole(join(out, CHECKPOINT), writeCheckpoint(await lockstep.save()));
      },
    );
    progress.end();
    const { summary } = result;
    const header = {
      name: experiment.name,
      steps: result.steps,
      finished: result.finished,
      adapter: gpu.facts,
      finished_at: new Date().toISOString(),
    };
    await writeWhole(join(out, 'experiment.json'), `${JSON.stringify(experiment, null, 2)}\n`);
    await writeWhole(
      join(out, 'summary.json'),
      `${JSON.stringify({ ...header, ...summary }, null, 2)}\n`,
    );
    for (const { arm, entropy, reward } of summary.arms) {
      process.stdout.write(
        `${arm}: entropy ${inInterval(entropy)} nats, reward ${inInterval(reward)}\n`,
      );
    }
    return interrupt.requested ? 130 : 0;
  } finally {
    interrupt.dispose();
    await metrics.close();
    await evaluations.close();
  }
}

const CHECKPOINT = 'checkpoint.safetensors';
const asLine = (value: object) => `${JSON.stringify(value)}\n`;

/** What an earlier call left in the folder. */
interface Earlier {
  readonly states: readonly TrainerState[] | null;
  readonly metrics: readonly (StepMetrics & { readonly arm: string; readonly seed: number })[];
  readonly evaluations: readonly (object & { readonly step: number })[];
}

const nothingEarlier: Earlier = { states: null, metrics: [], evaluations: [] };

/** The checkpoint of a folder, with the lines up to it. */
async function readEarlier(out: string): Promise<Earlier> {
  const states = readCheckpoint(await readBytes(join(out, CHECKPOINT), '--resume'));
  const step = states[0]?.step ?? 0;
  const lines = async <T extends { readonly step: number }>(name: string) => {
    const text = new TextDecoder().decode(await readBytes(join(out, name), '--resume'));
    const all = text.split('\n').filter((line) => line !== '');
    // Our own lines: metrics.jsonl is written by this command alone.
    return all.map((line) => JSON.parse(line) as T).filter((line) => line.step <= step);
  };
  return {
    states,
    metrics: await lines<Earlier['metrics'][number]>('metrics.jsonl'),
    evaluations: await lines<Earlier['evaluations'][number]>('evaluations.jsonl'),
  };
}

/** Restores the checkpoint, unless the experiment file has changed since: then two settings would mix in one curve. */
function resume(lockstep: Lockstep, states: readonly TrainerState[]): void {
  lockstep.restore(states);
  lockstep.specs.forEach(({ arm, recipe }, index) => {
    const saved = Object.entries(lockstep.recipe(index));
    const changed = saved.find(
      ([key, value]) => JSON.stringify(recipe[key as RecipeKey]) !== JSON.stringify(value),
    );
    if (changed)
      refuse('--resume', `${changed[0]} of arm "${arm}" has changed since the checkpoint`);
  });
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (error) {
    return refuse(
      '--out',
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? ''})`,
    );
  }
}

/** Means over all runs of their last step. */
function inWords(latest: ReadonlyMap<RunSpec, StepMetrics>): string {
  const all = [...latest.values()];
  const mean = (pick: (metrics: StepMetrics) => number) =>
    all.reduce((sum, metrics) => sum + pick(metrics), 0) / all.length;
  return `entropy ${mean((m) => m.entropy).toFixed(3)} reward ${mean((m) => m.reward).toFixed(3)}`;
}

function inInterval({
  mean,
  interval,
}: {
  mean: number;
  interval: readonly [number, number] | null;
}): string {
  const range = interval ? ` [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]` : '';
  return `${mean.toFixed(3)}${range}`;
}

async function savePolicies(lockstep: Lockstep, gpu: Gpu, out: string): Promise<void> {
  const folder = join(out, 'policies');
  await prepareFolder(folder, '--out');
  for (const [index, { arm, recipe, policy }] of lockstep.specs.entries()) {
    const name = `${arm.replace(/[^\p{L}\p{N}.]+/gu, '-')}-seed-${recipe.seed}.safetensors`;
    const made = {
      recipe,
      steps: lockstep.step,
      from: policy.made,
      adapter: gpu.facts.description,
    };
    await writeWhole(
      join(folder, name),
      writePolicy({ ...policy, weights: await lockstep.weights(index), made }),
    );
  }
}
