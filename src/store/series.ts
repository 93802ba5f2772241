import { useSyncExternalStore } from 'react';
import type { LiveSetting } from '../recipe/live';
import type { StepMetrics } from '../rl/metrics';
import { Columns } from './columns';
import { Ticker } from './ticker';

/** A setting of one arm changed while it trained; it acts from the first update of `step` on. */
export interface Mark {
  readonly arm: string;
  readonly setting: LiveSetting;
  readonly from: number | null;
  readonly to: number | null;
  readonly step: number;
}

/** Redraws a second while a run is going: charts are SVG, and a reader sees no more than this. */
const REDRAW_MS = 250;

/** Every number the page plots, outside React. Rows are appended as steps arrive and never change. */
export class SeriesStore {
  private arms = new Map<string, Columns>();
  private markList: Mark[] = [];
  readonly ticker: Ticker;

  constructor(interval = REDRAW_MS, now?: () => number) {
    this.ticker = new Ticker(interval, now);
  }

  get marks(): readonly Mark[] {
    return this.markList;
  }

  /** The arm's columns; empty ones where it has no step yet. */
  of(arm: string): Columns {
    let columns = this.arms.get(arm);
    if (columns === undefined) {
      columns = new Columns();
      this.arms.set(arm, columns);
    }
    return columns;
  }

  append(metrics: Readonly<Record<string, StepMetrics>>): void {
    for (const [arm, row] of Object.entries(metrics)) this.of(arm).append(row);
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
}

/** The page's one series store. */
export const series = new SeriesStore();

/** Renders the caller again when there is something new to draw; the number itself means nothing. */
export function useSeriesVersion(): number {
  return useSyncExternalStore(series.ticker.subscribe, series.ticker.getVersion);
}
