import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spread } from '../../src/ui/charts/spread';
import {
  logTicks,
  ticksBetween,
  ticksFromTo,
  ticksOver,
  ticksTo,
  ticksUntil,
} from '../../src/ui/charts/ticks';

describe('labels at the ends of curves', () => {
  const heights = fc.array(fc.double({ noNaN: true, min: 0, max: 300 }), { maxLength: 8 });

  test('keep their distance, their order and the limit', () => {
    fc.assert(
      fc.property(heights, (positions) => {
        const moved = spread(positions, 16, 300);
        const order = positions.map((_, i) => i);
        order.sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
        const sorted = order.map((i) => moved[i] ?? NaN);
        sorted.forEach((height, k) => {
          expect(height).toBeLessThanOrEqual(300);
          if (k > 0) expect(height - (sorted[k - 1] ?? NaN)).toBeGreaterThan(16 - 1e-9);
        });
      }),
    );
  });

  test('stay where they are when there is room', () => {
    expect(spread([100, 10, 50], 16)).toEqual([100, 10, 50]);
  });
});

describe('ticks', () => {
  test('are few, begin at 0 and reach the top', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 1e-3, max: 1e6 }), (top) => {
        const ticks = ticksTo(top);
        expect(ticks[0]).toBe(0);
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(top * (1 - 1e-9));
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  test('go below 0 only where a curve does', () => {
    expect(ticksOver(0, 1.5)).toEqual(ticksTo(1.5));
    expect(ticksOver(-1, 1.5)).toEqual([-1, -0.5, 0, 0.5, 1, 1.5]);
    expect(ticksOver(-0.2, 1.5)[0]).toBe(-0.5);
  });

  test('of steps are whole and end at the last step', () => {
    expect(ticksUntil(24)).toEqual([0, 5, 10, 15, 20, 24]);
    expect(ticksUntil(40)).toEqual([0, 10, 20, 30, 40]);
    expect(ticksUntil(5)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('of a zoom begin and end at its steps', () => {
    expect(ticksFromTo(10, 40)).toEqual([10, 15, 20, 25, 30, 35, 40]);
    const ticks = ticksFromTo(137, 213);
    expect(ticks[0]).toBe(137);
    expect(ticks[ticks.length - 1]).toBe(213);
  });

  const positive = fc.double({ noNaN: true, min: 1e-6, max: 1e6 });

  test('of any range lie around it and are few', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), positive, (low, width) => {
        const ticks = ticksBetween(low, low + width);
        const slack = width * 1e-6 + 1e-9;
        expect(ticks[0]).toBeLessThanOrEqual(low + slack);
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(low + width - slack);
        expect(ticks.length).toBeLessThanOrEqual(9);
      }),
    );
    expect(ticksBetween(1, 1).length).toBeGreaterThan(1);
  });

  test('of a logarithmic axis lie around the range, grow and are few', () => {
    fc.assert(
      fc.property(positive, fc.double({ noNaN: true, min: 1, max: 1e8 }), (low, ratio) => {
        const ticks = logTicks(low, low * ratio);
        expect(ticks[0]).toBeLessThanOrEqual(low * (1 + 1e-9));
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(low * ratio * (1 - 1e-9));
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(8);
        ticks.forEach((tick, i) => i === 0 || expect(tick).toBeGreaterThan(ticks[i - 1] ?? NaN));
      }),
    );
    expect(logTicks(0.03, 0.9)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  });
});
