import { useEffect, useReducer } from 'react';
import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';
import { series } from '../../store/series';
import { useView, type ViewState } from '../../store/view';
import { rested, useHover } from './hover';
import { Turns } from './turns';

/** A frame each, and none while the page is hidden. */
const inSight = new Turns((redraw) => requestAnimationFrame(redraw));
/** Out of sight there is time. */
const outOfSight = new Turns((redraw) => setTimeout(redraw, 50));

/** While the pointer moves over a chart, what a run adds waits until it has rested for this many milliseconds. */
const REST = 300;

const LOOK = ['axis', 'zoom', 'smoothing', 'logScale', 'fullEntropyScale', 'chosenArm'] as const;

/**
 * Renders the caller again, in its turn, whenever what charts draw from has changed. Out of sight a chart stands still
 * while the run goes on, and catches up when it rests; so does one in sight while somebody moves along a curve. The number
 * itself means nothing.
 */
export function useTurn(onScreen: boolean): number {
  const [turn, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const turns = onScreen ? inSight : outOfSight;
    const ask = () => {
      if (onScreen || useRun.getState().status !== 'running') turns.ask(redraw);
    };
    let held: ReturnType<typeof setTimeout> | undefined;
    const askAtRest = () => {
      held = undefined;
      if (rested() >= REST) ask();
      else held = setTimeout(askAtRest, REST);
    };
    const stops = [
      series.ticker.subscribe(() => {
        if (held === undefined) askAtRest();
      }),
      () => clearTimeout(held),
      useExperiment.subscribe((state, before) => {
        if (state.arms !== before.arms) ask();
      }),
      useRun.subscribe((state, before) => {
        if (state.total !== before.total || state.status !== before.status) ask();
      }),
      useView.subscribe((state, before) => {
        if (looksOther(state, before)) ask();
      }),
      useHover.subscribe((state, before) => {
        // The arm under the pointer shows its single seeds.
        if (onScreen && state.arm !== before.arm && useExperiment.getState().seeds.length > 1)
          ask();
      }),
    ];
    ask();
    return () => {
      turns.forget(redraw);
      for (const stop of stops) stop();
    };
  }, [onScreen]);
  return turn;
}

function looksOther(state: ViewState, before: ViewState): boolean {
  return LOOK.some((key) => state[key] !== before[key]);
}
