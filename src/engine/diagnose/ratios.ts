import { NUMBERS_PER_TOKEN, type MeasuredRow, type TokenStats, type Workbench } from './workbench';

/** Left edges of the bins of a ratio; the first takes everything below its right edge, the last everything above. */
const WIDTH = 0.05;
const FIRST = 0.5;
const BINS = 21;

/**
 * The ratios of the tokens of a training step's last epoch, by the sign of their advantage: each update adds the tokens of
 * its minibatch as they stand before it.
 */
export interface RatiosMeasure {
  readonly kind: 'ratios';
  readonly step: number;
  /** Updates of the step before those that are counted. */
  readonly updates_before: number;
  readonly edges: readonly number[];
  /** Tokens in each bin. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
  /** Ends of the clip range of a token of probability 0. */
  readonly lowest: number;
  readonly highest: number;
}

export async function measureRatios(bench: Workbench): Promise<RatiosMeasure[]> {
  const { recipe } = bench.states[0] ?? {};
  if (!recipe) return [];
  const rows = await bench.sample('train', recipe.prompts_per_step, recipe.group_size);
  const counts = rows.map(() => ({ positive: empty(), negative: empty() }));
  const range = rows.map(() => ({ lowest: 1, highest: 1 }));
  const planned = bench.plannedUpdates();
  const from = planned.length - recipe.minibatches;
  await bench.restoring(async () => {
    await bench.prepare(rows);
    for (const [u, selected] of planned.entries()) {
      await bench.update(rows, selected, u, (settings, run) => {
        range[run] = { lowest: 1 - settings.clip_low, highest: 1 + settings.clip_high };
        return settings;
      });
      if (u < from) continue;
      const chosen = rows.map((own, run) => (selected[run] ?? []).flatMap((row) => own[row] ?? []));
      const stats = await bench.tokenStats(chosen);
      chosen.forEach((own, run) => add(counts[run], own, stats[run] ?? []));
    }
  });
  return counts.map((own, run) => ({
    kind: 'ratios',
    step: bench.step,
    updates_before: from,
    edges: Array.from({ length: BINS }, (_, i) => Number((FIRST + i * WIDTH).toFixed(2))),
    ...own,
    ...(range[run] ?? { lowest: 1, highest: 1 }),
  }));
}

const RATIO = 2;
const empty = () => new Array<number>(BINS).fill(0);

function add(
  counts: { readonly positive: number[]; readonly negative: number[] } | undefined,
  rows: readonly MeasuredRow[],
  stats: readonly TokenStats[],
): void {
  rows.forEach(({ advantage, tokens }, b) => {
    if (advantage === 0) return;
    const bins = advantage > 0 ? counts?.positive : counts?.negative;
    tokens.forEach((_, t) => {
      const ratio = stats[b]?.[t * NUMBERS_PER_TOKEN + RATIO] ?? 1;
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor((ratio - FIRST) / WIDTH)));
      if (bins) bins[bin] = (bins[bin] ?? 0) + 1;
    });
  });
}
