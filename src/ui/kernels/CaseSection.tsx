import { failureLine } from '../../errors/describe';
import type { CaseResult } from '../../store/gpu_checks';
import type { CheckedCase } from '../../worker/protocol';
import { exponential } from './verdict';

/** One conformance case as it came out here. */
export function CaseSection(props: { name: string; about: string; result: CaseResult }) {
  const { name, about, result } = props;
  const { checked, failure } = result;
  return (
    <section className="case" aria-label={`Case ${name}`}>
      <h4>
        <span data-verdict={checked?.ok ? 'right' : 'wrong'}>
          {checked === null ? 'Not computed' : checked.ok ? 'Passed' : 'Failed'}
        </span>{' '}
        {name}
      </h4>
      <p className="small quiet">{about}</p>
      {failure !== null && <p className="small">{failureLine(failure)}</p>}
      {checked !== null && <Tensors checked={checked} />}
    </section>
  );
}

/** Errors as shares of what is allowed, the largest first. */
function Tensors({ checked }: { checked: CheckedCase }) {
  const share = (t: CheckedCase['tensors'][number]) =>
    t.tolerance > 0 ? t.error / t.tolerance : t.error > 0 ? Infinity : 0;
  const sorted = [...checked.tensors].sort((a, b) => share(b) - share(a));
  const within = checked.tensors.filter((t) => t.error <= t.tolerance).length;
  return (
    <>
      <p className="small">
        {within} of {checked.tensors.length} tensors are within their tolerance.
      </p>
      <details>
        <summary className="small">Largest error of each</summary>
        <table className="entries">
          <thead>
            <tr>
              <th scope="col">tensor</th>
              <th scope="col">largest error</th>
              <th scope="col">allowed</th>
              <th scope="col">verdict</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ name, error, tolerance }) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>{exponential(error)}</td>
                <td>{exponential(tolerance)}</td>
                <td data-verdict={error <= tolerance ? 'right' : 'wrong'}>
                  {error <= tolerance ? 'pass' : 'fail'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
