import type { ComparedQuantity } from '../../store/comparison';
import { significant } from '../format';
import { quantityNamed } from './quantities';

/** What was compared, seed by seed. */
export function SeedTable(props: {
  quantities: readonly ComparedQuantity[];
  names: readonly [string, string];
}) {
  const { quantities, names } = props;
  const columns = quantities.flatMap(({ quantity, bySeed }) =>
    (['first', 'second'] as const).map((side, i) => ({
      name: `${quantityNamed(quantity).label}, ${names[i] ?? ''}`,
      values: new Map(bySeed.map((pair) => [pair.seed, pair[side]])),
    })),
  );
  const seeds = quantities[0]?.bySeed.map(({ seed }) => seed) ?? [];
  return (
    <details className="compare-seeds">
      <summary className="small">Seed by seed</summary>
      <div className="compare-scroll" role="region" aria-label="Seed by seed" tabIndex={0}>
        <table className="entries">
          <thead>
            <tr>
              <th scope="col">seed</th>
              {columns.map(({ name }, i) => (
                <th scope="col" key={i}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {seeds.map((seed) => (
              <tr key={seed}>
                <th scope="row">{seed}</th>
                {columns.map(({ values }, i) => (
                  <td key={i}>{significant(values.get(seed) ?? NaN)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
