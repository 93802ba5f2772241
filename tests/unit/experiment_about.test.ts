import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExperiment, type Experiment } from '../../src/recipe/experiment';

const ABOUT = {
  question: 'Who drives entropy?',
  prediction: 'The positives.',
  look_at: 'The curves.',
  paper: 'Positive advantages drive the collapse.',
  sources: ['arXiv 2511.05993'],
  claims: [
    {
      says: 'Less weight keeps more entropy.',
      by: 'paper',
      measure: 'evaluation.entropy',
      higher: 'λ 0.5',
      lower: 'GRPO',
    },
  ],
  finding: 'It does, by 0.1 nats.',
};
const ARMS = [
  { name: 'GRPO', set: {} },
  { name: 'λ 0.5', set: { positive_weight: 0.5 } },
];
const MEASURE = { at: [0, 2, 40], kinds: ['probe', 'drive'], prompts: 48, samples: 8 };

function accepted(value: object): Experiment {
  const result = parseExperiment({ arms: ARMS, ...value });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.value;
}

function refusals(value: object): string[] {
  const result = parseExperiment({ arms: ARMS, ...value });
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

const claim = (changes: object) => ({
  about: { ...ABOUT, claims: [{ ...ABOUT.claims[0], ...changes }] },
});

test('an experiment says what it is for, and reads back as it was written', () => {
  const experiment = accepted({ about: ABOUT, measure: MEASURE, evaluate: { training: true } });
  expect(experiment.about).toEqual(ABOUT);
  expect(experiment.measure).toEqual({ ...MEASURE, kinds: ['drive', 'probe'] });
  expect(experiment.evaluate.training).toBe(true);
  expect(accepted(JSON.parse(JSON.stringify(experiment)) as object)).toEqual(experiment);
});

test('all of it may be left out', () => {
  const { about, measure, evaluate } = accepted({});
  expect([about, measure, evaluate.training]).toEqual([null, null, false]);
  const { question, prediction, look_at } = ABOUT;
  const short = { question, prediction, look_at };
  expect(accepted({ about: short }).about).toEqual({
    ...short,
    paper: null,
    sources: [],
    claims: [],
    finding: null,
  });
  expect(accepted({ measure: { at: [0], kinds: ['identity'] } }).measure).toEqual({
    at: [0],
    kinds: ['identity'],
    prompts: 64,
    samples: 16,
  });
});

describe('refusals name what is wrong', () => {
  test.each<[object, string]>([
    [{ about: 'why not' }, 'about must be an object; got "why not"'],
    [{ about: { ...ABOUT, answer: 1 } }, 'unknown key "answer" in about'],
    [
      { about: { ...ABOUT, question: '' } },
      'about.question must be a text of 1 to 600 printable characters; got ""',
    ],
    [
      { about: { ...ABOUT, look_at: 'a\u202eb' } },
      'about.look_at must be a text of 1 to 600 printable characters; got "a\\u202eb"',
    ],
    [
      { about: { ...ABOUT, paper: 7 } },
      'about.paper must be a text of 1 to 600 printable characters; got 7',
    ],
    [
      { about: { ...ABOUT, sources: 'here' } },
      'about.sources must be a list of at most 40; got "here"',
    ],
    [
      { about: { ...ABOUT, claims: Array.from({ length: 41 }, () => ABOUT.claims[0]) } },
      'about.claims must be a list of at most 40; got 41',
    ],
    [claim({ by: 'me' }), 'about.claims[0].by must be one of paper, reference, guess; got "me"'],
    [claim({ higher: 'λ 0' }), 'about.claims[0].higher names no arm: "λ 0"'],
    [claim({ lower: 'λ 0.5' }), 'about.claims[0] must compare two arms; got "λ 0.5" twice'],
    [claim({ sure: true }), 'unknown key "sure" in about.claims[0]'],
    [
      claim({ says: null }),
      'about.claims[0].says must be a text of 1 to 600 printable characters; got null',
    ],
    [
      claim({ higher: { toString: 1 } }),
      'about.claims[0].higher must be a text of 1 to 600 printable characters; got an object',
    ],
    [
      { arms: [{ name: { toString: 1 } }] },
      'arms[0].name must be a text of 1 to 80 printable characters; got an object',
    ],
    [{ measure: [] }, 'measure must be an object; got a list'],
    [{ measure: { ...MEASURE, every: 1 } }, 'unknown key "every" in measure'],
    [
      { measure: { ...MEASURE, at: [] } },
      'measure.at must be a list of at most 64 steps, at least one; got 0',
    ],
    [
      { measure: { ...MEASURE, at: Array.from({ length: 65 }, (_, i) => i) } },
      'measure.at must be a list of at most 64 steps, at least one; got 65',
    ],
    [
      { measure: { ...MEASURE, at: [0, 1.5] } },
      'measure.at[1] must be a whole number between 0 and 100000; got 1.5',
    ],
    [
      { measure: { ...MEASURE, at: [5, 5] } },
      'measure.at must ascend; 5 is not above the step before it',
    ],
    [
      { measure: { ...MEASURE, at: [5, 2] } },
      'measure.at must ascend; 2 is not above the step before it',
    ],
    [
      { measure: { ...MEASURE, at: [0, 41] } },
      'measure.at must not go beyond the last step 40; got 41',
    ],
    [
      {
        measure: { ...MEASURE, kinds: ['clip-trace'] },
        base: { prompts_per_step: 2, group_size: 2, minibatches: 4 },
      },
      'measure: a clip-trace needs minibatches of at least 2 responses',
    ],
    [
      { measure: { ...MEASURE, kinds: ['guess'] } },
      'measure.kinds[0] must be one of drive, probe, identity, clip-trace, contributions, ratios; got "guess"',
    ],
    [
      { measure: { ...MEASURE, kinds: ['drive', 'drive'] } },
      'measure.kinds must differ; got "drive" twice',
    ],
    [
      { measure: { at: [0] } },
      'measure.kinds must be a list of at most 6 kinds, at least one; got nothing',
    ],
    [
      { measure: { ...MEASURE, prompts: 0 } },
      'measure.prompts must be a whole number between 1 and 1024; got 0',
    ],
    [
      { measure: { ...MEASURE, samples: 1 } },
      'measure.samples must be a whole number between 2 and 1024; got 1',
    ],
    [{ evaluate: { training: 1 } }, 'evaluate.training must be true or false; got 1'],
  ])('%j', (value, message) => {
    expect(refusals(value)).toEqual([message]);
  });

  test('whatever comes in, there is no exception', () => {
    const about = fc.record(
      {
        question: fc.anything(),
        paper: fc.anything(),
        sources: fc.anything(),
        claims: fc.oneof(fc.anything(), fc.array(fc.anything())),
      },
      { requiredKeys: [] },
    );
    const measure = fc.record(
      { at: fc.oneof(fc.anything(), fc.array(fc.anything())), kinds: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(about, measure, fc.anything(), (a, m, training) => {
        parseExperiment({ about: a, measure: m, evaluate: { training } });
      }),
      { numRuns: 500 },
    );
  });
});
