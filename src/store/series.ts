import { useSyncExternalStore } from 'react';
import type { Recipe, RecipeKey } from '../recipe/recipe';
import type { StepMetrics } from '../rl/metrics';
import { Columns } from './columns';
import { runOf } from './run_id';
import { Ticker } from './ticker';

/** A setting of one arm changed while it trained; it acts from the first update of `step` on. */
export interface Mark {
  readonly arm: string;
  readonly setting: RecipeKey;
  readonly from: Recipe[RecipeKey];
  readonly to: Recipe[RecipeKey];
  readonly step: number;
}

/** Redraws a second while a run is going: charts are SVG, and a reader sees no more than this. */
const REDRAW_MS = 250;

/** What one arm has measured. */
interface ArmSeries {
  /** Means over the seeds, row by row; of one seed the very numbers. */
  readonly mean: Columns;
  readonly seeds: Map<number, Columns>;
}

/** Every number the page plots, outside React. Rows are appended as steps arrive and never change. */
export class SeriesStore {
  private arms = new Map<string, ArmSeries>();
  private markList: Mark[] = [];
  readonly ticker: Ticker;

  constructor(interval = REDRAW_MS, now?: () => number) {
    this.ticker = new Ticker(interval, now);
  }

  get marks(): readonly Mark[] {
    return this.markList;
  }

  /** The arm's columns, means over its seeds; empty ones where it has no step yet. */
  of(arm: string): Columns {
    return this.arm(arm).mean;
  }

  /** The columns of each seed of an arm, in the order the seeds first came. */
  seeds(arm: string): ReadonlyMap<number, Columns> {
    return this.arm(arm).seeds;
  }

  /** One row per run (see run_id.ts). All seeds of an arm come together. */
  append(metrics: Readonly<Record<string, StepMetrics>>): void {
    const byArm = new Map<string, StepMetrics[]>();
    for (const [id, row] of Object.entries(metrics)) {
      const { arm, seed } = runOf(id);
      const { seeds } = this.arm(arm);
      const columns = seeds.get(seed) ?? new Columns();
      seeds.set(seed, columns);
      columns.append(row);
      byArm.set(arm, [...(byArm.get(arm) ?? []), row]);
    }
    for (const [arm, rows] of byArm) this.arm(arm).mean.append(meanRow(rows));
    this.ticker.touch();
  }

  /** Notes a change. Moves of one slider that act at the same step become one mark; a move back to the start leaves none. */
  mark(next: Mark): void {
    const same = this.markList.find(
      (m) => m.arm === next.arm && m.setting === next.setting && m.step === next.step,
    );
    const merged = same === undefined ? next : { ...next, from: same.from };
    this.markList = this.markList.filter((m) => m !== same);
    if (merged.from !== merged.to) this.markList = [...this.markList, merged];
    this.ticker.bump();
  }

  clear(): void {
    this.arms = new Map();
    this.markList = [];
    this.ticker.bump();
  }

  private arm(id: string): ArmSeries {
    let arm = this.arms.get(id);
    if (arm === undefined) {
      arm = { mean: new Columns(), seeds: new Map() };
      this.arms.set(id, arm);
    }
    return arm;
  }
}

/** Means over the seeds; null where a seed has no number. */
function meanRow(rows: readonly StepMetrics[]): StepMetrics {
  const [first] = rows;
  if (first === undefined) throw new Error('a mean of no rows');
  if (rows.length === 1) return first;
  const keys = Object.keys(first) as (keyof StepMetrics)[];
  const mean = (key: keyof StepMetrics) =>
    rows.some((row) => row[key] === null)
      ? null
      : rows.reduce((sum, row) => sum + Number(row[key]), 0) / rows.length;
  // Every key of a row is there; `saturated` of several seeds may lie between 0 and 1.
  return Object.fromEntries(keys.map((key) => [key, mean(key)])) as unknown as StepMetrics;
}

/** The page's one series store. */
export const series = new SeriesStore();

/** Renders the caller again when there is something new to draw; the number itself means nothing. */
export function useSeriesVersion(): number {
  return useSyncExternalStore(series.ticker.subscribe, series.ticker.getVersion);
}
