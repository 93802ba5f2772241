import type { ReactNode } from 'react';
import { DataRegion } from '../charts/DataRegion';
import { Figure } from '../charts/Figure';
import { Swatch } from '../Swatch';
import { rowsByPlace, SimplePlot, type SimpleCurve, type SimplePlotProps } from './SimplePlot';

/** A figure of a few curves, with its table. */
export function CurveFigure(
  props: SimplePlotProps & { id: string; title: string; unit: string; help: ReactNode },
) {
  const { id, title, unit, help, ...plot } = props;
  const { curves, xLabel, formatX, formatValue } = plot;
  return (
    <Figure
      id={id}
      title={title}
      unit={unit}
      level={3}
      summary={summaryOf(title, curves, formatValue)}
      caption={<p className="small quiet">{help}</p>}
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
      <SimplePlot {...plot} />
      <ul className="legend" aria-hidden="true">
        {curves.map(({ key, name, colour, dash }) => (
          <li key={key}>
            <Swatch colour={colour} width={24} dash={dash} />
            {name}
          </li>
        ))}
      </ul>
    </Figure>
  );
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
