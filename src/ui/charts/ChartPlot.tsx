import { memo, useCallback } from 'react';
import { useView, type AxisKind, type StepRange } from '../../store/view';
import type { Chart } from './chart';
import type { Drawing } from './drawing';
import { isMonotonic, isShared } from './look';
import { Plot } from './Plot';
import type { Row } from './rows';

/** The axes as they are named in a sentence: "against steps". */
export const AXES: Readonly<Record<AxisKind, string>> = {
  step: 'steps',
  updates: 'updates',
  tokens: 'tokens',
  reward: 'reward',
};

/** A chart's curves; drawing out a stretch zooms all charts. */
export const ChartPlot = memo(function ChartPlot(props: {
  chart: Chart;
  drawing: Drawing;
  /** Names the plot among those that show each other's cursor. */
  hover: string;
  xUnit?: string;
  endLabels?: boolean;
  /** Said before anything is trained. */
  waiting?: string | null;
}) {
  const { chart, drawing, waiting = null } = props;
  const { rows, axis } = drawing;
  const select = useCallback(
    (range: StepRange | null) => {
      if (range === null) return useView.getState().setZoom(null);
      const zoom = stepsIn(rows, axis, range);
      if (zoom !== null) useView.getState().setZoom(zoom);
    },
    [rows, axis],
  );
  return (
    <Plot
      curves={drawing.curves}
      rows={rows}
      marks={drawing.marks}
      references={drawing.references}
      chosenArm={drawing.chosenArm}
      xTicks={drawing.xTicks}
      yTicks={drawing.yTicks}
      log={drawing.log}
      dimOthers={chart.parts.length > 1 && chart.chosenOnly !== true}
      stepped={chart.stepped ?? false}
      monotonic={isMonotonic(axis)}
      shared={isShared(axis)}
      endLabels={props.endLabels ?? false}
      shadows={drawing.smoothing > 0}
      banded={drawing.banded}
      seeds={drawing.seeds}
      hover={props.hover}
      onSelect={select}
      formatX={drawing.formatX}
      formatY={drawing.formatY}
      formatValue={chart.format}
      empty={drawing.empty ?? (rows.length === 0 ? waiting : null)}
      {...(props.xUnit !== undefined && { xUnit: props.xUnit })}
    />
  );
});

/** The steps within a stretch of the axis; null where it holds fewer than two. */
export function stepsIn(rows: readonly Row[], axis: AxisKind, range: StepRange): StepRange | null {
  let { from, to } = { from: Math.ceil(range.from), to: Math.floor(range.to) };
  if (axis !== 'step') {
    const steps = rows.filter(({ x }) => x >= range.from && x <= range.to).map(({ step }) => step);
    from = Math.min(...steps);
    to = Math.max(...steps);
  }
  return to - from >= 1 ? { from, to } : null;
}
