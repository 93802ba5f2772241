import type { Recipe } from './recipe';

/** Where a method comes from. */
export interface MethodSource {
  readonly authors: string;
  readonly year: number;
  /** Null of what is older than arXiv. */
  readonly arxiv: string | null;
}

/** A choice or a method that a user can pick, for people who meet it for the first time. */
export interface Method {
  readonly id: string;
  readonly title: string;
  /** What to change in a recipe to choose it; the first key says which section of the form it belongs to. */
  readonly set: Partial<Recipe>;
  /** One paragraph: what it does, when it acts, what to expect here where it has been measured. */
  readonly explanation: string;
  /** Null: our own. */
  readonly source: MethodSource | null;
  /** Number of its equation in docs/math.md. */
  readonly formula: string;
}

/** A method and its explanation. */
type Explained = readonly [method: Omit<Method, 'explanation'>, explanation: string];

const method = (
  id: string,
  title: string,
  source: MethodSource | null,
  formula: string,
  set: Partial<Recipe>,
): Explained[0] => ({ id, title, set, source, formula });

const by = (authors: string, year: number, arxiv: string | null): MethodSource => ({
  authors,
  year,
  arxiv,
});

/** The paper under study. What is said of it follows published notes on it, never its own words. */
const PAR = by('Jin et al.', 2025, '2511.05993');
const GRPO = by('Shao et al.', 2024, '2402.03300');
const DAPO = by('Yu et al.', 2025, '2503.14476');
const PPO = by('Schulman et al.', 2017, '1707.06347');
const REINFORCE = by('Williams', 1992, null);
const DR_GRPO = by('Liu et al.', 2025, '2503.20783');
const PSR = by('Zhu et al.', 2025, '2506.01347');
const COVARIANCE = by('Cui et al.', 2025, '2505.22617');
const SKYWORK = by('He et al.', 2025, '2505.22312');
const FLEXIBLE = by('Chen et al.', 2026, '2602.09782');
const RLOO = by('Ahmadian et al.', 2024, '2402.14740');
const QAE = by('Wu et al.', 2025, '2509.22611');
const ENTROPY = by('Cheng et al.', 2025, '2506.14758');
const GSPO = by('Zheng et al.', 2025, '2507.18071');
const CISPO = by('MiniMax', 2025, '2506.13585');
const CE_GPPO = by('Su et al.', 2025, '2509.20712');
const RLVR = by('Lambert et al.', 2024, '2411.15124');
const SPURIOUS = by('Shao et al.', 2025, '2506.10947');
const DUAL_CLIP = by('Ye et al.', 2020, '1912.09729');
const FORKS = by('Wang et al.', 2025, '2506.01939');
const STEER = by('Hao et al.', 2025, '2510.10150');

/** The bounds of dynamic clip ranges by probability, as they are by default. */
const BOUNDS = { high_base: 0.5, high_slope: -0.25, low_base: 0.3, low_slope: -0.13 } as const;

const advantages: readonly Explained[] = [
  [
    method('advantage-grpo', 'GRPO', GRPO, '23', { advantage: 'grpo' }),
    'Compares each response with the others to the same prompt: reward minus the mean of the group, divided by its spread. Good responses get a positive advantage and bad ones a negative one, and no value network is needed. Dividing by the spread gives very easy and very hard prompts more weight than they would have. A group whose rewards are all equal teaches nothing.',
  ],
  [
    method('advantage-dr-grpo', 'Dr. GRPO', DR_GRPO, '24', { advantage: 'dr-grpo' }),
    'Like GRPO, but the difference from the mean of the group is not divided by the spread. Prompts that are solved half of the time then count most, and nearly solved or nearly hopeless ones count little. The authors also divide the loss by a fixed length; here that is the aggregation called constant, to be chosen separately.',
  ],
  [
    method('advantage-rloo', 'RLOO', RLOO, '25', { advantage: 'rloo' }),
    'Reward minus the mean of the other responses of the group, without the response itself. The baseline does not depend on what it judges, so the gradient is unbiased. Against Dr. GRPO that is only a factor of n / (n - 1), the same for all groups of one size; AdamW hardly notices such a factor, so expect nearly the same curves.',
  ],
  [
    method('advantage-batch-mean', 'Batch mean', REINFORCE, '60', { advantage: 'batch-mean' }),
    'Plain REINFORCE with one baseline for the whole batch: reward minus the mean reward of the step. Groups are not looked at, so a response to an easy prompt is praised for what any response would have earned, and one to a hard prompt is blamed. A group of equal rewards still gives a gradient. Useful to see what comparing within the group is good for.',
  ],
  [
    method('advantage-quantile', 'Quantile baseline (QAE)', QAE, '61', {
      advantage: 'quantile',
      advantage_quantile: 0.4,
    }),
    'Subtracts a quantile of the rewards of the group instead of their mean. With rewards of 0 and 1 that is a switch: where a prompt is solved at most 60% of the time (quantile 0.4) only its successes are rewarded, and above that only its failures are punished. The other responses get advantage 0. Raise the quantile to make failures count on more prompts.',
  ],
  [
    method('advantage-psr', 'Successes only (PSR)', PSR, '62', { advantage: 'psr' }),
    'The advantage is the reward itself: correct responses are made more likely, wrong ones are ignored, and nothing is compared. Every success counts the same, on easy prompts too, where there is little left to learn. The authors drop wrong responses from the batch; here they stay with advantage 0. Compare with positives only, which keeps the baseline of the group.',
  ],
  [
    method('advantage-nsr', 'Failures only (NSR)', PSR, '62', { advantage: 'nsr' }),
    'The advantage is the reward minus 1: wrong responses are made less likely, correct ones are ignored. Probability taken from a wrong token goes to the others in proportion to theirs, so the policy is told what not to do and keeps its own preferences otherwise. The authors drop correct responses from the batch; here they stay with advantage 0. Groups in which all fail count too.',
  ],
  [
    method('advantage-weighted', 'Weighted REINFORCE', PSR, '62', { advantage: 'weighted' }),
    'Successes and failures both count, but a success only a tenth as much: advantage 0.1 for a correct response and -1 for a wrong one. It has no baseline and no group. A fixed small weight on successes is a forerunner of positive-advantage reweighting, which changes that weight during the run and keeps the advantages of GRPO.',
  ],
  [
    method('entropy-shaped-advantage', 'Entropy-shaped advantage', ENTROPY, '63', {
      entropy_advantage: 0.4,
      entropy_advantage_bound: 2,
    }),
    'Adds 0.4 times the entropy at a token to its advantage, but at most half of the advantage, so that no sign changes. Good responses are pushed up harder where the policy was undecided, and bad ones are pushed down less there. It changes the size of updates only: no gradient goes through the entropy, so this is no entropy bonus. Positive weight and negative weight act after it.',
  ],
];

const objectives: readonly Explained[] = [
  [
    method('objective-ppo-clip', 'PPO clip', PPO, '31a', { objective: 'ppo-clip' }),
    'Each token is pushed in proportion to its advantage until its probability has moved too far from where it was when the response was drawn; then it gives no more gradient in this step. Good tokens stop above 1 + clip high, bad ones below 1 - clip low. In the first update of a step nothing can have moved, so clipping needs several updates a step to act.',
  ],
  [
    method('objective-reinforce', 'REINFORCE', REINFORCE, '31c', { objective: 'reinforce' }),
    'The plain policy gradient: log-probability times advantage, whatever the ratio to the old policy has become. Nothing is clipped or corrected, so later updates on the same batch treat it as if it were fresh. With one update a step it is the same as PPO. Clip fractions are still counted, to show what PPO would have clipped.',
  ],
  [
    method('objective-gspo', 'GSPO', GSPO, '64', {
      objective: 'gspo',
      aggregation: 'sequence-mean',
      clip_low: 0.05,
      clip_high: 0.07,
    }),
    'Clips whole responses instead of tokens. All tokens of a response share one ratio, the geometric mean of theirs, and keep or lose their gradient together. Such a mean moves little, so bounds are small: the published 0.0003 and 0.0004 belong to responses of thousands of tokens, and the 0.05 and 0.07 set here are our choice for short ones. It needs the sequence mean.',
  ],
  [
    method('objective-cispo', 'CISPO', CISPO, '65', { objective: 'cispo', clip_low: 1 }),
    'Bounds the weight of a token instead of dropping the token. Every token keeps its gradient, multiplied by its ratio to the old policy, and only that ratio is held at 1 + clip high. Rare tokens that have moved far therefore go on learning. Clip low is 1 here, which is no lower bound, as its authors have it. With one update a step it is REINFORCE.',
  ],
  [
    method('objective-ce-gppo', 'CE-GPPO', CE_GPPO, '66', {
      objective: 'ce-gppo',
      gppo_low: 0.5,
      gppo_high: 1,
    }),
    'PPO that lets clipped tokens learn a little. Outside the clip range a token keeps a share of the gradient it had at the end of the range: half for bad tokens that have become rare, all of it for good tokens that have risen far. The first lowers entropy, because it pushes unlikely tokens down further; the second raises it where the rising tokens are rare. Shares of 0 give PPO.',
  ],
  [
    method('objective-clip-cov', 'Clip-Cov', COVARIANCE, '70', {
      objective: 'clip-cov',
      cov_fraction: 0.02,
      cov_low: 1,
      cov_high: 5,
    }),
    'Leaves out a few tokens that cost most entropy: those that are both likelier and better than average. Among tokens whose covariance of log-probability and advantage lies between two bounds, 2% of the batch are picked at random and give no gradient. It acts from the first update on. On the maze the reference found 0.605 nats at the end against 0.596 without (60 steps, 8 updates, three seeds): no clear effect.',
  ],
  [
    method('objective-kl-cov', 'KL-Cov', COVARIANCE, '68', {
      objective: 'kl-cov',
      cov_fraction: 0.02,
      kl_cov_coef: 1,
    }),
    'Holds the tokens that cost most entropy to their old probability. The 2% of tokens with the largest covariance of log-probability and advantage pay a penalty for moving; nothing is clipped. It is meant for several updates a step. On the maze the reference found 0.658 nats at the end against 0.596 without, and held-out pass@1 of 0.567 against 0.603 (60 steps, 8 updates a step, three seeds).',
  ],
];

const aggregations: readonly Explained[] = [
  [
    method('aggregation-token-mean', 'Token mean', DAPO, '33', { aggregation: 'token-mean' }),
    'The loss is the mean over all response tokens of the minibatch, so a long response counts more than a short one, in proportion to its tokens. Tokens without advantage count in the denominator: leaving some out makes the loss smaller and does not make the others larger. All arms of the ablations here use it.',
  ],
  [
    method('aggregation-sequence-mean', 'Sequence mean', GRPO, '33', {
      aggregation: 'sequence-mean',
    }),
    'First the mean over the tokens of each response, then the mean over responses. Every response counts the same, so each token of a long one counts less. Long wrong responses are punished more gently per token than short wrong ones, which is a bias towards length that Dr. GRPO removes. GSPO requires it.',
  ],
  [
    method('aggregation-constant', 'Constant length', DR_GRPO, '33', {
      aggregation: 'constant',
      aggregation_constant: 8,
    }),
    'Token losses are added up and divided by the number of responses times a fixed length, whatever their own lengths are. Every token then has the same weight in every minibatch, which removes the bias towards long wrong responses that dividing by their own length brings. Set the constant to about the longest response of the task; it acts like a factor on the learning rate, which AdamW mostly undoes.',
  ],
];

const rewards: readonly Explained[] = [
  [
    method('reward-verifier', 'Verifier', RLVR, '57', { reward: 'verifier' }),
    'The learner is told what a program found: 1 for a correct response and 0 for any other. Nothing is said about how close a wrong answer was or which token went wrong; all tokens of a response share its reward. This is what verifiable rewards means. The reward curve always shows it, also in runs whose learner is told something else.',
  ],
  [
    method('reward-random', 'Random reward', SPURIOUS, '57', { reward: 'random' }),
    'A fair coin for every response, whatever it says. Nothing can be learned about the task, so whatever happens to entropy comes from the way of learning alone: from clipping, from the optimiser and from chance being reinforced. Use it as a control beside the verifier. The reward curve goes on showing the verifier. In 24 steps on chain-sum entropy stayed where the base policy had it and reward fell (3 seeds, the experiment “Noisy rewards”).',
  ],
  [
    method('reward-preference', 'Preferences', null, '57', { reward: 'preference' }),
    'Each response is compared with four others of its group, drawn with replacement: the correct one wins, and ties are decided by a coin. The reward is the share of wins. It carries the same signal as the verifier with noise on it, of the kind that labels from comparisons have, and asks whether a finding needs verifiable rewards. In 24 steps on chain-sum it could not be told from the verifier itself (3 seeds, the experiment “Noisy rewards”).',
  ],
  [
    method('label-noise', 'Label noise', null, '58', { label_noise: 0.1 }),
    'Flips what the learner is told of a response with this probability, here one in ten: some wrong responses are praised and some right ones blamed. At 0.5 no signal is left, above it the task is turned round. Arms of one seed flip nested sets of responses, so they can be compared. Reward curves and evaluations are not flipped. In 24 steps on chain-sum one verdict in ten changed nothing clearly; three in ten kept 0.176 nats and cost 0.161 of the reward (3 seeds, the experiment “Noisy rewards”).',
  ],
  [
    method('length-penalty', 'Length penalty', null, '59', { length_penalty: 0.2 }),
    'Takes from the reward in proportion to length: 0.2 for a response as long as the task allows, and less for shorter ones. Among responses that are equally right the shorter ones are preferred, and so it is among wrong ones, where giving up early becomes the best of a bad lot. Groups are then hardly ever even. Watch response length and the reward of the verifier.',
  ],
  [
    method('overlong-shaping', 'Overlong shaping', DAPO, '59', { overlong_buffer: 2 }),
    'Takes nothing from most responses and up to 1 from those that end within two tokens of the longest allowed, or never end: a soft warning before the limit instead of a sudden loss. With rewards of 0 and 1 the full penalty undoes a success; its authors reward with 1 and -1, where it weighs half as much. Responses here are short, so the buffer is too.',
  ],
];

const weights: readonly Explained[] = [
  [
    method('positive-weight-constant', 'Fixed positive weight', PAR, '26', {
      positive_weight_schedule: { kind: 'constant' },
      positive_weight: 0.5,
    }),
    'Multiplies the advantage of tokens from good responses by one number during the whole run; 1 is GRPO, 0 learns from bad responses alone. It acts with many updates a step: on the maze the reference found final entropy of 0.596, 0.649 and 0.745 nats at weights 1, 0.5 and 0, and pass@1 of 0.60, 0.56 and 0.43 (60 steps, 8 updates, three seeds). With one update a step entropy was the same at 1 and 0.5. The paper changes the weight during the run instead.',
  ],
  [
    method('positive-weight-stage', 'Reweighting in two stages', PAR, '27', {
      positive_weight_schedule: { kind: 'stage' },
    }),
    'Positive-advantage reweighting on a fixed plan. In the first half of the run good responses have weight 0 and only bad ones are learned from; in the second half the weight grows on a straight line to 1. Entropy can be kept early and spent late. With many updates a step weight 0 unlearns the task: on the maze with 16 the reference saw pass@1 fall from 0.33 to 0.16 in 40 steps of it (three seeds).',
  ],
  [
    method('positive-weight-epoch', 'Reweighting by epochs', PAR, '28', {
      positive_weight_schedule: { kind: 'epoch', epochs: 5 },
    }),
    'Positive-advantage reweighting in steps. The run is cut into equal epochs, and the weight of good responses rises from 0 in the first to 1 in the last, by the same amount each time. Compared with the two stages it spends less of the run at 0. These epochs are parts of the run, not passes over the training prompts; with steps fewer than epochs some levels are skipped. In 30 steps on chain-sum it kept 0.127 nats more than λ 1 and nothing at equal reward (3 seeds, the experiment “PAR: schedules”).',
  ],
  [
    method('positive-weight-entropy-guided', 'Entropy-guided reweighting', PAR, '29', {
      positive_weight_schedule: { kind: 'entropy-guided', target: 0.35, delta: 0.05, initial: 0 },
    }),
    'A controller: while entropy is below the target the weight of good responses falls by a fixed amount a step, otherwise it rises. It needs many updates a step. On the maze with 16 the reference came within 0.03 nats of targets 0.85, 0.80 and 0.70 (one seed each); with 8 the weight stuck at 0 and entropy sank to 0.66 under a target of 0.75 (one seed). Watch whether it is saturated.',
  ],
  [
    method(
      'positive-weight-entropy-guided-relative',
      'Entropy-guided, relative target',
      null,
      '74',
      {
        positive_weight_schedule: {
          kind: 'entropy-guided-relative',
          fraction: 0.5,
          delta: 0.05,
          initial: 0,
        },
      },
    ),
    'Entropy-guided reweighting whose target is a share of the entropy the base policy starts with, measured on the rollouts of the first step. A target in nats does not carry over between tasks: base policies here start between about 0.6 and 1.1 nats, while large language models are reported to start lower. Half of the start is a reasonable first try. It saturates where the absolute form does.',
  ],
];

const clipping: readonly Explained[] = [
  [
    method('clip-higher', 'Clip-Higher', DAPO, '31a', { clip_high: 0.28 }),
    'Lets good tokens rise further before they stop being pushed. In large language models that is reported to keep entropy up; the usual explanation is that the tokens held back are rare. Not here: on the maze with 16 updates a step the reference found final entropy of 0.741, 0.706, 0.690 and 0.685 nats at upper bounds of 0.1, 0.2, 0.28 and 0.4 (three seeds). The tokens that are clipped here were not rare.',
  ],
  [
    method('clip-lower', 'Clip-Lower', PAR, '31a', { clip_low: 0.28 }),
    'Lets bad tokens fall further before they stop being pushed down. Unlikely tokens fall first, and pushing them down costs entropy, so less is kept. On the maze with 16 updates a step the reference found final entropy of 0.727, 0.706 and 0.653 nats at lower bounds of 0.1, 0.2 and 0.4 (three seeds). It does nothing with one update a step.',
  ],
  [
    method('clip-tighter', 'Clip-Tighter', PAR, '31a', { clip_low: 0.12 }),
    'Stops pushing bad tokens down earlier. Those that are clipped first are the unlikely ones; the bad tokens that remain are likely ones, and pushing them down raises entropy. On the maze with 16 small updates a step the reference found final entropy of 0.647 nats at a lower bound of 0.1, 0.602 at 0.2 and 0.561 without one (three seeds). It does nothing with one update a step.',
  ],
  [
    method('clip-free', 'Clip-Free', PAR, '31a', { clip_low: 1, clip_high: 1000 }),
    'Opens both bounds, so that no token is ever dropped however far it has moved. Bad tokens then go on being pushed down without end. On the maze with 16 updates a step the reference found final entropy of 0.653 nats against 0.706 with the usual bounds, and held-out pass@1 of 0.34 against 0.49 (three seeds): here it breaks the policy. With one update a step it changes nothing.',
  ],
  [
    method('dual-clip', 'Dual clip', DUAL_CLIP, '31b', { dual_clip: 3 }),
    'Bounds the loss of a bad token whose ratio has grown. PPO has no bound on that side: if later updates have made a bad token much likelier, its push down grows with the ratio. At 3 its gradient is dropped once the ratio is above 3. That is rare here, so expect little; the largest ratio of a step shows whether it can have acted.',
  ],
  [
    method('dynamic-clip-off', 'Fixed clip range', PPO, '31a', { dynamic_clip: { kind: 'off' } }),
    'One clip range for all tokens, as clip low and clip high are set. A bound on the ratio treats tokens unequally in another sense: a token of probability 0.01 may rise to 0.012 and one of 0.8 to 0.96, so rare tokens can gain very little probability in a step. The dynamic ranges change that.',
  ],
  [
    method('dynamic-clip-constant', 'Clip range by probability', FLEXIBLE, '76', {
      dynamic_clip: { kind: 'constant', ...BOUNDS },
    }),
    'Both clip bounds depend on how likely a token is: rare tokens may move far, likely ones only a little. A wide upper bound for rare tokens lets entropy grow, a wide lower one lets it fall. We have not measured what to expect.',
  ],
  [
    method(
      'dynamic-clip-increase-decrease',
      'Clip range: increase, then decrease',
      FLEXIBLE,
      '77',
      { dynamic_clip: { kind: 'increase-decrease', ...BOUNDS } },
    ),
    'First more entropy, then less. The upper clip bound starts wide for rare tokens and returns to the fixed one by half time; after that the lower bound becomes dynamic, which lets unlikely bad tokens fall, and returns by the end. This is our reading of a schedule its authors call ID. The other schedule of theirs, DID, is not told in enough detail to build. We have not measured what to expect.',
  ],
  [
    method('dynamic-clip-oscillatory-decay', 'Clip range: oscillatory decay', FLEXIBLE, '78', {
      dynamic_clip: { kind: 'oscillatory-decay', ...BOUNDS, floor: 0.2 },
    }),
    'A thermostat made of clip ranges. While entropy counts as high the lower bound is dynamic and lets it fall; once it has reached the floor, a fifth of the entropy at the start, the upper bound becomes dynamic until entropy is above a ceiling that sinks over the run. Our reading of a schedule its authors call OD. It acts with several updates a step only. We have not measured what to expect.',
  ],
];

const tokens: readonly Explained[] = [
  [
    method('high-entropy-tokens', '80/20: high-entropy tokens', FORKS, '71', {
      high_entropy_fraction: 0.2,
    }),
    'Learns from the fifth of the tokens where the policy is least decided, the forks of a response, and leaves the rest alone. In long chains of thought most tokens merely complete what has been decided. Responses here have a handful of tokens, so the rest may matter more. The denominator stays that of all tokens, unlike in the paper. In 16 steps on maze it kept 0.070 nats more than GRPO and learned less (2 seeds, the experiment “Neighbours”).',
  ],
  [
    method('random-positive-clipping', 'Random positive clipping', PAR, '72', {
      random_clip_fraction: 0.2,
    }),
    'Leaves out a fifth of the tokens of good responses, chosen by chance in every update. A control: a method that picks its tokens by covariance or entropy should do better than one that picks them blindly. On average it is like a smaller positive weight, with more noise. The share is our choice. It acts with one update a step too. In 16 steps on maze it could not be told from GRPO (2 seeds, the experiment “Neighbours”).',
  ],
  [
    method('steer', 'STEER', STEER, '73', { steer_min_weight: 0.8 }),
    'Weakens the tokens that are expected to change entropy most, whether up or down. The expected change is computed from advantage, ratio, probability and entropy; the token with the largest keeps 0.8 of its gradient, and the others keep more. It smooths the path of entropy instead of steering it to a value, and at 0.8 it is gentle. In 16 steps on maze it kept 0.013 nats more than GRPO (2 seeds, the experiment “Neighbours”).',
  ],
];

const regularisation: readonly Explained[] = [
  [
    method('entropy-bonus', 'Entropy bonus', PPO, '34', {
      entropy_coef_schedule: { kind: 'constant' },
      entropy_coef: 0.01,
    }),
    'Adds the entropy itself to what is maximised, at every token, whatever the reward says. It acts from the first update on. On the maze the reference found final entropy of 0.596 nats without, 0.631 at 0.01 and 0.689 at 0.05, with held-out pass@1 of 0.603, 0.594 and 0.523 (60 steps, 8 updates a step, three seeds). Too large a bonus keeps responses random.',
  ],
  [
    method('entropy-bonus-adaptive', 'Adaptive entropy bonus', SKYWORK, '75', {
      entropy_coef: 0,
      entropy_coef_schedule: { kind: 'adaptive', target: 0.35, delta: 0.005, max: 0.1 },
    }),
    'An entropy bonus that looks after itself: its coefficient grows a little in each step in which entropy is below the target and shrinks in every other, and the bonus acts only below the target. It starts from 0 here. Choose the target relative to the entropy at the start. The change per step decides how late it comes and how far it overshoots. We have not measured what to expect.',
  ],
  [
    method('kl-to-base', 'KL to the base policy', GRPO, '32', { kl_coef: 0.05 }),
    'Pulls the policy back towards the one it started from, more the further it has gone. On the maze the reference found 0.650 nats at the end against 0.596 without, at the same pass@1 (0.60; 60 steps, 8 updates a step, three seeds). On countdown only fewer updates did more good: pass@16 of 0.90 against 0.86, 3.1 different correct responses against 2.2, calibration error 0.25 against 0.33 (100 steps, three seeds).',
  ],
];

const rollouts: readonly Explained[] = [
  [
    method('dynamic-sampling', 'Dynamic sampling', DAPO, '79', { dynamic_sampling: 3 }),
    'Replaces groups whose rewards are all equal, which teach nothing, by groups from up to three further batches of rollouts. The gradient then does not fade as the policy gets better. It costs generation. Entropy and reward in the metrics stay those of the first batch, since a batch without even groups is no fair sample. Where no replacement is found, groups stay.',
  ],
  [
    method('difficulty-band', 'Difficulty band', null, '80', {
      difficulty_low: 0.125,
      difficulty_high: 0.875,
    }),
    'Trains only on prompts that the base policy solves sometimes: at least once and at most seven times in eight tries, made once before training. Prompts it always or never solves give groups of equal rewards at first. Fewer prompts are left, and fewer different prompts are a cause of collapse by themselves, so compare at equal numbers. We have not measured what to expect.',
  ],
  [
    method('dapo', 'DAPO', DAPO, '81', {
      clip_high: 0.28,
      aggregation: 'token-mean',
      dynamic_sampling: 3,
      overlong_buffer: 2,
      kl_coef: 0,
    }),
    'Four changes to GRPO together: a wider upper clip bound, a loss averaged over tokens, groups of equal rewards replaced by others, and a soft penalty near the length limit; no KL term. Made for long chains of thought; with responses of a few tokens the buffer is two tokens. It needs several updates a step for the clip to act. The combination has not been measured here; the wider bound alone kept no entropy.',
  ],
];

const ALL: readonly Explained[] = [
  ...rollouts,
  ...rewards,
  ...advantages,
  ...objectives,
  ...aggregations,
  ...weights,
  ...clipping,
  ...tokens,
  ...regularisation,
];

/** Every choice and method, in the order of a form. */
export const METHODS: readonly Method[] = ALL.map(([about, explanation]) => ({
  ...about,
  explanation,
}));
