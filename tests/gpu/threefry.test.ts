import { describe, expect, test } from 'vitest';
import { threefry2x32 } from '../../src/reference/threefry';
import { compareThreefry, threefryBits } from '../../src/verify/threefry';
import { expectTwin, testBench } from '../setup/kernel';

describe('threefry', () => {
  // Random123's known answers for 20 rounds.
  test.each([
    { key: [0, 0], counter: [0, 0], want: [0x6b200159, 0x99ba4efe] },
    {
      key: [0xffffffff, 0xffffffff],
      counter: [0xffffffff, 0xffffffff],
      want: [0x1cb996fc, 0xbb002be7],
    },
    {
      key: [0x13198a2e, 0x03707344],
      counter: [0x243f6a88, 0x85a308d3],
      want: [0xc4923a9c, 0x483df7a0],
    },
  ])('known answer of key $key', async ({ key, counter, want }) => {
    const params = { count: 1, start: counter[0], stream: counter[1], key0: key[0], key1: key[1] };
    expect([...(await threefryBits(await testBench(), params))]).toEqual(want);
  });

  test.each([1, 2, 63, 64, 65, 257])(
    '%i words pairs equal the twin in every run',
    async (count) => {
      const params = { count, start: 0xfffffff0, stream: 9, key0: 12345, key1: 0xdeadbeef };
      expectTwin(await compareThreefry(await testBench(), params, 3));
    },
  );

  test('a grid of more than 32,768 workgroups folds into y', async () => {
    const params = { count: 32_768 + 5, start: 0, stream: 1, key0: 3, key1: 4 };
    const got = await threefryBits(await testBench({ element: 1 }), params);
    for (const i of [0, 1, 32_767, 32_768, 32_772]) {
      expect([...got.slice(2 * i, 2 * i + 2)]).toEqual(threefry2x32(3, 4, i, 1));
    }
    expect(got).toHaveLength(2 * params.count);
  });
});
