import type { StepMetrics } from '../rl/metrics';

export type MetricKey = keyof StepMetrics;

const FIRST_CAPACITY = 64;

/** Append-only numbers by column, one row per step. Grows by doubling; `view` is valid until the next append. */
export class Columns {
  private readonly columns = new Map<MetricKey, Float64Array>();
  private rows = 0;

  get length(): number {
    return this.rows;
  }

  /** Quantities that have a column. */
  keys(): MetricKey[] {
    return [...this.columns.keys()];
  }

  append(metrics: StepMetrics): void {
    for (const key of Object.keys(metrics) as MetricKey[]) {
      let column = this.columns.get(key);
      if (column === undefined || this.rows >= column.length) {
        const grown = new Float64Array(Math.max(FIRST_CAPACITY, this.rows * 2)).fill(NaN);
        if (column !== undefined) grown.set(column);
        this.columns.set(key, grown);
        column = grown;
      }
      column[this.rows] = metrics[key] ?? NaN;
    }
    // What this row lacks keeps its length all the same.
    for (const [key, column] of this.columns) {
      if (this.rows < column.length) continue;
      const grown = new Float64Array(this.rows * 2).fill(NaN);
      grown.set(column);
      this.columns.set(key, grown);
    }
    this.rows += 1;
  }

  /** The column's numbers so far; empty where the key never came. */
  view(key: MetricKey): Float64Array {
    return this.columns.get(key)?.subarray(0, this.rows) ?? new Float64Array(0);
  }

  /** The last value, or NaN where there is none. */
  last(key: MetricKey): number {
    return this.rows === 0 ? NaN : (this.columns.get(key)?.[this.rows - 1] ?? NaN);
  }
}
