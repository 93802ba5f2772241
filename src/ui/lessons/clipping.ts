import type { Ask } from '../../store/lesson_findings';
import type { Lesson } from './lesson';

const turn: Ask = { of: 'clip-trace' };

export const clipSelects: Lesson = {
  id: 'clip-selects',
  title: 'Clip selects',
  minutes: 6,
  experiment: 'clip-selects',
  question:
    'A batch is used again and again. At first its bad responses lower entropy. Do they go on doing so?',
  options: [
    { id: 'always', text: 'Yes, at every update.', right: { ask: turn, when: ['never turns'] } },
    {
      id: 'clip',
      text: 'No: clipping turns their effect round.',
      right: { ask: turn, when: ['turns with the clip only'] },
    },
    {
      id: 'anyway',
      text: 'No: it turns round by itself, clipped or not.',
      right: { ask: turn, when: ['turns without it too'] },
    },
  ],
  steps: [
    {
      text: [
        'Clipping holds the ratio, the probability now over that when drawn, inside a range. A token of a bad response that has fallen below the range gives no gradient any more.',
      ],
      show: { label: 'Show me the term', actions: [{ act: 'term', term: 'low' }] },
      look: 'formula',
    },
    {
      text: [
        'Which tokens fall out first? The ratio of an unlikely token moves fastest, so after a few updates it is the unlikely tokens of bad responses that are gone. The likely ones are left.',
        'And pushing down a likely token raises entropy.',
      ],
      show: {
        label: 'Show me: a likely token, down',
        actions: [
          { act: 'softmax', preset: 'confident', token: 0, advantage: -1 },
          { act: 'look', at: 'distribution' },
        ],
      },
      look: 'distribution',
    },
    {
      text: [
        'So clipping does more than bound the step: it selects. What is left of the bad responses pushes the other way than the whole did.',
        'The measurement follows one batch for 16 updates, with the lower clip and without. It trains nothing else, so there is no curve to play; the answer page reads it off the record. To see it on your own run: pause, open “Inside the update” and press “What clipping selects”.',
      ],
      look: 'measures',
    },
  ],
  closing: {
    paper: 'Clip thresholds change how much positive and negative tokens count.',
    holds: { ask: turn, when: ['turns with the clip only'] },
    keep: [
      'This is how “negative tokens hold entropy up” can be true of the later updates of a step and false of the first.',
      'Measured on the base policy of one task. The update at which the sign turns depends on the learning rate.',
    ],
  },
};

const withoutClip: Ask = {
  of: 'claim',
  measure: 'entropy',
  higher: 'λ 0',
  lower: 'λ 0 without lower clip',
};

export const lowerClip: Lesson = {
  id: 'lower-clip',
  title: 'Why clipping matters',
  minutes: 5,
  experiment: 'lower-clip-removed',
  question:
    'The policy learns from bad responses only, with 16 updates a step. We take the lower clip away. What happens to entropy?',
  options: [
    { id: 'lower', text: 'There is less of it.', right: { ask: withoutClip, when: ['agrees'] } },
    { id: 'higher', text: 'There is more of it.', right: { ask: withoutClip, when: ['reversed'] } },
    { id: 'same', text: 'No clear difference.', right: { ask: withoutClip, when: ['undecided'] } },
  ],
  steps: [
    {
      text: [
        'Four arms: λ 0 and λ 1, each with the usual clip range and without its lower end. Nothing else differs.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: [
        'Look at the first five steps, where reward has hardly moved: the effect is cleanest there.',
      ],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'entropy',
    },
    {
      text: [
        'What comes later is a policy pushed away from everything it knew. Without the bound, a bad token is pushed down without end.',
      ],
      show: { label: 'Show me the arm', actions: [{ act: 'arm', arm: 'λ 0 without lower clip' }] },
      look: 'reward',
    },
  ],
  closing: {
    paper: 'Negative tokens hold entropy up; clip thresholds govern how much.',
    claims: true,
    keep: [
      'Low entropy is not always a collapse into right answers: here it can be a policy that has broken.',
    ],
  },
};
