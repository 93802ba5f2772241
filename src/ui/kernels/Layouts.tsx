import { failureLine } from '../../errors/describe';
import { sameLayout, type LayoutTiming, type ProductLayout } from '../../recipe/product_layout';
import { stopTimingLayouts, timeLayouts, useLayouts } from '../../store/layouts';
import { useRun } from '../../store/run';
import { msText } from './costs';
import { layoutText, ratioText, reasonOf } from './layout_words';
import { useIdle } from './useIdle';

/** How matrix products are laid out on this device and why, and the layouts that were timed. */
export function Layouts() {
  const { told, timing } = useLayouts();
  const software = useRun((state) => state.adapter?.software ?? false);
  const idle = useIdle();
  const reason = told === null ? (idle ?? 'Nothing is prepared to be timed.') : idle;
  return (
    <div className="layouts">
      <p>
        Most of a step are matrix products. How many invocations share a workgroup, and how many
        rows of outputs each of them keeps in registers, changes how fast this device computes them
        and not a bit of what comes out. On a graphics processor a few layouts are timed before the
        first training of a size.
      </p>
      <p aria-live="polite">
        {told === null ? (
          'Nothing is prepared on a GPU.'
        ) : (
          <>
            In use: <strong>{layoutText(told.inUse)}</strong>, {reasonOf(told, software)}.
          </>
        )}
        {told?.failure && ` Could not be timed: ${failureLine(told.failure)}`}
      </p>
      <p className="verify-start">
        {timing ? (
          <button type="button" className="button" onClick={stopTimingLayouts}>
            Stop
          </button>
        ) : (
          <button type="button" className="button" disabled={reason !== null} onClick={timeLayouts}>
            Time other layouts
          </button>
        )}
        <span className="quiet small">
          {timing
            ? 'Compiling and timing'
            : (reason ?? 'Takes some seconds, on a software adapter up to a minute.')}
        </span>
      </p>
      {told?.timing && <Timed timing={told.timing} inUse={told.inUse} />}
    </div>
  );
}

function Timed({ timing, inUse }: { timing: LayoutTiming; inUse: ProductLayout }) {
  return (
    <table className="entries">
      <caption className="small quiet">
        Products like those of a step, in every layout: medians and quartiles of samples taken in
        turn, and how many times longer the default takes. Another layout is taken where that is 1.1
        or more and the quartiles lie apart.
      </caption>
      <thead>
        <tr>
          <th scope="col">layout</th>
          <th scope="col">samples</th>
          <th scope="col">ms</th>
          <th scope="col">half within</th>
          <th scope="col">default by it</th>
        </tr>
      </thead>
      <tbody>
        {timing.timed.map((one, i) => (
          <tr key={`${one.workgroup} ${one.rows}`}>
            <th scope="row">
              {layoutText(one)}
              {mark(i === 0, sameLayout(one, inUse))}
            </th>
            <td>{one.samples}</td>
            <td>{msText(one.ms)}</td>
            <td>
              {msText(one.low)} to {msText(one.high)}
            </td>
            <td>{ratioText(timing, one)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function mark(byDefault: boolean, inUse: boolean): string {
  const marks = [...(byDefault ? ['default'] : []), ...(inUse ? ['in use'] : [])];
  return marks.length === 0 ? '' : ` (${marks.join(', ')})`;
}
