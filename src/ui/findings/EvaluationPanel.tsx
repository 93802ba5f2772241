import { useState } from 'react';
import { evaluateNow } from '../../store/ask';
import { useExperiment, type Arm } from '../../store/experiment';
import {
  evaluationsOf,
  useFindingsVersion,
  usePending,
  type EvaluatedOn,
} from '../../store/findings';
import { canTrain, useRun } from '../../store/run';
import { runId } from '../../store/run_id';
import { useView } from '../../store/view';
import { DataRegion } from '../charts/DataRegion';
import { ticksTo, ticksUntil } from '../charts/ticks';
import { decimal, percent } from '../format';
import { armDash } from '../palette';
import { Swatch } from '../Swatch';
import { CurveFigure } from './CurveFigure';
import { Correlations } from './Correlations';
import {
  EVALUATION_MEASURES,
  MEASURE_GROUPS,
  measureNamed,
  type EvaluationMeasure,
} from './measures';
import { alongSteps, newestOf, numberAt, overSeeds, rowsAt, type OverSeeds } from './values';

/** How good, how diverse and how well calibrated the policies are on prompts they were not trained on. */
export function EvaluationPanel() {
  useFindingsVersion();
  const arms = useExperiment((state) => state.arms);
  const seeds = useExperiment((state) => state.seeds);
  const shown = arms.filter((arm) => arm.visible);
  const has = (prompts: EvaluatedOn) =>
    shown.some((arm) => newestOf(arm, seeds, prompts).length > 0);
  const both = has('training');
  const [chosen, setChosen] = useState<EvaluatedOn>('held-out');
  const on = both ? chosen : 'held-out';
  const evaluated = has(on);
  return (
    <>
      <EvaluateNow />
      {both && <Prompts on={on} choose={setChosen} />}
      {evaluated ? (
        <>
          <NewestTables arms={shown} seeds={seeds} on={on} />
          <div className="findings-figures">
            <Along arms={shown} seeds={seeds} on={on} />
            <PassCurve arms={shown} seeds={seeds} on={on} />
            <Reliability arms={shown} seeds={seeds} on={on} />
          </div>
          <Correlations arms={shown} seeds={seeds} on={on} />
        </>
      ) : (
        <p className="quiet">Nothing has been evaluated yet.</p>
      )}
    </>
  );
}

/** The same policies on what they were trained on: where the two part, they have learned by heart. */
function Prompts({ on, choose }: { on: EvaluatedOn; choose: (on: EvaluatedOn) => void }) {
  return (
    <p className="small">
      <label>
        Prompts{' '}
        <select
          className="plain-select"
          value={on}
          onChange={(event) => choose(event.target.value === 'training' ? 'training' : 'held-out')}
        >
          <option value="held-out">held out: no arm was trained on them</option>
          <option value="training">those that each arm was trained on</option>
        </select>
      </label>
    </p>
  );
}

function EvaluateNow() {
  const { every, prompts, samples } = useExperiment((state) => state.evaluate);
  const { evaluating, weights } = usePending();
  const possible = useRun(
    ({ status, recorded }) => recorded === null && (canTrain(status) || status === 'finished'),
  );
  return (
    <p className="findings-head">
      <button
        type="button"
        className="button"
        disabled={!possible || !weights || evaluating}
        onClick={evaluateNow}
      >
        {evaluating ? 'Evaluating' : 'Evaluate now'}
      </button>
      <span className="quiet small">
        {samples} responses to each of {prompts} held-out prompts,{' '}
        {every > 0 ? `every ${every} steps and at the end` : 'at the end'}.
      </span>
    </p>
  );
}

/** What was evaluated on, in words. */
const ON = {
  'held-out': { prompts: 'Held-out prompts', figure: 'Held-out' },
  training: { prompts: 'Training prompts', figure: 'On training prompts:' },
} as const;

interface Shown {
  readonly arms: readonly Arm[];
  readonly seeds: readonly number[];
  readonly on: EvaluatedOn;
}

/** A table for each of the questions: how good, how diverse, how sure. */
function NewestTables({ arms, seeds, on }: Shown) {
  const newest = arms.flatMap((arm) => newestOf(arm, seeds, on));
  const step = Math.max(0, ...newest.map((finding) => finding.step));
  return (
    <>
      <p className="small">
        {ON[on].prompts}, after step {step}
        {seeds.length > 1 && ', means over seeds with the lowest and the highest'}.
      </p>
      {MEASURE_GROUPS.map(({ group, title }) => {
        const measures = EVALUATION_MEASURES.filter(
          (measure) =>
            measure.group === group &&
            newest.some((finding) => numberAt(finding, measure.key) !== null),
        );
        return measures.length === 0 ? null : (
          <GroupTable key={group} {...{ title, measures, arms, seeds, on }} />
        );
      })}
    </>
  );
}

function GroupTable(props: Shown & { title: string; measures: readonly EvaluationMeasure[] }) {
  const { title, measures, arms, seeds, on } = props;
  return (
    <DataRegion label={`Newest evaluation: ${title.toLowerCase()}`} className="findings-table">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Arm</th>
            {measures.map(({ key, title: name, help }) => (
              <th scope="col" key={key}>
                <abbr title={help}>{name}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {arms.map((arm) => (
            <tr key={arm.id}>
              <th scope="row">
                <Swatch colour={arm.colour} width={20} /> {arm.name}
              </th>
              {measures.map(({ key, format }) => (
                <td key={key}>
                  {range(
                    overSeeds(newestOf(arm, seeds, on).map((finding) => numberAt(finding, key))),
                    format,
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </DataRegion>
  );
}

function range(value: OverSeeds | null, format: (value: number) => string): string {
  if (value === null) return '–';
  const { mean, low, high, seeds } = value;
  return seeds < 2 ? format(mean) : `${format(mean)} (${format(low)} to ${format(high)})`;
}

const DEFAULT_MEASURE = 'pass_at_1';

function Along({ arms, seeds, on }: Shown) {
  const [key, setKey] = useState(DEFAULT_MEASURE);
  const total = useRun((state) => state.total);
  const measure = measureNamed(key);
  const curves = arms.map((arm) => ({
    ...styleOf(arm),
    points: alongSteps(arm, seeds, on, key).map(({ step, value }) => ({ x: step, y: value })),
  }));
  const top = Math.max(1e-3, ...curves.flatMap(({ points }) => points.map(({ y }) => y)));
  return (
    <div>
      <label className="small findings-choice">
        By step:{' '}
        <select
          className="plain-select"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        >
          {MEASURE_GROUPS.map(({ group, title }) => (
            <optgroup key={group} label={title}>
              {EVALUATION_MEASURES.filter((candidate) => candidate.group === group).map(
                (candidate) => (
                  <option key={candidate.key} value={candidate.key}>
                    {candidate.title}
                  </option>
                ),
              )}
            </optgroup>
          ))}
        </select>
      </label>
      <CurveFigure
        id="evaluation"
        title={`${ON[on].figure} ${measure.title}`}
        unit={measure.unit}
        help={measure.help}
        curves={curves}
        xTicks={ticksUntil(Math.max(total, 4))}
        yTicks={ticksTo(Math.min(top * 1.02, measure.format === percent ? 1 : Infinity))}
        xLabel="step"
        formatX={String}
        formatY={(value) => tick(measure, value)}
        formatValue={measure.format}
      />
    </div>
  );
}

/** On an axis without the decimals that a table needs. */
function tick({ format }: EvaluationMeasure, value: number): string {
  return format === percent ? `${Math.round(value * 100)}%` : decimal(value, value < 10 ? 1 : 0);
}

function PassCurve({ arms, seeds, on }: Shown) {
  const curves = arms.map((arm) => ({ ...styleOf(arm), points: passCurve(arm, seeds, on) }));
  const most = Math.max(2, ...curves.flatMap(({ points }) => points.map(({ x }) => x)));
  const ks = Array.from({ length: Math.round(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
  return (
    <CurveFigure
      id="pass-curve"
      title="pass@k"
      unit={`share of ${ON[on].prompts.toLowerCase()} solved by at least one of k responses`}
      help="Unbiased estimate (docs/metrics.md). Arms that cross have traded coverage for certainty: better with one try, worse with many."
      curves={curves}
      xTicks={ks}
      yTicks={[0, 0.2, 0.4, 0.6, 0.8, 1]}
      xLabel="k"
      doubling
      formatX={String}
      formatY={(value) => `${Math.round(value * 100)}%`}
      formatValue={percent}
    />
  );
}

function passCurve(
  arm: Arm,
  seeds: readonly number[],
  on: EvaluatedOn,
): { x: number; y: number }[] {
  const curves = newestOf(arm, seeds, on).map(({ values }) => pairs(values['pass_curve']));
  const ks = curves[0]?.map(([k]) => k) ?? [];
  return ks.flatMap((k) => {
    const found = overSeeds(curves.map((curve) => curve.find(([own]) => own === k)?.[1] ?? null));
    return found === null ? [] : [{ x: k, y: found.mean }];
  });
}

function pairs(value: unknown): (readonly [number, number])[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (!Array.isArray(item)) return [];
    const [k, pass] = item as unknown[];
    return typeof k === 'number' && typeof pass === 'number' ? [[k, pass] as const] : [];
  });
}

/** The first seed's bars: those of several seeds have other places. */
function Reliability({ arms, seeds, on }: Shown) {
  const chosen = useView((state) => state.chosenArm);
  const [seed] = seeds;
  const drawn = arms
    .filter((arm) => arm.id === chosen)
    .concat(arms.slice(0, 1))
    .slice(0, 1);
  const curves = drawn.map((arm) => {
    const newest = seed === undefined ? undefined : evaluationsOf(runId(arm.id, seed), on).at(-1);
    const bars = rowsAt(newest, 'reliability').flatMap(({ confidence, accuracy }) =>
      typeof confidence === 'number' && typeof accuracy === 'number'
        ? [{ x: confidence, y: accuracy }]
        : [],
    );
    return { ...styleOf(arm), points: bars };
  });
  return (
    <CurveFigure
      id="reliability"
      title="Calibration"
      unit="share of right responses among those of like confidence"
      help="Confidence is the mean probability of a response’s tokens, in ten bins. On the dotted line the policy is as often right as it is sure; below it, it is too sure of itself."
      curves={curves}
      xTicks={[0, 0.2, 0.4, 0.6, 0.8, 1]}
      yTicks={[0, 0.2, 0.4, 0.6, 0.8, 1]}
      xLabel="confidence"
      diagonal
      formatX={(value) => decimal(value, 2)}
      formatY={(value) => `${Math.round(value * 100)}%`}
      formatValue={percent}
    />
  );
}

function styleOf({ id, name, colour }: Arm) {
  return { key: id, name, colour, dash: armDash(colour) };
}
