import { describe, expect, test } from 'vitest';
import type { KeptRun } from '../../src/storage/run_file';
import { seriesOfTwo, toggleQuantity, useCompare } from '../../src/store/compare';
import { compare, hasQuantity } from '../../src/store/comparison';
import { CHARTS } from '../../src/ui/charts/catalogue';
import { chartsOf, inOrder, QUANTITIES } from '../../src/ui/compare/quantities';
import { pairingInWords, quantityInWords } from '../../src/ui/compare/words';
import { keptRun } from '../setup/kept_run';

const side = (arm: string, run: KeptRun = keptRun({ step: 8 })) => ({ run, arm });
const names = ['A', 'B'] as const;

function entropyOf(first = side('arm-1'), second = side('arm-2')) {
  const found = compare(first, second);
  if (found === null) throw new Error('nothing to compare');
  return { found, words: quantityInWords(found.quantities[0], names) };
}

/** The same run with other settings of all arms. */
function changed(set: object, run = keptRun({ step: 8 })): KeptRun {
  const { experiment } = run;
  return { ...run, experiment: { ...experiment, base: { ...experiment.base, ...set } } };
}

describe('two arms compared', () => {
  test('differ in the settings that differ, and in nothing else', () => {
    expect(entropyOf().found.differences).toEqual([
      { key: 'positive_weight', first: 1, second: 0.5 },
    ]);
    expect(entropyOf(side('arm-1'), side('arm-1')).found.differences).toEqual([]);
  });

  test('are paired seed by seed over the last quarter of the steps that both have', () => {
    const longer = side('arm-2', keptRun({ step: 12 }));
    const { found } = entropyOf(side('arm-1'), longer);
    expect([found.from, found.to, found.seeds]).toEqual([7, 8, [0, 7]]);
    const own = (run: number, i: number) => 1 / (run + i + 3);
    const late = (run: number) => (own(run, 6) + own(run, 7)) / 2;
    const [{ bySeed, paired }] = found.quantities;
    expect(bySeed.map(({ first }) => first)).toEqual([late(0), late(1)]);
    expect(bySeed.map(({ second }) => second)).toEqual([late(2), late(3)]);
    expect(paired?.mean).toBeCloseTo((late(0) + late(1) - late(2) - late(3)) / 2, 12);
    expect(paired?.interval).not.toBeNull();
  });

  test('are said with size, interval, pairs and verdict', () => {
    expect(entropyOf().words).toMatch(
      /^Entropy is 0\.\d+ nats higher in “A” \(0\.\d+\) than in “B” \(0\.\d+\)\. Over 2 pairs the difference is \+0\.\d+ \[\+0\.\d+, \+0\.\d+\] nats \(95% bootstrap\), 2 of 2 with this sign: the interval leaves out 0\.$/,
    );
    expect(pairingInWords(entropyOf().found)).toMatch(/^Paired at seeds 0, 7: /);
  });

  test('with one seed in common have no interval', () => {
    const run = keptRun({ step: 8 });
    const one = { ...run, experiment: { ...run.experiment, seeds: [7] } };
    const { words, found } = entropyOf(side('arm-1', one));
    expect(words).toMatch(/One pair gives no interval: this may be chance\.$/);
    expect(pairingInWords(found)).toMatch(/^Paired at seed 7: /);
  });

  test('without a common seed, or with other prompts, are no pairs', () => {
    const run = keptRun({ step: 8 });
    const other = { ...run, experiment: { ...run.experiment, seeds: [5] } };
    expect(pairingInWords(entropyOf(side('arm-1', other)).found)).toMatch(/no seed in common/);
    const prompts = entropyOf(side('arm-1', changed({ train_prompts: 99 })));
    expect(prompts.found.quantities[0].paired).toBeNull();
    expect(prompts.words).toMatch(/They are not pairs, so no interval is given\.$/);
    expect(pairingInWords(prompts.found)).toMatch(/: training prompts\.$|: [a-z ]+\.$/);
  });

  test('cannot be compared before the first step', () => {
    const none = keptRun({ step: 0, marks: [], checkpoint: null });
    expect(compare(side('arm-1'), side('arm-1', none))).toBeNull();
  });

  test('of two runs are drawn from one store, each with its own marks', () => {
    const store = seriesOfTwo(side('arm-2'), side('arm-1', keptRun({ step: 5 })));
    expect([store.of('arm-1').length, store.of('arm-2').length]).toEqual([8, 5]);
    expect(store.of('arm-1').view('entropy')[0]).toBeCloseTo((1 / 5 + 1 / 6) / 2, 12);
    expect(store.marks.map(({ arm, step }) => [arm, step])).toEqual([['arm-1', 2]]);
  });
});

describe('the quantities of a comparison', () => {
  /** A run whose arms differ in one column. */
  function withColumn(key: string, values: (run: string, i: number) => number): KeptRun {
    const run = keptRun({ step: 8 });
    const series = new Map(
      [...run.series].map(([id, columns]) => [
        id,
        new Map([...columns, [key, Float64Array.from({ length: 8 }, (_, i) => values(id, i))]]),
      ]),
    );
    return { ...run, series };
  }

  test('are every curve that the page draws, each once, in the order of the charts', () => {
    const drawn = CHARTS.flatMap((chart) => chart.parts.map(({ metric }) => metric));
    expect(QUANTITIES.map(({ metric }) => metric)).toEqual(drawn);
    expect(new Set(QUANTITIES.map(({ label }) => label)).size).toBe(QUANTITIES.length);
    expect(inOrder(['loss', 'reward', 'entropy'])).toEqual(['entropy', 'reward', 'loss']);
  });

  test('are drawn on their own charts, with the chosen curves alone, of both arms', () => {
    expect(chartsOf(['clip_low_fraction', 'entropy'])).toMatchObject([
      { id: 'entropy', title: 'Entropy' },
      {
        id: 'clip',
        title: 'Clip fraction (low)',
        unit: '',
        parts: [{ metric: 'clip_low_fraction' }],
      },
    ]);
    const both = chartsOf(['entropy_drive_positive_likely', 'entropy_drive_negative_likely']);
    expect(both).toMatchObject([{ title: 'Entropy drive by quadrant' }]);
    expect(both[0].parts.map(({ name }) => name)).toEqual(['A > 0, likely', 'A < 0, likely']);
    expect(both[0].chosenOnly).toBeUndefined();
    expect(both[0].unit).toBe('nats per unit step in the logits');
  });

  test('are said in their unit', () => {
    const run = withColumn('response_length', (id) => (id.startsWith('arm-1') ? 5.5 : 4));
    const found = compare(side('arm-1', run), side('arm-2', run), ['response_length', 'reward']);
    expect(found?.quantities.map(({ quantity }) => quantity)).toEqual([
      'response_length',
      'reward',
    ]);
    expect(quantityInWords(found!.quantities[0], names)).toMatch(
      /^Response length is 1\.50 tokens higher in “A” \(5\.50\) than in “B” \(4\.00\)\. Over 2 pairs .* tokens \(95% bootstrap\)/,
    );
  });

  test('that are the same at every seed are said to be', () => {
    const run = withColumn('loss', () => 0.25);
    const [loss] = compare(side('arm-1', run), side('arm-2', run), ['loss'])!.quantities;
    expect(quantityInWords(loss, names)).toBe(
      'Loss is the same in “A” (0.250) and “B” (0.250), at every seed.',
    );
  });

  test('that were not measured have no difference', () => {
    const half = withColumn('kl', (id) => (id.startsWith('arm-1') ? 0.25 : NaN));
    expect(hasQuantity(side('arm-1', half), 'kl')).toBe(true);
    expect(hasQuantity(side('arm-2', half), 'kl')).toBe(false);
    const [kl] = compare(side('arm-1', half), side('arm-2', half), ['kl'])!.quantities;
    expect(kl.paired).toBeNull();
    expect(quantityInWords(kl, names)).toBe(
      'KL to the base policy was not measured at these steps in “B”.',
    );
    const [neither] = compare(side('arm-2', half), side('arm-2', half), ['kl'])!.quantities;
    expect(quantityInWords(neither, names)).toMatch(/in “A” and “B”\.$/);
  });

  test('are chosen and put away', () => {
    expect(useCompare.getState().quantities).toEqual(['entropy', 'reward']);
    toggleQuantity('loss');
    toggleQuantity('entropy');
    expect(useCompare.getState().quantities).toEqual(['reward', 'loss']);
  });
});
