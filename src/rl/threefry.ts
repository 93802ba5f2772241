/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of 64 bits built from add, rotate and xor only.
 * Source: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3 (SC11); same constants as src/shaders.
 */
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
/** Makes the third key word differ from k0 ^ k1, so that a zero key still mixes. */
const PARITY = 0x1bd11bda;
const ROUNDS = 20;

/** Two random 32-bit words for key (k0, k1) at counter (c0, c1); all words are unsigned. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const key = [k0 | 0, k1 | 0, k0 ^ k1 ^ PARITY];
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const by = ROTATIONS[round % 8];
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + key[injection % 3]) | 0;
      x1 = (x1 + key[(injection + 1) % 3] + injection) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}
