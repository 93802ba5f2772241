import { useRef } from 'react';
import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';
import { useView, type AxisKind } from '../../store/view';
import { decimal } from '../format';
import { useMedia } from '../theme';
import { chartNamed } from './catalogue';
import { ChartData } from './ChartData';
import { AXES, ChartPlot } from './ChartPlot';
import { ChartSettings } from './ChartSettings';
import { MOST_POINTS } from './drawing';
import { Figure } from './Figure';
import { ChartMenu } from './ChartMenu';
import { Legend } from './Legend';
import { LookNote } from './LookNote';
import { isShared } from './look';
import type { PlacedMark } from './plot';
import { uniformEntropy } from './references';
import { Summary } from './Summary';
import { useDrawing } from './useDrawing';
import { useOnScreen } from './useOnScreen';

const ENTROPY = chartNamed('entropy');

const READY = 'The base policy is ready. Press Run to train.';
const RECORDED = 'A recorded run. Press Run to play it.';

/** The page's main figure: entropy of every shown arm, with where it began and where settings changed. */
export function EntropyFigure() {
  const figure = useRef<HTMLElement>(null);
  const drawing = useDrawing(ENTROPY, MOST_POINTS.large, useOnScreen(figure, true));
  const wide = useMedia('(min-width: 640px)');
  const endLabels = wide && isShared(drawing.axis);
  const recorded = useRun((state) => state.recorded !== null);
  const ready = useRun((state) => state.status === 'ready');
  return (
    <Figure
      ref={figure}
      id="entropy"
      title={ENTROPY.title}
      unit={ENTROPY.unit}
      level={2}
      className="entropy"
      tools={<EntropyTools />}
      menu={<ChartMenu chart={ENTROPY} />}
      summary={<Summary chart={ENTROPY} />}
      caption={<EntropyCaption />}
      data={() => (
        <>
          <ChartData chart={ENTROPY} drawing={drawing} />
          <Changes marks={drawing.marks} />
        </>
      )}
    >
      <LookNote />
      {!endLabels && <Legend curves={drawing.curves} />}
      <ChartPlot
        chart={ENTROPY}
        drawing={drawing}
        hover="entropy"
        xUnit={AXES[drawing.axis]}
        endLabels={endLabels}
        waiting={ready ? (recorded ? RECORDED : READY) : null}
      />
    </Figure>
  );
}

function EntropyTools() {
  const { axis, setAxis, fullEntropyScale, setFullEntropyScale } = useView();
  const uniform = useExperiment((state) => uniformEntropy(state.arms));
  return (
    <>
      {uniform !== null && (
        <label>
          <input
            type="checkbox"
            checked={fullEntropyScale}
            onChange={(event) => setFullEntropyScale(event.target.checked)}
          />
          <span title="The entropy of a policy that draws blindly from its V tokens">
            up to ln V = {decimal(uniform)}
          </span>
        </label>
      )}
      <label>
        against
        <select
          className="plain-select"
          value={axis}
          onChange={(event) => setAxis(event.target.value as AxisKind)}
        >
          {Object.entries(AXES).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <ChartSettings />
    </>
  );
}

/** The marks in words. */
function Changes({ marks }: { marks: readonly PlacedMark[] }) {
  return (
    <ul className="marks">
      {marks.map((mark) => (
        <li key={mark.key}>
          From step {mark.step}, {mark.arm.name}: {mark.label}
        </li>
      ))}
    </ul>
  );
}

function EntropyCaption() {
  return (
    <p className="caption">
      {ENTROPY.help} <a href="#reading">What λ does to it, and what not to conclude</a>
    </p>
  );
}
