import { failureLine } from '../../errors/describe';
import type { KernelResult } from '../../store/gpu_checks';
import type { CheckedOutput } from '../../worker/protocol';
import { exponential, percent } from './verdict';

/** Every output of every kernel against its float64 twin, as far as they have been computed. */
export function TwinTable({ results }: { results: readonly KernelResult[] }) {
  return (
    <table className="entries twins">
      <caption className="small quiet">
        Largest error of each output, the same as a share of the output’s largest number, what is
        allowed at that place, and the largest part of its tolerance that any number uses up.
      </caption>
      <thead>
        <tr>
          <th scope="col">output</th>
          <th scope="col">error</th>
          <th scope="col">relative</th>
          <th scope="col">allowed</th>
          <th scope="col">used up</th>
          <th scope="col">verdict</th>
        </tr>
      </thead>
      {results.map((result) => (
        <Check key={result.kernels.join()} result={result} />
      ))}
    </table>
  );
}

function Check({ result }: { result: KernelResult }) {
  const { kernels, about, outputs, failure } = result;
  return (
    <tbody>
      <tr className="twin-kernel">
        <th scope="rowgroup" colSpan={6}>
          <code>{kernels.join(', ') || 'The comparisons could not be loaded'}</code>{' '}
          <span className="quiet twin-about">{about}</span>
        </th>
      </tr>
      {failure !== null && (
        <tr>
          <td colSpan={5} className="twin-failure">
            {failureLine(failure)}
          </td>
          <td data-verdict="wrong">fail</td>
        </tr>
      )}
      {outputs.map((output) => (
        <Output key={`${output.kernel} ${output.output}`} output={output} />
      ))}
    </tbody>
  );
}

function Output({
  output: { output, error, relative, allowed, share },
}: {
  output: CheckedOutput;
}) {
  const right = share <= 1;
  return (
    <tr>
      <th scope="row">{output}</th>
      <td>{exponential(error)}</td>
      <td>{exponential(relative)}</td>
      <td>{exponential(allowed)}</td>
      <td>{percent(share)}</td>
      <td data-verdict={right ? 'right' : 'wrong'}>{right ? 'pass' : 'fail'}</td>
    </tr>
  );
}
