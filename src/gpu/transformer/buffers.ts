import { headDim, parameterLayout } from '../../model/layout';
import type { ModelSpec } from '../../model/spec';
import type { View } from '../kernel';
import { MemoryCount, type Allocator } from '../memory';
import { SETTINGS_WORDS } from '../run_settings';
import {
  activations,
  gradients,
  STATS_WIDTH,
  type Activations,
  type Gradients,
} from './activations';
import { decodeBuffers, type DecodeBuffers } from './decode';
import type { RopeViews } from './cover';
import { flat, policyBuffers, type PolicyBuffers } from './policy_buffers';
import { rolloutBuffers, type RolloutBuffers } from './rollout_buffers';
import { UPDATE_WORDS, type RunsShape } from './shapes';
import { updateOutputs, type UpdateOutputs } from './update';

/** Every buffer of a set of runs. */
export interface RunsBuffers {
  readonly policy: PolicyBuffers;
  /** Weights of the policy that KL is measured against. */
  readonly base: View;
  /** Weights that the last updates began with. */
  readonly kept: View;
  readonly rollouts: RolloutBuffers;
  readonly settings: View;
  /** The rows of a pass, (R, pass rows, 4); and every rollout row in its order. */
  readonly rows: View;
  readonly allRows: View;
  readonly rope: RopeViews;
  readonly acts: Activations;
  readonly grads: Gradients;
  readonly outputs: UpdateOutputs;
  /** Statistics of the updates since the last readback. */
  readonly history: View;
  readonly decode: DecodeBuffers;
  readonly passes: PassBuffers | null;
}

/** Where an update takes several passes: of all its rows. */
export interface PassBuffers {
  readonly minibatchRows: number;
  /** One pass after another, and one run after another. */
  readonly rows: View;
  readonly rowsByRun: View;
  /** What each pass leaves of its tokens, one after another. */
  readonly stats: View;
  /** As in `Gradients`, one run after another. */
  readonly selection: View;
}

/** Rows of a pass, and passes of an update. */
export function passesOf({ minibatchRows, passRows = minibatchRows }: RunsShape) {
  return { passRows, passes: minibatchRows / passRows };
}

export function runsBuffers(memory: Allocator, spec: ModelSpec, shape: RunsShape): RunsBuffers {
  const { runs, rows, length, minibatchRows, vocabPart } = shape;
  const layout = parameterLayout(spec);
  const { passRows, passes } = passesOf(shape);
  const parts = vocabPart === undefined ? {} : { vocabPart };
  const batch = { runs, rows: passRows, positions: length - 1, ...parts };
  const tokens = runs * minibatchRows * batch.positions;
  const policy = policyBuffers(memory, layout, runs, shape.bindingBytes);
  const angles = (length * headDim(spec)) / 2;
  return {
    policy,
    base: memory.storage('base weights', runs * layout.total, flat(runs)),
    kept: memory.storage('weights before the updates', runs * layout.total, flat(runs)),
    rollouts: rolloutBuffers(memory, { runs, rows, length }),
    settings: memory.storage('settings', runs * SETTINGS_WORDS),
    rows: memory.storage('rows of a pass', runs * passRows * 4),
    allRows: memory.storage('all rows', runs * rows * 4),
    rope: { cosine: memory.storage('cosine', angles), sine: memory.storage('sine', angles) },
    acts: activations(memory, spec, batch, 'update'),
    grads: gradients(memory, spec, batch, 'update'),
    outputs: updateOutputs(memory, policy, passRows * batch.positions),
    history: memory.storage('update history', shape.updates * runs * UPDATE_WORDS),
    decode: decodeBuffers(memory, spec, { runs, rows, length }),
    passes:
      passes === 1
        ? null
        : {
            minibatchRows,
            rows: memory.storage('minibatch rows', runs * minibatchRows * 4),
            rowsByRun: memory.storage('minibatch rows by run', runs * minibatchRows * 4),
            stats: memory.storage('minibatch stats', tokens * STATS_WIDTH * 4),
            selection: memory.storage('minibatch selection', tokens * 4),
          },
  };
}

/** Words of the buffer through which a step is read: three planes of the rollouts, and the statistics of its updates. */
export function readbackWords({ runs, rows, length, updates }: RunsShape): number {
  return 3 * runs * rows * length + updates * runs * UPDATE_WORDS;
}

/**
 * Bytes that runs of a shape will hold on the GPU, but for the parameters of their dispatches (256 each). With the limits of
 * a device it throws RlvrError `limitTooSmall` where they do not fit.
 */
export function estimateMemory(
  spec: ModelSpec,
  shape: RunsShape,
  limits: GPUSupportedLimits | null = null,
): number {
  const count = new MemoryCount(limits);
  runsBuffers(count, spec, shape);
  count.staging('readback', readbackWords(shape));
  return count.bytes;
}

/** Bytes that the activations of a pass and their gradients may take, for each run. */
const PASS_BYTES = 128 * 2 ** 20;

/** A vocabulary of more tokens than this is taken in parts of half as many. */
const MOST_WHOLE = 8192;

/**
 * How much of an update is held at a time: a large vocabulary goes in parts, and of the rows the largest divisor of the
 * minibatch with which activations stay within 128 MiB a run. The same on every device, since sums over several passes are
 * rounded otherwise than over one.
 */
export function fittingPasses(
  spec: ModelSpec,
  minibatchRows: number,
  length: number,
): Pick<RunsShape, 'passRows' | 'vocabPart'> {
  const parts = spec.vocab_size > MOST_WHOLE ? { vocabPart: MOST_WHOLE / 2 } : {};
  const bytes = (rows: number) => {
    const count = new MemoryCount();
    const batch = { runs: 1, rows, positions: length - 1, ...parts };
    activations(count, spec, batch, '');
    gradients(count, spec, batch, '');
    return count.bytes;
  };
  let rows = minibatchRows;
  for (let passes = 1; passes <= minibatchRows; passes++) {
    if (minibatchRows % passes !== 0) continue;
    rows = minibatchRows / passes;
    if (bytes(rows) <= PASS_BYTES) break;
  }
  return { passRows: rows, ...parts };
}
