import type { Quadrant } from '../../rl/one_softmax';

const ROWS = [
  { up: true, label: 'pushed up' },
  { up: false, label: 'pushed down' },
] as const;
const COLUMNS = [
  { likely: true, label: 'likely' },
  { likely: false, label: 'unlikely' },
] as const;

/** The four cases of (82); the present one is marked. */
export function RuleTable({ quadrant }: { quadrant: Quadrant }) {
  return (
    <table className="softmax-rule">
      <caption>
        The rule: likely means a surprisal, −log p, below the entropy (docs/math.md, equations 39
        and 82).
      </caption>
      <thead>
        <tr>
          <td />
          {COLUMNS.map(({ label }) => (
            <th scope="col" key={label}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ROWS.map(({ up, label }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {COLUMNS.map(({ likely }) => {
              const here = quadrant.up === up && quadrant.likely === likely;
              return (
                <td key={String(likely)} aria-current={here || undefined}>
                  entropy {up === likely ? 'falls' : 'rises'}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
