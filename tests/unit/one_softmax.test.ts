import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { probabilities, pushOnce } from '../../src/reference/one_softmax';
import { pushedLogits, quadrantOf, type Push } from '../../src/rl/one_softmax';
import { PRESETS, TOKENS } from '../../src/store/softmax';

/** Written out once more, from the definition. */
function entropyOf(logits: readonly number[]): number {
  const weights = logits.map((z) => Math.exp(z));
  const total = weights.reduce((a, b) => a + b);
  return -weights.reduce((sum, w) => sum + (w / total) * Math.log(w / total), 0);
}

const logprobOf = (logits: readonly number[], token: number) =>
  logits[token] - Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));

const pushes: fc.Arbitrary<Push> = fc
  .array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 2, maxLength: 8 })
  .chain((logits) =>
    fc.record({
      logits: fc.constant(logits),
      token: fc.nat(logits.length - 1),
      advantage: fc.constantFrom(1, -1, 0.5),
      stepSize: fc.double({ min: 0.01, max: 3, noNaN: true }),
    }),
  );

describe('one push', () => {
  test('its gradient is that of -A log p, by central differences', () => {
    fc.assert(
      fc.property(pushes, (push) => {
        const { gradient } = pushOnce(push);
        const h = 1e-5;
        push.logits.forEach((_, v) => {
          const at = (by: number) =>
            -push.advantage *
            logprobOf(
              push.logits.map((z, u) => (u === v ? z + by : z)),
              push.token,
            );
          expect(gradient[v]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 7);
        });
      }),
    );
  });

  test('its drive is the slope of the entropy along the step, by central differences', () => {
    fc.assert(
      fc.property(pushes, (push) => {
        const { drive, gradient } = pushOnce(push);
        const h = 1e-5;
        const at = (stepSize: number) => entropyOf(pushedLogits({ ...push, stepSize }, gradient));
        expect(drive).toBeCloseTo((at(h) - at(-h)) / (2 * h), 7);
      }),
    );
  });

  test('entropies before and after are those of the logits', () => {
    fc.assert(
      fc.property(pushes, (push) => {
        const { entropy, entropyAfter, gradient, logprob } = pushOnce(push);
        expect(entropy).toBeCloseTo(entropyOf(push.logits), 10);
        expect(entropyAfter).toBeCloseTo(entropyOf(pushedLogits(push, gradient)), 10);
        expect(logprob).toBeCloseTo(logprobOf(push.logits, push.token), 10);
      }),
    );
  });

  test('the rule holds away from the line, and an unlikely token never breaks it', () => {
    fc.assert(
      fc.property(pushes, (push) => {
        const pushed = pushOnce(push);
        const quadrant = quadrantOf(push, pushed);
        if (Math.abs(pushed.drive) < 1e-12 || quadrant.nearTheLine) return;
        expect(pushed.drive > 0).toBe(quadrant.rises);
      }),
    );
    fc.assert(
      fc.property(pushes, (push) => {
        const quadrant = quadrantOf(push, pushOnce(push));
        if (!quadrant.likely) expect(quadrant.nearTheLine).toBe(false);
      }),
    );
  });

  test('the four cases of the rule', () => {
    const cases = [
      { token: 0, advantage: 1, rises: false },
      { token: 0, advantage: -1, rises: true },
      { token: 5, advantage: 1, rises: true },
      { token: 5, advantage: -1, rises: false },
    ];
    for (const { token, advantage, rises } of cases) {
      const push = { logits: PRESETS.tail.logits, token, advantage, stepSize: 0.1 };
      const pushed = pushOnce(push);
      expect(quadrantOf(push, pushed).rises).toBe(rises);
      expect(pushed.entropyAfter > pushed.entropy).toBe(rises);
    }
  });
});

test('probabilities sum to one and follow the logits', () => {
  const p = probabilities([2, 1, 0]);
  expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(p[0] / p[1]).toBeCloseTo(Math.E, 12);
});

test('every preset has a logit for every token of the panel', () => {
  for (const { logits } of Object.values(PRESETS)) expect(logits).toHaveLength(TOKENS.length);
});
