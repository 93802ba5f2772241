import { useId, useState } from 'react';
import { Popover } from 'radix-ui';
import { useRun } from '../../store/run';
import { MOST_SMOOTHING, useView, type StepRange } from '../../store/view';
import { decimal } from '../format';
import { zoomWithin } from './look';

/** How all charts are looked at: smoothing, the vertical scale and the steps. */
export function ChartSettings() {
  return (
    <Popover.Root>
      <Popover.Trigger className="link-button">Chart settings</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="chart-settings"
          aria-label="Chart settings"
          align="end"
          sideOffset={6}
          collisionPadding={12}
        >
          <p className="small quiet">For all charts.</p>
          <Smoothing />
          <LogScale />
          <Steps />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Smoothing() {
  const { smoothing, setSmoothing } = useView();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Smoothing</label>
      <output htmlFor={id}>{smoothing === 0 ? 'none' : decimal(smoothing)}</output>
      <input
        id={id}
        type="range"
        min={0}
        max={MOST_SMOOTHING}
        step={0.05}
        value={smoothing}
        aria-describedby={`${id}help`}
        onChange={(event) => setSmoothing(event.target.valueAsNumber)}
      />
      <p className="small quiet" id={`${id}help`}>
        Weight of the past in an exponential mean. The curve as measured stays, pale.
      </p>
    </div>
  );
}

function LogScale() {
  const { logScale, setLogScale } = useView();
  return (
    <label className="tick">
      <input
        type="checkbox"
        checked={logScale}
        onChange={(event) => setLogScale(event.target.checked)}
      />
      Logarithmic where all values are above 0
    </label>
  );
}

function Steps() {
  const total = useRun((state) => state.total);
  const { zoom, setZoom } = useView();
  const shown = zoomWithin(zoom, total) ?? { from: 1, to: total };
  return (
    <fieldset>
      <legend>Steps</legend>
      <StepFields shown={shown} total={total} />
      <button
        type="button"
        className="link-button"
        disabled={zoomWithin(zoom, total) === null}
        onClick={() => setZoom(null)}
      >
        All steps
      </button>
      <p className="small quiet">Or draw a stretch out in a chart with the mouse.</p>
    </fieldset>
  );
}

/** Taken over with Enter or on leaving a field, when both make sense together. */
function StepFields({ shown, total }: { shown: StepRange; total: number }) {
  const [draft, setDraft] = useState<{ readonly from?: string; readonly to?: string }>({});
  const id = useId();
  const wanted = { from: Number(draft.from ?? shown.from), to: Number(draft.to ?? shown.to) };
  const problem = problemOf(wanted, total);
  const commit = () => {
    if (problem !== null || (draft.from === undefined && draft.to === undefined)) return;
    useView.getState().setZoom(wanted);
    setDraft({});
  };
  const field = (label: string, end: 'from' | 'to') => (
    <label>
      {label}
      <input
        type="number"
        inputMode="numeric"
        min={1}
        max={total}
        value={draft[end] ?? shown[end]}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : id}
        onChange={(event) => setDraft({ ...draft, [end]: event.target.value })}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
    </label>
  );
  return (
    <>
      <div className="steps">
        {field('from step', 'from')}
        {field('to step', 'to')}
      </div>
      {problem !== null && (
        <p className="small wrong" role="alert" id={id}>
          {problem}
        </p>
      )}
    </>
  );
}

function problemOf({ from, to }: StepRange, total: number): string | null {
  if (![from, to].every((step) => Number.isInteger(step) && step >= 1 && step <= total)) {
    return `Steps are whole numbers from 1 to ${total}.`;
  }
  return from < to ? null : 'The first step must be before the last.';
}
