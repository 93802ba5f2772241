import type { Arm } from '../../store/experiment';
import { taskOf } from '../../store/policies';
import type { SeriesStore } from '../../store/series';
import { decimal } from '../format';

/** A horizontal line to compare curves with. */
export interface Reference {
  readonly y: number;
  readonly label: string;
  /** The axis is drawn up to it. */
  readonly reach?: true;
}

/** Where entropy began and, on demand, where it would be if nothing were known. */
export function entropyReferences(
  store: SeriesStore,
  arms: readonly Arm[],
  full: boolean,
): readonly Reference[] {
  const base = atFirst(store, arms, 'entropy');
  const uniform = uniformEntropy(arms);
  return [
    ...(base === null ? [] : [{ y: base, label: `base policy, ${decimal(base)}` }]),
    ...(!full || uniform === null
      ? []
      : [
          {
            y: uniform,
            label: `ln V = ${decimal(uniform)}, a uniform policy`,
            reach: true as const,
          },
        ]),
  ];
}

/** Where reward began: what the base policy has without any training. */
export function rewardReferences(store: SeriesStore, arms: readonly Arm[]): readonly Reference[] {
  const base = atFirst(store, arms, 'reward');
  return base === null ? [] : [{ y: base, label: `base policy, ${decimal(base)}` }];
}

/** Entropy of a uniform distribution over the first arm's vocabulary, or null before there is an experiment. */
export function uniformEntropy(arms: readonly Arm[]): number | null {
  const recipe = arms[0]?.recipe;
  return recipe === undefined ? null : Math.log(taskOf(recipe).vocabulary.length);
}

/** Step 1 is measured before its updates, so it is the base policy's; arms of one seed agree on it. */
function atFirst(
  store: SeriesStore,
  arms: readonly Arm[],
  key: 'entropy' | 'reward',
): number | null {
  const first = arms[0];
  const value = first === undefined ? undefined : store.of(first.id).view(key)[0];
  return value !== undefined && Number.isFinite(value) ? value : null;
}
