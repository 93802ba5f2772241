import { describe, expect, test } from 'vitest';
import { pushOnceOnGpu } from '../../src/engine/one_softmax';
import { factsOf, profileOf } from '../../src/gpu/device';
import { pushOnce } from '../../src/reference/one_softmax';
import type { Push } from '../../src/rl/one_softmax';
import { PRESETS } from '../../src/store/softmax';
import { ROUNDING } from '../../src/verify/arrays';
import { source } from '../../src/verify/source';
import { testAdapter, testDevice } from '../setup/device';
import { expectAllClose } from '../setup/kernel';

/** Sums of a handful of numbers of order 1, and an exponential: some roundings of f32. */
const ATOL = 40 * ROUNDING;

async function push(given: Push) {
  const facts = factsOf(await testAdapter());
  return pushOnceOnGpu({ device: await testDevice(), facts, profile: profileOf(facts) }, given);
}

/** What the twin gets are the very numbers of the GPU: f32. */
const rounded = (given: Push): Push => ({
  ...given,
  logits: given.logits.map(Math.fround),
  advantage: Math.fround(given.advantage),
});

async function expectTwin(given: Push) {
  const input = rounded(given);
  const [got, want] = [await push(input), pushOnce(input)];
  const numbers = (of: typeof want) => [
    of.logprob,
    of.entropy,
    of.drive,
    of.entropyAfter,
    ...of.gradient,
  ];
  // The second row's logits are rounded again, by at most half an ULP of their size.
  const largest = Math.max(...input.logits.map(Math.abs), 1);
  expectAllClose(numbers(got), numbers(want), { atol: largest * ATOL }, 'one softmax');
}

describe('the loss kernel on one row', () => {
  test.each(Object.entries(PRESETS))('%s, every token, up and down', async (_, { logits }) => {
    for (const [token] of logits.entries()) {
      for (const advantage of [1, -1]) {
        await expectTwin({ logits, token, advantage, stepSize: 0.5 });
      }
    }
  });

  test('random rows of 2 to 9 tokens, whose last rows of 4 are not full', async () => {
    const random = source(11);
    for (let vocab = 2; vocab <= 9; vocab++) {
      const logits = Array.from(random.array(vocab, 2));
      const token = random.below(vocab);
      await expectTwin({ logits, token, advantage: random.pick([1, -1, 0.3]), stepSize: 1.5 });
    }
  });

  test('two at once do not touch each other', async () => {
    const [a, b] = [PRESETS.confident, PRESETS.tail].map(({ logits }) => ({
      logits,
      token: 1,
      advantage: 1,
      stepSize: 1,
    }));
    const together = await Promise.all([push(a), push(b)]);
    expect(together).toEqual([await push(a), await push(b)]);
  });
});
