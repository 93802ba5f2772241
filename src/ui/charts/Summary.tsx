import { useEffect, useReducer } from 'react';
import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';
import { series } from '../../store/series';
import { useView } from '../../store/view';
import type { Chart } from './chart';
import { summarise } from './summary';

/** A screen reader follows a sentence, not a curve: while a run goes on it changes this seldom. */
const PACE = { running: 5000, resting: 300 } as const;

/** The chart's sentence, at a pace at which it can be read. */
export function Summary({ chart }: { chart: Chart }) {
  const arms = useExperiment((state) => state.arms);
  const chosenArm = useView((state) => (chart.chosenOnly === true ? state.chosenArm : null));
  useSlowly();
  const shown = arms.filter((arm) => arm.visible);
  return <>{summarise(chart, series, shown, chosenArm)}</>;
}

/** Renders the caller again a while after the series or the run has changed. */
function useSlowly(): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const later = () => {
      const { status } = useRun.getState();
      timer ??= setTimeout(
        () => {
          timer = null;
          render();
        },
        status === 'running' ? PACE.running : PACE.resting,
      );
    };
    const stops = [
      series.ticker.subscribe(later),
      useRun.subscribe((state, before) => {
        if (state.status === before.status) return;
        if (timer !== null) clearTimeout(timer);
        timer = null;
        later();
      }),
    ];
    return () => {
      if (timer !== null) clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, []);
}
