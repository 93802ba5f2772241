import { memo, useEffect, useRef, useState } from 'react';
import type { Chart } from './chart';
import { ChartData } from './ChartData';
import { AXES, ChartPlot } from './ChartPlot';
import { MOST_POINTS } from './drawing';
import { Figure } from './Figure';
import { ChartMenu } from './ChartMenu';
import { Legend } from './Legend';
import { OnScreen } from './onScreen';
import { Summary } from './Summary';
import { Turns } from './turns';
import { useDrawing } from './useDrawing';
import { useOnScreen } from './useOnScreen';

/** Charts that come into view at once are put on the page one a frame. */
const arrivals = new Turns((show) => requestAnimationFrame(show));

/** A small chart of the catalogue. */
export const ChartFigure = memo(function ChartFigure(props: {
  chart: Chart;
  level: 3 | 4;
  /** Drawn only once it has come into view. */
  lazy?: boolean;
  /** With its help below it. */
  explained?: boolean;
}) {
  const { chart, level, lazy = false, explained = false } = props;
  const figure = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(figure, !lazy);
  const [seen, setSeen] = useState(!lazy);
  const drawing = useDrawing(chart, MOST_POINTS.small, onScreen, seen);
  useEffect(() => {
    if (!onScreen || seen) return;
    const show = () => setSeen(true);
    arrivals.ask(show);
    return () => arrivals.forget(show);
  }, [onScreen, seen]);
  return (
    <Figure
      ref={figure}
      id={chart.id}
      title={chart.title}
      unit={chart.unit}
      level={level}
      menu={<ChartMenu chart={chart} />}
      summary={<Summary chart={chart} />}
      data={() => <ChartData chart={chart} drawing={drawing} />}
      {...(explained && { caption: <p className="small quiet">{chart.help}</p> })}
    >
      {chart.chosenOnly === true && <Legend curves={drawing.curves} />}
      {seen ? (
        <OnScreen value={onScreen}>
          <ChartPlot
            chart={chart}
            drawing={drawing}
            hover={chart.id}
            {...(drawing.axis !== 'step' && { xUnit: AXES[drawing.axis] })}
          />
        </OnScreen>
      ) : (
        <div className="plot" />
      )}
    </Figure>
  );
});
