/** What a path into a summary stands for, in words, and its unit ("" of a share). */
export interface Quantity {
  readonly label: string;
  readonly unit: string;
}

/** Measures of an evaluation, as src/engine/score.ts computes them. */
const EVALUATED: Readonly<Record<string, Quantity>> = {
  entropy: { label: 'entropy', unit: 'nats' },
  pass_at_1: { label: 'pass@1', unit: '' },
  pass_at_2: { label: 'pass@2', unit: '' },
  pass_at_4: { label: 'pass@4', unit: '' },
  pass_at_8: { label: 'pass@8', unit: '' },
  pass_at_k: { label: 'pass@k', unit: '' },
  maj_at_k: { label: 'majority@k', unit: '' },
  distinct: { label: 'different responses per prompt', unit: 'responses' },
  distinct_correct: { label: 'different correct responses per prompt', unit: 'responses' },
  distinct_1: { label: 'share of different tokens (distinct-1)', unit: '' },
  distinct_2: { label: 'share of different pairs of tokens (distinct-2)', unit: '' },
  distinct_3: { label: 'share of different triples of tokens (distinct-3)', unit: '' },
  self_bleu: { label: 'likeness of responses (self-BLEU)', unit: '' },
  answer_entropy: { label: 'entropy of the answers', unit: 'nats' },
  ece: { label: 'calibration error (ECE)', unit: '' },
  brier: { label: 'Brier score', unit: '' },
  ece_sequence: { label: 'calibration error by whole response', unit: '' },
  brier_sequence: { label: 'Brier score by whole response', unit: '' },
  ece_answer: { label: 'calibration error by share of the answer', unit: '' },
  brier_answer: { label: 'Brier score by share of the answer', unit: '' },
  response_length: { label: 'response length', unit: 'tokens' },
};

const TRAINED: Readonly<Record<string, Quantity>> = {
  entropy: { label: 'entropy of the training rollouts', unit: 'nats' },
  reward: { label: 'reward of the training rollouts', unit: '' },
};

/** The quantity at a path such as "entropy", "evaluation.pass_at_1" or "entropy_at_reward.0.5"; null of none we know. */
export function quantityAt(path: string): Quantity | null {
  const [head, rest] = splitPath(path);
  if (rest === '') return own(TRAINED, head);
  switch (head) {
    case 'evaluation':
      return about('held-out', own(EVALUATED, rest), '');
    case 'evaluation_training':
      return about('', own(EVALUATED, rest), 'on training prompts');
    case 'entropy_at_reward':
      return /^0\.[3-8]$/.test(rest)
        ? { label: `entropy where reward first reaches ${rest}`, unit: 'nats' }
        : null;
    default:
      return null;
  }
}

/** First name of a path, and all of the rest: a level of reward has a point of its own. */
export function splitPath(path: string): readonly [head: string, rest: string] {
  const point = path.indexOf('.');
  return point < 0 ? [path, ''] : [path.slice(0, point), path.slice(point + 1)];
}

function about(before: string, quantity: Quantity | null, after: string): Quantity | null {
  if (quantity === null) return null;
  const label = [before, quantity.label, after].filter((part) => part !== '').join(' ');
  return { ...quantity, label };
}

function own(table: Readonly<Record<string, Quantity>>, key: string): Quantity | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}
