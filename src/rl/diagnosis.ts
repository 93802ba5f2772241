import type { Recipe, RecipeKey } from '../recipe/recipe';
import { taskNamed } from '../tasks/registry';
import { Evidence, type Subject } from './evidence';
import { decimalsFor, fixed } from './number_words';

/** What can be wrong with an arm, in words, from the numbers that training reports anyway. */

export type FindingKind =
  | 'not-finite'
  | 'collapse'
  | 'explosion'
  | 'unlearning'
  | 'learning-rate'
  | 'no-signal'
  | 'length-limit'
  | 'gave-up'
  | 'kl-dominates'
  | 'saturated'
  | 'inert-clip';

/** alarm: the run is being lost. warning: it gains nothing any more. note: worth knowing. */
export type Severity = 'alarm' | 'warning' | 'note';

/** One setting to change, and to what. */
export type Change = {
  readonly [K in RecipeKey]: { readonly key: K; readonly value: Recipe[K] };
}[RecipeKey];

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** One sentence, with numbers and the steps they are of. */
  readonly text: string;
  /** The setting that has most to do with it. */
  readonly key: RecipeKey;
  readonly change: Change | null;
}

/**
 * Thresholds. Where they come from: M = docs/metrics.md, E = the experiments of docs/experiments.md and their reference
 * runs; what no source gives is a choice, and says so.
 */
const LIMITS = {
  /** Share of the first step's entropy. E: healthy arms stay above 0.6 on maze; collapse costs coverage at 0.4 (countdown). */
  collapsed: 0.5,
  /** Below this share hardly anything is tried any more, whatever reward does. E: chain-sum ends at 0.03 to 0.1. */
  gone: 0.1,
  /** A rise of a window's reward by less than this is no rise: the noise of a window's mean, see evidence.ts. */
  rise: 0.02,
  /** A fall of reward by this, two to three times that noise, is a fall. */
  fall: 0.05,
  /** Reward from which a policy has solved its training prompts. A choice. */
  solved: 0.85,
  /** Share of the way from the first entropy up to ln V. E: λ = 0 unlearning chain-sum is at 0.13, flipped at 0.19. */
  explosion: 0.1,
  /** λ that leaves the positive subset next to nothing. E: useful weights begin at 0.25. */
  noPositives: 0.05,
  /** M: "0.1 and more means too large a learning rate or too many updates", nats. */
  movement: 0.1,
  /** M: largest ratios in the thousands are "a policy that has moved too far". */
  ratio: 1000,
  /** M: "a jump by ten" of the gradient's length "announces trouble". */
  gradient: 10,
  /** Share of groups whose rewards are all equal. M: "if it is all of them, the step has no gradient". A choice near 1. */
  equalGroups: 0.85,
  /** Share of the longest response. A choice: 1 would miss arms where a few responses still end. */
  longest: 0.95,
  /** Tokens. M: "a slide to 1 means that the policy gave up". E: 1.2 without the lower clip at λ = 0. */
  shortest: 1.5,
  /** KL coefficient from which it can hold the policy where it is. E: 0.05 is a good trade; this is four times that. */
  kl: 0.2,
  /** Rise since the first step that shows that a policy held by KL still learns. */
  held: 0.05,
  /** Share of a window's steps in which the controller was at its end. */
  pinned: 0.8,
  /** E: with this many training prompts held-out answers gain little or nothing while training reward reaches 1. */
  fewPrompts: 16,
} as const;

const RANK: Readonly<Record<Severity, number>> = { alarm: 0, warning: 1, note: 2 };

/** Everything that is wrong with an arm, the worst first; of those with one remedy, the worst alone. */
export function diagnose(subject: Subject): readonly Finding[] {
  const evidence = new Evidence(subject);
  const found = RULES.flatMap((rule) => rule(evidence) ?? []);
  // The sort is stable: rules of equal rank stay in their order, cause before consequence.
  const sorted = found
    .filter(({ kind }) => !IMPLIED.some(({ by, drops }) => drops.includes(kind) && has(found, by)))
    .sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  return sorted.filter(
    (finding, i) => !sorted.slice(0, i).some((worse) => sameRemedy(worse, finding)),
  );
}

const has = (found: readonly Finding[], kind: FindingKind) => found.some((f) => f.kind === kind);

/** Findings that another explains: they would only say the same again. */
const IMPLIED: readonly { readonly by: FindingKind; readonly drops: readonly FindingKind[] }[] = [
  { by: 'not-finite', drops: ['learning-rate', 'explosion'] },
  {
    by: 'unlearning',
    drops: ['explosion', 'learning-rate', 'no-signal', 'length-limit', 'gave-up'],
  },
  { by: 'explosion', drops: ['no-signal', 'length-limit'] },
  { by: 'collapse', drops: ['no-signal'] },
];

const sameRemedy = (a: Finding, b: Finding) =>
  a.change !== null && a.key === b.key && a.change.value === b.change?.value;

type Rule = (evidence: Evidence) => Finding | null;

const notFinite: Rule = (e) => {
  const skipped = e.values('skipped_updates', e.since).reduce((sum, n) => sum + n, 0);
  if (!(skipped > 0)) return null;
  return {
    kind: 'not-finite',
    severity: 'alarm',
    text: `${amount(skipped)} ${skipped === 1 ? 'update was' : 'updates were'} left out since step ${e.stepOf(e.since)}, because the gradient was not finite.`,
    key: 'learning_rate',
    change: slower(e.recipe, 3),
  };
};

const unlearning: Rule = (e) => {
  const weight = e.last('positive_weight');
  const lambda = Number.isFinite(weight) ? weight : e.recipe.positive_weight;
  if (!e.isLong || !(lambda <= LIMITS.noPositives)) return null;
  const [start, now] = [e.start('reward'), e.recent('reward')];
  if (!(now < start - LIMITS.fall)) return null;
  const scheduled = e.recipe.positive_weight_schedule.kind !== 'constant';
  return {
    kind: 'unlearning',
    severity: 'alarm',
    text: `With λ at ${amount(lambda)} ${lambda < 0 ? 'right answers are pushed down' : 'nothing rewards right answers'}: reward is ${two(now)} over the last ${e.windowSteps} steps, ${two(start)} at step 1.`,
    key: scheduled ? 'positive_weight_schedule' : 'positive_weight',
    change: scheduled ? null : { key: 'positive_weight', value: 0.5 },
  };
};

const explosion: Rule = (e) => {
  if (!e.isLong) return null;
  const uniform = Math.log(e.vocabulary);
  const [start, now] = [e.start('entropy'), e.recent('entropy')];
  if (!(now > start + LIMITS.explosion * (uniform - start))) return null;
  if (!(e.recent('reward') < e.start('reward') - LIMITS.fall)) return null;
  const bonus = e.recipe.entropy_coef > 0.02;
  return {
    kind: 'explosion',
    severity: 'alarm',
    text: `Entropy has risen from ${two(start)} to ${two(now)} nats, of at most ln V = ${two(uniform)}, while reward fell from ${two(e.start('reward'))} to ${two(e.recent('reward'))}.`,
    key: bonus ? 'entropy_coef' : 'learning_rate',
    change: bonus ? { key: 'entropy_coef', value: 0.01 } : slower(e.recipe, 2),
  };
};

const tooFast: Rule = (e) => {
  if (!e.isLong) return null;
  const [best, now] = [e.best('reward'), e.recent('reward')];
  const falls = now < best - LIMITS.fall;
  const stalls = !(now > e.earlier('reward') + LIMITS.rise);
  const movement = e.recent('approx_kl');
  const ratio = e.middle('ratio_max');
  const gradient = e.middle('grad_norm');
  const first = e.start('grad_norm');
  const moved = movement >= LIMITS.movement;
  const wild = ratio >= LIMITS.ratio || (first > 0 && gradient >= LIMITS.gradient * first);
  if (!(moved && stalls) && !(wild && falls)) return null;
  const sign = moved
    ? `a step moves the policy by ${two(movement)} nats (approximate KL; ${LIMITS.movement} is too much)`
    : ratio >= LIMITS.ratio
      ? `the largest ratio of a step is ${Math.round(ratio)}`
      : `the gradient is ${amount(gradient / first)} times as long as at step 1`;
  const reward = falls
    ? `reward fell from ${two(best)} to ${two(now)}`
    : `reward stays at ${two(now)}`;
  return {
    kind: 'learning-rate',
    severity: falls ? 'alarm' : 'warning',
    text: `Updates go too far: ${sign}, and ${reward}.`,
    key: 'learning_rate',
    change: slower(e.recipe, 2),
  };
};

const collapse: Rule = (e) => {
  if (!e.isLong) return null;
  const [start, now] = [e.start('entropy'), e.recent('entropy')];
  const reward = e.recent('reward');
  const share = now / start;
  const stalls = !(reward > e.earlier('reward') + LIMITS.rise);
  const solved = reward >= LIMITS.solved;
  const few = e.recipe.train_prompts <= LIMITS.fewPrompts;
  const stuck = stalls || (solved && few);
  if (!(share < LIMITS.gone || (share < LIMITS.collapsed && stuck))) return null;
  const course = solved
    ? few
      ? `at reward ${two(reward)} on only ${e.recipe.train_prompts} training prompts: it knows them by heart`
      : `at reward ${two(reward)}: it has settled on its answers, and most are right`
    : `and reward ${stalls ? 'has stopped rising' : 'is'} at ${two(reward)}`;
  return {
    kind: 'collapse',
    severity: solved ? 'note' : 'warning',
    text: `Entropy is down to ${two(now)} nats, ${Math.round(100 * share)}% of step 1, ${course}.`,
    ...(few
      ? { key: 'train_prompts', change: { key: 'train_prompts', value: 1024 } }
      : solved
        ? { key: collapseKey(e.recipe), change: null }
        : holdUp(e.recipe)),
  };
};

/** λ acts only where a batch is used several times (E: on-policy control), and only where no schedule holds it. */
const weightActs = (recipe: Recipe) =>
  updates(recipe) > 1 && recipe.positive_weight_schedule.kind === 'constant';

const collapseKey = (recipe: Recipe): RecipeKey =>
  weightActs(recipe) ? 'positive_weight' : 'kl_coef';

/** What keeps entropy: less weight on good responses, or else a pull to the base policy. */
function holdUp(recipe: Recipe): Pick<Finding, 'key' | 'change'> {
  if (weightActs(recipe) && recipe.positive_weight > 0.5)
    return { key: 'positive_weight', change: { key: 'positive_weight', value: 0.5 } };
  return { key: 'kl_coef', change: moreKl(recipe) };
}

const noSignal: Rule = (e) => {
  const { advantage, prompts_per_step: prompts, dynamic_sampling } = e.recipe;
  // These need no difference within a group (docs/math.md, section 4).
  if (['batch-mean', 'psr', 'nsr', 'weighted'].includes(advantage) || dynamic_sampling > 0)
    return null;
  const equal = e.recent('zero_variance_groups');
  if (!e.isLong || !(equal >= LIMITS.equalGroups * prompts)) return null;
  const reward = e.recent('reward');
  const hopeless = reward < 0.5;
  return {
    kind: 'no-signal',
    severity: hopeless ? 'warning' : 'note',
    text: `In ${fixed(equal, 1)} of ${prompts} groups all answers were ${hopeless ? 'wrong' : 'right'} over the last ${e.windowSteps} steps: hardly anything is left to learn from.`,
    key: 'dynamic_sampling',
    change: { key: 'dynamic_sampling', value: 3 },
  };
};

const lengthLimit: Rule = (e) => {
  if (!e.isLong) return null;
  const { maxResponse } = taskNamed(e.recipe.task);
  const [start, now] = [e.start('response_length'), e.recent('response_length')];
  const limit = LIMITS.longest * maxResponse;
  // Where the base policy's responses are as long, that is what the task asks for.
  if (!(now >= limit && start < limit)) return null;
  return {
    kind: 'length-limit',
    severity: 'warning',
    text: `Responses have grown from ${fixed(start, 1)} to ${fixed(now, 1)} tokens, and are cut off at ${maxResponse}.`,
    key: 'length_penalty',
    change: { key: 'length_penalty', value: 0.2 },
  };
};

const gaveUp: Rule = (e) => {
  if (!e.isLong) return null;
  const [start, now] = [e.start('response_length'), e.recent('response_length')];
  if (!(now <= LIMITS.shortest && start >= 2 * LIMITS.shortest)) return null;
  const open = e.recipe.clip_low > 0.5;
  return {
    kind: 'gave-up',
    severity: 'alarm',
    text: `Responses have shrunk from ${fixed(start, 1)} to ${fixed(now, 1)} tokens: the policy ends at once instead of answering.`,
    key: open ? 'clip_low' : 'learning_rate',
    change: open ? { key: 'clip_low', value: 0.2 } : slower(e.recipe, 2),
  };
};

const klDominates: Rule = (e) => {
  const { kl_coef } = e.recipe;
  if (!e.isLong || kl_coef < LIMITS.kl) return null;
  const risen = e.recent('reward') - e.start('reward');
  if (!(risen < LIMITS.held)) return null;
  const kl = e.recent('kl');
  const near = Number.isFinite(kl)
    ? ` ${amount(kl)} nats from the base policy`
    : ' at the base policy';
  return {
    kind: 'kl-dominates',
    severity: 'warning',
    text: `A KL coefficient of ${amount(kl_coef)} holds the policy${near}: reward ${two(e.recent('reward'))}, ${two(e.start('reward'))} at step 1.`,
    key: 'kl_coef',
    change: { key: 'kl_coef', value: 0.05 },
  };
};

/** At its floor only: a λ at 1 with entropy above the target is a schedule whose time has not come. */
const saturated: Rule = (e) => {
  const lambda = e.last('positive_weight');
  if (!e.isLong || !(e.recent('saturated') >= LIMITS.pinned) || lambda > LIMITS.noPositives)
    return null;
  return {
    kind: 'saturated',
    severity: 'warning',
    text: `λ is pinned at ${amount(lambda)} and entropy, ${two(e.recent('entropy'))} nats, is still below the target: the schedule has nothing left to turn.`,
    key: 'positive_weight_schedule',
    change: moreKl(e.recipe),
  };
};

/** Objectives that clip by the ratio; the others never do. */
const CLIPPING = ['ppo-clip', 'gspo', 'cispo', 'ce-gppo', 'clip-cov'];

const inertClip: Rule = ({ recipe }) => {
  if (updates(recipe) !== 1 || !CLIPPING.includes(recipe.objective)) return null;
  const fits = (recipe.prompts_per_step * recipe.group_size) % 4 === 0;
  return {
    kind: 'inert-clip',
    severity: 'note',
    text: 'One update a step: every ratio is 1, so the clip bounds do nothing and λ hardly anything.',
    key: fits ? 'minibatches' : 'epochs',
    change: { key: fits ? 'minibatches' : 'epochs', value: 4 },
  };
};

/** Causes before consequences. */
const RULES: readonly Rule[] = [
  notFinite,
  unlearning,
  tooFast,
  explosion,
  gaveUp,
  collapse,
  saturated,
  klDominates,
  lengthLimit,
  noSignal,
  inertClip,
];

const updates = ({ minibatches, epochs }: Recipe) => minibatches * epochs;

/** The learning rate divided, to two digits. E: half of 6e-4 is stable on chain-sum with 16 updates. */
function slower({ learning_rate }: Recipe, by: number): Change | null {
  if (!(learning_rate > 0)) return null;
  return { key: 'learning_rate', value: Number((learning_rate / by).toPrecision(2)) };
}

/** E: 0.05 keeps coverage and calibration at next to no cost in reward on maze and countdown. */
function moreKl({ kl_coef }: Recipe): Change | null {
  return kl_coef < 0.05 ? { key: 'kl_coef', value: 0.05 } : null;
}

const two = (value: number) => fixed(value, 2);

/** A number of any size, without trailing zeros. */
function amount(value: number): string {
  return fixed(value, decimalsFor([value])).replace(/\.?0+$/, '') || '0';
}
