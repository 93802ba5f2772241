import type { Drawing } from '../../tasks/task';
import type { RolloutView } from '../../worker/protocol';

type Chain = Extract<Drawing, { kind: 'chain' }>;

export const STYLE_NAMES: Readonly<Record<Chain['style'], string>> = {
  'left-to-right': 'left to right',
  'right-to-left': 'right to left',
  direct: 'a guess',
  other: 'no known style',
};

/** What several responses of a group say alike. */
export interface Answer {
  readonly label: string;
  readonly correct: boolean;
  readonly responses: number;
}

/** The answers of a group, most given first; empty where the task has another overview. */
export function answersOf(rollouts: readonly RolloutView[]): Answer[] {
  const found = new Map<string, Answer>();
  for (const { drawing, reward } of rollouts) {
    const label = labelOf(drawing);
    if (label === null) return [];
    const correct = reward > 0;
    const key = `${label} ${correct}`;
    const responses = (found.get(key)?.responses ?? 0) + 1;
    found.set(key, { label, correct, responses });
  }
  return [...found.values()].sort((a, b) => b.responses - a.responses);
}

function labelOf(drawing: Drawing): string | null {
  switch (drawing.kind) {
    case 'maze':
      return null;
    case 'chain':
      return `${STYLE_NAMES[drawing.style]}, ${drawing.answer ?? 'no answer'}`;
    case 'expression':
      return drawing.value === null
        ? 'not an expression'
        : `${inOrder(drawing.text)} = ${drawing.value}`.replaceAll('-', '−');
  }
}

/** The terms of an expression in a fixed order, pluses first: 3+8 and 8+3 are one answer. */
function inOrder(text: string): string {
  const terms = `+${text}`.match(/[+-]\d/g) ?? [];
  const sorted = terms.sort().map((term) => term.split('').join(' '));
  return sorted.join(' ').replace(/^\+ /, '');
}
