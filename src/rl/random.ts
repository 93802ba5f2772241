import type { Random } from '../tasks/task';
import { threefry2x32 } from './threefry';

/** What a CPU-side stream is drawn for: each purpose has its own key, so that none shifts another's draws. */
export const STREAMS = {
  heldOutPrompts: 1,
  trainPrompts: 2,
  promptOrder: 3,
  minibatches: 4,
  bootstrap: 5,
  corpus: 6,
  rollouts: 7,
  evaluation: 8,
  selection: 9,
  rewards: 10,
  resampling: 11,
  measurement: 12,
} as const;

/** Uniform numbers keyed by (seed, stream); a second call with the same key starts over. */
export function stream(seed: number, streamId: number): Random {
  let counter = 0;
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const uniform = spare;
      spare = null;
      return uniform;
    }
    const [first, second] = threefry2x32(seed, streamId, counter++, 0);
    spare = toUniform(second);
    return toUniform(first);
  };
}

/** A uniform number in (0, 1) from 24 bits, exact in float64. (The sampler on the GPU takes 23: 24 and a half bits are not exact in f32.) */
export function toUniform(bits: number): number {
  return ((bits >>> 8) + 0.5) * 2 ** -24;
}

/** A uniform integer in [0, n). The 24-bit source biases it by less than n * 2^-24. */
export function integerBelow(n: number, random: Random): number {
  return Math.min(n - 1, Math.floor(random() * n));
}

/** One of the items, each equally likely; the list must not be empty. */
export function pick<T>(items: readonly T[], random: Random): T {
  if (items.length === 0) throw new RangeError('cannot pick from an empty list');
  return items[integerBelow(items.length, random)];
}

/** The items in random order (Fisher-Yates); the input is left alone. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const out = items.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = integerBelow(i + 1, random);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

/** The numbers 0..n-1 in random order. */
export function permutation(n: number, random: Random): number[] {
  return shuffled(
    Array.from({ length: n }, (_, i) => i),
    random,
  );
}

/** One of many streams of a purpose, e.g. the order of the prompts of epoch `index`. */
export function substream(seed: number, streamId: number, index: number): Random {
  const [key] = threefry2x32(seed, streamId, index, 1);
  return stream(key, streamId);
}
