import type { RolloutView } from '../../worker/protocol';

/** A response and how often the group gave it. */
export interface Distinct {
  readonly key: string;
  readonly rollout: RolloutView;
  readonly times: number;
}

/** The group's distinct responses in the order they first came: as entropy falls, there are fewer of them. */
export function distinctRollouts(rollouts: readonly RolloutView[]): Distinct[] {
  const found = new Map<string, Distinct>();
  for (const rollout of rollouts) {
    const key = rollout.tokens.join(' ');
    const before = found.get(key);
    found.set(key, { key, rollout: before?.rollout ?? rollout, times: (before?.times ?? 0) + 1 });
  }
  return [...found.values()];
}
