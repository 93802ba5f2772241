const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
/** Makes the third key word differ from the xor of the other two (Salmon et al. 2011, Threefish's constant). */
const PARITY = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds: 64 random bits as a pure function of a key (k0, k1) and a counter (c0, c1).
 * Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". All words are unsigned 32-bit.
 */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const key = [k0 >>> 0, k1 >>> 0, (k0 ^ k1 ^ PARITY) >>> 0];
  let x = (c0 + key[0]) >>> 0;
  let y = (c1 + key[1]) >>> 0;
  for (let round = 0; round < 20; round++) {
    const r = ROTATIONS[round % 8];
    x = (x + y) >>> 0;
    y = (((y << r) | (y >>> (32 - r))) ^ x) >>> 0;
    if (round % 4 === 3) {
      const block = (round + 1) / 4;
      x = (x + key[block % 3]) >>> 0;
      y = (y + key[(block + 1) % 3] + block) >>> 0;
    }
  }
  return [x, y];
}
