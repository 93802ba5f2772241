import type { GroupView } from '../worker/protocol';

/** Steps that are kept of one arm. */
export const MOST_STEPS = 64;
/** Newest steps that are never thinned out. */
const RECENT_STEPS = 24;
/** Response tokens that are kept of one arm: large groups keep fewer steps. */
const MOST_TOKENS = 60_000;

/** Shown groups of one arm in the order of their steps. */
export type GroupHistory = readonly GroupView[];

/**
 * The history with one more group. What it holds of the same step gives way, and of later ones too: they were before a
 * restart. When it is full, older steps are thinned out evenly; the first step stays.
 */
export function withGroup(history: GroupHistory, group: GroupView): GroupHistory {
  const earlier = history.filter(({ step }) => step < group.step);
  const same = history.find(({ step }) => step === group.step);
  const kept = [...earlier, same !== undefined && saysMore(same, group) ? same : group];
  while (kept.length > 1 && isFull(kept)) kept.splice(leastMissed(kept), 1);
  return kept;
}

/** The group shown at a step, or the nearest before it; the newest for null; null of an empty history. */
export function groupAt(history: GroupHistory, step: number | null): GroupView | null {
  if (step === null) return history.at(-1) ?? null;
  return history.findLast((group) => group.step <= step) ?? history[0] ?? null;
}

/** Whether anyone has looked closely at the group's responses. */
export function isLookedAt({ rollouts }: GroupView): boolean {
  return rollouts.some(({ look }) => look !== undefined);
}

/** The same responses arrive again without the close look when another arm is watched. */
function saysMore(old: GroupView, next: GroupView): boolean {
  return isLookedAt(old) && !isLookedAt(next) && old.place?.prompt === next.place?.prompt;
}

function isFull(history: GroupHistory): boolean {
  if (history.length > MOST_STEPS) return true;
  const tokens = history.reduce(
    (sum, { rollouts }) => sum + rollouts.reduce((own, rollout) => own + rollout.tokens.length, 0),
    0,
  );
  return tokens > MOST_TOKENS;
}

/** Index of the group whose neighbours are nearest to each other, among the older ones but the first. */
function leastMissed(history: GroupHistory): number {
  const end = Math.max(2, history.length - RECENT_STEPS);
  let least = Math.min(1, history.length - 1);
  let narrowest = Infinity;
  for (let i = 1; i < Math.min(end, history.length - 1); i++) {
    const gap = (history[i + 1]?.step ?? 0) - (history[i - 1]?.step ?? 0);
    if (gap < narrowest) {
      narrowest = gap;
      least = i;
    }
  }
  return least;
}
