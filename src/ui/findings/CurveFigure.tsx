import { csv } from '../../export/csv';
import { DataRegion } from '../charts/DataRegion';
import { Figure } from '../charts/Figure';
import { FigureMenu } from '../charts/FigureMenu';
import { FullScreen } from '../charts/FullScreen';
import { armColour } from '../palette';
import { Swatch } from '../Swatch';
import { rowsByPlace, SimplePlot, type SimpleCurve, type SimplePlotProps } from './SimplePlot';

/** A figure of a few curves, with its table. */
export function CurveFigure(
  props: SimplePlotProps & { id: string; title: string; unit: string; help: string },
) {
  const { id, title, unit, help, ...plot } = props;
  const { curves, xLabel, formatX, formatValue } = plot;
  const drawn = (
    <>
      <SimplePlot {...plot} />
      <CurveLegend curves={curves} />
    </>
  );
  return (
    <Figure
      id={id}
      title={title}
      unit={unit}
      level={3}
      summary={summaryOf(title, curves, formatValue)}
      caption={<p className="small quiet">{help}</p>}
      menu={
        <FigureMenu
          title={title}
          unit={unit}
          fileName={() => id}
          csv={() => csvOf(xLabel, curves)}
          legend={() =>
            curves.map(({ name, colour, dash }) => ({ name, colour: armColour(colour), dash }))
          }
          isEmpty={() => curves.every(({ points }) => points.length === 0)}
          large={(closing) => (
            <FullScreen title={title} unit={unit} help={help} {...closing}>
              {drawn}
            </FullScreen>
          )}
        />
      }
      data={() => (
        <DataRegion label={`${title} (${unit})`}>
          <table>
            <caption>
              {title} ({unit})
            </caption>
            <thead>
              <tr>
                <th scope="col">{xLabel}</th>
                {curves.map(({ key, name }) => (
                  <th scope="col" key={key}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rowsByPlace(curves).map(({ x, values }) => (
                <tr key={x}>
                  <th scope="row">{formatX(x)}</th>
                  {curves.map(({ key }) => {
                    const value = values[key];
                    return <td key={key}>{value == null ? '' : formatValue(value)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </DataRegion>
      )}
    >
      {drawn}
    </Figure>
  );
}

function CurveLegend({ curves }: { curves: readonly SimpleCurve[] }) {
  return (
    <ul className="legend" aria-hidden="true">
      {curves.map(({ key, name, colour, dash }) => (
        <li key={key}>
          <Swatch colour={colour} width={24} dash={dash} />
          {name}
        </li>
      ))}
    </ul>
  );
}

/** A row for each place, a column for each curve. */
function csvOf(xLabel: string, curves: readonly SimpleCurve[]): string {
  const rows = rowsByPlace(curves).map(({ x, values }) => [
    x,
    ...curves.map(({ key }) => values[key] ?? null),
  ]);
  return csv([xLabel, ...curves.map(({ name }) => name)], rows);
}

function summaryOf(
  title: string,
  curves: readonly SimpleCurve[],
  format: (value: number) => string,
): string {
  const parts = curves.flatMap(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return first === undefined || last === undefined
      ? []
      : [`${name} from ${format(first.y)} to ${format(last.y)}`];
  });
  return parts.length === 0 ? `${title}: nothing measured yet.` : `${title}: ${parts.join('; ')}.`;
}
