import { useMemo } from 'react';
import type { MetricKey } from '../../store/columns';
import { useExperiment, type Arm } from '../../store/experiment';
import { useRun } from '../../store/run';
import { series, useSeriesVersion } from '../../store/series';
import type { AxisKind } from '../../store/view';
import { count, decimal } from '../format';
import {
  highest,
  placeMarks,
  rows,
  ticksTo,
  ticksUntil,
  type Curve,
  type PlacedMark,
  type Row,
} from './plot';

/** One curve per shown arm. */
export function curveOf(metric: MetricKey): (arm: Arm) => Curve {
  return (arm) => ({ key: arm.id, arm, name: arm.name, metric });
}

export interface Plotted {
  readonly curves: readonly Curve[];
  readonly rows: readonly Row[];
  readonly marks: readonly PlacedMark[];
  readonly xTicks: readonly number[];
  readonly formatX: (value: number) => string;
}

/** Most points a curve: recharts lays out all of them at every redraw, and a small chart has fewer pixels to show. */
export const MOST_POINTS = { large: 300, small: 120 } as const;

/** What a chart of the shown arms draws now; follows the series at the pace of its redraws. */
export function useCurves(
  toCurves: (arms: readonly Arm[]) => readonly Curve[],
  axis: AxisKind,
  most: number,
): Plotted {
  const arms = useExperiment((state) => state.arms);
  const total = useRun((state) => state.total);
  const version = useSeriesVersion();
  return useMemo(() => {
    void version;
    const curves = toCurves(arms.filter((arm) => arm.visible));
    const metric = curves[0]?.metric ?? 'entropy';
    return {
      curves,
      rows: rows(series, curves, axis, most),
      marks: placeMarks(
        series,
        curves.map((curve) => curve.arm),
        metric,
        axis,
      ),
      xTicks: xTicks(curves, axis, total),
      formatX: axis === 'reward' ? (value: number) => decimal(value, 1) : count,
    };
  }, [toCurves, arms, total, axis, most, version]);
}

/** Steps run to the end of the experiment from the start, so that a curve's length says how far it is. */
function xTicks(curves: readonly Curve[], axis: AxisKind, total: number): number[] {
  if (axis === 'reward') return [0, 0.2, 0.4, 0.6, 0.8, 1];
  if (axis === 'step') return ticksUntil(Math.max(total, 4));
  return ticksTo(
    highest(
      series,
      curves.map((curve) => ({ ...curve, metric: axis })),
      10,
    ),
  );
}
