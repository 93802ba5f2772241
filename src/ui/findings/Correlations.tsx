import { entropyCorrelations, LEAST_CORRELATED } from '../../rl/summary';
import type { Arm } from '../../store/experiment';
import { evaluationsOf, type EvaluatedOn, type Finding } from '../../store/findings';
import { runId } from '../../store/run_id';
import { useView } from '../../store/view';
import { DataRegion } from '../charts/DataRegion';
import { NONE, signed } from '../format';
import { EVALUATION_MEASURES } from './measures';
import { newestOf } from './values';

/**
 * What entropy on these prompts goes with: Spearman's rank correlation with every other measure, over all policies as they are
 * now, and along the run of the chosen arm.
 */
export function Correlations(props: {
  arms: readonly Arm[];
  seeds: readonly number[];
  on: EvaluatedOn;
}) {
  const { arms, seeds, on } = props;
  const chosen = useView((state) => state.chosenArm);
  const arm = arms.find(({ id }) => id === chosen) ?? arms[0];
  const across = arms.flatMap((own) => newestOf(own, seeds, on));
  const [seed] = seeds;
  const along =
    arm === undefined || seed === undefined ? [] : evaluationsOf(runId(arm.id, seed), on);
  const most = Math.max(across.length, along.length);
  return (
    <section className="correlations" aria-label="What entropy goes with">
      <h3>What entropy goes with</h3>
      {most < LEAST_CORRELATED ? (
        <p className="quiet small">
          Ranks of {LEAST_CORRELATED} evaluations can be compared, of fewer hardly: add arms or
          seeds, or evaluate more often. There are {most} so far.
        </p>
      ) : (
        <CorrelationTable across={across} along={along} arm={arm?.name ?? ''} />
      )}
    </section>
  );
}

function CorrelationTable(props: {
  across: readonly Finding[];
  along: readonly Finding[];
  arm: string;
}) {
  const { across, along, arm } = props;
  const columns = [
    { name: `over ${across.length} policies now`, found: correlationsOf(across) },
    { name: `along ${arm}, ${along.length} evaluations`, found: correlationsOf(along) },
  ].filter(({ found }) => Object.keys(found).length > 0);
  const measures = EVALUATION_MEASURES.filter(({ key }) =>
    columns.some(({ found }) => found[key] != null),
  );
  return (
    <>
      <DataRegion label="Correlation of entropy with other measures" className="findings-table">
        <table>
          <caption>
            Spearman’s rank correlation with the entropy of the same evaluation; +1: rises with it,
            −1: falls as it rises
          </caption>
          <thead>
            <tr>
              <th scope="col">measure</th>
              {columns.map(({ name }) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {measures.map(({ key, title, help }) => (
              <tr key={key}>
                <th scope="row">
                  <abbr title={help}>{title}</abbr>
                </th>
                {columns.map(({ name, found }) => {
                  const value = found[key];
                  return <td key={name}>{value == null ? NONE : signed(value, 2)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </DataRegion>
      <p className="quiet small">
        Policies of one experiment are few and alike in much else, so a correlation is a hint, no
        cause.
      </p>
    </>
  );
}

/** Own keys only: findings may come from a file. */
function correlationsOf(findings: readonly Finding[]): Readonly<Record<string, number | null>> {
  return entropyCorrelations(findings.map(({ values }) => values));
}
