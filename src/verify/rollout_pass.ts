import { padded } from './arrays';
import type { Source } from './source';

/** A small pass over random rollout rows, as the kernels read it and as the twins do. */

export interface PassShape {
  readonly V: number;
  /** Rows of the pass, and of the rollouts they are chosen from. */
  readonly rows: number;
  readonly rolloutRows: number;
  /** Positions of a rollout row; the pass covers `positions` inputs from `first` on. */
  readonly length: number;
  readonly first: number;
  readonly positions: number;
  readonly runs: number;
}

export const wholeRows = (V: number, rows: number, length: number, runs: number): PassShape => ({
  V,
  rows,
  rolloutRows: rows + (V % 3),
  length,
  first: 0,
  positions: length - 1,
  runs,
});

/** Where nothing may be read. */
export const GARBAGE_TOKEN = 0xfff0_0000;
export const GARBAGE = -3.3e29;

export interface RunPass {
  /** (rows): rollout row, prompt length, length. */
  readonly spans: readonly (readonly [number, number, number])[];
  /** (rows, length) by row of the pass. */
  readonly tokens: number[];
  /** (rows, positions, V), exact f32 values. */
  readonly logits: Float64Array;
}

/** One run's rows with responses of every kind: one token, up to the end, none. */
export function randomPass(shape: PassShape, random: Source, logitScale: number): RunPass {
  const { V, rows, rolloutRows, length, positions } = shape;
  const order = Array.from({ length: rolloutRows }, (_, i) => i);
  for (let i = rolloutRows - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const spans = Array.from({ length: rows }, (_, b) => {
    const prompt = 1 + random.below(length - 1);
    const ends = [prompt + 1, length, prompt + random.below(length - prompt + 1)];
    return [order[b], prompt, b === 0 ? length : ends[random.below(3)]] as const;
  });
  const tokens = Array.from({ length: rows * length }, () => random.below(V));
  const uniform = () => Math.fround(logitScale * (2 * random.uniform() - 1));
  const logits = Float64Array.from({ length: rows * positions * V }, uniform);
  return { spans, tokens, logits };
}

/** Calls `visit(row of the pass, position t, row of logits)` for every response token the pass covers. */
export function eachResponseToken(
  { rows, first, positions }: PassShape,
  { spans }: RunPass,
  visit: (b: number, t: number, n: number) => void,
): void {
  for (let b = 0; b < rows; b++) {
    const [, prompt, end] = spans[b];
    for (let t = Math.max(prompt, first + 1); t < Math.min(end, first + positions + 1); t++) {
      visit(b, t, b * positions + t - 1 - first);
    }
  }
}

export function passBuffers(shape: PassShape, passes: readonly RunPass[]) {
  const { V, rows, rolloutRows, length, positions, runs } = shape;
  const stride = padded(V);
  const selected = new Uint32Array(runs * rows * 4);
  const tokens = new Uint32Array(runs * rolloutRows * length).fill(GARBAGE_TOKEN);
  // Whatever lies in the padding of a row of logits must not matter.
  const logits = new Float32Array(runs * rows * positions * stride).fill(GARBAGE);
  passes.forEach((pass, run) => {
    pass.spans.forEach(([row, prompt, end], b) => {
      selected.set([row, prompt, end, 0], 4 * (run * rows + b));
      // Prompt and response; what comes after the response stays garbage.
      for (let t = 0; t < end; t++) {
        tokens[(run * rolloutRows + row) * length + t] = pass.tokens[b * length + t];
      }
    });
    for (let n = 0; n < rows * positions; n++) {
      logits.set(pass.logits.subarray(n * V, (n + 1) * V), (run * rows * positions + n) * stride);
    }
  });
  return { rows: selected, tokens, logits, stride };
}

/** Where a pass reads and writes, as the kernels' parameters. */
export const coverOf = (shape: PassShape) => ({
  rows: shape.rows,
  positions: shape.positions,
  first: shape.first,
  length: shape.length,
  rollout_rows: shape.rolloutRows,
  plane: planeOf(shape),
});

/** Numbers of one plane of the record. */
export const planeOf = ({ runs, rolloutRows, length }: PassShape) => runs * rolloutRows * length;

/** Cell of a plane where the token at position t of row b of the pass stands. */
export function cellOf(shape: PassShape, pass: RunPass, run: number, b: number, t: number): number {
  return (run * shape.rolloutRows + pass.spans[b][0]) * shape.length + t;
}
