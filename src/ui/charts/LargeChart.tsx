import { useMedia } from '../theme';
import type { Chart } from './chart';
import { AXES, ChartPlot } from './ChartPlot';
import { MOST_POINTS } from './drawing';
import { FullScreen } from './FullScreen';
import { Legend } from './Legend';
import { isShared } from './look';
import { LookNote } from './LookNote';
import { useDrawing } from './useDrawing';

/** A chart over the run, as large as the window and with more of its points. */
export function LargeChart(props: { chart: Chart; onClose: () => void; onClosed: () => void }) {
  const { chart, ...closing } = props;
  const drawing = useDrawing(chart, MOST_POINTS.large, true);
  const wide = useMedia('(min-width: 640px)');
  const endLabels = wide && isShared(drawing.axis) && chart.parts.length === 1;
  return (
    <FullScreen title={chart.title} unit={chart.unit} help={chart.help} {...closing}>
      <LookNote />
      {!endLabels && <Legend curves={drawing.curves} />}
      <ChartPlot
        chart={chart}
        drawing={drawing}
        hover={`${chart.id}, large`}
        xUnit={AXES[drawing.axis]}
        endLabels={endLabels}
        waiting="Nothing is trained yet."
      />
    </FullScreen>
  );
}
