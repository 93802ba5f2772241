import { create } from 'zustand';
import type { Failure } from '../errors/failure';
import type { Made } from '../storage/record';
import type { AdapterFacts, Event } from '../worker/protocol';

export type RunStatus =
  'connecting' | 'preparing' | 'ready' | 'running' | 'paused' | 'finished' | 'failed';

/** A recorded run that is played instead of trained. */
export interface Recorded {
  /** Of the record, in public/runs. */
  readonly id: string;
  readonly made: Made;
}

export interface RunState {
  readonly status: RunStatus;
  /** Null while the page trains by itself. */
  readonly recorded: Recorded | null;
  /** Steps that are complete. */
  readonly step: number;
  /** Steps of the experiment. */
  readonly total: number;
  /** Pieces of the set-up (layouts, kernels, policies) done and to do. */
  readonly prepared: {
    readonly what: 'layouts' | 'kernels' | 'steps';
    readonly done: number;
    readonly total: number;
  };
  readonly adapter: AdapterFacts | null;
  readonly failure: Failure | null;
  /** Seconds a step took lately, or null before two have come. */
  readonly secondsPerStep: number | null;
  /** When the last step came, in performance.now() milliseconds; null when the clock is not running. */
  readonly lastStepAt: number | null;
}

export const START: RunState = {
  status: 'connecting',
  recorded: null,
  step: 0,
  total: 0,
  prepared: { what: 'kernels', done: 0, total: 0 },
  adapter: null,
  failure: null,
  secondsPerStep: null,
  lastStepAt: null,
};

/** How much of the pace's history the newest step replaces. */
const PACE_MEMORY = 0.3;

/** The next state after an event of the worker. Nothing revives a failed run except a new session. */
export function advance(state: RunState, event: Event, now: number): RunState {
  if (event.type === 'adapter') return { ...state, adapter: event.facts };
  if (event.type === 'failed')
    return { ...state, status: 'failed', failure: event.failure, lastStepAt: null };
  if (state.status === 'failed') return state;
  switch (event.type) {
    case 'preparing':
      return {
        ...state,
        status: 'preparing',
        prepared: { what: event.what, done: event.done, total: event.total },
      };
    case 'ready':
      return { ...state, status: 'ready' };
    case 'running':
      return { ...state, status: 'running', lastStepAt: now };
    case 'paused':
    case 'finished':
      return { ...state, status: event.type, step: event.step, lastStepAt: null };
    case 'metrics':
      return { ...state, step: event.step, ...pace(state, now) };
    default:
      return state;
  }
}

function pace(state: RunState, now: number): Pick<RunState, 'secondsPerStep' | 'lastStepAt'> {
  if (state.lastStepAt === null) return { secondsPerStep: state.secondsPerStep, lastStepAt: null };
  const seconds = (now - state.lastStepAt) / 1000;
  const before = state.secondsPerStep ?? seconds;
  return { secondsPerStep: before + PACE_MEMORY * (seconds - before), lastStepAt: now };
}

/** Whether Reset may be pressed: it also gives up training steps again, which may take long. */
export function canReset({ status, prepared }: RunState): boolean {
  if (status === 'preparing') return prepared.what === 'steps' && prepared.total > 0;
  return status !== 'connecting';
}

/** Where the run stands. Written by engine.ts, and by player.ts while a recorded run is open. */
export const useRun = create<RunState>(() => START);

/** Whether Run, Pause and Step mean something in this state. */
export function canTrain(status: RunStatus): boolean {
  return status === 'ready' || status === 'running' || status === 'paused';
}
