import type { ModelSpec } from '../../src/model/spec';
import type { Axis } from '../harness/growth';
import { modelSpec } from '../harness/problems';
import type { StepShape } from '../ours/runs';
import { STEP } from './cases';

function axis(
  name: string,
  about: string,
  values: readonly number[],
  change: (x: number) => Partial<StepShape>,
): Axis {
  return { name, about, values, shape: (x) => ({ ...STEP, ...change(x) }) };
}

function modelAxis(
  name: string,
  about: string,
  values: readonly number[],
  change: (x: number) => Partial<ModelSpec>,
): Axis {
  return axis(name, about, values, (x) => ({ spec: modelSpec(change(x)) }));
}

/** How the cost of a step grows, from 64 rollouts of 24 positions by one layer of width 32. */
export const AXES: readonly Axis[] = [
  axis('grow-tokens', 'positions of a rollout, a third of them prompt', [12, 24, 48, 96], (x) => ({
    promptLength: x / 3,
    length: x,
  })),
  axis('grow-group', 'rollouts of a step', [16, 32, 64, 128, 256], (rows) => ({ rows })),
  modelAxis('grow-width', 'width of the model, heads of 16', [16, 32, 64, 128], (width) => ({
    hidden_size: width,
    intermediate_size: 2 * width,
    num_attention_heads: width / 16,
  })),
  modelAxis('grow-layers', 'layers', [1, 2, 4, 8], (num_hidden_layers) => ({ num_hidden_layers })),
  modelAxis('grow-vocabulary', 'tokens of the vocabulary', [16, 64, 256, 1024], (vocab_size) => ({
    vocab_size,
  })),
  axis('grow-arms', 'arms in one sequence of dispatches', [1, 2, 4, 8, 16], (runs) => ({ runs })),
];

/** The two smallest sizes, to see that it works. */
export const quickAxis = (full: Axis): Axis => ({ ...full, values: full.values.slice(0, 2) });
