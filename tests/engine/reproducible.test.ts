import { describe, expect, test } from 'vitest';
import { writeCheckpoint } from '../../src/engine/checkpoint';
import { experimentRuns, experimentSteps, runExperiment } from '../../src/engine/experiment';
import type { Experiment } from '../../src/recipe/experiment';
import { decodeExperiment } from '../../src/recipe/link';
import type { StepMetrics } from '../../src/rl/metrics';
import { freshDevice } from '../setup/device';
import { testGpu } from '../setup/engine';
import { BANDS, outsideBands, partsAt, repeatableLink } from '../setup/repeatable';
import { policy } from '../setup/small_runs';

/** The experiment of a link, as the page reads it. */
function fromLink(): Experiment {
  const decoded = decodeExperiment(repeatableLink);
  if (!decoded.ok) throw new Error(decoded.problems[0]?.message);
  return decoded.value;
}

/** Trains on a device of its own; `submitMs` says how finely work is cut. */
async function trained(experiment: Experiment, submitMs: number) {
  const gpu = { ...(await testGpu()), device: await freshDevice(), submitMs };
  const runs = experimentRuns(experiment, new Map([['maze-small', policy]]));
  const metrics: StepMetrics[] = [];
  const evaluations: unknown[] = [];
  let checkpoint = new Uint8Array();
  await runExperiment(
    gpu,
    experiment,
    runs,
    experimentSteps(runs),
    {
      metrics: (_, step) => void metrics.push(step),
      evaluation: (_, step, found) => void evaluations.push({ step, found }),
      stopped: () => false,
    },
    async (lockstep) => {
      checkpoint = writeCheckpoint(await lockstep.save());
    },
  );
  gpu.device.destroy();
  return { metrics, evaluations, checkpoint };
}

describe('fifty steps from a link', () => {
  test('come out the same to the last bit, whatever the device and however its work is cut', async () => {
    const once = await trained(fromLink(), 50);
    const again = await trained(fromLink(), 5);
    expect(once.metrics).toHaveLength(50);
    // Something was learnt from, and something learnt.
    expect(new Set(once.metrics.map(({ entropy }) => entropy)).size).toBe(50);
    expect(again.metrics).toEqual(once.metrics);
    expect(again.evaluations).toEqual(once.evaluations);
    expect(once.checkpoint.length).toBeGreaterThan(100_000);
    expect(Buffer.compare(again.checkpoint, once.checkpoint)).toBe(0);

    // An error of the size of rounding, in every logit: what another adapter does.
    const experiment = fromLink();
    const base = { ...experiment.base, temperature: 1 + 2e-6 };
    const rounded = await trained({ ...experiment, base }, 50);
    expect(partsAt(once.metrics, rounded.metrics)).toBe(1);
    expect(Buffer.compare(rounded.checkpoint, once.checkpoint)).not.toBe(0);
    expect(outsideBands(once.metrics, rounded.metrics)).toEqual([]);
  });
});

describe('the bands', () => {
  const steps = Array.from({ length: 50 }, (_, i) => ({
    ...{ entropy: 1 - i / 100, reward: (i % 7) / 7, tokens: 80 * (i + 1) },
  }));
  const changed = (
    from: number,
    change: Partial<Record<'entropy' | 'reward' | 'tokens', number>>,
  ) =>
    steps.map((step, i) =>
      i < from
        ? step
        : {
            entropy: step.entropy + (change.entropy ?? 0),
            reward: step.reward + (change.reward ?? 0),
            tokens: step.tokens + (change.tokens ?? 0),
          },
    );

  test.each([
    ['another token early', changed(9, { tokens: 1 }), /^step 10: other tokens/],
    ['another reward early', changed(0, { reward: 1 / 16 }), /^step 1: other tokens/],
    ['an early gap', changed(4, { entropy: 2e-4 }), /^step 5: entropies are/],
    ['other entropy', changed(10, { entropy: 0.11 }), /^all steps: mean entropy is/],
    ['other reward', changed(10, { reward: -0.12 }), /^all steps: mean reward is/],
    ['another end', changed(37, { reward: 0.19 }), /^the last quarter: mean reward is/],
    ['no number', changed(20, { entropy: NaN }), /^all steps: mean entropy is NaN/],
    ['fewer steps', steps.slice(0, 49), /different lengths/],
  ])('refuse %s', (_, other, problem) => {
    expect(outsideBands(steps, other)[0]).toMatch(problem);
  });

  test('allow what rounding does, and say when two runs part', () => {
    expect(outsideBands(steps, changed(0, { entropy: BANDS.first.entropy / 2 }))).toEqual([]);
    expect(outsideBands(steps, changed(10, { entropy: 0.05, tokens: 3 }))).toEqual([]);
    expect(partsAt(steps, changed(12, { entropy: 1e-15 }))).toBe(13);
    expect(partsAt(steps, steps)).toBeNull();
  });
});
