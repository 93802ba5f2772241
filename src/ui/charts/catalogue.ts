import { decimal, percent, setting, significant } from '../format';
import type { Chart, Place } from './chart';

const DASH = { solid: 'none', dotted: '2.5 3', dashed: '8 3', mixed: '8 3 2.5 3' } as const;
const HIGH_LOW = 'solid: above the range, dotted: below';
const BY_SIGN = 'solid: A > 0 (good), dotted: A < 0 (bad)';

function percentTick(value: number, decimals: number): string {
  return `${Number((value * 100).toFixed(Math.max(1, decimals - 2)))}%`.replace('-', '−');
}

const three = (value: number) => decimal(value, 3);
const one = (value: number) => decimal(value, 1);
const NUMBER = { format: (value: number) => significant(value), formatTick: decimal } as const;
const SHARE = { format: percent, formatTick: percentTick, most: 1 } as const;
const SETTING = { format: setting, formatTick: setting, stepped: true } as const;

/** Every chart of the page, in its order. */
export const CHARTS = [
  {
    id: 'entropy',
    title: 'Entropy',
    unit: 'nats, mean over response tokens',
    place: 'page',
    parts: [{ metric: 'entropy' }],
    help:
      'How undecided the policy is: the entropy of the distribution each token is drawn from, averaged over a step’s ' +
      'responses. 0 nats is certainty, 0.69 a fair coin between two tokens.',
    least: 1.1,
    format: three,
    formatTick: decimal,
  },
  {
    id: 'reward',
    title: 'Reward',
    unit: 'share of correct responses',
    place: 'page',
    parts: [{ metric: 'reward' }],
    help:
      'Share of a step’s responses that the verifier accepts, whatever the learner is told. It rises while the policy ' +
      'learns; a step of 128 responses wobbles by ± 0.04 and more.',
    least: 0.98,
    most: 1,
    format: three,
    formatTick: decimal,
  },
  {
    id: 'clip',
    title: 'Clip fraction',
    unit: HIGH_LOW,
    place: 'page',
    parts: [
      { metric: 'clip_high_fraction', name: 'high', dash: DASH.solid },
      { metric: 'clip_low_fraction', name: 'low', dash: DASH.dotted },
    ],
    help:
      'Share of response tokens outside their clip bound: above it with A > 0 (high), below it with A < 0 (low). ' +
      'Exactly 0 with one update a step.',
    least: 0.04,
    ...SHARE,
  },
  {
    id: 'lambda',
    title: 'Lambda',
    unit: 'positive-advantage weight, λ',
    place: 'page',
    parts: [{ metric: 'positive_weight' }],
    help: 'The weight of tokens with A > 0 in this step’s updates: what was set, or what the schedule says.',
    least: 1.46,
    ...SETTING,
  },

  {
    id: 'training-reward',
    title: 'Training reward',
    unit: 'mean of what the learner is told',
    place: 'Learning',
    parts: [{ metric: 'training_reward' }],
    help:
      'Equal to the reward by default. With noisy rewards it lies nearer 0.5, with random ones at 0.5; with a penalty ' +
      'on length it can fall below 0.',
    least: 0.98,
    most: 1,
    format: three,
    formatTick: decimal,
  },
  {
    id: 'response-length',
    title: 'Response length',
    unit: 'tokens, end token included',
    place: 'Learning',
    parts: [{ metric: 'response_length' }],
    help: 'Mean tokens of a response, up to the task’s limit. A slide to 1 means that the policy gave up.',
    least: 5,
    format: one,
    formatTick: decimal,
  },
  {
    id: 'zero-variance',
    title: 'Zero-variance groups',
    unit: 'groups of a step',
    place: 'Learning',
    parts: [{ metric: 'zero_variance_groups' }],
    help:
      'Groups in which the learner is told the same of every response. With a baseline in the group they teach ' +
      'nothing; their number grows as the policy becomes good, or hopeless.',
    least: 4,
    format: one,
    formatTick: decimal,
  },
  {
    id: 'replaced-groups',
    title: 'Replaced groups',
    unit: 'groups of a step',
    place: 'Learning',
    parts: [{ metric: 'replaced_groups' }],
    help: 'Groups that dynamic sampling has exchanged because they taught nothing. 0 without dynamic sampling.',
    least: 4,
    format: one,
    formatTick: decimal,
  },
  {
    id: 'kept-tokens',
    title: 'Kept tokens',
    unit: 'mean weight that token selection left',
    place: 'Learning',
    parts: [{ metric: 'kept_token_fraction' }],
    help: '1 without token selection. About the chosen fraction where only the tokens of high entropy are kept.',
    least: 0.98,
    most: 1,
    format: three,
    formatTick: decimal,
  },

  {
    id: 'drive-sign',
    title: 'Entropy drive by sign',
    unit: BY_SIGN,
    place: 'Entropy drive',
    parts: [
      { metric: 'entropy_drive_positive', name: 'A > 0', dash: DASH.solid },
      { metric: 'entropy_drive_negative', name: 'A < 0', dash: DASH.dotted },
    ],
    help:
      'What the tokens of each sign do to entropy, to first order, in nats per unit step in the logits. Compare signs ' +
      'and sizes: it does not predict the measured change. Below 0 pulls entropy down.',
    least: 0.001,
    ...NUMBER,
  },
  {
    id: 'drive-quadrant',
    title: 'Entropy drive by quadrant',
    unit: 'chosen arm, nats per unit step in the logits',
    place: 'Entropy drive',
    parts: [
      { metric: 'entropy_drive_positive_likely', name: 'A > 0, likely', dash: DASH.solid },
      { metric: 'entropy_drive_positive_unlikely', name: 'A > 0, unlikely', dash: DASH.dashed },
      { metric: 'entropy_drive_negative_likely', name: 'A < 0, likely', dash: DASH.mixed },
      { metric: 'entropy_drive_negative_unlikely', name: 'A < 0, unlikely', dash: DASH.dotted },
    ],
    help:
      'The drive split once more: tokens that surprise less than the entropy (likely), and the others. Pushing up the ' +
      'likely mostly lowers entropy; pushing up the unlikely never does while weights are positive (KL-Cov aside).',
    least: 0.001,
    chosenOnly: true,
    ...NUMBER,
  },
  {
    id: 'drive-clipped',
    title: 'Drive removed by clipping',
    unit: BY_SIGN,
    place: 'Entropy drive',
    parts: [
      { metric: 'clipped_drive_positive', name: 'A > 0', dash: DASH.solid },
      { metric: 'clipped_drive_negative', name: 'A < 0', dash: DASH.dotted },
    ],
    help:
      'The drive that the clipped tokens would have had. Below 0: a fall of entropy that clipping has prevented. ' +
      '0 with one update a step, and where nothing is clipped.',
    least: 0.001,
    ...NUMBER,
  },

  {
    id: 'clip-bounds',
    title: 'Clip bounds',
    unit: HIGH_LOW,
    place: 'Clipping',
    parts: [
      { metric: 'clip_high', name: 'high', dash: DASH.solid },
      { metric: 'clip_low', name: 'low', dash: DASH.dotted },
    ],
    help: 'How far the ratio may leave 1 in this step’s updates, at probability 0: what was set, or what the schedule says.',
    least: 0.28,
    ...SETTING,
  },
  {
    id: 'ratio-max',
    title: 'Largest ratio',
    unit: 'new over old probability',
    place: 'Clipping',
    parts: [{ metric: 'ratio_max' }],
    help:
      'The largest ratio of the step. 1 with one update a step; tens are rare tokens that have come up, thousands a ' +
      'policy that has moved too far.',
    least: 2,
    ...NUMBER,
  },

  {
    id: 'approx-kl',
    title: 'Approximate KL',
    unit: 'nats, to the policy that wrote the responses',
    place: 'Stability',
    parts: [{ metric: 'approx_kl' }],
    help:
      'How far the updates of a step have moved. 0 with one update; a few hundredths is much movement already, 0.1 and ' +
      'more means too large a learning rate or too many updates.',
    least: 0.02,
    ...NUMBER,
  },
  {
    id: 'kl',
    title: 'KL to the base policy',
    unit: 'nats',
    place: 'Stability',
    parts: [{ metric: 'kl' }],
    help: 'Distance from the base policy, estimated by k3. Near 0 in the first step, then rising.',
    absent: 'The KL coefficient is 0, so this is not computed.',
    least: 0.02,
    ...NUMBER,
  },
  {
    id: 'grad-norm',
    title: 'Gradient norm',
    unit: 'before clipping, mean over updates',
    place: 'Stability',
    parts: [{ metric: 'grad_norm' }],
    help:
      'Length of the gradient. Above the largest norm allowed, the step has a fixed length. A jump by ten, or a steady ' +
      'rise, announces trouble.',
    least: 1,
    ...NUMBER,
  },
  {
    id: 'loss',
    title: 'Loss',
    unit: 'mean over updates',
    place: 'Stability',
    parts: [{ metric: 'loss' }],
    help: 'Not a measure of progress: advantages are relative, so it says nothing about how good the policy is.',
    least: 0.02,
    ...NUMBER,
  },
  {
    id: 'skipped-updates',
    title: 'Skipped updates',
    unit: 'updates of a step',
    place: 'Stability',
    parts: [{ metric: 'skipped_updates' }],
    help: 'Updates left out because the gradient was not finite. Anything but 0: lower the learning rate.',
    least: 4,
    format: one,
    formatTick: decimal,
  },

  {
    id: 'advantage-mass',
    title: 'Advantage mass',
    unit: BY_SIGN,
    place: 'Advantages',
    parts: [
      { metric: 'positive_advantage_mass', name: 'A > 0', dash: DASH.solid },
      { metric: 'negative_advantage_mass', name: 'A < 0', dash: DASH.dotted },
    ],
    help:
      'How hard responses are pushed up and down: mean |A| over response tokens by sign, before any weight. Largest ' +
      'for prompts solved half of the time.',
    least: 0.5,
    format: three,
    formatTick: decimal,
  },
  {
    id: 'positive-tokens',
    title: 'Positive tokens',
    unit: 'share of response tokens with A > 0',
    place: 'Advantages',
    parts: [{ metric: 'positive_token_fraction' }],
    help: 'By default, tokens of correct responses in groups that are not all equal.',
    least: 0.48,
    ...SHARE,
  },

  {
    id: 'entropy-coef',
    title: 'Entropy coefficient',
    unit: 'of the entropy bonus',
    place: 'Controls',
    parts: [{ metric: 'entropy_coef' }],
    help: 'What was set; with the adaptive schedule 0 wherever entropy is above the target.',
    least: 0.01,
    ...SETTING,
  },
  {
    id: 'saturated',
    title: 'Saturation of λ',
    unit: '1: λ is at its end',
    place: 'Controls',
    parts: [{ metric: 'saturated' }],
    help:
      '1 where an entropy-guided λ is at its end and would have to go further. For many steps: λ has nothing left to ' +
      'turn, and entropy goes where it goes.',
    least: 0.98,
    most: 1,
    ...SETTING,
  },
] as const satisfies readonly Chart[];

export type ChartId = (typeof CHARTS)[number]['id'];

export function chartNamed(id: ChartId): Chart {
  const chart = CHARTS.find((candidate) => candidate.id === id);
  if (chart === undefined) throw new Error(`there is no chart ${id}`);
  return chart;
}

export function chartsAt(place: Place): readonly Chart[] {
  return CHARTS.filter((chart) => chart.place === place);
}
