import { NEUTRAL, settingsOf, type RunSettings } from '../../gpu/run_settings';
import { PLANE } from '../../gpu/transformer/rollout_buffers';
import type { TransformerRuns } from '../../gpu/transformer/runs';
import { groupAdvantages } from '../../rl/advantage';
import { STREAMS, substream } from '../../rl/random';
import { trainingRewards } from '../../rl/rewards';
import { threefry2x32 } from '../../rl/threefry';
import type { Task } from '../../tasks/task';
import { updateRows } from '../batch';
import { nextControls } from '../controls';
import { sampleResponses } from '../evaluate';
import { updatesOf, type UpdateStats } from '../step_metrics';
import type { RunState } from '../trainer_state';
import { STAT } from '../update_stats';

/** A response as a measurement uses it. */
export interface MeasuredRow {
  readonly prompt: readonly number[];
  readonly tokens: readonly number[];
  /** When it was drawn. */
  readonly logprob: Float32Array;
  readonly entropy: Float32Array;
  /** The verifier's. */
  readonly reward: number;
  readonly advantage: number;
}

interface SampleOptions {
  /** The first prompt, counted round the set. */
  readonly first?: number;
  /** Whose rewards the advantages are made of. */
  readonly by?: 'learner' | 'verifier';
}

/** Four numbers per response token: (logprob, entropy, ratio, drive), as policy_loss.wgsl leaves them. */
export type TokenStats = Float32Array;

export interface PassResult {
  /** Sums over all response tokens, by STAT. */
  readonly sums: Float64Array;
  /** One entry per row. */
  readonly tokens: readonly TokenStats[];
  /** Of the loss that the settings describe; null where it was not asked for. */
  readonly gradient: Float64Array | null;
}

export const NUMBERS_PER_TOKEN = 4;
const PARAMETERS = ['weights', 'm', 'v'] as const;

/**
 * Passes and updates outside training, on the runs of one trainer between two of its steps. What training needs later is
 * put back by `restoring`; the rollout buffers are free, because every step begins with new rollouts.
 */
export class Workbench {
  readonly runs: TransformerRuns;
  readonly task: Task;
  readonly states: readonly RunState[];
  /** Steps taken. */
  readonly step: number;
  /** Rows of the last selection. */
  #selected = 0;

  constructor(runs: TransformerRuns, task: Task, states: readonly RunState[], step: number) {
    this.runs = runs;
    this.task = task;
    this.states = states;
    this.step = step;
  }

  /**
   * Responses of every run to `prompts` prompts of its training or held-out set, with rewards and advantages: of what the
   * learner is told, as in training, or of what the verifier says.
   */
  async sample(
    from: 'train' | 'heldOut',
    prompts: number,
    samples: number,
    { first = 0, by = 'learner' }: SampleOptions = {},
  ): Promise<MeasuredRow[][]> {
    const requests = this.states.map(({ recipe: { seed, temperature }, prompts: split }) => ({
      seed,
      temperature,
      prompts: Array.from(
        { length: prompts },
        (_, i) => split[from][(first + i) % split[from].length] ?? [],
      ),
    }));
    const sampled = await sampleResponses(this.runs, { task: this.task, samples, runs: requests });
    return sampled.map((responses, run) => {
      const { recipe } = this.state(run);
      const ask = (prompt: number) => requests[run]?.prompts[prompt] ?? [];
      const rewards = responses.map(
        ({ prompt, tokens }) => this.task.verify(ask(prompt), tokens).reward,
      );
      const told =
        by === 'verifier'
          ? rewards
          : trainingRewards(
              rewards,
              responses.map(({ tokens }) => tokens.length),
              { ...recipe, group_size: samples },
              this.task.maxResponse,
              substream(recipe.seed, STREAMS.measurement, this.step),
            );
      const advantages = groupAdvantages(told, samples, recipe.advantage, {
        quantile: recipe.advantage_quantile,
      });
      return responses.map(({ prompt, ...response }, i) => ({
        ...response,
        prompt: ask(prompt),
        reward: rewards[i] ?? 0,
        advantage: advantages[i] ?? 0,
      }));
    });
  }

  /**
   * One pass over all rows (equally many per run) with the weights as they are. `settings` says per run what the loss is;
   * its token_count is set to the response tokens of all rows, so that token-mean is the mean over them.
   */
  async pass(
    rows: readonly (readonly MeasuredRow[])[],
    settings: (run: number) => RunSettings,
    { gradient }: { readonly gradient: boolean },
  ): Promise<PassResult[]> {
    const { passRows } = this.runs;
    const { rows: capacity } = this.runs.shape;
    const count = Math.max(...rows.map((own) => own.length));
    const tokenCounts = rows.map((own) => own.reduce((sum, { tokens }) => sum + tokens.length, 0));
    const results = rows.map(() => ({
      sums: [] as Float32Array[],
      tokens: [] as TokenStats[],
      gradient: gradient ? new Float64Array(this.runs.layout.total) : null,
    }));
    for (let first = 0; first < count; first += capacity) {
      const parts = rows.map((own) => own.slice(first, first + capacity));
      this.load(parts);
      for (let at = 0; at < capacity && first + at < count; at += passRows) {
        const chosen = Array.from({ length: passRows }, (_, i) => at + i);
        this.select(
          parts,
          rows.map(() => chosen),
        );
        this.runs.writeSettings(
          rows.map((_, run) => ({ ...settings(run), token_count: tokenCounts[run] ?? 1 })),
        );
        if (gradient) await this.runs.gradient();
        else await this.runs.loss();
        const { updates } = await this.runs.read({ rollouts: false });
        const perToken = await this.tokenStats(parts, at);
        for (const [run, result] of results.entries()) {
          const [stats] = updatesOf(updates, rows.length, run);
          if (stats) result.sums.push(stats.sums);
          result.tokens.push(...(perToken[run] ?? []));
          if (result.gradient) {
            const part = await this.runs.readParameters('grads', run);
            for (let p = 0; p < part.length; p++)
              result.gradient[p] = (result.gradient[p] ?? 0) + (part[p] ?? 0);
          }
        }
      }
    }
    return results.map(({ sums, tokens, gradient: flat }) => ({
      sums: added(sums),
      tokens,
      gradient: flat,
    }));
  }

  /** Puts rows (at most as many as a rollout batch) on the GPU, as if they had just been drawn. */
  load(rows: readonly (readonly MeasuredRow[])[]): void {
    const { rows: capacity, length } = this.runs.shape;
    const cells = rows.length * capacity * length;
    const grid = new Uint32Array(cells).fill(this.task.eos);
    const logprob = new Float32Array(cells);
    const advantage = new Float32Array(cells);
    rows.forEach((own, run) =>
      own.forEach((row, b) => {
        const at = (run * capacity + b) * length;
        grid.set([...row.prompt, ...row.tokens], at);
        logprob.set(row.logprob, at + this.task.promptLength);
        advantage.fill(
          row.advantage,
          at + this.task.promptLength,
          at + this.task.promptLength + row.tokens.length,
        );
      }),
    );
    const spans = new Uint32Array(rows.length * capacity).fill(this.task.promptLength);
    this.runs.writePrompts(grid, spans);
    this.runs.writeRecord(PLANE.logprob, logprob);
    this.runs.writeRecord(PLANE.advantage, advantage);
  }

  /** Chooses the rows, at most `size`, of the next pass or update, out of those that were loaded. */
  select(
    rows: readonly (readonly MeasuredRow[])[],
    selected: readonly (readonly number[])[],
    size = this.runs.passRows,
  ): void {
    const { promptLength } = this.task;
    const table = new Uint32Array(rows.length * size * 4);
    rows.forEach((own, run) =>
      (selected[run] ?? []).forEach((row, i) => {
        // A row that is not there has no response, and so no say in the loss.
        const tokens = own[row]?.tokens.length ?? 0;
        const place = own[row] ? row : 0;
        table.set([place, promptLength, promptLength + tokens, 0], (run * size + i) * 4);
      }),
    );
    this.#selected = size;
    this.runs.writeRows(table);
  }

  /** Like `load`, and with what the updates of the recipes need besides: log-probabilities under the base policy. */
  async prepare(rows: readonly (readonly MeasuredRow[])[]): Promise<void> {
    this.load(rows);
    if (!this.states.some(({ recipe }) => recipe.kl_coef > 0)) return;
    const { passRows } = this.runs;
    for (let first = 0; first < this.runs.shape.rows; first += passRows) {
      const chosen = Array.from({ length: passRows }, (_, i) => first + i);
      this.select(
        rows,
        rows.map(() => chosen),
      );
      this.runs.writeSettings(
        this.states.map(({ recipe }) => ({ ...NEUTRAL, temperature: recipe.temperature })),
      );
      await this.runs.reference();
      await this.runs.read({ rollouts: false });
    }
  }

  /** The rows of each update that a training step would make, by run. */
  plannedUpdates(): number[][][] {
    const orders = this.states.map(({ recipe }) =>
      updateRows(recipe, this.runs.shape.rows, this.step + 1),
    );
    return Array.from({ length: orders[0]?.length ?? 0 }, (_, u) =>
      orders.map((order) => order[u] ?? []),
    );
  }

  /**
   * One update on rows that `prepare` has put on the GPU. `index` counts the updates of this measurement, `change` alters
   * what the recipe says.
   */
  async update(
    rows: readonly (readonly MeasuredRow[])[],
    selected: readonly (readonly number[])[],
    index: number,
    change: (settings: RunSettings, run: number) => RunSettings,
  ): Promise<UpdateStats[]> {
    this.select(rows, selected, this.runs.shape.minibatchRows);
    this.runs.writeSettings(
      this.states.map((state, run) =>
        change(this.#settings(state, rows[run] ?? [], selected[run] ?? [], index), run),
      ),
    );
    await this.runs.update();
    const { updates } = await this.runs.read({ rollouts: false });
    return this.states.flatMap((_, run) => updatesOf(updates, this.states.length, run));
  }

  /** Per token of the last pass or update, which took as many rows as were selected from `first` on in their order. */
  async tokenStats(rows: readonly (readonly MeasuredRow[])[], first = 0): Promise<TokenStats[][]> {
    const { length } = this.runs.shape;
    const size = this.#selected;
    const all = await this.runs.readTokenStats();
    return rows.map((own, run) =>
      own.slice(first, first + size).map(({ tokens }, i) => {
        const start = (run * size + i) * (length - 1) + this.task.promptLength - 1;
        return all.slice(start * NUMBERS_PER_TOKEN, (start + tokens.length) * NUMBERS_PER_TOKEN);
      }),
    );
  }

  async weights(run: number): Promise<Float32Array> {
    return this.runs.readParameters('weights', run);
  }

  /** Does `work`, then puts weights and optimiser state back, however it ended. */
  async restoring<T>(work: () => Promise<T>): Promise<T> {
    const saved = [];
    for (let run = 0; run < this.states.length; run++) {
      for (const part of PARAMETERS)
        saved.push({ part, run, flat: await this.runs.readParameters(part, run) });
    }
    try {
      return await work();
    } finally {
      for (const { part, run, flat } of saved) this.runs.writeParameters(part, run, flat);
    }
  }

  /** What the loss of an update is, by the recipe and its schedules. */
  #settings(
    { recipe, controls, adamSteps }: RunState,
    rows: readonly MeasuredRow[],
    selected: readonly number[],
    index: number,
  ): RunSettings {
    let tokenCount = 0;
    let positiveTokens = 0;
    for (const row of selected) {
      const { tokens = [], advantage = 0 } = rows[row] ?? {};
      tokenCount += tokens.length;
      if (advantage > 0) positiveTokens += tokens.length;
    }
    const entropy = meanEntropy(rows);
    const adamStep = adamSteps + index + 1;
    return settingsOf(recipe, {
      ...nextControls(recipe, controls, { step: this.step + 1, entropy }).controls,
      tokenCount,
      positiveTokens,
      adamStep,
      key: threefry2x32(recipe.seed, STREAMS.measurement, adamStep, 0),
    });
  }

  state(run: number): RunState {
    const state = this.states[run];
    if (!state) throw new Error(`no run ${run}`);
    return state;
  }
}

/** Settings under which the loss is the mean entropy itself. */
export function entropyLoss({ recipe }: RunState): RunSettings {
  return {
    ...NEUTRAL,
    temperature: recipe.temperature,
    positive_weight: 0,
    negative_weight: 0,
    entropy_coef: -1,
  };
}

/** Settings under which the loss is that of on-policy tokens of the given signs, -mean A log p. */
export function onPolicyLoss(
  { recipe }: RunState,
  weights: { readonly positive: number; readonly negative: number },
): RunSettings {
  return {
    ...NEUTRAL,
    temperature: recipe.temperature,
    // Reinforce: a ratio that is 1 but for rounding would only add the rounding.
    objective: 1,
    positive_weight: weights.positive,
    negative_weight: weights.negative,
  };
}

/** Nats, mean over the response tokens of a pass. */
export function passEntropy({ sums }: PassResult): number {
  return (sums[STAT.entropy] ?? 0) / Math.max(1, sums[STAT.tokens] ?? 0);
}

/** Nats, mean over the response tokens when they were drawn. */
export function meanEntropy(rows: readonly MeasuredRow[]): number {
  let sum = 0;
  let tokens = 0;
  for (const { entropy } of rows) {
    for (const nats of entropy) sum += nats;
    tokens += entropy.length;
  }
  return sum / Math.max(1, tokens);
}

/** <a, b> in float64. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function added(parts: readonly Float32Array[]): Float64Array {
  const sums = new Float64Array(parts[0]?.length ?? 0);
  for (const part of parts) part.forEach((value, i) => (sums[i] = (sums[i] ?? 0) + value));
  return sums;
}
