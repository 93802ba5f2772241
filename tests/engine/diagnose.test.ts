import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClipTraceMeasure } from '../../src/engine/diagnose/clip_trace';
import type { ContributionsMeasure } from '../../src/engine/diagnose/contributions';
import type { DriveMeasure } from '../../src/engine/diagnose/drive';
import type { IdentityMeasure } from '../../src/engine/diagnose/identity';
import type { ProbeMeasure } from '../../src/engine/diagnose/probe';
import type { RatiosMeasure } from '../../src/engine/diagnose/ratios';
import { FRESH } from '../../src/engine/controls';
import { Workbench } from '../../src/engine/diagnose/workbench';
import { Trainer } from '../../src/engine/trainer';
import type { RunState } from '../../src/engine/trainer_state';
import { MEASURE_KINDS } from '../../src/recipe/measure';
import { drawPrompts, HELD_OUT_PROMPTS } from '../../src/tasks/prompts';
import { taskNamed } from '../../src/tasks/registry';
import { testGpu } from '../setup/engine';
import { expectSameBits } from '../setup/kernel';
import { spec, train } from '../setup/small_runs';

const SMALL = { prompts_per_step: 4, group_size: 8, minibatches: 1, epochs: 4 } as const;

const RUN = spec({ ...SMALL, kl_coef: 0.01 });

/** The state of RUN before its first step, as a trainer has it. */
const fresh = (): RunState => ({
  arm: RUN.arm,
  recipe: RUN.recipe,
  prompts: drawPrompts(
    taskNamed('maze-small'),
    RUN.recipe.train_prompts,
    HELD_OUT_PROMPTS,
    RUN.recipe.seed,
  ),
  controls: FRESH,
  adamSteps: 0,
  tokens: 0,
  sampledAt: RUN.recipe.temperature,
  deadSteps: 0,
});

let trainer: Trainer;
beforeAll(async () => {
  trainer = await Trainer.create(await testGpu(), [RUN]);
});
afterAll(() => {
  trainer.destroy();
});

test('training goes on after every kind of measurement as if nothing had been', async () => {
  const specs = [spec({ ...SMALL, kl_coef: 0.01 }), spec({ ...SMALL, objective: 'kl-cov' }, 'b')];
  const plain = await train(specs, 2);
  const measured = await Trainer.create(await testGpu(), specs);
  try {
    await measured.next();
    await measured.flush();
    for (const kind of MEASURE_KINDS) await measured.measure(kind, 3, 4);
    await measured.next();
    await measured.flush();
    for (const run of [0, 1]) {
      const weights = await measured.runs.readParameters('weights', run);
      expectSameBits(weights, plain.weights[run], 'weights');
    }
  } finally {
    measured.destroy();
  }
});

test('the two slopes are in about the ratio of the identity, and so are the drives', async () => {
  const [result] = (await trainer.measure('drive', 24, 16)) as DriveMeasure[];
  expect(result.reward).toBeGreaterThan(0.2);
  expect(result.drive_positive).toBeLessThan(0);
  expect(result.drive_negative).toBeLessThan(0);
  expect(result.drive_ratio / result.predicted_ratio).toBeGreaterThan(0.5);
  expect(result.drive_ratio / result.predicted_ratio).toBeLessThan(2);
  const { drive_positive_likely: likely, drive_positive_unlikely: unlikely } = result;
  expect(likely + unlikely).toBeCloseTo(result.drive_positive, 6);
  // What is pushed up lowers entropy where it is likely and raises it where it is not; pushed down, the reverse.
  expect(likely).toBeLessThan(0);
  expect(unlikely).toBeGreaterThan(0);
  expect(result.drive_negative_likely).toBeGreaterThan(0);
  expect(result.drive_negative_unlikely).toBeLessThan(0);
  expect(Math.abs(result.cosine)).toBeLessThanOrEqual(1);
});

test('the identity holds in the middle bins within what this few prompts allow', async () => {
  const [result] = (await trainer.measure('identity', 48, 32)) as IdentityMeasure[];
  const middle = result.bins.filter(({ success }) => success > 0.2 && success < 0.6);
  expect(middle.length).toBeGreaterThan(0);
  const [over, under] = [
    middle.reduce((sum, bin) => sum + bin.ratio / bin.predicted, 0) / middle.length,
    result.bins.reduce((sum, { prompts }) => sum + prompts, 0),
  ];
  expect(over).toBeGreaterThan(0.6);
  expect(over).toBeLessThan(1.6);
  expect(under).toBeLessThanOrEqual(48);
});

test('with small steps the predicted change of entropy is the measured one', async () => {
  const slow = await Trainer.create(await testGpu(), [spec({ ...SMALL, learning_rate: 2e-5 })]);
  try {
    const [{ predicted, measured }] = (await slow.measure('probe', 4, 8)) as ProbeMeasure[];
    expect(predicted).toHaveLength(4);
    const size = Math.max(...measured.map(Math.abs));
    expect(size).toBeGreaterThan(1e-5);
    predicted.forEach((change, u) =>
      expect(Math.abs(change - measured[u])).toBeLessThan(0.05 * size + 2e-6),
    );
  } finally {
    slow.destroy();
  }
});

describe('clip trace', () => {
  test('begins the same with and without the lower clip, and only the former clips low', async () => {
    const [{ with_lower_clip: clipped, without_lower_clip: open, batches }] =
      (await trainer.measure('clip-trace', 4, 8)) as ClipTraceMeasure[];
    expect(batches).toBe(1);
    expect(clipped).toHaveLength(17);
    expect(clipped[0]).toEqual(open[0]);
    expect(clipped[0].clip_low_fraction).toBe(0);
    expect(Math.max(...clipped.map((point) => point.clip_low_fraction))).toBeGreaterThan(0);
    expect(Math.max(...open.map((point) => point.clip_low_fraction))).toBe(0);
    expect(open.every((point) => point.probability_negative_clipped === null)).toBe(true);
  });
});

test('the ratios of the last epoch lie round 1, and every token with an advantage is counted once', async () => {
  const [result] = (await trainer.measure('ratios', 1, 2)) as RatiosMeasure[];
  const count = (bins: readonly number[]) => bins.reduce((sum, tokens) => sum + tokens, 0);
  expect(result.updates_before).toBe(3);
  // The same draws again, looked at without an update.
  const [rows] = await new Workbench(trainer.runs, trainer.task, [fresh()], 0).sample(
    'train',
    4,
    8,
  );
  const tokens = (sign: number) =>
    rows.reduce((sum, row) => sum + (Math.sign(row.advantage) === sign ? row.tokens.length : 0), 0);
  expect(tokens(1)).toBeGreaterThan(0);
  expect([count(result.positive), count(result.negative)]).toEqual([tokens(1), tokens(-1)]);
  const near = result.edges.map((edge) => edge > 0.79 && edge < 1.19);
  const inside = count(result.positive.filter((_, i) => near[i]));
  expect(inside / count(result.positive)).toBeGreaterThan(0.6);
  expect([result.lowest, result.highest]).toEqual([0.8, 1.2]);
});

test('contributions are the whole step less the step without the part', async () => {
  const [{ change, contribution }] = (await trainer.measure(
    'contributions',
    4,
    8,
  )) as ContributionsMeasure[];
  expect(contribution.positive).toBeCloseTo(change.whole - change.no_positives, 12);
  expect(contribution.negative).toBeCloseTo(change.whole - change.no_negatives, 12);
  expect(contribution.clipping).toBeCloseTo(change.whole - change.no_clip, 12);
  expect(contribution.staleness).toBeCloseTo(change.whole - change.fresh, 12);
  expect(new Set(Object.values(change)).size).toBe(6);
});
