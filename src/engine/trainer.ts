import type { Gpu } from '../gpu/device';
import { settingsOf } from '../gpu/run_settings';
import { TransformerRuns } from '../gpu/transformer/runs';
import { packWeights, unpackWeights } from '../model/layout';
import type { Tensor } from '../model/spec';
import type { LiveSetting } from '../recipe/live';
import type { MeasureKind } from '../recipe/measure';
import type { Recipe } from '../recipe/recipe';
import type { StepMetrics } from '../rl/metrics';
import { STREAMS } from '../rl/random';
import { threefry2x32 } from '../rl/threefry';
import { drawPrompts, HELD_OUT_PROMPTS, type PromptSplit } from '../tasks/prompts';
import { taskNamed } from '../tasks/registry';
import type { Task } from '../tasks/task';
import type { Failure } from '../errors/failure';
import { updateRows, type Batch } from './batch';
import { nextControls } from './controls';
import { measure, type Measurement } from './diagnose/measure';
import { Workbench } from './diagnose/workbench';
import { withinDifficulty } from './difficulty';
import { evaluate, type Evaluation } from './evaluate';
import { inspectGroup, type InspectedResponse } from './inspect';
import { whereNonfinite } from './nonfinite';
import { Rollouts } from './rollouts';
import { taskFor, type RunSpec } from './run_spec';
import { runsShape } from './runs_shape';
import { stepMetrics, updatesOf, type StepStart, type UpdateStats } from './step_metrics';
import {
  fixedSettings,
  freshState,
  loadRun,
  saveRun,
  type RunState,
  type SavedRun,
  type TrainerState,
} from './trainer_state';

/** Steps without a single update after which a run is given up. */
const DEAD_STEPS = 3;

/** A completed step of one run. */
export interface CompletedStep {
  readonly run: number;
  readonly metrics: StepMetrics;
  readonly updates: readonly UpdateStats[];
}

/** What the updates of a step of one run follow. */
type Applied = Pick<StepStart, 'recipe' | 'controls'>;

/**
 * Trains runs of one shape in lockstep, in one dispatch sequence. A step is: rollouts, one readback that also brings the
 * statistics of the step before, rewards and advantages on the CPU, then `minibatches` x `epochs` updates.
 */
export class Trainer {
  readonly task: Task;
  readonly runs: TransformerRuns;
  readonly #states: RunState[];
  readonly #rows: number;
  readonly #rollouts: Rollouts;
  #step = 0;
  #updated = 0;
  #diverged: Failure | null = null;
  #batches: readonly Batch[] = [];
  /** Steps whose updates have been submitted and not read. */
  #open: StepStart[] = [];
  /** The step that the batches were trained on in, by run; empty where they were only looked at. */
  #trained: readonly StepStart[] = [];

  /** `specs` must have one shape (see groupByShape). Throws RlvrError for what does not fit. */
  static async create(
    gpu: Gpu,
    specs: readonly RunSpec[],
    progress?: (done: number, total: number) => void,
  ): Promise<Trainer> {
    const [first] = specs;
    if (!first) throw new Error('a trainer needs at least one run');
    const named = taskNamed(first.recipe.task);
    const [task = named] = specs.map(({ policy }) => taskFor(policy, named));
    const prompts = specs.map(({ recipe: own }) =>
      drawPrompts(task, own.train_prompts, HELD_OUT_PROMPTS, own.seed),
    );
    const shape = runsShape(specs, task);
    const runs = await TransformerRuns.create(gpu, first.policy.spec, shape, progress);
    const trainer = new Trainer(task, runs, specs, prompts);
    try {
      await trainer.#curate();
      return trainer;
    } catch (error) {
      trainer.destroy();
      throw error;
    }
  }

  private constructor(
    task: Task,
    runs: TransformerRuns,
    specs: readonly RunSpec[],
    prompts: readonly PromptSplit[],
  ) {
    this.task = task;
    this.runs = runs;
    this.#rows = runs.shape.rows;
    this.#states = specs.map((spec, run) =>
      freshState(spec, prompts[run] ?? { train: [], heldOut: [] }),
    );
    this.#rollouts = new Rollouts(task, runs, this.#states);
    specs.forEach(({ policy }, run) => {
      const flat = packWeights(runs.layout, policy.weights);
      runs.writeParameters('weights', run, flat);
      runs.writeBase(run, flat);
    });
  }

  /** Steps begun. */
  get step(): number {
    return this.#step;
  }

  /** The step whose updates come next: a setting that changes now acts from there on. */
  get nextUpdateStep(): number {
    return this.#updated + 1;
  }

  /** The first run that has taken no update for three steps, because its gradients are not finite; null if none. */
  get diverged(): Failure | null {
    return this.#diverged;
  }

  /** The last rollout batch of each run; empty before the first. */
  get batches(): readonly Batch[] {
    return this.#batches;
  }

  recipe(run: number): Recipe {
    return this.#state(run).recipe;
  }

  /** Changes a setting of one run. Returns the step where it acts first: a temperature needs new rollouts. */
  set(run: number, setting: LiveSetting, value: number | null): number {
    const state = this.#state(run);
    state.recipe = { ...state.recipe, [setting]: value };
    return setting === 'temperature' ? this.#step + 1 : this.nextUpdateStep;
  }

  /**
   * One step. Returns the completed metrics of the step before (none at the first): those of this step follow with the
   * next step or with `flush`, so that a step waits for the GPU only once.
   */
  async next(): Promise<CompletedStep[]> {
    const step = ++this.#step;
    await this.#rollouts.begin(step);
    const readback = await this.runs.read({ rollouts: true });
    const completed = await this.#complete(readback.updates);
    this.#batches = await this.#rollouts.collect(readback, step);
    this.#updated = step;
    await this.#update(step);
    return completed;
  }

  /** Waits for the updates of the last step and returns its metrics. */
  async flush(): Promise<CompletedStep[]> {
    if (this.#open.length === 0) return [];
    const { updates } = await this.runs.read({ rollouts: false });
    return this.#complete(updates);
  }

  /** Rollouts of the current policies on the prompts of the next step, without training: what to show before Run. */
  async preview(): Promise<readonly Batch[]> {
    await this.#rollouts.begin(this.#step + 1);
    const readback = await this.runs.readRollouts();
    this.#batches = await this.#rollouts.collect(readback, this.#step + 1);
    this.#trained = [];
    return this.#batches;
  }

  /** The last responses of a run to one prompt, before and after the updates. Call between steps, after `flush`. */
  async inspect(run: number, prompt: number): Promise<InspectedResponse[]> {
    if (this.#open.length > 0) throw new Error('flush before inspecting');
    const [batch, trained] = [this.#batches[run], this.#trained[run] ?? null];
    return batch ? inspectGroup(this.#bench, run, prompt, { batch, trained }) : [];
  }

  /** Evaluates every run, on its held-out prompts or on the first of those it trains on. */
  async evaluate(
    prompts: number,
    samples: number,
    on: keyof PromptSplit = 'heldOut',
  ): Promise<Evaluation[]> {
    return evaluate(this.runs, {
      task: this.task,
      samples,
      runs: this.#states.map(({ recipe: { seed, temperature }, prompts: split }) => ({
        seed,
        temperature,
        // Arms may train on fewer prompts than are asked for; all runs of an evaluation have equally many.
        prompts: Array.from({ length: prompts }, (_, i) => split[on][i % split[on].length] ?? []),
      })),
    });
  }

  /** Measures every run. Call between steps, after `flush`; training goes on as if nothing had been. */
  async measure(kind: MeasureKind, prompts: number, samples: number): Promise<Measurement[]> {
    if (this.#open.length > 0) throw new Error('flush before measuring');
    return measure(this.#bench, kind, prompts, samples);
  }

  /** The trained weights of one run. */
  async weights(run: number): Promise<Map<string, Tensor>> {
    return unpackWeights(this.runs.layout, await this.runs.readParameters('weights', run));
  }

  /** Call between steps, after `flush`. */
  async save(): Promise<TrainerState> {
    if (this.#open.length > 0) throw new Error('flush before saving');
    const runs = this.#states.map((state, run) => saveRun(this.runs, run, state));
    return { step: this.#step, runs: await Promise.all(runs) };
  }

  /** Whether a state was saved by runs like these: what may change while a run trains may differ, and `steps`. */
  accepts(saved: TrainerState): boolean {
    return (
      saved.runs.length === this.#states.length &&
      saved.runs.every(
        (from, run) =>
          fixedSettings(from.recipe) === fixedSettings(this.recipe(run)) && this.holds(run, from),
      )
    );
  }

  /** Whether a run can go on from another one's state, whatever that was trained with: the policy must be the same. */
  holds(run: number, { recipe, weights, m, v }: SavedRun): boolean {
    const own = this.recipe(run);
    const { total } = this.runs.layout;
    const same = recipe.task === own.task && recipe.policy === own.policy;
    return same && [weights, m, v].every(({ length }) => length === total);
  }

  restore(saved: TrainerState): void {
    if (!this.accepts(saved)) throw new Error('saved by another set of runs');
    saved.runs.forEach(({ recipe }, run) => {
      const state = this.#state(run);
      state.recipe = { ...recipe, steps: state.recipe.steps };
    });
    this.restoreRuns(saved);
  }

  /** The same, with every run's own recipe: the states may come from runs of other settings. */
  restoreRuns(saved: TrainerState): void {
    this.#step = saved.step;
    this.#updated = saved.step;
    this.#diverged = null;
    this.#open = [];
    this.#batches = [];
    this.#trained = [];
    saved.runs.forEach((from, run) => loadRun(this.runs, run, this.#state(run), from));
  }

  destroy(): void {
    this.runs.destroy();
  }

  get #bench(): Workbench {
    return new Workbench(this.runs, this.task, this.#states, this.#step);
  }

  #state(run: number): RunState {
    const state = this.#states[run];
    if (!state) throw new Error(`no run ${run}`);
    return state;
  }

  /** Leaves each run the training prompts that are as hard for its base policy as its recipe says. */
  async #curate(): Promise<void> {
    const kept = await withinDifficulty(this.runs, this.task, this.#states);
    kept?.forEach((train, run) => {
      const state = this.#state(run);
      state.prompts = { ...state.prompts, train };
    });
  }

  async #update(step: number): Promise<void> {
    // What is set from here on acts in the next step, however long the updates of this one take.
    const applied = this.#states.map((state, run): Applied => {
      const entropy = this.#batches[run]?.entropy ?? 0;
      const { recipe } = state;
      const { controls, state: next } = nextControls(recipe, state.controls, { step, entropy });
      state.controls = next;
      return { recipe, controls };
    });
    if (applied.some(({ recipe }) => recipe.kl_coef > 0)) await this.#reference(applied);
    const orders = applied.map(({ recipe }) => updateRows(recipe, this.#rows, step));
    const updates = orders[0]?.length ?? 0;
    for (let u = 0; u < updates; u++) {
      for (const state of this.#states) state.adamSteps++;
      this.#select(
        orders.map((order) => order[u] ?? []),
        applied,
      );
      await this.runs.update({ keep: u === 0 });
    }
    this.#open = this.#states.map((state, run) => {
      const batch = this.#batches[run];
      const own = applied[run];
      if (!batch || !own) throw new Error('updates without rollouts');
      state.tokens += batch.tokens;
      return {
        step,
        ...own,
        batch,
        baseEntropy: state.controls.baseEntropy ?? batch.entropy,
        updates: state.adamSteps,
        tokens: state.tokens,
      };
    });
    this.#trained = this.#open;
  }

  /** Log-probabilities of all rollouts under the base policy, as many rows at a time as a pass takes. */
  async #reference(applied: readonly Applied[]): Promise<void> {
    const size = this.runs.passRows;
    for (let first = 0; first < this.#rows; first += size) {
      const rows = Array.from({ length: size }, (_, i) => first + i);
      this.#select(
        applied.map(() => rows),
        applied,
      );
      await this.runs.reference();
    }
  }

  /** Uploads the rows of the next pass with the settings that go with them. */
  #select(selected: readonly (readonly number[])[], applied: readonly Applied[]): void {
    const size = selected[0]?.length ?? 0;
    const rows = new Uint32Array(selected.length * size * 4);
    const { promptLength } = this.task;
    const settings = this.#states.map((state, run) => {
      let tokenCount = 0;
      let positiveTokens = 0;
      (selected[run] ?? []).forEach((row, i) => {
        const response = this.#batches[run]?.responses[row];
        const tokens = response?.tokens.length ?? 0;
        tokenCount += tokens;
        if (response && response.advantage > 0) positiveTokens += tokens;
        rows.set([row, promptLength, promptLength + tokens, 0], (run * size + i) * 4);
      });
      const own = applied[run];
      if (!own) throw new Error(`no settings for run ${run}`);
      const recipe = { ...own.recipe, temperature: state.sampledAt };
      return settingsOf(recipe, {
        ...own.controls,
        tokenCount,
        positiveTokens,
        adamStep: state.adamSteps,
        key: threefry2x32(recipe.seed, STREAMS.selection, state.adamSteps, 0),
      });
    });
    this.runs.writeRows(rows);
    this.runs.writeSettings(settings);
  }

  /** One bad update is skipped and counted; a run that takes none for some steps has ended, and says so. */
  async #watch({ run, metrics, updates }: CompletedStep): Promise<void> {
    const { step, skipped_updates: skipped } = metrics;
    const state = this.#state(run);
    state.deadSteps = updates.length > 0 && skipped === updates.length ? state.deadSteps + 1 : 0;
    if (state.deadSteps < DEAD_STEPS || this.#diverged !== null) return;
    // The gradient of the last update is still there.
    const where = await whereNonfinite(this.runs, run);
    this.#diverged = { kind: 'nonfinite', arm: state.arm, step, ...where };
  }

  async #complete(updates: Float32Array): Promise<CompletedStep[]> {
    const open = this.#open;
    this.#open = [];
    const completed = open.map((start, run) => {
      const own = updatesOf(updates, open.length, run);
      return { run, metrics: stepMetrics(start, own), updates: own };
    });
    for (const step of completed) await this.#watch(step);
    return completed;
  }
}
