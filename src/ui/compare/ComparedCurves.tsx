import { useId, useMemo } from 'react';
import { seriesOfTwo } from '../../store/compare';
import type { Side } from '../../store/comparison';
import type { Arm } from '../../store/experiment';
import type { SeriesStore } from '../../store/series';
import { seriesCsv } from '../../store/series_csv';
import { useTrainerLogs } from '../../store/trainer_logs';
import { experimentOf } from '../../store/kept_run';
import type { MetricKey } from '../../store/columns';
import type { Chart } from '../charts/chart';
import { draw, MOST_POINTS, type Drawing } from '../charts/drawing';
import { FigureMenu } from '../charts/FigureMenu';
import { FullScreen } from '../charts/FullScreen';
import { Legend } from '../charts/Legend';
import { isMonotonic, isShared } from '../charts/look';
import { legendEntries } from '../charts/picture';
import { Plot } from '../charts/Plot';
import { chartsOf } from './quantities';

/** Plain curves against steps, whatever the charts of the page are set to. */
const LOOK = {
  axis: 'step',
  zoom: null,
  smoothing: 0,
  logScale: false,
  fullEntropyScale: false,
  seedsOf: null,
} as const;

/** The chosen quantities of two arms, and of logs beside them, over the steps of the longer; bands from the lowest to the highest seed. */
export function ComparedCurves(props: {
  first: Side;
  second: Side;
  quantities: readonly MetricKey[];
  names: readonly [string, string];
}) {
  const { first, second, quantities, names } = props;
  const logs = useTrainerLogs((state) => state.logs);
  const { store, arms, drawings } = useMemo(() => {
    const store = seriesOfTwo(first, second, logs);
    const two = [first, second].flatMap((side, i): Arm[] => {
      const arm = experimentOf(side.run).arms.find(({ id }) => id === side.arm);
      return arm === undefined
        ? []
        : [{ ...arm, id: `arm-${i + 1}`, colour: i, name: names[i] ?? '' }];
    });
    const [arm] = two;
    // A log has no recipe: it is drawn like an arm, under the name of its file.
    const beside = logs.flatMap(({ name }, i): Arm[] =>
      arm === undefined ? [] : [{ ...arm, id: `log-${i + 1}`, colour: 2 + i, name }],
    );
    const arms = [...two, ...beside];
    const total = Math.max(first.run.step, second.run.step, ...logs.map(({ steps }) => steps));
    const given = { store, arms, chosenArm: null, total, running: false, look: LOOK };
    const drawn = chartsOf(quantities).map((chart) => ({
      chart,
      drawing: draw(chart, given, MOST_POINTS.small),
    }));
    return { store, arms, drawings: drawn };
  }, [first, second, quantities, names, logs]);
  return (
    <div className="compare-curves">
      {drawings.map(({ chart, drawing }) => (
        <Curves key={chart.id} {...{ chart, drawing, store, arms }} />
      ))}
    </div>
  );
}

function Curves(props: {
  chart: Chart;
  drawing: Drawing;
  store: SeriesStore;
  arms: readonly Arm[];
}) {
  const { chart, drawing, store, arms } = props;
  const ids = useId();
  const title = `${chart.title} compared`;
  const drawn = (
    <>
      <Legend curves={drawing.curves} />
      <Plot
        {...drawing}
        monotonic={isMonotonic(drawing.axis)}
        shared={isShared(drawing.axis)}
        xUnit="steps"
        formatValue={chart.format}
      />
    </>
  );
  return (
    <figure aria-labelledby={`${ids}title ${ids}unit`}>
      <div className="figure-head">
        <h3 id={`${ids}title`}>{title}</h3>
        <span className="unit" id={`${ids}unit`}>
          {chart.unit}
        </span>
        <div className="figure-tools">
          <FigureMenu
            title={title}
            unit={chart.unit}
            fileName={() => `${chart.id}-compared`}
            csv={() =>
              seriesCsv(
                store,
                arms,
                chart.parts.map(({ metric }) => metric),
                'step',
              )
            }
            legend={() => legendEntries(drawing.curves)}
            large={(closing) => (
              <FullScreen title={title} unit={chart.unit} help={chart.help} {...closing}>
                {drawn}
              </FullScreen>
            )}
          />
        </div>
      </div>
      {drawn}
    </figure>
  );
}
