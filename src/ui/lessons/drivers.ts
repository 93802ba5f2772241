import type { Ask } from '../../store/lesson_findings';
import type { Lesson } from './lesson';

const subsets: Ask = { of: 'claim', measure: 'entropy', higher: 'λ 0', lower: 'positives only' };

export const whoDrives: Lesson = {
  id: 'who-drives',
  title: 'Who drives the collapse?',
  minutes: 6,
  experiment: 'who-drives',
  question:
    'One arm learns from good responses only, another from bad ones only. Everything else is the same. Which ends with less entropy?',
  options: [
    {
      id: 'good',
      text: 'The one that learns from good responses.',
      right: { ask: subsets, when: ['agrees'] },
    },
    {
      id: 'bad',
      text: 'The one that learns from bad responses.',
      right: { ask: subsets, when: ['reversed'] },
    },
    { id: 'same', text: 'No clear difference.', right: { ask: subsets, when: ['undecided'] } },
  ],
  steps: [
    {
      text: [
        'Each arm differs from λ 1 in one weight. λ multiplies the advantages above 0: at 1 this is GRPO, at 0 good responses count for nothing. “Positives only” leaves out the bad ones instead; “flipped” (λ = −1) pushes good ones down.',
        'All arms see the same prompts and draw the same random numbers.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: [
        'The responses of a step are used for 16 updates, over and over. Watch how the entropy curves fan out.',
      ],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'entropy',
    },
    {
      text: [
        'Now look at reward. An arm that keeps entropy because it has stopped learning has not regulated anything.',
      ],
      show: { label: 'Show me λ 0', actions: [{ act: 'arm', arm: 'λ 0' }] },
      look: 'reward',
    },
    {
      text: [
        'Entropy by reward shows how much is left at equal skill. Arms that fall on one curve differ in speed, not in kind.',
      ],
      show: { label: 'Show me: entropy by reward', actions: [{ act: 'axis', axis: 'reward' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper:
      'Tokens with positive advantage drive the collapse; tokens with negative advantage hold entropy up.',
    claims: true,
    keep: [
      'All this is at 16 updates a step and a high learning rate, at which even λ 1 can unlearn part of the task: some of its entropy is damage. With one update a step see “Both signs pull the same way”; for the reason, “Clip selects”.',
    ],
  },
};

export const oneUpdate: Lesson = {
  id: 'one-update',
  title: 'What one update does',
  minutes: 5,
  experiment: null,
  question:
    'A token with probability 0.9 was part of a bad response, so it is pushed down a little. What happens to the entropy at its position?',
  options: [
    { id: 'falls', text: 'It falls.', right: false },
    { id: 'rises', text: 'It rises.', right: true },
    { id: 'same', text: 'It depends on the reward of the others.', right: false },
  ],
  steps: [
    {
      text: [
        'Here is one position with six possible tokens. Token A is likely and gets pushed up: A takes from all others, and entropy falls.',
      ],
      show: {
        label: 'Show me: a likely token, up',
        actions: [
          { act: 'softmax', preset: 'confident', token: 0, advantage: 1 },
          { act: 'look', at: 'distribution' },
        ],
      },
      look: 'distribution',
    },
    {
      text: ['The same token pushed down. What A loses goes to the others, and entropy rises.'],
      show: {
        label: 'Show me: a likely token, down',
        actions: [{ act: 'softmax', preset: 'confident', token: 0, advantage: -1 }],
      },
      look: 'distribution',
    },
    {
      text: [
        'Now a token from the long tail. Pushing it up spreads the distribution; pushing it down makes the likely ones surer still.',
      ],
      show: {
        label: 'Show me: an unlikely token, down',
        actions: [{ act: 'softmax', preset: 'tail', token: 5, advantage: -1, stepSize: 3 }],
      },
      look: 'distribution',
    },
    {
      text: [
        'The line between likely and unlikely is the entropy itself: a token is likely where it surprises less than the average. The prediction is the entropy drive, the slope at the start of the step.',
        'Make the step larger and see the prediction and the exact change part.',
      ],
      show: {
        label: 'Show me: a large step',
        actions: [{ act: 'softmax', preset: 'two', token: 1, advantage: 1, stepSize: 5 }],
      },
      look: 'distribution',
    },
  ],
  closing: {
    paper:
      'A positive advantage raises the sampled token and lowers all others; the paper reads the collapse off this sign.',
    keep: [
      'This is exact for one position whose logits can move by themselves. In a network all positions share the weights, and a push here moves the others too.',
      'So the sign of the advantage alone does not decide: what matters is whether good tokens are likely ones. They usually are.',
    ],
  },
};

const law: Ask = { of: 'identity' };

export const bothSigns: Lesson = {
  id: 'both-signs',
  title: 'Both signs pull the same way',
  minutes: 4,
  experiment: 'identity',
  question:
    'On rollouts of the policy as it is, before any update: do good responses and bad responses pull its entropy in opposite directions?',
  options: [
    {
      id: 'opposite',
      text: 'Yes: good ones down, bad ones up.',
      right: { ask: law, when: ['departs'] },
    },
    {
      id: 'same',
      text: 'No: both the same way, in a ratio set by how hard the prompt is.',
      right: { ask: law, when: ['follows'] },
    },
  ],
  steps: [
    {
      text: [
        'Pushing up what was right and pushing down what was wrong sounds like two things. For one prompt they are, on average, one: making failures less likely makes successes likelier.',
      ],
      show: { label: 'Show me the two weights', actions: [{ act: 'term', term: 'weighted' }] },
      look: 'formula',
    },
    {
      text: [
        'The proof is short. The expected gradient of the log-probability of a response is 0, so its part from successes and its part from failures cancel. Good and bad responses therefore give parallel gradients.',
        'With success rate p the good ones count (1 − p) / p times as much. They dominate on hard prompts, and bad ones on easy prompts (docs/math.md, equations 43 and 84).',
      ],
      look: 'formula',
    },
    {
      text: [
        'We measured it on the base policy: the drive of each sign, prompts sorted by success rate. The learning rate is 0, so nothing trains and there is no curve to watch. The answer page has the numbers.',
      ],
    },
  ],
  closing: {
    paper: null,
    keep: [
      'The law is about the first update of a step. From the second on the ratio is no longer 1, clipping begins to choose tokens, and the two signs part.',
      'The outermost bins are left out: their success rates come from the same few responses and are too extreme.',
    ],
  },
};

const onPolicyClaim: Ask = { of: 'claim', measure: 'entropy', higher: 'λ 0.5', lower: 'λ 1' };

export const onPolicy: Lesson = {
  id: 'on-policy',
  title: 'One update a step',
  minutes: 4,
  experiment: 'on-policy-control',
  question:
    'The responses of a step are used for one update only, then thrown away. Does half weight on positive advantages keep more entropy?',
  options: [
    { id: 'more', text: 'Yes.', right: { ask: onPolicyClaim, when: ['agrees'] } },
    {
      id: 'same',
      text: 'No clear difference.',
      right: { ask: onPolicyClaim, when: ['undecided'] },
    },
    { id: 'less', text: 'It keeps less.', right: { ask: onPolicyClaim, when: ['reversed'] } },
  ],
  steps: [
    {
      text: [
        'With one update a step the policy that is updated is the one that wrote the responses. The ratio is 1 and nothing is ever clipped.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: [
        'Both signs pull the same way on average, so λ has little to choose between. What is left is speed. Watch both curves, then reward.',
      ],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'entropy',
    },
    { text: ['And the clip fractions: both are 0 at every step.'], look: 'clip' },
    {
      text: ['At equal reward: does the arm that lies higher by step still lie higher?'],
      show: { label: 'Show me: entropy by reward', actions: [{ act: 'axis', axis: 'reward' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper:
      'Less weight on positive advantages keeps more entropy. (We take the claim without the condition of several updates a step.)',
    claims: true,
    also: [{ of: 'claim', measure: 'entropy_at_reward.0.5', higher: 'λ 0.5', lower: 'λ 1' }],
    keep: [
      'A claim can agree by step because one arm is behind: compare its size with that in “Who drives the collapse?”, and with the difference at equal reward.',
    ],
  },
};
