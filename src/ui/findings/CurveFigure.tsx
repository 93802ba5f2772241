import type { ReactNode } from 'react';
import { Figure } from '../charts/Figure';
import { SimplePlot, type SimpleCurve } from './SimplePlot';

/** A figure of a few curves, with its table. */
export function CurveFigure(props: {
  id: string;
  title: string;
  unit: string;
  help: ReactNode;
  curves: readonly SimpleCurve[];
  xTicks: readonly number[];
  yTicks: readonly number[];
  xLabel: string;
  doubling?: boolean;
  diagonal?: boolean;
  zero?: boolean;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
  formatValue: (value: number) => string;
}) {
  const { id, title, unit, help, curves, xLabel, formatX, formatValue, ...plot } = props;
  const places = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort(
    (a, b) => a - b,
  );
  return (
    <Figure
      id={id}
      title={title}
      unit={unit}
      level={3}
      summary={summaryOf(title, curves, formatValue)}
      caption={<p className="small quiet">{help}</p>}
      data={() => (
        <div className="data" role="region" aria-label={`${title} (${unit})`} tabIndex={0}>
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
              {places.map((x) => (
                <tr key={x}>
                  <th scope="row">{formatX(x)}</th>
                  {curves.map(({ key, points }) => {
                    const point = points.find((candidate) => candidate.x === x);
                    return <td key={key}>{point === undefined ? '' : formatValue(point.y)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    >
      <SimplePlot {...plot} {...{ curves, xLabel, formatX, formatValue }} />
      <ul className="legend" aria-hidden="true">
        {curves.map(({ key, name, colour, dash }) => (
          <li key={key}>
            <svg className="swatch" width="24" height="10">
              <line
                x1="0"
                y1="5"
                x2="24"
                y2="5"
                stroke={colour}
                strokeWidth="2"
                strokeDasharray={dash}
              />
            </svg>
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
