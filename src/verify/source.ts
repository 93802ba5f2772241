import { threefry2x32 } from '../reference/threefry';

/** Seeded random numbers for inputs. */
export interface Source {
  /** Uniform in (0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** An integer in [0, n). */
  below(n: number): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** n normal numbers times `scale`. */
  array(n: number, scale?: number): Float64Array;
}

/** A source of its own for each seed. */
export function source(seed: number): Source {
  let counter = 0;
  const uniform = () => (threefry2x32(seed, 0x7e57, counter++, 0)[0] + 0.5) * 2 ** -32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const below = (n: number) => Math.floor(uniform() * n);
  return {
    uniform,
    normal,
    below,
    pick: (items) => items[below(items.length)],
    array: (n, scale = 1) => Float64Array.from({ length: n }, () => scale * normal()),
  };
}
