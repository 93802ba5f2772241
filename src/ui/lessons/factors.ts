import type { Ask } from '../../store/lesson_findings';
import type { Lesson } from './lesson';

const four: Ask = { of: 'claim', measure: 'entropy', higher: '1 update', lower: '4 updates' };
const most: Ask = {
  of: 'claim',
  measure: 'evaluation.pass_at_1',
  higher: '16 updates',
  lower: '1 update',
};

export const offPolicy: Lesson = {
  id: 'off-policy',
  title: 'More updates a step',
  minutes: 5,
  experiment: 'off-policy-updates',
  question:
    'The rollouts of a step can be used for one update, or cut into parts and used for 16. What do more updates a step do in the same number of steps?',
  options: [
    { id: 'faster', text: 'Entropy falls further.', right: { ask: four, when: ['agrees'] } },
    {
      id: 'slower',
      text: 'Entropy falls less: old data hold it back.',
      right: { ask: four, when: ['reversed'] },
    },
    {
      id: 'same',
      text: 'No clear difference: the data are the same.',
      right: { ask: four, when: ['undecided'] },
    },
  ],
  steps: [
    {
      text: [
        'After the first update the policy is no longer the one that wrote the rollouts: the rest are off-policy. The arms differ in the number of updates a step.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: ['By step, the order is easy to see.'],
      show: {
        label: 'Show me: play the recorded run',
        actions: [{ act: 'axis', axis: 'step' }, { act: 'play' }],
      },
      look: 'entropy',
    },
    {
      text: [
        'By update the same runs look different: each update does about as much, and some arms have made sixteen times as many.',
      ],
      show: { label: 'Show me: entropy by updates', actions: [{ act: 'axis', axis: 'updates' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper: 'More off-policy updates speed the collapse.',
    also: [most],
    claims: true,
    keep: [
      'What collapses faster is what moves farther in a step. It learns faster, too: the lesson “Steps are not skill” looks at that.',
    ],
  },
};

const heldOut: Ask = {
  of: 'claim',
  measure: 'evaluation.entropy',
  higher: '4 prompts',
  lower: '1024 prompts',
};

export const dataDiversity: Lesson = {
  id: 'data-diversity',
  title: 'Few prompts',
  minutes: 5,
  experiment: 'data-diversity',
  question:
    'One arm trains on 4 mazes, another on 1024. On mazes that neither has seen, which policy is less sure?',
  options: [
    {
      id: 'many',
      text: 'The one trained on 1024: it has kept more entropy.',
      right: { ask: heldOut, when: ['reversed'] },
    },
    { id: 'few', text: 'The one trained on 4.', right: { ask: heldOut, when: ['agrees'] } },
    { id: 'same', text: 'No clear difference.', right: { ask: heldOut, when: ['undecided'] } },
  ],
  steps: [
    {
      text: ['Six arms train on 4 to 4096 different mazes, for the same number of steps.'],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: [
        'The curve shows entropy on the training rollouts, as every training log does. With few prompts it falls fastest.',
      ],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'entropy',
    },
    {
      text: [
        'Reward of the same rollouts. An arm can answer its four mazes perfectly and have learned nothing about mazes. Before you turn the page: what do you expect on new ones?',
      ],
      look: 'reward',
    },
  ],
  closing: {
    paper: 'Less diverse training data speed the collapse.',
    claims: true,
    keep: [
      'Entropy of the training rollouts and entropy on held-out prompts are different quantities and can move in opposite directions. Ask of any entropy curve where it was measured.',
    ],
  },
};

const random: Ask = { of: 'course', arm: 'random reward', series: 'entropy' };

export const noisyRewards: Lesson = {
  id: 'noisy-rewards',
  title: 'Noisy rewards',
  minutes: 4,
  experiment: 'noisy-rewards',
  question: 'The rewards are random: they say nothing about the answers. What does entropy do?',
  options: [
    { id: 'falls', text: 'It falls.', right: { ask: random, when: ['falls', 'falls by half'] } },
    { id: 'rises', text: 'It rises.', right: { ask: random, when: ['rises'] } },
    {
      id: 'wanders',
      text: 'It goes one way at some seeds, the other way at others.',
      right: { ask: random, when: ['mixed'] },
    },
  ],
  steps: [
    {
      text: [
        'A clean verifier, one that errs on some answers, one whose word is random, and one that compares responses in pairs.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: [
        'The reward chart always shows what the verifier really found, not what the learner was told.',
      ],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'reward',
    },
    {
      text: [
        'By reward: an arm that loses entropy without gaining reward has lost it for nothing.',
      ],
      show: { label: 'Show me: entropy by reward', actions: [{ act: 'axis', axis: 'reward' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper: null,
    also: [
      { of: 'course', arm: 'random reward', series: 'reward' },
      { of: 'course', arm: 'noise 0.3', series: 'entropy' },
      { of: 'course', arm: 'noise 0.3', series: 'reward' },
      { of: 'course', arm: 'clean', series: 'entropy' },
    ],
    keep: [
      'On average a random reward pushes entropy nowhere at first order (docs/math.md, equation 41). What clipping and the finite step do is another matter.',
    ],
  },
};
