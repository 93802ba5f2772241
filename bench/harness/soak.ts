import type { Gpu } from '../../src/gpu/device';
import { rlvrStep, type StepShape } from '../ours/runs';
import { countWhile } from './counting';
import { median } from './statistics';

/** Many steps in a row: whether they become slower, and whether anything grows. */
export interface SoakResult {
  readonly name: string;
  readonly about: string;
  readonly made: string;
  readonly steps: number;
  /** Median of the first and of the last tenth. */
  readonly first_ms: number;
  readonly last_ms: number;
  readonly buffers_created: number;
  readonly bind_groups_created: number;
  /** JavaScript's heap after the first and after the last tenth; null where it cannot be had. */
  readonly heap_first_bytes: number | null;
  readonly heap_last_bytes: number | null;
}

export async function soak(
  gpu: Gpu,
  name: string,
  shape: StepShape,
  steps: number,
): Promise<SoakResult> {
  const trial = await rlvrStep(gpu, shape);
  try {
    await trial.run(3);
    const tenth = Math.max(1, Math.floor(steps / 10));
    const times: number[] = [];
    let heapFirst: number | null = null;
    const counts = await countWhile(async () => {
      for (let step = 0; step < steps; step++) {
        const started = performance.now();
        await trial.run(1);
        times.push(performance.now() - started);
        if (step === tenth - 1) heapFirst = heapBytes();
      }
    });
    return {
      name,
      about: `${steps.toLocaleString('en')} steps of ${shape.rows} rollouts of ${shape.length} positions.`,
      made: new Date().toISOString(),
      steps,
      first_ms: median(times.slice(0, tenth)),
      last_ms: median(times.slice(-tenth)),
      buffers_created: counts.buffers,
      bind_groups_created: counts.bindGroups,
      heap_first_bytes: heapFirst,
      heap_last_bytes: heapBytes(),
    };
  } finally {
    await trial.destroy();
  }
}

/** What is in use after a collection, where one can be asked for. */
function heapBytes(): number | null {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined || typeof process === 'undefined') return null;
  gc();
  return process.memoryUsage().heapUsed;
}
