import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { defaultExperiment } from '../../src/recipe/presets';
import { loadExperiment, useExperiment } from '../../src/store/experiment';
import { SeriesStore } from '../../src/store/series';
import { taskNamed } from '../../src/tasks/registry';
import { CHARTS, chartNamed } from '../../src/ui/charts/catalogue';
import { curvesOf } from '../../src/ui/charts/chart';
import { draw, rowsWhileRunning, type Drawing } from '../../src/ui/charts/drawing';
import { pan, rowsWithin, zoomWithin, type Look } from '../../src/ui/charts/look';
import { bandPath, linePath } from '../../src/ui/charts/paths';
import { smooth } from '../../src/ui/charts/smooth';
import { summarise } from '../../src/ui/charts/summary';
import { envelope } from '../../src/ui/charts/trace';
import { Turns } from '../../src/ui/charts/turns';
import { metricsAt } from '../setup/metrics';

loadExperiment(defaultExperiment(false), { id: null, seeds: [0] });
const arms = useExperiment.getState().arms.slice(0, 2);
const [first, second] = arms;
if (first === undefined || second === undefined) throw new Error('two arms are needed');

const LOOK: Look = {
  axis: 'step',
  zoom: null,
  smoothing: 0,
  logScale: false,
  fullEntropyScale: false,
  seedsOf: null,
};

/** Entropy 1/step for the first arm and 2/step for the second, a little higher or lower at each seed. */
function filled(steps: number, seeds: readonly number[]): SeriesStore {
  const store = new SeriesStore();
  for (let step = 1; step <= steps; step++) {
    store.append(
      Object.fromEntries(
        seeds.flatMap((seed) =>
          arms.map(({ id }, a) => [
            `${id}#${seed}`,
            metricsAt(step, { entropy: (a + 1) / step + 0.01 * seed, kl: null }),
          ]),
        ),
      ),
    );
  }
  return store;
}

function drawn(store: SeriesStore, id: string, look: Partial<Look> = {}, total = 24): Drawing {
  const chart = CHARTS.find((candidate) => candidate.id === id);
  if (chart === undefined) throw new Error(`no chart ${id}`);
  const given = {
    store,
    arms,
    chosenArm: first?.id ?? null,
    total,
    look: { ...LOOK, ...look },
    running: false,
  };
  return draw(chart, given, 100);
}

describe('smoothing', () => {
  const values = fc.array(fc.double({ noNaN: true, min: -100, max: 100 }), {
    minLength: 1,
    maxLength: 60,
  });
  const weight = fc.double({ noNaN: true, min: 0, max: 0.95 });

  test('begins at the first value and stays between the lowest and the highest', () => {
    fc.assert(
      fc.property(values, weight, (numbers, w) => {
        const smoothed = smooth(Float64Array.from(numbers), w);
        expect(smoothed[0]).toBeCloseTo(numbers[0] ?? NaN, 9);
        for (const value of smoothed) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...numbers) - 1e-9);
          expect(value).toBeLessThanOrEqual(Math.max(...numbers) + 1e-9);
        }
      }),
    );
  });

  test('of weight 0 changes nothing, and a known case comes out', () => {
    expect([...smooth(Float64Array.of(3, -1, 4), 0)]).toEqual([3, -1, 4]);
    // (0.5 · 1 · 0.5 + 0.5 · 3) / (0.5 · 0.5 + 0.5)
    expect(smooth(Float64Array.of(1, 3), 0.5)[1]).toBeCloseTo(7 / 3, 12);
  });

  test('passes over what is not a number', () => {
    const smoothed = smooth(Float64Array.of(1, NaN, 3), 0.5);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBeCloseTo(7 / 3, 12);
  });
});

describe('reference lines', () => {
  const labels = (id: string, look: Partial<Look> = {}) =>
    drawn(filled(24, [0]), id, look).references.map(({ label }) => label);

  test('are where entropy and reward began, and on demand a uniform policy’s entropy', () => {
    const { entropy, reward } = metricsAt(1, { entropy: 1 });
    expect(labels('entropy')).toEqual([`base policy, ${entropy.toFixed(2)}`]);
    expect(labels('reward')).toEqual([`base policy, ${reward.toFixed(2)}`]);
    const uniform = Math.log(taskNamed(first.recipe.task).vocabulary.length).toFixed(2);
    expect(labels('entropy', { fullEntropyScale: true })[1]).toBe(
      `ln V = ${uniform}, a uniform policy`,
    );
    expect(labels('clip')).toEqual([]);
  });

  test('are none before the first step', () => {
    expect(drawn(new SeriesStore(), 'reward').references).toEqual([]);
  });
});

describe('bands', () => {
  test('reach from the lowest to the highest seed among those with a number', () => {
    const { low, high } = envelope([Float64Array.of(1, NaN, 3), Float64Array.of(2, NaN, NaN)]);
    expect([...low]).toEqual([1, NaN, 3]);
    expect([...high]).toEqual([2, NaN, 3]);
  });

  test('are drawn of several seeds only, and hold the mean, smoothed or not', () => {
    expect(drawn(filled(24, [0]), 'entropy').banded).toEqual([]);
    for (const smoothing of [0, 0.8]) {
      const drawing = drawn(filled(24, [0, 1, 5]), 'entropy', { smoothing, seedsOf: first.id });
      expect(drawing.banded).toEqual([first.id, second.id]);
      expect(drawing.seeds.map(({ seed }) => seed)).toEqual([0, 1, 5]);
      for (const row of drawing.rows) {
        const [low, mean, high] = ['low', '', 'high'].map(
          (part) => row[`${first.id} ${part}`.trim()],
        );
        expect(low).toBeLessThan(mean ?? NaN);
        expect(high).toBeGreaterThan(mean ?? NaN);
        expect(row[`${first.id} seed 5`]).toBeCloseTo(high ?? NaN, 12);
        expect(row[`${second.id} seed 5`]).toBeUndefined();
      }
    }
  });

  test('are left out where the seeds of a step lie apart, and seeds get their own places', () => {
    const drawing = drawn(filled(24, [0, 1]), 'entropy', { axis: 'reward', seedsOf: second.id });
    expect(drawing.banded).toEqual([]);
    expect(drawing.rows.filter((row) => row[`${second.id} seed 1`] !== undefined)).toHaveLength(24);
  });
});

describe('a zoom', () => {
  test('selects the rows of its steps, ends included', () => {
    expect(rowsWithin(Float64Array.of(1, 2, 3, 4, 5), { from: 2, to: 4 })).toEqual([1, 4]);
    expect(rowsWithin(Float64Array.of(2, 4, 6), { from: 3, to: 3 })).toEqual([1, 1]);
    expect(rowsWithin(Float64Array.of(1, 2), null)).toEqual([0, 2]);
  });

  test('shows rows that the whole run leaves out', () => {
    const store = filled(2000, [0]);
    expect(drawn(store, 'entropy', {}, 2000).rows.length).toBeLessThanOrEqual(100);
    const steps = drawn(store, 'entropy', { zoom: { from: 500, to: 560 } }, 2000).rows.map(
      ({ step }) => step,
    );
    expect(steps).toEqual(Array.from({ length: 61 }, (_, i) => 500 + i));
  });

  test('applies to every axis and fills the height', () => {
    const store = filled(200, [0]);
    for (const axis of ['updates', 'tokens', 'reward'] as const) {
      const { rows } = drawn(store, 'entropy', { axis, zoom: { from: 50, to: 60 } }, 200);
      expect(new Set(rows.map(({ step }) => step))).toEqual(
        new Set(Array.from({ length: 11 }, (_, i) => 50 + i)),
      );
    }
    const { yTicks, xTicks } = drawn(store, 'entropy', { zoom: { from: 100, to: 200 } }, 200);
    expect(yTicks[yTicks.length - 1]).toBeLessThan(0.03);
    expect([xTicks[0], xTicks[xTicks.length - 1]]).toEqual([100, 200]);
  });

  test('is dropped where the run does not reach, and stays within it when moved', () => {
    expect(zoomWithin({ from: 100, to: 200 }, 60)).toBeNull();
    expect(zoomWithin({ from: 1, to: 60 }, 60)).toBeNull();
    expect(zoomWithin({ from: 40, to: 200 }, 60)).toEqual({ from: 40, to: 60 });
    expect(pan({ from: 10, to: 20 }, 1, 60)).toEqual({ from: 15, to: 25 });
    expect(pan({ from: 45, to: 55 }, 1, 60)).toEqual({ from: 50, to: 60 });
    expect(pan({ from: 3, to: 13 }, -1, 60)).toEqual({ from: 1, to: 11 });
  });
});

describe('a drawing', () => {
  test('is logarithmic only where every value is above 0', () => {
    const store = filled(24, [0]);
    expect(drawn(store, 'entropy', { logScale: true }).log).toBe(true);
    expect(drawn(store, 'clip', { logScale: true }).log).toBe(false);
    expect(drawn(new SeriesStore(), 'entropy', { logScale: true }).log).toBe(false);
  });

  test('keeps the raw curve beside the smoothed one', () => {
    const { rows } = drawn(filled(24, [0]), 'entropy', { smoothing: 0.9 });
    expect(rows[1]?.[`${first.id} raw`]).toBe(0.5);
    expect(rows[1]?.[first.id]).toBeGreaterThan(0.5);
  });

  test('has few rows on any axis, and fewer of many curves while the run goes on', () => {
    const store = filled(2000, [0, 1]);
    for (const axis of ['step', 'updates', 'tokens', 'reward'] as const) {
      const { rows } = drawn(store, 'entropy', { axis, smoothing: 0.5, seedsOf: first.id }, 2000);
      expect(rows.length).toBeGreaterThan(48);
      expect(rows.length).toBeLessThanOrEqual(200);
    }
    expect([4, 8, 16, 200].map((curves) => rowsWhileRunning(300, curves))).toEqual([
      300, 187, 93, 48,
    ]);
  });

  test('keeps the highest and the lowest value of a long run', () => {
    const store = filled(2000, [0]);
    for (const step of [2001, 2002]) {
      store.append({ [`${first.id}#0`]: metricsAt(step, { entropy: step === 2001 ? 9 : -9 }) });
    }
    const values = drawn(store, 'entropy', {}, 2002).rows.map((row) => row[first.id]);
    expect(values).toEqual(expect.arrayContaining([9, -9]));
  });

  test('says why nothing is there', () => {
    expect(drawn(filled(3, [0]), 'kl').empty).toMatch(/KL coefficient is 0/);
    expect(drawn(filled(3, [0]), 'entropy').empty).toBeNull();
    expect(drawn(new SeriesStore(), 'kl').empty).toBeNull();
  });

  test('of many parts is the chosen arm’s', () => {
    const curves = curvesOf(chartNamed('drive-quadrant'), arms, second.id);
    expect(new Set(curves.map(({ arm }) => arm.id))).toEqual(new Set([second.id]));
    expect(curves).toHaveLength(4);
  });

  test('of every chart of the catalogue has ticks around its values', () => {
    const store = filled(24, [0, 1]);
    expect(new Set(CHARTS.map(({ id }) => id)).size).toBe(CHARTS.length);
    for (const { id } of CHARTS) {
      for (const zoom of [null, { from: 5, to: 9 }]) {
        const { yTicks, formatY } = drawn(store, id, { zoom });
        const labels = yTicks.map(formatY);
        expect(new Set(labels).size, `${id}: ${labels.join(' ')}`).toBe(labels.length);
        expect(yTicks.length).toBeGreaterThan(1);
        expect(yTicks.length).toBeLessThanOrEqual(9);
      }
    }
  });
});

describe('the sentence of a chart', () => {
  const entropy = chartNamed('entropy');

  test('names every arm with its first and last value', () => {
    const sentence = summarise(entropy, filled(4, [0]), arms, null);
    expect(sentence).toBe(
      `Entropy of 2 arms over 4 steps: ${first.name} from 1.000 to 0.250; ${second.name} from 2.000 to 0.500.`,
    );
  });

  test('says how far seeds lie apart', () => {
    const sentence = summarise(entropy, filled(1, [0, 4]), [first], null);
    expect(sentence).toBe(
      `Entropy of 1 arm over 1 step: ${first.name} from 1.020 to 1.020 (mean of 2 seeds, at the end 1.000 to 1.040).`,
    );
  });

  test('can be said of every chart', () => {
    for (const chart of CHARTS) {
      const sentence = summarise(chart, filled(3, [0, 1]), arms, null);
      expect(sentence.startsWith(`${chart.title} of`), sentence).toBe(true);
    }
  });

  test('says when there is nothing to say', () => {
    expect(summarise(entropy, new SeriesStore(), arms, null)).toBe('Entropy: nothing trained yet.');
    expect(summarise(chartNamed('kl'), filled(2, [0]), arms, null)).toMatch(/KL coefficient is 0/);
  });
});

describe('paths', () => {
  test('go from point to point, or hold their height until the next', () => {
    expect(
      linePath(
        [
          [0, 1],
          [10, 2.004],
        ],
        false,
      ),
    ).toBe('M0 1L10 2');
    expect(
      linePath(
        [
          [0, 1],
          [10, 2],
        ],
        true,
      ),
    ).toBe('M0 1H10V2');
    expect(linePath([], true)).toBe('');
  });

  test('of a band go there along the upper edge and back along the lower', () => {
    expect(
      bandPath(
        [
          [0, 1],
          [9, 2],
        ],
        [
          [0, 5],
          [9, 6],
        ],
        false,
      ),
    ).toBe('M0 1L9 2L9 6L0 5Z');
    expect(
      bandPath(
        [
          [0, 1],
          [9, 2],
        ],
        [
          [0, 5],
          [9, 6],
        ],
        true,
      ),
    ).toBe('M0 1H9V2L9 6V5H0Z');
  });
});

describe('turns', () => {
  test('come one at a time, each once', () => {
    const frames: (() => void)[] = [];
    const turns = new Turns((callback) => frames.push(callback));
    const drawnNow: string[] = [];
    const chart = (name: string) => () => drawnNow.push(name);
    const [a, b, gone] = [chart('a'), chart('b'), chart('gone')];
    turns.ask(gone);
    turns.ask(a);
    turns.ask(b);
    turns.ask(a);
    turns.forget(gone);
    while (frames.length > 0) {
      expect(frames).toHaveLength(1);
      frames.shift()?.();
    }
    expect(drawnNow).toEqual(['a', 'b']);
    turns.ask(gone);
    turns.forget(gone);
    frames.shift()?.();
    expect(drawnNow).toEqual(['a', 'b']);
  });

  test('share a task as long as it is short', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const frames: (() => void)[] = [];
    const turns = new Turns((callback) => frames.push(callback), 8);
    const drawnNow: number[] = [];
    for (const cost of [3, 4, 5, 6]) {
      turns.ask(() => {
        drawnNow.push(cost);
        now.mockReturnValue(performance.now() + cost);
      });
    }
    frames.shift()?.();
    // 3 and 4 leave a moment of the 8 milliseconds; 5 begins in it.
    expect(drawnNow).toEqual([3, 4, 5]);
    frames.shift()?.();
    expect(drawnNow).toEqual([3, 4, 5, 6]);
    now.mockRestore();
  });
});
