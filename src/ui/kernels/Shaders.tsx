import { useState } from 'react';
import { failureLine } from '../../errors/describe';
import { timeKernels, useGpuChecks } from '../../store/gpu_checks';
import { isShared, shaderFiles, type ShaderFile } from '../../store/kernels';
import { costOf, msText, type EntryCost } from './costs';
import { useIdle } from './useIdle';
import { WgslSource } from './WgslSource';

/** The shader files, and the chosen one in full. */
export function Shaders() {
  const [name, setName] = useState('policy_loss');
  const file = shaderFiles.find((candidate) => candidate.name === name) ?? shaderFiles[0];
  return (
    <div className="shaders">
      <div className="shader-side">
        <Timing />
        <ShaderList chosen={name} choose={setName} />
      </div>
      {file !== undefined && <Shader key={file.name} file={file} />}
    </div>
  );
}

function ShaderList({ chosen, choose }: { chosen: string; choose: (name: string) => void }) {
  const { shapes, times } = useGpuChecks();
  const rows = shaderFiles.map((file) => {
    const costs = file.entries.map((entry) => costOf(entry, shapes, times));
    const dispatches = costs.reduce((sum, c) => sum + c.rollout + c.updates, 0);
    const ms = times === null ? null : costs.reduce((sum, c) => sum + (c.ms ?? 0), 0);
    return { file, dispatches, ms };
  });
  return (
    <>
      <select
        className="plain-select shader-select"
        aria-label="Shader"
        value={chosen}
        onChange={(event) => choose(event.target.value)}
      >
        {rows.map(({ file }) => (
          <option key={file.name}>{file.name}</option>
        ))}
      </select>
      <table className="shader-list">
        <thead>
          <tr>
            <th scope="col">shader</th>
            <th scope="col">dispatches</th>
            {times === null ? <td /> : <th scope="col">ms</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ file, dispatches, ms }) => (
            <tr key={file.name} data-chosen={file.name === chosen || undefined}>
              <th scope="row">
                <button
                  type="button"
                  aria-current={file.name === chosen || undefined}
                  onClick={() => choose(file.name)}
                >
                  {file.name}
                </button>
              </th>
              <td>{isShared(file) ? 'shared' : shapes.length === 0 ? '–' : dispatches}</td>
              <td>
                {isShared(file) || times === null ? '' : msText(dispatches === 0 ? null : ms)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Times every kernel, and says by which clock. */
function Timing() {
  const { times, timing, timingFailure, shapes } = useGpuChecks();
  const idle = useIdle();
  const reason = shapes.length === 0 ? 'Nothing is prepared to be timed.' : idle;
  return (
    <div className="timing small">
      <button
        type="button"
        className="button"
        disabled={timing || reason !== null}
        onClick={timeKernels}
      >
        {timing ? 'Timing' : 'Time each kernel'}
      </button>
      <p className="quiet" aria-live="polite">
        {timingFailure !== null
          ? `Could not be timed: ${failureLine(timingFailure)}`
          : times === null
            ? (reason ?? 'Milliseconds of one step, each kernel by itself.')
            : times.clock === 'timestamp'
              ? 'Milliseconds of one step, by the GPU’s own clock (timestamp-query).'
              : 'This device has no timestamp-query. These are wall times from submit to done, which add the way there and back: compare kernels with each other only.'}
      </p>
    </div>
  );
}

function Shader({ file }: { file: ShaderFile }) {
  const { shapes, times } = useGpuChecks();
  const costs = file.entries.map((entry) => costOf(entry, shapes, times));
  return (
    <article className="shader" aria-labelledby="shader-name">
      <h3 id="shader-name">{file.name}.wgsl</h3>
      <p className="shader-title">{capital(file.title)}</p>
      {file.equations.length > 0 && (
        <p className="small quiet">
          docs/math.md {file.equations.map((number) => `(${number})`).join(', ')}
        </p>
      )}
      {costs.length > 0 && <Entries costs={costs} known={shapes.length > 0} />}
      <pre className="shader-maths" tabIndex={0} role="region" aria-label={`Maths of ${file.name}`}>
        {file.header}
      </pre>
      <WgslSource code={file.code} label={`Source of ${file.name}`} />
    </article>
  );
}

/** The entry points of a file, each a kernel. */
function Entries({ costs, known }: { costs: readonly EntryCost[]; known: boolean }) {
  const timed = costs.some(({ ms }) => ms !== null);
  return (
    <table className="entries">
      <caption className="hidden-text">Dispatches of one step</caption>
      <thead>
        <tr>
          <th scope="col">entry point</th>
          <th scope="col">in rollouts</th>
          <th scope="col">in updates</th>
          {timed && <th scope="col">ms a step</th>}
        </tr>
      </thead>
      <tbody>
        {costs.map(({ entry, rollout, updates, ms }) => (
          <tr key={entry}>
            <th scope="row">
              <code>{entry}</code>
            </th>
            <td>{known ? rollout : '–'}</td>
            <td>{known ? updates : '–'}</td>
            {timed && <td>{msText(ms)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
