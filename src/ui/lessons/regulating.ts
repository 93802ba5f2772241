import type { Ask } from '../../store/lesson_findings';
import type { Lesson } from './lesson';

const entropyOf = (higher: string, lower: string): Ask => ({
  of: 'claim',
  measure: 'entropy',
  higher,
  lower,
});
const right = (higher: string, lower: string): Ask => ({
  of: 'claim',
  measure: 'evaluation.pass_at_1',
  higher,
  lower,
});

export const schedules: Lesson = {
  id: 'schedules',
  title: 'Reweighting and its schedules',
  minutes: 6,
  experiment: 'par-schedules',
  question:
    'Positive-advantage reweighting (PAR) can follow a plan. The stage schedule learns from bad responses only for half of the run, then lets λ rise to 1. Does it end with more entropy than λ 1?',
  options: [
    { id: 'more', text: 'Yes.', right: { ask: entropyOf('stage', 'λ 1'), when: ['agrees'] } },
    {
      id: 'less',
      text: 'It ends with less.',
      right: { ask: entropyOf('stage', 'λ 1'), when: ['reversed'] },
    },
    {
      id: 'same',
      text: 'No clear difference.',
      right: { ask: entropyOf('stage', 'λ 1'), when: ['undecided'] },
    },
  ],
  steps: [
    {
      text: [
        'Four arms: λ 1 throughout; by stage; by epochs, where λ rises from 0 to 1 in five stairs; and guided by entropy, where λ goes down by a little after every step whose entropy was below the target and up otherwise.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: ['Watch λ and entropy together.'],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'lambda',
    },
    {
      text: ['Ask of each schedule what it had when λ came back to 1, and how long that lasted.'],
      show: { label: 'Show me the guided arm', actions: [{ act: 'arm', arm: 'entropy-guided' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper:
      'Reweighting by stage, by epoch or guided by entropy regulates entropy at competitive performance.',
    claims: true,
    keep: [
      'An adaptive optimiser hardly notices a factor on the whole loss. What λ changes is the ratio of the two signs.',
      '“Competitive” means that the claim about right answers is not reversed.',
    ],
  },
};

export const controller: Lesson = {
  id: 'controller',
  title: 'Holding entropy at a value',
  minutes: 5,
  experiment: 'par-on-maze',
  question:
    'The entropy-guided schedule aims at a value. On mazes, with 16 updates a step: does a higher target leave more entropy, and what does it cost?',
  options: [
    {
      id: 'costs',
      text: 'More entropy, less reward.',
      right: {
        ask: { of: 'claim', measure: 'reward', higher: 'target 0.7', lower: 'target 0.85' },
        when: ['agrees'],
      },
    },
    {
      id: 'free',
      text: 'More entropy at no cost.',
      right: {
        ask: { of: 'claim', measure: 'reward', higher: 'target 0.7', lower: 'target 0.85' },
        when: ['undecided', 'reversed'],
      },
    },
    {
      id: 'cannot',
      text: 'It cannot hold a target at all.',
      right: { ask: entropyOf('target 0.85', 'target 0.7'), when: ['undecided', 'reversed'] },
    },
  ],
  steps: [
    {
      text: ['Three targets, and λ 1 to compare with. λ starts at 0.5 and may move by 0.1 a step.'],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: [
        'A controller at work swings: λ goes down when entropy is too low, entropy recovers, λ goes up again.',
      ],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'lambda',
    },
    {
      text: [
        'Compare the arms in reward. Then by reward: at equal reward, does the target still matter?',
      ],
      show: { label: 'Show me: entropy by reward', actions: [{ act: 'axis', axis: 'reward' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper: 'Entropy-guided reweighting regulates entropy at competitive performance.',
    also: [entropyOf('target 0.85', 'target 0.7')],
    claims: true,
    keep: ['A target below what λ 1 reaches asks nothing of the controller: λ then stays near 1.'],
  },
};

const atZero: Ask = { of: 'pinned', arm: 'target 0.35' };

export const saturates: Lesson = {
  id: 'saturates',
  title: 'A controller that saturates',
  minutes: 4,
  experiment: 'par-saturates',
  question:
    'The same controller on sums, with a target of 0.35 nats. Entropy falls below the target and λ goes down. What then?',
  options: [
    {
      id: 'holds',
      text: 'Entropy comes back to the target, and λ settles above 0.',
      right: { ask: atZero, when: ['free'] },
    },
    {
      id: 'pinned',
      text: 'λ goes down to 0 and stays there most of the time.',
      right: { ask: atZero, when: ['pinned'] },
    },
  ],
  steps: [
    {
      text: ['Two arms: λ 1, and guided towards 0.35.'],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: ['Watch λ of the guided arm, then entropy.'],
      show: {
        label: 'Show me: play the recorded run',
        actions: [{ act: 'play' }, { act: 'arm', arm: 'target 0.35' }],
      },
      look: 'lambda',
    },
    {
      text: [
        'The controller assumes that bad responses alone raise entropy. At first they can lower it too (“Both signs pull the same way”), and later they can unlearn the task. At λ = 0 there is nothing left to turn, whichever it is. Look at reward before you call it regulation.',
      ],
      look: 'weight',
    },
  ],
  closing: {
    paper: 'Entropy-guided reweighting regulates entropy.',
    also: [{ of: 'course', arm: 'target 0.35', series: 'entropy' }],
    claims: true,
    keep: [
      'Show λ under any entropy curve of a guided run: a controller at its end is not in control.',
      'Entropy that is left at λ 0 need not be regulation. Compare the arms in reward: one can keep entropy by unlearning the task.',
    ],
  },
};

const equalReward: Ask = { of: 'shrinks', higher: '1 update', lower: '16 updates', level: '0.5' };

export const stepsAreNotSkill: Lesson = {
  id: 'steps-are-not-skill',
  title: 'Steps are not skill',
  minutes: 5,
  experiment: 'off-policy-updates',
  question:
    'One update a step ends with far more entropy than sixteen. How much of the difference is left where both arms first get half of the answers right?',
  options: [
    { id: 'most', text: 'More than half of it.', right: { ask: equalReward, when: ['stays'] } },
    { id: 'little', text: 'Less than half of it.', right: { ask: equalReward, when: ['shrinks'] } },
  ],
  steps: [
    {
      text: ['By step, the arm with one update looks as if it preserved entropy.'],
      show: {
        label: 'Show me: play the recorded run',
        actions: [{ act: 'open' }, { act: 'axis', axis: 'step' }, { act: 'play' }],
      },
      look: 'entropy',
    },
    {
      text: ['But look at reward: it has also learned less. It is earlier on its way.'],
      look: 'reward',
    },
    {
      text: [
        'By reward, the arms are compared at equal skill. Where the curves coincide, a method has changed the speed and not the way.',
      ],
      show: { label: 'Show me: entropy by reward', actions: [{ act: 'axis', axis: 'reward' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper:
      'More off-policy updates speed the collapse. (Speed, that is: the paper compares by steps.)',
    also: [
      { of: 'claim', measure: 'entropy_at_reward.0.5', higher: '1 update', lower: '16 updates' },
    ],
    claims: true,
    keep: [
      'What not to conclude: that a curve which lies higher by step shows a method that keeps entropy. Anything that slows learning does that.',
      'The axis “reward” is there for every experiment. “Entropy at reward” in the tables is the same in numbers.',
    ],
  },
};

const keeps = (arm: string): Ask => ({
  of: 'claim',
  measure: 'evaluation.pass_at_k',
  higher: arm,
  lower: 'λ 1',
});

export const hurts: Lesson = {
  id: 'collapse-hurts',
  title: 'When collapse hurts',
  minutes: 6,
  experiment: 'collapse-that-hurts',
  question:
    'In countdown many expressions are right, and training can lose them: pass@16 falls. Which of these keeps pass@16 above that of GRPO?',
  options: [
    {
      id: 'half-weight',
      text: 'Half weight on positive advantages.',
      right: { ask: keeps('λ 0.5'), when: ['agrees'] },
    },
    {
      id: 'kl',
      text: 'A KL term that holds it near the base policy.',
      right: { ask: keeps('KL 0.05'), when: ['agrees'] },
    },
    {
      id: 'on-policy',
      text: 'One update a step.',
      right: { ask: keeps('on-policy'), when: ['agrees'] },
    },
  ],
  steps: [
    {
      text: [
        'Four arms: GRPO, and three remedies. The task is to reach a number from four digits by adding and subtracting.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'rollouts',
    },
    {
      text: [
        'Watch entropy and reward. Pass@16 and calibration are measured on held-out prompts and are on the answer page.',
      ],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'entropy',
    },
    {
      text: [
        'By reward: the arm with one update a step is also behind in learning. A remedy that only slows is a remedy you could have had by stopping earlier.',
      ],
      show: { label: 'Show me: entropy by reward', actions: [{ act: 'axis', axis: 'reward' }] },
      look: 'entropy',
    },
  ],
  closing: {
    paper:
      'Entropy goes with diversity, calibration and performance, so regulating it by reweighting helps.',
    also: [
      { of: 'evaluations', arm: 'λ 1', measure: 'pass_at_1' },
      { of: 'evaluations', arm: 'λ 1', measure: 'pass_at_k' },
    ],
    claims: true,
    keep: ['More than one option may be right, or none.'],
  },
};

const late: Ask = right('λ 0.5', 'λ 1');

export const paysLate: Lesson = {
  id: 'pays-late',
  title: 'Does reweighting pay off?',
  minutes: 4,
  experiment: 'par-pays-late',
  question:
    'In a longer run on mazes, does half weight on positive advantages end with more right answers than full weight?',
  options: [
    { id: 'more', text: 'More.', right: { ask: late, when: ['agrees'] } },
    { id: 'same', text: 'No clear difference.', right: { ask: late, when: ['undecided'] } },
    { id: 'fewer', text: 'Fewer.', right: { ask: late, when: ['reversed'] } },
  ],
  steps: [
    {
      text: [
        'Early in training half weight is behind: it learns more slowly. The paper’s runs are long. This one is longer than the others of this page, and still short.',
      ],
      show: { label: 'Show me: open the experiment', actions: [{ act: 'open' }] },
      look: 'arms',
    },
    {
      text: ['Watch whether the reward curves cross.'],
      show: { label: 'Show me: play the recorded run', actions: [{ act: 'play' }] },
      look: 'reward',
    },
    {
      text: [
        'On the answer page look at the intervals: with a few seeds, a difference in right answers of a few hundredths cannot be told from none.',
      ],
      look: 'entropy',
    },
  ],
  closing: {
    paper:
      'Reweighting keeps entropy, and with it diversity and calibration, at competitive performance.',
    claims: true,
    keep: [
      '“Competitive” is weaker than “better”: an undecided difference in right answers agrees with it.',
    ],
  },
};
