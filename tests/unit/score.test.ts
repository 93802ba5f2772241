import { expect, test } from 'vitest';
import { score, type SampledResponse } from '../../src/engine/score';
import { taskNamed } from '../../src/tasks/registry';
import type { Task } from '../../src/tasks/task';

/** Correct is what begins with 1; the first token is the answer, and 9 is none. */
const task: Task = {
  ...taskNamed('maze-small'),
  verify: (_prompt, [first]) => ({ reward: first === 1 ? 1 : 0, reason: '' }),
  answer: (_prompt, [first]) => (first === 9 ? null : String(first)),
};

/** A response of two tokens, each of logprob -1; entropies 1 and 2. */
function response(prompt: number, first: number): SampledResponse {
  return {
    prompt,
    tokens: [first, 0],
    logprob: Float32Array.of(-1, -1),
    entropy: Float32Array.of(1, 2),
  };
}

const prompts = [[5], [6]];
const responses = [
  ...[1, 1, 2, 9].map((first) => response(0, first)),
  ...[3, 3, 3, 3].map((first) => response(1, first)),
];

test('two prompts with four responses each, by hand', () => {
  const { reliability, ...found } = score(task, prompts, 4, responses);
  const token = Math.exp(-1);
  const both = Math.exp(-2);
  const differing = Math.sqrt((1 / 2) * 0.1); // 2 0 and 9 0 share the 0 with others, and no bigram
  const expected: Record<string, number> = {
    prompts: 2,
    samples: 4,
    entropy: 1.5,
    pass_at_1: 1 / 4,
    pass_at_k: 1 / 2,
    maj_at_k: 1 / 2,
    distinct: 2,
    distinct_correct: 1 / 2,
    ece: token - 1 / 4,
    brier: (1 / 4) * (1 - token) ** 2 + (3 / 4) * token ** 2,
    response_length: 2,
    pass_at_2: 5 / 12, // of the six pairs of the first prompt, five hold a correct response
    pass_at_4: 1 / 2,
    avg_at_k: 1 / 4,
    distinct_1: (4 / 8 + 2 / 8) / 2,
    distinct_2: (3 / 4 + 1 / 4) / 2,
    self_bleu: ((2 + 2 * differing) / 4 + 1) / 2,
    answer_entropy: (Math.log(3) - (2 / 3) * Math.LN2) / 2, // of 1 1 2, and of one answer alone
    ece_sequence: 1 / 4 - both,
    brier_sequence: (1 / 4) * (1 - both) ** 2 + (3 / 4) * both ** 2,
    // Confidence 1/2 twice and right, 1/4 and 0 and wrong, 1 four times and wrong.
    ece_answer: (1 + 0.25 + 0 + 4) / 8,
    brier_answer: (2 * 0.25 + 0.0625 + 0 + 4) / 8,
  };
  for (const [key, value] of Object.entries(expected)) {
    expect(found[key as keyof typeof found], key).toBeCloseTo(value, 12);
  }
  expect(found.pass_at_8).toBeNull();
  expect(found.distinct_3).toBeNull();
  expect(found.pass_curve.map(([k]) => k)).toEqual([1, 2, 4]);
  [1 / 4, 5 / 12, 1 / 2].forEach((pass, i) => expect(found.pass_curve[i][1]).toBeCloseTo(pass, 14));
  expect(reliability).toHaveLength(10);
  expect(reliability[3]).toMatchObject({ count: 8, accuracy: 0.25 });
});

test('nothing is said of answers where there are none', () => {
  const found = score({ ...task, answer: () => null }, prompts, 4, responses);
  expect(found).toMatchObject({
    maj_at_k: null,
    answer_entropy: null,
    ece_answer: null,
    brier_answer: null,
  });
});

test('one sample: no second to differ from', () => {
  const found = score(task, [[5]], 1, [response(0, 1)]);
  expect(found).toMatchObject({
    pass_at_k: 1,
    pass_at_2: null,
    pass_at_4: null,
    pass_at_8: null,
    self_bleu: null,
    distinct_2: 1,
    pass_curve: [[1, 1]],
  });
});

test('three samples: the curve ends at the last power of two', () => {
  const three = [1, 2, 2].map((first) => response(0, first));
  const { pass_curve: curve } = score(task, [[5]], 3, three);
  expect(curve.map(([k]) => k)).toEqual([1, 2]);
  expect(curve[1][1]).toBeCloseTo(2 / 3, 14);
});
