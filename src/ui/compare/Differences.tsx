import { knobOf } from '../../recipe/schema';
import type { Difference } from '../../store/comparison';
import { settingInWords } from '../format';

/** The settings that two arms do not share. */
export function Differences(props: {
  differences: readonly Difference[];
  names: readonly [string, string];
}) {
  const { differences, names } = props;
  if (differences.length === 0) {
    return <p className="compare-none">All their settings are the same.</p>;
  }
  return (
    <div className="compare-scroll" role="region" aria-label="Settings that differ" tabIndex={0}>
      <table className="entries compare-settings">
        <caption>Settings that differ</caption>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            {names.map((name, i) => (
              <th scope="col" key={i}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differences.map(({ key, first, second }) => (
            <tr key={key}>
              <th scope="row">{knobOf(key).label}</th>
              <td>{settingInWords(first)}</td>
              <td>{settingInWords(second)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
