import { useExperiment, type Arm } from '../../store/experiment';
import { useRun } from '../../store/run';
import { series } from '../../store/series';
import { useView, type AxisKind } from '../../store/view';
import { taskNamed } from '../../tasks/registry';
import { decimal } from '../format';
import { Swatch } from '../Swatch';
import { useMedia } from '../theme';
import { DataTable } from './DataTable';
import { Figure } from './Figure';
import type { Reference } from './LinePlot';
import { highest, isShared, ticksTo, type Curve, type PlacedMark } from './plot';
import { Plot } from './Plot';
import { curveOf, MOST_POINTS, useCurves } from './useCurves';

const AXES: Readonly<Record<AxisKind, string>> = {
  step: 'steps',
  updates: 'updates',
  tokens: 'tokens',
  reward: 'reward',
};
const UNIT = 'nats, mean over response tokens';
const LEAST_TOP = 1.1;
const toCurves = (arms: readonly Arm[]) => arms.map(curveOf('entropy'));
const format = (value: number) => decimal(value, 3);

/** The page's main figure: entropy of every shown arm, with where it began and where settings changed. */
export function EntropyFigure() {
  const axis = useView((state) => state.axis);
  const full = useView((state) => state.fullEntropyScale);
  const chosenArm = useView((state) => state.chosenArm);
  const wide = useMedia('(min-width: 640px)');
  const plotted = useCurves(toCurves, axis, MOST_POINTS.large);
  const endLabels = wide && isShared(axis);
  const uniform = useUniformEntropy();
  const base = baseEntropy(plotted.curves);
  const references: Reference[] = [];
  if (base !== null) references.push({ y: base, label: `base policy, ${decimal(base)}` });
  if (full && uniform !== null)
    references.push({ y: uniform, label: `ln V = ${decimal(uniform)}, a uniform policy` });
  const top = highest(series, plotted.curves, full && uniform !== null ? uniform : LEAST_TOP);
  const ready = useRun((state) => state.status === 'ready');
  return (
    <Figure
      id="entropy"
      title="Entropy"
      unit={UNIT}
      level={2}
      className="entropy"
      tools={<EntropyTools uniform={uniform} />}
      caption={<EntropyCaption />}
      data={() => (
        <>
          <DataTable
            caption={`Entropy (${UNIT})`}
            axis={axis}
            curves={plotted.curves}
            rows={plotted.rows}
            format={format}
          />
          <Changes marks={plotted.marks} />
        </>
      )}
    >
      {!endLabels && <Legend curves={plotted.curves} />}
      <Plot
        {...plotted}
        chosenArm={chosenArm}
        references={references}
        yTicks={ticksTo(top * 1.02)}
        xUnit={AXES[axis]}
        monotonic={axis !== 'reward'}
        endLabels={endLabels}
        formatY={(value) => decimal(value, 1)}
        formatValue={format}
        {...(ready && { empty: 'The base policy is ready. Press Run.' })}
      />
    </Figure>
  );
}

function EntropyTools({ uniform }: { uniform: number | null }) {
  const { axis, setAxis, fullEntropyScale, setFullEntropyScale } = useView();
  return (
    <>
      {uniform !== null && (
        <label>
          <input
            type="checkbox"
            checked={fullEntropyScale}
            onChange={(event) => setFullEntropyScale(event.target.checked)}
          />
          up to ln V = {decimal(uniform)}
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
    </>
  );
}

function Legend({ curves }: { curves: readonly Curve[] }) {
  return (
    <ul className="legend">
      {curves.map((curve) => (
        <li key={curve.key}>
          <Swatch colour={curve.arm.colour} width={24} />
          {curve.name}
        </li>
      ))}
    </ul>
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
      How undecided the policy is: the entropy of the distribution each token is drawn from,
      averaged over a step’s responses. High, and it still tries things; near zero, and every
      response is a foregone conclusion.{' '}
      <a href="#reading">What λ does to it, and what not to conclude</a>
    </p>
  );
}

/** Entropy of a uniform distribution over the task's vocabulary, or null before there is an experiment. */
function useUniformEntropy(): number | null {
  const task = useExperiment((state) => state.arms[0]?.recipe.task);
  return task === undefined ? null : Math.log(taskNamed(task).vocabulary.length);
}

/** Step 1 is measured before its updates, so it is the base policy's; arms of one seed agree on it. */
function baseEntropy(curves: readonly Curve[]): number | null {
  const first = curves[0];
  const value = first === undefined ? undefined : series.of(first.arm.id).view('entropy')[0];
  return value !== undefined && Number.isFinite(value) ? value : null;
}
