import type { PairSummary } from '../../rl/summary';
import type { RunRecord } from '../../storage/record';

/**
 * Which level of reward arms are compared at (entropyAtReward in src/rl/summary.ts). A level at or below the reward of
 * the first step says nothing: it is read off before anything was learned, where all arms are the base policy.
 */

/** Highest level above the start that every arm reached at every seed; null of none. */
export function sharedLevel(record: RunRecord): string | null {
  const { arms } = record.summary;
  const start = startOf(
    record,
    arms.map(({ arm }) => arm),
  );
  const levels = levelsAbove(start, arms[0]?.entropy_at_reward).filter((level) =>
    arms.every((arm) => arm.entropy_at_reward?.[level]?.n === arm.entropy.n),
  );
  return levels.at(-1) ?? null;
}

/** Of the levels above the start, those that both arms reached at most seeds; of these the highest. */
export function levelOfPair(record: RunRecord, pair: PairSummary): string | null {
  const levels = levelsAbove(startOf(record, [pair.first, pair.second]), pair.entropy_at_reward);
  const seeds = (level: string) => pair.entropy_at_reward?.[level]?.n ?? 0;
  const most = Math.max(...levels.map(seeds));
  return most > 0 ? (levels.filter((level) => seeds(level) === most).at(-1) ?? null) : null;
}

/** The highest reward with which a run of these arms began. */
function startOf({ arms }: RunRecord, names: readonly string[]): number {
  return Math.max(
    ...arms
      .filter(({ name }) => names.includes(name))
      .flatMap(({ runs }) => runs.map(({ series }) => series.reward[0] ?? 0)),
  );
}

/** Ascending. */
function levelsAbove(start: number, levels: Readonly<Record<string, unknown>> | undefined) {
  return Object.keys(levels ?? {})
    .filter((level) => Number(level) > start)
    .sort((a, b) => Number(a) - Number(b));
}
