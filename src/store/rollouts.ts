import { useSyncExternalStore } from 'react';
import type { GroupView } from '../worker/protocol';
import { useExperiment } from './experiment';
import { withGroup, type GroupHistory } from './group_history';
import { useMicroscope } from './microscope';
import { roundForKeeping } from './recorded_rollouts';
import { runOf } from './run_id';
import { Ticker } from './ticker';

const REDRAW_MS = 500;
const NONE: GroupHistory = [];

let histories: ReadonlyMap<string, GroupHistory> = new Map();
const ticker = new Ticker(REDRAW_MS);

/** Keeps the groups of each arm that `groups` names: those of its first run. */
export function receiveGroups(groups: readonly GroupView[]): void {
  const first = new Map<string, GroupView>();
  // In reverse, so that of several seeds the first stays.
  for (const group of [...groups].reverse()) first.set(runOf(group.run).arm, group);
  const next = new Map(histories);
  const { arms } = useExperiment.getState();
  for (const [arm, group] of first) {
    next.set(arm, withGroup(next.get(arm) ?? NONE, group));
    const own = arms.find(({ id }) => id === arm);
    if (own !== undefined) roundForKeeping(group, own.recipe);
  }
  histories = next;
  ticker.touch();
}

export function clearGroups(): void {
  histories = new Map();
  useMicroscope.getState().follow();
  ticker.bump();
}

/** What has been shown of an arm's rollouts, oldest first. */
export function useGroups(arm: string | null): GroupHistory {
  useSyncExternalStore(ticker.subscribe, ticker.getVersion);
  return arm === null ? NONE : (histories.get(arm) ?? NONE);
}

/** The same, outside React. */
export function groupsOf(arm: string): GroupHistory {
  return histories.get(arm) ?? NONE;
}
