import type { Gpu } from '../../src/gpu/device';
import { rlvrStep, type StepShape } from '../ours/runs';
import { parameterCount } from './problems';

/** One step of a policy that is large for a page: that it runs, and what it holds. */
export interface ScaleResult {
  readonly name: string;
  readonly about: string;
  readonly made: string;
  readonly parameters: number;
  readonly vocabulary: number;
  readonly rows: number;
  readonly length: number;
  readonly passes: number;
  readonly bytes: number;
  readonly estimated_bytes: number;
  /** What would be held with the logits of a pass as a whole. */
  readonly whole_bytes: number;
  readonly generation_ms: number;
  readonly update_ms: number;
}

export async function scale(gpu: Gpu, name: string, shape: StepShape): Promise<ScaleResult> {
  const trial = await rlvrStep(gpu, shape);
  try {
    const started = performance.now();
    await trial.generate();
    const generated = performance.now();
    await trial.update();
    const updated = performance.now();
    const { spec, rows, length } = shape;
    const parameters = parameterCount(spec);
    return {
      name,
      about: `One step of ${parameters.toLocaleString('en')} parameters on ${rows} rollouts of ${length} positions.`,
      made: new Date().toISOString(),
      vocabulary: spec.vocab_size,
      ...{ parameters, rows, length, passes: rows / trial.passRows },
      ...{ bytes: trial.bytes, estimated_bytes: trial.estimatedBytes },
      whole_bytes: trial.wholeBytes,
      ...{ generation_ms: generated - started, update_ms: updated - generated },
    };
  } finally {
    await trial.destroy();
  }
}
