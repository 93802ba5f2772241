import { describe, expect, test } from 'vitest';
import { quantityAt } from '../../src/rl/quantity';
import { summariseRuns } from '../../src/rl/summary';
import { judge, verdictInWords } from '../../src/rl/verdict';

/** Two arms whose entropies by seed are given; pass@1 is the same everywhere. */
function summaryOf(a: readonly number[], b: readonly number[]) {
  const runsOf = (arm: string, values: readonly number[]) =>
    values.map((entropy, seed) => ({
      ...{ arm, seed, entropy, reward: 0.5 },
      evaluation: { pass_at_1: 0.5 },
      entropy_at_reward: { '0.5': entropy + 1 },
    }));
  return summariseRuns([...runsOf('A', a), ...runsOf('B', b)]);
}

const said = (summary: ReturnType<typeof summaryOf>, changes: object = {}) => {
  const claim = { measure: 'entropy', higher: 'A', lower: 'B', ...changes };
  return verdictInWords(claim, judge(claim, summary));
};

const CLEAR = summaryOf([0.561, 0.587, 0.613], [0.5, 0.5, 0.5]);

describe('a verdict has effect size, interval and seeds', () => {
  test('agrees where the whole interval is above 0', () => {
    expect(said(CLEAR)).toBe(
      'agrees: +0.087 [+0.061, +0.113] nats, 3 of 3 seeds (d_z +3.3, p 0.25)',
    );
  });

  test('reversed where it is below, whichever arm comes first in the file', () => {
    expect(said(CLEAR, { higher: 'B', lower: 'A' })).toBe(
      'reversed: −0.087 [−0.113, −0.061] nats, 3 of 3 seeds the other way (d_z −3.3, p 0.25)',
    );
    expect(judge({ measure: 'entropy', higher: 'B', lower: 'A' }, CLEAR).difference).toMatchObject({
      n: 3,
      asClaimed: 0,
      otherWay: 3,
    });
  });

  test('undecided where it holds 0', () => {
    expect(said(summaryOf([0.6, 0.4, 0.6], [0.5, 0.5, 0.5]))).toBe(
      'undecided: +0.033 [−0.100, +0.100] nats, 2 of 3 seeds as claimed (d_z +0.3, p 1.00)',
    );
    // No difference at all: the interval is the point 0.
    expect(said(CLEAR, { measure: 'evaluation.pass_at_1' })).toBe(
      'undecided: 0.000 [0.000, 0.000], 0 of 3 seeds as claimed (p 1.00)',
    );
  });

  test('undecided of one seed, however large', () => {
    expect(said(summaryOf([0.9], [0.1]))).toBe('undecided: +0.800 nats, one seed only');
  });

  test('a level of reward keeps its point', () => {
    expect(said(CLEAR, { measure: 'entropy_at_reward.0.5' })).toMatch(/^agrees: \+0\.087/);
  });
});

test.each([
  { measure: 'evaluation.pass_at_9' },
  { measure: 'evaluation' },
  { measure: 'first' },
  { measure: '__proto__.mean' },
  { measure: 'entropy.mean' },
  { measure: 'evaluation.constructor' },
  { higher: 'C' },
])('unmeasured where there is nothing to judge by: %j', (changes) => {
  const claim = { measure: 'entropy', higher: 'A', lower: 'B', ...changes };
  expect(judge(claim, CLEAR)).toEqual({ holds: 'unmeasured', difference: null });
  expect(said(CLEAR, changes)).toBe('unmeasured');
});

test('a quantity has a name and a unit; an unknown one has none', () => {
  expect(quantityAt('evaluation.entropy')).toEqual({ label: 'held-out entropy', unit: 'nats' });
  expect(quantityAt('evaluation_training.pass_at_1')?.label).toBe('pass@1 on training prompts');
  expect(quantityAt('entropy_at_reward.0.5')?.unit).toBe('nats');
  for (const path of ['', 'toString', 'evaluation.toString', 'entropy_at_reward.0.45', 'x.y']) {
    expect(quantityAt(path)).toBeNull();
  }
});
