import { count, decimal } from '../format';
import type { Chart } from './chart';
import { AXES } from './ChartPlot';
import { DataTable } from './DataTable';
import type { Drawing } from './drawing';

/** The table behind a chart. */
export function ChartData({ chart, drawing }: { chart: Chart; drawing: Drawing }) {
  const { axis, smoothing } = drawing;
  const smoothed = smoothing > 0 ? `, smoothed by ${decimal(smoothing)}` : '';
  return (
    <DataTable
      caption={`${chart.title} (${chart.unit}${smoothed})`}
      axis={axis === 'step' ? axis : AXES[axis]}
      curves={drawing.curves}
      rows={drawing.rows}
      banded={drawing.banded}
      formatX={axis === 'reward' ? (value) => decimal(value, 3) : count}
      format={chart.format}
    />
  );
}
