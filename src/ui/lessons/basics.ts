import type { Lesson } from './lesson';

export const rollouts: Lesson = {
  id: 'rollouts',
  title: 'Rollouts and verifiable rewards',
  minutes: 4,
  experiment: null,
  question:
    'The policy answers one prompt 16 times, and all 16 answers are right. What does it learn from this prompt?',
  options: [
    { id: 'surer', text: 'To give these answers more often.', right: false },
    { id: 'nothing', text: 'Nothing.', right: true },
    { id: 'length', text: 'To prefer the shortest of them.', right: false },
  ],
  steps: [
    {
      text: [
        'The policy is the small transformer on this page: it gives every possible next token a probability. A rollout is a response that it writes by itself, each token drawn from those probabilities. Below are the responses to one prompt: a group.',
        'A program checks each one. Its verdict, 1 or 0, is the reward. Nobody has said how to solve the task.',
      ],
      look: 'rollouts',
    },
    {
      text: [
        'The advantage says how much better a response was than its group: reward minus the mean of the group, divided by the spread (standard deviation) of the group’s rewards. Tokens of a response with a positive advantage are pushed up, those of a negative one down.',
        'Where all rewards of a group are equal, every advantage is 0.',
      ],
      show: { label: 'Show me in the formula', actions: [{ act: 'term', term: 'advantage' }] },
      look: 'rollouts',
    },
    {
      text: [
        'Now let it learn for a step. It draws new rollouts for eight prompts, has them checked, and updates its weights.',
        'The panel shows the responses to one of those prompts, before the update. Look for a group that teaches nothing: all right, or all wrong; ‹ and › turn to the other prompts.',
      ],
      show: { label: 'Show me one step', actions: [{ act: 'step' }] },
      look: 'rollouts',
    },
  ],
  closing: {
    paper: null,
    keep: [
      'As the policy gets better, more groups are all right, and fewer prompts teach anything. “Zero-variance groups” counts them.',
      'Nothing here needs a person’s judgement: that is what makes the reward verifiable. It is not always right for the right reason; a maze solved by luck counts like any other.',
    ],
  },
};

export const collapse: Lesson = {
  id: 'entropy-collapse',
  title: 'Entropy collapses',
  minutes: 5,
  experiment: 'entropy-collapse',
  question:
    'A policy learns sums from rewards until nearly all answers are right. What does its entropy do meanwhile?',
  options: [
    {
      id: 'halves',
      text: 'It falls to less than half.',
      right: { ask: { of: 'course', arm: 'GRPO', series: 'entropy' }, when: ['falls by half'] },
    },
    {
      id: 'falls',
      text: 'It falls a little.',
      right: { ask: { of: 'course', arm: 'GRPO', series: 'entropy' }, when: ['falls'] },
    },
    {
      id: 'rises',
      text: 'It rises: the policy tries more.',
      right: { ask: { of: 'course', arm: 'GRPO', series: 'entropy' }, when: ['rises'] },
    },
  ],
  steps: [
    {
      text: [
        'Entropy says how undecided the policy is about its next token. At 0 nats every response is a foregone conclusion; at ln V it draws blindly.',
        'This experiment trains one arm, plain GRPO, on sums of four digits.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'entropy',
    },
    {
      text: ['Watch entropy while the recorded run plays. Reward is in the chart below it.'],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'entropy',
    },
    {
      text: [
        'Now the same points with reward instead of steps along the axis. They lie close to one line: entropy is what reward is paid with.',
        'Most of it is spent early, where reward rises fastest.',
      ],
      show: { label: 'Show me: entropy by reward', actions: [{ act: 'axis', axis: 'reward' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper:
      'Under reinforcement learning from verifiable rewards the entropy of a policy collapses.',
    holds: {
      ask: { of: 'course', arm: 'GRPO', series: 'entropy' },
      when: ['falls by half', 'falls'],
    },
    also: [{ of: 'course', arm: 'GRPO', series: 'reward' }],
    keep: [
      'On this task one answer is right, so being sure of it is not a loss. Whether collapse hurts is another question: see “When collapse hurts”.',
      'The line between entropy and reward was found for large models too (arXiv 2505.22617). It is a description, not a law: its slope depends on the task.',
    ],
  },
};

export const diversity: Lesson = {
  id: 'diversity',
  title: 'Does diversity die with it?',
  minutes: 5,
  experiment: 'diversity-dies',
  question:
    'A maze has many correct paths. From the base policy to the end of training, it gets better at mazes it has not seen. How many different correct paths does it give in 16 tries?',
  options: [
    {
      id: 'more',
      text: 'More: it knows more of them.',
      right: {
        ask: { of: 'evaluations', arm: 'GRPO', measure: 'distinct_correct' },
        when: ['rises'],
      },
    },
    {
      id: 'fewer',
      text: 'Fewer: it settles on some.',
      right: {
        ask: { of: 'evaluations', arm: 'GRPO', measure: 'distinct_correct' },
        when: ['falls'],
      },
    },
    {
      id: 'unclear',
      text: 'No clear change: seeds differ.',
      right: {
        ask: { of: 'evaluations', arm: 'GRPO', measure: 'distinct_correct' },
        when: ['mixed'],
      },
    },
  ],
  steps: [
    {
      text: [
        'Two things pull here. More responses are correct, which adds correct paths; and each response is surer, which takes paths away.',
        'Look at the mazes of the base policy: the paths wander, and many end in a wall.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'rollouts',
    },
    {
      text: ['Watch entropy and reward. Reward keeps rising while entropy falls.'],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'entropy',
    },
    {
      text: [
        'Pass@16 asks whether at least one of 16 responses is right. It can fall while pass@1 rises: the policy then solves fewer mazes at all, but those it solves, it solves every time.',
        'The answer page reads both off the record.',
      ],
      look: 'evaluation',
    },
  ],
  closing: {
    paper: 'Entropy goes with the diversity of responses.',
    holds: {
      ask: { of: 'evaluations', arm: 'GRPO', measure: 'distinct_correct' },
      when: ['falls'],
    },
    also: [
      { of: 'evaluations', arm: 'GRPO', measure: 'pass_at_1' },
      { of: 'evaluations', arm: 'GRPO', measure: 'pass_at_k' },
      { of: 'evaluations', arm: 'GRPO', measure: 'entropy' },
    ],
    keep: [
      'The first evaluation is of the base policy. Paths can rise at first, because more of them are correct, and fall later; the first and the last evaluation alone do not show that. Open “Held-out” for the course.',
      'Fewer different correct responses are a loss only where more than one is wanted.',
    ],
  },
};
