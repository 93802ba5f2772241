import { parseExperiment } from '../../src/recipe/experiment';
import type { KeptRun } from '../../src/storage/run_file';
import { metricsAt } from './metrics';

/** A run of two arms at two seeds, as the page keeps it; its numbers are made up and differ by run and step. */
export function keptRun(changes: Partial<KeptRun> = {}): KeptRun {
  const experiment = parseExperiment({
    name: 'Two arms',
    base: { task: 'maze-small', steps: 12 },
    arms: [
      { name: 'GRPO', set: {} },
      { name: 'λ 0.5', set: { positive_weight: 0.5 } },
    ],
    seeds: [0, 7],
  });
  if (!experiment.ok) throw new Error(experiment.problems[0]?.message);
  const step = changes.step ?? 3;
  const runs = ['arm-1#0', 'arm-1#7', 'arm-2#0', 'arm-2#7'];
  const series = new Map(
    runs.map((run, r) => {
      const rows = Array.from({ length: step }, (_, i) =>
        metricsAt(i + 1, { entropy: 1 / (r + i + 3), reward: 0.1 * r + 0.01 * i, kl: null }),
      );
      const keys = Object.keys(rows[0] ?? metricsAt(1, {})) as (keyof (typeof rows)[0])[];
      return [
        run,
        new Map(keys.map((key) => [key, Float64Array.from(rows, (row) => row[key] ?? NaN)])),
      ];
    }),
  );
  return {
    id: '0b5fb9f2-58a5-4b52-8df5-000000000001',
    name: 'Two arms',
    created: '2026-11-20T10:00:00.000Z',
    changed: '2026-11-20T10:05:00.000Z',
    program: '0.1.0',
    browser: 'A browser',
    shaders: '0123456789abcdef'.repeat(4),
    adapter: { vendor: 'v', architecture: '', description: 'A GPU', software: false },
    parent: null,
    catalogue: null,
    experiment: experiment.value,
    arms: [
      { id: 'arm-1', colour: 0 },
      { id: 'arm-2', colour: 1 },
    ],
    step,
    marks: [{ arm: 'arm-2', setting: 'positive_weight', from: 1, to: 0.5, step: 2 }],
    evaluations: [
      {
        run: 'arm-2#7',
        step: 1,
        values: { pass_at_1: 0.25, maj_at_k: null, reliability: [{ n: 3 }] },
      },
    ],
    measurements: [
      {
        run: 'arm-1#0',
        step: 2,
        kind: 'drive',
        values: { kind: 'drive', step: 2, drive_positive: -0.25, drive_ratio: null },
      },
    ],
    rollouts: [
      {
        run: 'arm-1#0',
        groups: [0, 2].map((after) => ({
          step: after,
          // From a1 to c1, past walls at b2, d3 and d4.
          prompt: [0, 2, 5, 11, 15, 16],
          responses: [
            {
              ...{ tokens: [1, 2, 17], entropy: [0.5, 0.1235, 0] },
              ...{ logprob: [-0.25, -0.5, 0], advantage: 0.5 },
            },
            {
              ...{ tokens: [4, 16], entropy: [0.75, 0.25] },
              ...{ logprob: [-2, -1.5], advantage: -0.75 },
            },
          ],
        })),
      },
    ],
    series,
    checkpoint: { step, bytes: Uint8Array.from({ length: 999 }, (_, i) => i % 251) },
    ...changes,
  };
}
