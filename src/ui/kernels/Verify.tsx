import {
  CASES,
  stopVerifying,
  useGpuChecks,
  verifyHere,
  type GpuChecks,
} from '../../store/gpu_checks';
import { useRun } from '../../store/run';
import { CaseSection } from './CaseSection';
import { TwinTable } from './TwinTable';
import { useIdle } from './useIdle';
import { agrees, progressOf, verdictOf } from './verdict';

/** Compares what the reader's own device computes with what it should. */
export function Verify() {
  const checks = useGpuChecks();
  const device = useDevice();
  const idle = useIdle();
  const running = checks.verifying === 'running';
  return (
    <div className="verify">
      <p>
        Two questions to this device. Does each kernel compute its formula? Each runs once on a
        shape that fits no tile, and its twin, a plain float64 program, repeats it here. Do they
        take the right step together? Two policy-gradient steps were worked out by another program,
        PyTorch with float64, and are repeated with the kernels that train here.
      </p>
      <p className="verify-start">
        {running ? (
          <button type="button" className="button" onClick={stopVerifying}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            className="button button-main"
            disabled={idle !== null}
            onClick={verifyHere}
          >
            Verify on this GPU
          </button>
        )}
        {running ? (
          <Progress checks={checks} />
        ) : (
          <span className="quiet small">{idle ?? device}</span>
        )}
      </p>
      <Verdict checks={checks} device={device} />
      {checks.kernels.length > 0 && (
        <section aria-labelledby="verify-kernels">
          <h3 id="verify-kernels">Kernels against their float64 twins</h3>
          <TwinTable results={checks.kernels} />
        </section>
      )}
      {Object.keys(checks.results).length > 0 && (
        <section aria-labelledby="verify-steps">
          <h3 id="verify-steps">Whole steps against PyTorch</h3>
          <p className="small quiet">
            Log-probabilities, loss, all gradients, the weights after one AdamW step, and a greedy
            continuation.
          </p>
          {CASES.map(({ name, about }) => {
            const result = checks.results[name];
            return result && <CaseSection key={name} name={name} about={about} result={result} />;
          })}
        </section>
      )}
    </div>
  );
}

function Progress({ checks }: { checks: GpuChecks }) {
  const { done, total } = progressOf(checks);
  return (
    <label className="verify-progress small">
      <progress {...(total === null ? {} : { max: total, value: done })} />{' '}
      {total === null ? 'Beginning' : `${done} of ${total} checks`}
    </label>
  );
}

/** Told to screen readers when it is there, not with every check. */
function Verdict({ checks, device }: { checks: GpuChecks; device: string }) {
  const words = verdictOf(checks, device);
  const right =
    checks.kernels.every(agrees) && Object.values(checks.results).every((r) => r.checked?.ok);
  return (
    <div aria-live="polite" className="verdict">
      {words !== null && <p data-verdict={right ? 'right' : 'wrong'}>{words}</p>}
    </div>
  );
}

function useDevice(): string {
  const adapter = useRun((state) => state.adapter);
  const named =
    adapter?.description || `${adapter?.vendor ?? ''} ${adapter?.architecture ?? ''}`.trim();
  return `${named || 'this device'}${adapter?.software ? ', a software adapter' : ''}`;
}
