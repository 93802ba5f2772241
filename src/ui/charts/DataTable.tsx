import { Fragment } from 'react';
import { DataRegion } from './DataRegion';
import type { Curve } from './plot';
import { highKey, lowKey, type Row } from './rows';

/** The numbers of a chart, row for row as they are plotted. */
export function DataTable(props: {
  caption: string;
  axis: string;
  curves: readonly Curve[];
  rows: readonly Row[];
  /** Keys of the curves that are means over seeds: the lowest and the highest get columns, too. */
  banded?: readonly string[];
  /** The place on an axis other than steps; without it, like the values. */
  formatX?: (value: number) => string;
  format: (value: number) => string;
}) {
  const { caption, axis, curves, banded = [], format, formatX = format } = props;
  const rows = props.rows.filter((row) => curves.some((curve) => row[curve.key] != null));
  return (
    <DataRegion label={caption}>
      <table>
        <caption>{rows.length === 0 ? `${caption}: nothing trained yet` : caption}</caption>
        <thead>
          <tr>
            <th scope="col">step</th>
            {axis !== 'step' && <th scope="col">{axis}</th>}
            {curves.map(({ key, name }) => (
              <Fragment key={key}>
                <th scope="col">{name}</th>
                {banded.includes(key) && (
                  <>
                    <th scope="col">{name}, lowest</th>
                    <th scope="col">{name}, highest</th>
                  </>
                )}
              </Fragment>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              <th scope="row">{row.step}</th>
              {axis !== 'step' && <td>{formatX(row.x)}</td>}
              {curves.map(({ key }) => (
                <Fragment key={key}>
                  <td>{written(row[key], format)}</td>
                  {banded.includes(key) && (
                    <>
                      <td>{written(row[lowKey(key)], format)}</td>
                      <td>{written(row[highKey(key)], format)}</td>
                    </>
                  )}
                </Fragment>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </DataRegion>
  );
}

function written(value: number | null | undefined, format: (value: number) => string): string {
  return value == null ? '' : format(value);
}
