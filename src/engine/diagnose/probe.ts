import { entropyLoss, inner, passEntropy, type Workbench } from './workbench';

/**
 * The change of entropy on fixed held-out responses, update by update through one training step: predicted to first order,
 * <grad H, change of the weights>, and measured. Nats.
 */
export interface ProbeMeasure {
  readonly kind: 'probe';
  readonly step: number;
  readonly entropy: number;
  readonly predicted: readonly number[];
  readonly measured: readonly number[];
}

export async function measureProbe(
  bench: Workbench,
  prompts: number,
  samples: number,
): Promise<ProbeMeasure[]> {
  const { recipe } = bench.states[0] ?? {};
  if (!recipe) return [];
  const probe = await bench.sample('heldOut', prompts, samples);
  const rows = await bench.sample('train', recipe.prompts_per_step, recipe.group_size);
  const look = () => bench.pass(probe, (run) => entropyLoss(bench.state(run)), { gradient: true });
  return bench.restoring(async () => {
    let seen = await look();
    const series = seen.map((pass) => ({
      entropy: passEntropy(pass),
      predicted: [] as number[],
      measured: [] as number[],
    }));
    for (const [u, selected] of bench.plannedUpdates().entries()) {
      const before = await Promise.all(series.map((_, run) => bench.weights(run)));
      await bench.prepare(rows);
      await bench.update(rows, selected, u, (settings) => settings);
      const next = await look();
      for (const [run, { predicted, measured }] of series.entries()) {
        const after = await bench.weights(run);
        const [from, to] = [seen[run], next[run]];
        if (!from || !to) continue;
        const change = after.map((w, i) => w - (before[run]?.[i] ?? 0));
        predicted.push(inner(from.gradient ?? [], change));
        measured.push(passEntropy(to) - passEntropy(from));
      }
      seen = next;
    }
    return series.map((own) => ({ kind: 'probe', step: bench.step, ...own }));
  });
}
