import { describe, expect, test } from 'vitest';
import { LETTER, placeLabels } from '../../src/ui/charts/axis_labels';

const texts = (labels: readonly { text: string }[]) => labels.map(({ text }) => text);

describe('labels of the horizontal axis', () => {
  test('all of them where there is room, each at its tick', () => {
    const ticks = [0, 100, 200].map((at) => ({ at, text: `${at}` }));
    const labels = placeLabels(ticks, 300);
    expect(texts(labels)).toEqual(['0', '100', '200']);
    expect(labels.map(({ x }) => x)).toEqual([0, 100, 200]);
  });

  test('the last moves left where it would end beyond the chart', () => {
    const [, last] = placeLabels(
      [
        { at: 0, text: '0' },
        { at: 200, text: '2,000 steps' },
      ],
      210,
    );
    expect(last?.at).toBe(200);
    expect(last?.x).toBeCloseTo(210 - (11 * LETTER) / 2);
  });

  test('those between that would touch the one before or the last are left out, the ends never', () => {
    const ticks = Array.from({ length: 11 }, (_, i) => ({ at: 12 * i, text: `${100_000 * i}` }));
    const labels = placeLabels(ticks, 130);
    expect(labels[0]?.text).toBe('0');
    expect(labels.at(-1)?.text).toBe('1000000');
    for (const [i, label] of labels.entries()) {
      const next = labels[i + 1];
      if (next === undefined) continue;
      const ends = label.x + (label.text.length * LETTER) / 2;
      expect(next.x - (next.text.length * LETTER) / 2).toBeGreaterThanOrEqual(ends);
    }
    expect(labels.length).toBeLessThan(ticks.length);
  });

  test('nothing of nothing', () => {
    expect(placeLabels([], 100)).toEqual([]);
  });
});
