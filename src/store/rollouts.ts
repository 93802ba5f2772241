import { useSyncExternalStore } from 'react';
import type { GroupView } from '../worker/protocol';
import { runOf } from './run_id';
import { Ticker } from './ticker';

const REDRAW_MS = 500;

let latest: ReadonlyMap<string, GroupView> = new Map();
const ticker = new Ticker(REDRAW_MS);

/** Keeps the newest group of each arm that `groups` names: that of its first run. */
export function receiveGroups(groups: readonly GroupView[]): void {
  const next = new Map(latest);
  // In reverse, so that of several seeds the first stays.
  for (const group of [...groups].reverse()) next.set(runOf(group.run).arm, group);
  latest = next;
  ticker.touch();
}

export function clearGroups(): void {
  latest = new Map();
  ticker.bump();
}

/** The newest group of an arm's rollouts, or null before the first. */
export function useGroup(arm: string | null): GroupView | null {
  useSyncExternalStore(ticker.subscribe, ticker.getVersion);
  return arm === null ? null : (latest.get(arm) ?? null);
}
