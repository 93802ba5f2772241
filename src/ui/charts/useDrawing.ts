import { useMemo } from 'react';
import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';
import { series } from '../../store/series';
import { useView } from '../../store/view';
import { curvesOf, type Chart } from './chart';
import { draw, NOTHING_DRAWN, type Drawing } from './drawing';
import { useHover } from './hover';
import { useTurn } from './useTurn';

/**
 * A chart of the shown arms as it is to be drawn now; redrawn in its turn, and only while in sight or at rest. Of one that
 * is not `wanted` yet it has the curves and no points.
 */
export function useDrawing(chart: Chart, most: number, onScreen: boolean, wanted = true): Drawing {
  const turn = useTurn(onScreen);
  return useMemo(() => {
    void turn;
    const { axis, zoom, smoothing, logScale, fullEntropyScale, chosenArm } = useView.getState();
    const arms = useExperiment.getState().arms.filter((arm) => arm.visible);
    if (!wanted) return { ...NOTHING_DRAWN, curves: curvesOf(chart, arms, chosenArm) };
    const seedsOf = useHover.getState().arm ?? chosenArm;
    return draw(
      chart,
      {
        store: series,
        arms,
        chosenArm,
        total: useRun.getState().total,
        running: useRun.getState().status === 'running',
        look: { axis, zoom, smoothing, logScale, fullEntropyScale, seedsOf },
      },
      most,
    );
  }, [chart, most, turn, wanted]);
}
