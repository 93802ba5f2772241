import type { Recipe } from '../recipe/recipe';
import { taskNamed } from '../tasks/registry';
import type { StepMetrics } from './metrics';

export type MetricColumns = Readonly<Partial<Record<keyof StepMetrics, ArrayLike<number>>>>;

/** What a diagnosis looks at: the settings as they are now, and one number a row for each quantity that was measured. */
export interface Subject {
  readonly recipe: Recipe;
  /** Means over seeds are fine; a quantity that is missing, or NaN, is unknown and never raises a finding. */
  readonly columns: MetricColumns;
  /** First row that the present settings have made; 0 where nothing was changed by hand. */
  readonly from?: number;
  /** Tokens of the policy; by default those of the task. */
  readonly vocabulary?: number;
}

/**
 * Rows before anything is said about a course, and rows a window has at least. Reward wobbles by ± 0.04 from step to step
 * (docs/metrics.md, 128 responses), so the mean of 5 rows by about ± 0.02.
 */
export const LEAST_ROWS = 10;
const LEAST_WINDOW = 5;
/** A long run should be judged by what it does now. */
const MOST_WINDOW = 40;

/** Means over the last quarter of the rows, and over as many before, of one arm. */
export class Evidence {
  readonly recipe: Recipe;
  /** Tokens of the policy. */
  readonly vocabulary: number;
  /** Rows that the present settings have made. */
  readonly rows: number;
  readonly window: number;
  readonly #columns: MetricColumns;
  readonly #end: number;

  constructor({ recipe, columns, from = 0, vocabulary }: Subject) {
    this.recipe = recipe;
    this.vocabulary = vocabulary ?? taskNamed(recipe.task).vocabulary.length;
    this.#columns = columns;
    this.#end = columns.entropy?.length ?? 0;
    this.rows = Math.max(0, this.#end - from);
    const quarter = Math.floor(this.rows / 4);
    this.window = Math.min(MOST_WINDOW, Math.max(LEAST_WINDOW, quarter));
  }

  /** Whether there is enough to speak of a course, and not of a few steps. */
  get isLong(): boolean {
    return this.rows >= LEAST_ROWS;
  }

  /** First row that the present settings have made. */
  get since(): number {
    return this.#end - this.rows;
  }

  /** The step of a row; records leave steps out. */
  stepOf(row: number): number {
    return this.#columns.step?.[row] ?? row + 1;
  }

  /** Steps that the newest window spans: records leave steps out. */
  get windowSteps(): number {
    const last = this.last('step');
    const before = this.#columns.step?.[this.#end - this.window - 1] ?? last - this.window;
    return Number.isFinite(last) ? last - before : this.window;
  }

  /** Of the base policy: the first row of all, whatever was changed since. */
  start(key: keyof StepMetrics): number {
    return this.#columns[key]?.[0] ?? NaN;
  }

  last(key: keyof StepMetrics): number {
    return this.#columns[key]?.[this.#end - 1] ?? NaN;
  }

  /** Mean over the newest window. */
  recent(key: keyof StepMetrics): number {
    return this.#mean(key, this.#end - this.window);
  }

  /** Mean over the window that ended one window before the newest began: far enough back for a slow rise to show. */
  earlier(key: keyof StepMetrics): number {
    return this.#mean(key, Math.max(0, this.#end - 3 * this.window));
  }

  /** Highest mean over a window so far, back to the first row. */
  best(key: keyof StepMetrics): number {
    let best = -Infinity;
    for (let at = 0; at + this.window <= this.#end; at++)
      best = Math.max(best, this.#mean(key, at));
    return best;
  }

  /** Middle of the newest window: one wild step does not move it. */
  middle(key: keyof StepMetrics): number {
    const values = this.values(key, this.#end - this.window).sort((a, b) => a - b);
    return values.length === this.window ? (values[Math.floor(values.length / 2)] ?? NaN) : NaN;
  }

  /** The finite numbers of a column from a row on. */
  values(key: keyof StepMetrics, from = 0): number[] {
    const column = this.#columns[key];
    if (column === undefined) return [];
    const start = Math.max(0, from);
    return Array.from(
      { length: Math.max(0, this.#end - start) },
      (_, i) => column[start + i] ?? NaN,
    ).filter(Number.isFinite);
  }

  /** NaN unless every row of the window has a number. */
  #mean(key: keyof StepMetrics, from: number): number {
    const column = this.#columns[key];
    if (column === undefined || from < 0) return NaN;
    let sum = 0;
    for (let i = from; i < from + this.window; i++) sum += column[i] ?? NaN;
    return sum / this.window;
  }
}
