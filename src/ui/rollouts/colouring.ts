import type { Colouring } from '../../store/microscope';
import type { GroupView, RolloutView } from '../../worker/protocol';
import { decimal, signed, significant } from '../format';
import { tokenFacts, type TokenFacts } from './token_facts';

/** How a token is to look: how much of its tint, and a mark that does not need the hue. */
export interface TokenLooks {
  /** 0 to 1. */
  readonly tint: number;
  readonly sign: 'plus' | 'minus' | null;
  readonly clip: 'low' | 'high' | null;
}

/** What the tints of a group mean. */
export type Scale =
  | {
      readonly kind: 'sequential';
      /** From no tint to the whole. */
      readonly ends: readonly [string, string];
      readonly of: (facts: TokenFacts) => number;
    }
  | {
      readonly kind: 'diverging';
      /** From the whole of the one tint over none to the whole of the other. */
      readonly ends: readonly [string, string, string];
      /** -1 to 1. */
      readonly of: (facts: TokenFacts) => number;
    }
  | { readonly kind: 'clip' };

export const COLOURING_NAMES: Readonly<Record<Colouring, string>> = {
  entropy: 'entropy',
  probability: 'probability',
  advantage: 'advantage',
  ratio: 'ratio',
  clipped: 'clipped',
  drive: 'entropy drive',
  change: 'change of probability',
};

export const COLOURING_HELP: Readonly<Record<Colouring, string>> = {
  entropy: 'Nats of the distribution the token was drawn from.',
  probability: 'Of the token when it was drawn: the less likely, the stronger the tint.',
  advantage: 'Of the response: its reward less its group’s mean, as the recipe scales it.',
  ratio:
    'Probability after the step’s updates over that before; even steps of the tint are even factors.',
  clipped: 'The ratio has left its range on the side its advantage points to.',
  drive: 'How the token’s own loss pushed on the entropy there as the updates began.',
  change: 'Probability after the step’s updates less that before, in percentage points.',
};

/** Smallest ends of a scale, so that rounding does not fill it. */
const LEAST = { advantage: 0.1, ratio: Math.log(1.05), drive: 1e-6, change: 0.01 } as const;

/** Why a group cannot be coloured so, or null where it can. */
export function whyNot(colouring: Colouring, group: GroupView): string | null {
  const [first] = group.rollouts;
  const facts = first && first.tokens.length > 0 ? tokenFacts(first, 0) : null;
  if (facts === null || colouring === 'entropy' || colouring === 'advantage') return null;
  const recorded = first?.look === undefined && Number.isNaN(facts.probability);
  if (recorded) return 'only entropies were kept';
  if (colouring === 'probability') return null;
  if (first?.look === undefined) return 'this step was not looked at';
  if (colouring === 'drive') return null;
  if (facts.after === null) return 'nothing trained yet';
  const clips = colouring !== 'clipped' || facts.after.clip !== null;
  return clips ? null : 'this objective does not clip';
}

/** The scale of a colouring over all tokens of a group; `uniform` is the entropy of a uniform policy, nats. */
export function scaleOf(colouring: Colouring, group: GroupView, uniform: number): Scale {
  switch (colouring) {
    case 'entropy':
      return {
        kind: 'sequential',
        ends: ['0', `${decimal(uniform)} nats`],
        of: ({ entropy }) => clamp(entropy / uniform, 0),
      };
    case 'probability':
      return {
        kind: 'sequential',
        ends: ['100%', '0%'],
        of: ({ probability }) => clamp(1 - probability, 0),
      };
    case 'advantage':
      return diverging(group, 'advantage', advantageOf, (end) => signed(end), '0');
    case 'ratio':
      return diverging(group, 'ratio', logRatioOf, (end) => decimal(Math.exp(end)), '1');
    case 'drive':
      return diverging(group, 'drive', driveOf, (end) => signedShort(end), '0');
    case 'change':
      return diverging(group, 'change', changeOf, (end) => `${signed(end * 100, 1)} points`, '0');
    case 'clipped':
      return { kind: 'clip' };
  }
}

export function looksOf(scale: Scale, facts: TokenFacts): TokenLooks {
  if (scale.kind === 'clip') {
    const clip = facts.after?.clip?.side ?? null;
    return { tint: clip === null ? 0 : 1, sign: null, clip };
  }
  const place = scale.of(facts);
  const tint = Number.isFinite(place) ? Math.abs(place) : 0;
  if (scale.kind === 'sequential' || tint === 0) return { tint, sign: null, clip: null };
  return { tint, sign: place > 0 ? 'plus' : 'minus', clip: null };
}

/** The value that a colouring shows of a token, in words for its name. */
export function valueText(colouring: Colouring, facts: TokenFacts): string {
  const { after } = facts;
  switch (colouring) {
    case 'entropy':
      return `entropy ${decimal(facts.entropy)} nats`;
    case 'probability':
      return `probability ${decimal(facts.probability * 100, 1)}%`;
    case 'advantage':
      return `advantage ${signed(facts.advantage)}`;
    case 'ratio':
      return `ratio ${decimal(after?.ratio ?? NaN)}`;
    case 'drive':
      return `entropy drive ${signedShort(facts.drive ?? NaN)}`;
    case 'change':
      return `probability ${signed(changeOf(facts) * 100, 1)} points`;
    case 'clipped':
      return after?.clip?.side ? `clipped ${after.clip.side}` : 'not clipped';
  }
}

/** A number of any size with its sign: +0.0012. */
export const signedShort = (value: number) => `${value > 0 ? '+' : ''}${significant(value, 2)}`;

const advantageOf = ({ advantage }: TokenFacts) => advantage;
const logRatioOf = ({ after }: TokenFacts) => Math.log(after?.ratio ?? NaN);
const driveOf = ({ drive }: TokenFacts) => drive ?? NaN;
const changeOf = ({ after, probability }: TokenFacts) => (after?.probability ?? NaN) - probability;

function diverging(
  group: GroupView,
  quantity: keyof typeof LEAST,
  value: (facts: TokenFacts) => number,
  text: (end: number) => string,
  middle: string,
): Scale {
  const end = largest(group.rollouts, value, LEAST[quantity]);
  return {
    kind: 'diverging',
    ends: [text(-end), middle, text(end)],
    of: (facts) => clamp(value(facts) / end, -1),
  };
}

/** The largest size of a value over all tokens, at least `least`; what is not finite does not count. */
function largest(
  rollouts: readonly RolloutView[],
  value: (facts: TokenFacts) => number,
  least: number,
): number {
  let most = least;
  for (const rollout of rollouts) {
    for (let t = 0; t < rollout.tokens.length; t++) {
      const size = Math.abs(value(tokenFacts(rollout, t)));
      if (Number.isFinite(size)) most = Math.max(most, size);
    }
  }
  return most;
}

const clamp = (value: number, least: number) => Math.min(1, Math.max(least, value));
