import type { Curve, Row } from './plot';

/** The numbers of a chart, row for row as they are plotted. */
export function DataTable(props: {
  caption: string;
  axis: string;
  curves: readonly Curve[];
  rows: readonly Row[];
  format: (value: number) => string;
}) {
  const { caption, axis, curves, rows, format } = props;
  return (
    <div className="data" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{rows.length === 0 ? `${caption}: nothing trained yet` : caption}</caption>
        <thead>
          <tr>
            <th scope="col">step</th>
            {axis !== 'step' && <th scope="col">{axis}</th>}
            {curves.map((curve) => (
              <th scope="col" key={curve.key}>
                {curve.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              <th scope="row">{row.step}</th>
              {axis !== 'step' && <td>{format(row.x)}</td>}
              {curves.map((curve) => {
                const value = row[curve.key];
                return <td key={curve.key}>{value == null ? '' : format(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
