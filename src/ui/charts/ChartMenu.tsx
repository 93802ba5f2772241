import { useExperiment } from '../../store/experiment';
import { series } from '../../store/series';
import { seriesCsv } from '../../store/series_csv';
import { useView } from '../../store/view';
import { curvesOf, type Chart } from './chart';
import { FigureMenu } from './FigureMenu';
import { LargeChart } from './LargeChart';
import { legendEntries } from './picture';

/** The menu of a chart over the run. Its CSV has every number measured, not only those drawn. */
export function ChartMenu({ chart }: { chart: Chart }) {
  return (
    <FigureMenu
      title={chart.title}
      unit={chart.unit}
      fileName={() => `${chart.id}-by-${useView.getState().axis}`}
      csv={() => csvOf(chart)}
      legend={() => legendOf(chart)}
      isEmpty={() => shownArms().every(({ id }) => series.of(id).length === 0)}
      large={(closing) => <LargeChart chart={chart} {...closing} />}
    />
  );
}

function shownArms() {
  return useExperiment.getState().arms.filter((arm) => arm.visible);
}

function csvOf(chart: Chart): string {
  const metrics = chart.parts.map(({ metric }) => metric);
  return seriesCsv(series, shownArms(), metrics, useView.getState().axis);
}

function legendOf(chart: Chart) {
  return legendEntries(curvesOf(chart, shownArms(), useView.getState().chosenArm));
}
