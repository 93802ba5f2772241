import type { RunSettings } from '../../gpu/run_settings';
import { entropyLoss, passEntropy, type MeasuredRow, type Workbench } from './workbench';

/**
 * What one training step does to the entropy of held-out responses, taken apart: the same weights, rollouts, draws,
 * minibatches and number of updates, with one thing left out at a time. Changes in nats on the probe.
 */
export interface ContributionsMeasure {
  readonly kind: 'contributions';
  readonly step: number;
  /** Entropy of the probe before the step. */
  readonly entropy: number;
  readonly change: Readonly<Record<Variant, number>>;
  /** The whole step less the step without the part: what the part has done. */
  readonly contribution: {
    readonly positive: number;
    readonly negative: number;
    /** Clipping against none. */
    readonly clipping: number;
    /** All updates on one batch against as many updates on fresh rollouts each. */
    readonly staleness: number;
  };
}

const VARIANTS = {
  whole: (settings: RunSettings) => settings,
  no_positives: (settings: RunSettings) => ({ ...settings, positive_weight: 0 }),
  no_negatives: (settings: RunSettings) => ({ ...settings, negative_weight: 0 }),
  flipped_positives: (settings: RunSettings) => ({
    ...settings,
    positive_weight: -settings.positive_weight,
  }),
  no_clip: (settings: RunSettings) => ({
    ...settings,
    clip_low: 1,
    clip_low_slope: 0,
    clip_high: 1e9,
    clip_high_slope: 0,
    dual_clip: 0,
  }),
} as const;
type Variant = keyof typeof VARIANTS | 'fresh';

export async function measureContributions(
  bench: Workbench,
  prompts: number,
  samples: number,
): Promise<ContributionsMeasure[]> {
  const probe = await bench.sample('heldOut', prompts, samples);
  const entropy = async () => {
    const passes = await bench.pass(probe, (run) => entropyLoss(bench.state(run)), {
      gradient: false,
    });
    return passes.map(passEntropy);
  };
  const { recipe } = bench.states[0] ?? {};
  if (!recipe) return [];
  const draw = (first: number) =>
    bench.sample('train', recipe.prompts_per_step, recipe.group_size, { first });
  const before = await entropy();
  const rows = await draw(0);
  const change: Record<string, number[]> = {};
  const record = async (name: Variant, work: () => Promise<void>) => {
    change[name] = await bench.restoring(async () => {
      await work();
      const after = await entropy();
      return after.map((nats, run) => nats - (before[run] ?? 0));
    });
  };
  for (const [name, alter] of Object.entries(VARIANTS)) {
    await record(name as Variant, () => stepOf(bench, rows, alter));
  }
  await record('fresh', () => freshStep(bench, draw));
  return bench.states.map((_, run) => {
    const of = (name: Variant) => change[name]?.[run] ?? NaN;
    const whole = of('whole');
    return {
      kind: 'contributions',
      step: bench.step,
      entropy: before[run] ?? NaN,
      change: Object.fromEntries(
        Object.keys(change).map((name) => [name, of(name as Variant)]),
      ) as Record<Variant, number>,
      contribution: {
        positive: whole - of('no_positives'),
        negative: whole - of('no_negatives'),
        clipping: whole - of('no_clip'),
        staleness: whole - of('fresh'),
      },
    };
  });
}

async function stepOf(
  bench: Workbench,
  rows: readonly (readonly MeasuredRow[])[],
  alter: (settings: RunSettings) => RunSettings,
): Promise<void> {
  await bench.prepare(rows);
  for (const [u, selected] of bench.plannedUpdates().entries())
    await bench.update(rows, selected, u, alter);
}

/** As many updates as a step makes, each on the minibatch of rollouts that the policy has just drawn. */
async function freshStep(
  bench: Workbench,
  draw: (first: number) => Promise<MeasuredRow[][]>,
): Promise<void> {
  const perStep = bench.states[0]?.recipe.prompts_per_step ?? 1;
  for (const [u, selected] of bench.plannedUpdates().entries()) {
    const rows = await draw(u * perStep);
    await bench.prepare(rows);
    await bench.update(rows, selected, u, VARIANTS.whole);
  }
}
