import { describe, expect, test } from 'vitest';
import { runExperiment } from '../setup/run_experiment';

describe('GRPO on chain-sum', () => {
  test('reward passes 0.85 within 40 steps while entropy falls below 0.25', async () => {
    const { metrics } = await runExperiment('chain_sum_collapse');
    expect(metrics).toHaveLength(40);
    const last = metrics.slice(-5);
    const mean = (pick: (line: (typeof metrics)[number]) => number) =>
      last.reduce((sum, line) => sum + pick(line), 0) / last.length;
    expect(mean(({ reward }) => reward)).toBeGreaterThan(0.85);
    expect(mean(({ entropy }) => entropy)).toBeLessThan(0.25);
    expect(metrics[0].entropy).toBeGreaterThan(0.7);
    expect(metrics[0].reward).toBeLessThan(0.4);
  });
});
