import { create } from 'zustand';
import type { About } from '../recipe/about';
import { differingKeys } from '../recipe/difference';
import { isEdited, useExperiment, type ExperimentState } from './experiment';

/** What undo brings back: the arms with their settings and those of the base, and the seeds. */
export type Snapshot = Pick<ExperimentState, 'name' | 'base' | 'arms' | 'seeds'>;

interface Entry {
  /** What is about to change, such as "arm-1 positive_weight"; moves of one slider share it. */
  readonly change: string;
  readonly at: number;
  readonly before: Snapshot;
}

export interface HistoryState {
  readonly past: readonly Entry[];
  readonly future: readonly Snapshot[];
}

const MOST_ENTRIES = 100;

/** Changes of one thing that follow each other within this many milliseconds are one change. */
const ONE_MOVE = 1000;

/** Changes of the experiment that can be taken back. */
export const useHistory = create<HistoryState>(() => ({ past: [], future: [] }));

/** Call before a change of the arms, their settings or the seeds. */
export function remember(change: string, now = performance.now()): void {
  useHistory.setState(({ past }) => {
    const last = past.at(-1);
    if (last?.change === change && now - last.at < ONE_MOVE) {
      return { past: [...past.slice(0, -1), { ...last, at: now }], future: [] };
    }
    return {
      past: [...past, { change, at: now, before: present() }].slice(-MOST_ENTRIES),
      future: [],
    };
  });
}

/** The state before the last change, taken off the past; null where there is none. */
export function stepBack(): Snapshot | null {
  const { past, future } = useHistory.getState();
  const last = past.at(-1);
  if (last === undefined) return null;
  useHistory.setState({ past: past.slice(0, -1), future: [...future, present()] });
  return last.before;
}

/** The state that the last undo left; null where there is none. */
export function stepForward(): Snapshot | null {
  const { past, future } = useHistory.getState();
  const next = future.at(-1);
  if (next === undefined) return null;
  const entry = { change: 'redo', at: -Infinity, before: present() };
  useHistory.setState({ past: [...past, entry], future: future.slice(0, -1) });
  return next;
}

/** Another experiment was taken up: its history begins. */
export function forgetHistory(): void {
  useHistory.setState({ past: [], future: [] });
}

/** A recorded run has all its seeds; a page trains one until somebody asks for more. */
export function keepOneSeed(): void {
  const first = (seeds: readonly number[]) => seeds.slice(0, 1);
  useExperiment.setState(({ seeds }) => ({ seeds: first(seeds) }));
  useHistory.setState(({ past }) => ({
    future: [],
    past: past.map((entry) => ({
      ...entry,
      before: { ...entry.before, seeds: first(entry.before.seeds) },
    })),
  }));
}

/**
 * Whether the arms train otherwise than those of the experiment as it was taken up, as far back as changes are kept.
 * Names, colours and seeds make no other experiment of it.
 */
export function isAltered(
  { arms }: Pick<ExperimentState, 'arms'>,
  { past }: Pick<HistoryState, 'past'>,
): boolean {
  const first = past[0]?.before.arms ?? arms;
  return (
    arms.some(isEdited) ||
    arms.length !== first.length ||
    arms.some(({ id, recipe }) => {
      const own = first.find((arm) => arm.id === id);
      return own === undefined || differingKeys(recipe, own.recipe).length > 0;
    })
  );
}

/** What the experiment on the page is for, without what was found where it is no longer what it was found of. */
export function aboutNow(): About | null {
  const experiment = useExperiment.getState();
  const { about } = experiment;
  return about !== null && isAltered(experiment, useHistory.getState())
    ? { ...about, finding: null }
    : about;
}

function present(): Snapshot {
  const { name, base, arms, seeds } = useExperiment.getState();
  return { name, base, arms, seeds };
}
