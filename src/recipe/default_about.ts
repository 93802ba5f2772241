import type { About } from './about';

/**
 * What the experiments that the page opens with are for. Beside them and not in them: a recorded run and a link hold the
 * settings alone, and are the default experiment all the same. Numbers are those of public/runs/default.json and
 * default-small.json; a test reads them there.
 */
export const ABOUT_DEFAULT = {
  default: {
    ...shared(16),
    finding:
      'One seed, recorded. Over the last 6 of 24 steps entropy is 0.04 nats for positives only, 0.16 for GRPO, 0.21 for λ 0.5 and 0.89 for λ 0. Reward is 0.94, 0.80, 0.72 and 0.20, after 0.28 at the first step: the arm that keeps its entropy has unlearned part of the task. One seed is not a finding. At twice the learning rate entropy has the same order at all 3 seeds (experiment “Who drives”): 0.04, 0.19, 0.26 and 1.18 nats.',
  },
  'default-small': {
    ...shared(8),
    finding:
      'One seed, recorded. Over the last 6 of 24 steps entropy is 0.66 nats for positives only, 0.79 for GRPO, 0.85 for λ 0.5 and 0.98 for λ 0. Reward is 0.35, 0.39, 0.27 and 0.11, after 0.33 at the first step: two of the four arms get worse. One seed is not a finding. With 16 instead of 8 responses to a prompt and 12 steps, λ 0 ends above positives only by 0.19 nats [0.15, 0.23], at 4 of 4 seeds.',
  },
} as const satisfies Readonly<Record<string, About>>;

function shared(updates: number) {
  return {
    question:
      'Which answers cost entropy: the good ones that are pushed up, or the bad ones that are pushed down?',
    prediction: `With ${updates} updates a step, after the paper: entropy falls furthest where only good answers count, then in GRPO, then at λ\u00a00.5, and least where only bad ones count (λ\u00a00).`,
    look_at:
      'The order of the curves. Then reward, below: did the arm that kept its entropy learn? Then “against reward”: what is left of the distance at equal skill?',
    paper:
      'Tokens with positive advantage drive the collapse; tokens with negative advantage hold entropy up.',
    sources: ['arXiv 2511.05993'],
    claims: [],
  };
}
