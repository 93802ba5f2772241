import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { StepMetrics } from '../../src/rl/metrics';
import { Columns } from '../../src/store/columns';
import { decimate } from '../../src/store/decimate';
import { SeriesStore } from '../../src/store/series';
import { Ticker } from '../../src/store/ticker';
import { metricsAt } from '../setup/metrics';

const metrics = (step: number, entropy: number) => metricsAt(step, { entropy });

describe('columns', () => {
  test('keep every value through many doublings', () => {
    const columns = new Columns();
    for (let step = 1; step <= 1000; step++) columns.append(metrics(step, 1 / step));
    expect(columns.length).toBe(1000);
    expect(columns.view('step')).toHaveLength(1000);
    expect(columns.view('step')[999]).toBe(1000);
    expect(columns.view('entropy')[63]).toBe(1 / 64);
    expect(columns.last('tokens')).toBe(100_000);
  });

  test('keep the length of a column that rows lack, as NaN', () => {
    const columns = new Columns();
    columns.append({ ...metrics(1, 0.5), kl: 2 });
    for (let step = 2; step <= 200; step++) {
      const { kl, ...row } = metrics(step, 0.5);
      void kl;
      columns.append(row as StepMetrics);
    }
    expect(columns.view('kl')).toHaveLength(200);
    expect(columns.view('kl')[0]).toBe(2);
    expect(columns.last('kl')).toBeNaN();
  });

  test('say NaN and nothing before the first row', () => {
    const columns = new Columns();
    expect(columns.last('entropy')).toBeNaN();
    expect(columns.view('entropy')).toHaveLength(0);
  });
});

describe('decimate', () => {
  test('keeps the ends and the extremes, in order and within the limit', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), {
      minLength: 1,
      maxLength: 3000,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: 8, max: 300 }), (numbers, most) => {
        const rows = decimate(numbers, most);
        expect(rows.length).toBeLessThanOrEqual(most);
        expect(rows[0]).toBe(0);
        expect(rows[rows.length - 1]).toBe(numbers.length - 1);
        expect([...rows].sort((a, b) => a - b)).toEqual(rows);
        expect(new Set(rows).size).toBe(rows.length);
        const drawn = rows.map((row) => numbers[row] ?? NaN);
        expect(Math.max(...drawn)).toBe(Math.max(...numbers));
        expect(Math.min(...drawn)).toBe(Math.min(...numbers));
      }),
    );
  });

  test('leaves out what is not finite', () => {
    expect(decimate([1, NaN, 3, Infinity], 300)).toEqual([0, 2]);
  });
});

describe('the series store', () => {
  test('appends by arm and forgets on clear', () => {
    const store = new SeriesStore(0);
    store.append({ 'a#0': metrics(1, 0.9), 'b#0': metrics(1, 0.8) });
    store.append({ 'a#0': metrics(2, 0.7), 'b#0': metrics(2, 0.6) });
    expect([...store.of('b').view('entropy')]).toEqual([0.8, 0.6]);
    store.clear();
    expect(store.of('b').length).toBe(0);
  });

  test('keeps every seed of an arm, and their mean', () => {
    const store = new SeriesStore(0);
    store.append({ 'a#3': metrics(1, 0.9), 'a#5': metrics(1, 0.7) });
    store.append({
      'a#3': metricsAt(2, { entropy: 0.5, kl: 1 }),
      'a#5': metricsAt(2, { entropy: 0.1, kl: null }),
    });
    const mean = [...store.of('a').view('entropy')];
    expect(mean[0]).toBeCloseTo(0.8);
    expect(mean[1]).toBeCloseTo(0.3);
    expect(store.of('a').view('kl')[1]).toBeNaN();
    expect([...store.of('a').view('step')]).toEqual([1, 2]);
    expect([...store.seeds('a').keys()]).toEqual([3, 5]);
    expect([...(store.seeds('a').get(5)?.view('entropy') ?? [])]).toEqual([0.7, 0.1]);
  });

  test('joins the moves of one slider that act at one step', () => {
    const store = new SeriesStore(0);
    const move = { arm: 'a', setting: 'positive_weight', step: 4 } as const;
    store.mark({ ...move, from: 1, to: 0.95 });
    store.mark({ ...move, from: 0.95, to: 0.9 });
    expect(store.marks).toEqual([{ ...move, from: 1, to: 0.9 }]);
    store.mark({ ...move, step: 5, from: 0.9, to: 0.5 });
    expect(store.marks).toHaveLength(2);
    store.mark({ ...move, step: 5, from: 0.5, to: 0.9 });
    expect(store.marks).toHaveLength(1);
  });
});

test('a ticker tells of a burst twice: at once, and when the interval is over', () => {
  vi.useFakeTimers();
  try {
    const ticker = new Ticker(250, () => Date.now());
    const heard = vi.fn();
    ticker.subscribe(heard);
    for (let i = 0; i < 1000; i++) ticker.touch();
    expect(heard).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(250);
    expect(heard).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    expect(heard).toHaveBeenCalledTimes(2);
    expect(ticker.getVersion()).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});
