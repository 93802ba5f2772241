import { failureLine } from '../../errors/describe';
import { CASES, useGpuChecks, verifyHere, type CaseResult } from '../../store/gpu_checks';
import { useRun } from '../../store/run';
import type { CheckedCase } from '../../worker/protocol';
import { useIdle } from './useIdle';

/** Runs conformance cases on the reader's own device. */
export function Verify() {
  const { verifying, results } = useGpuChecks();
  const adapter = useRun((state) => state.adapter);
  const idle = useIdle();
  const named =
    adapter?.description || `${adapter?.vendor ?? ''} ${adapter?.architecture ?? ''}`.trim();
  const device = `${named}${adapter?.software ? ', a software adapter' : ''}`;
  return (
    <div className="verify">
      <p>
        Each case is one policy-gradient step (weights, responses, old log-probabilities,
        advantages) worked out by another program, PyTorch with float64. Your GPU repeats it with
        the kernels that train here, and every number is compared: log-probabilities, loss, all
        gradients, the weights after one AdamW step, and a greedy continuation.
      </p>
      <p>
        <button
          type="button"
          className="button button-main"
          disabled={verifying || idle !== null}
          onClick={verifyHere}
        >
          {verifying ? 'Computing' : 'Verify on this GPU'}
        </button>{' '}
        <span className="quiet small">{idle ?? device}</span>
      </p>
      <div aria-live="polite">
        {CASES.map(({ name, about }) => {
          const result = results[name];
          return result === undefined ? null : (
            <Result key={name} name={name} about={about} result={result} />
          );
        })}
      </div>
    </div>
  );
}

function Result({ name, about, result }: { name: string; about: string; result: CaseResult }) {
  const { checked, failure } = result;
  return (
    <section className="case" aria-label={`Case ${name}`}>
      <h3>
        <span data-verdict={checked?.ok ? 'right' : 'wrong'}>
          {checked === null ? 'Not computed' : checked.ok ? 'Passed' : 'Failed'}
        </span>{' '}
        {name}
      </h3>
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

function exponential(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Number.isFinite(value) ? value.toExponential(1).replace('e-', 'e−') : 'not finite';
}
