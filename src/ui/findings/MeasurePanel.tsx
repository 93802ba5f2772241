import type { ReactNode } from 'react';
import type { MeasureKind } from '../../recipe/measure';
import { measureNow, measureOnTheWay } from '../../store/ask';
import { useExperiment, type Arm } from '../../store/experiment';
import { measurementsOf, useFindingsVersion, usePending, type Finding } from '../../store/findings';
import { useRun } from '../../store/run';
import { runId } from '../../store/run_id';
import { useView } from '../../store/view';
import { Swatch } from '../Swatch';
import { DriveAlong, ProbeAlong } from './AlongSteps';
import { cadenceOf, OnTheWay, USUAL_CADENCE } from './OnTheWay';
import {
  ClipTraceFigure,
  ContributionsTable,
  DriveTable,
  ProbeFigure,
  RatioFigure,
} from './Measured';

interface Kind {
  readonly kind: MeasureKind;
  readonly button: string;
  /** What it does, for a student. */
  readonly help: string;
  readonly show: (finding: Finding) => ReactNode;
  /** What several of them say, step by step. */
  readonly along?: (findings: readonly Finding[]) => ReactNode;
}

const KINDS: readonly Kind[] = [
  {
    kind: 'drive',
    button: 'Who drives it now',
    help: 'Draws fresh rollouts and says what good and bad tokens would do to entropy in one small step: by formula (entropy drive), and as a slope in the weights.',
    show: (finding) => <DriveTable finding={finding} />,
    along: (findings) => <DriveAlong findings={findings} />,
  },
  {
    kind: 'probe',
    button: 'Predicted against measured',
    help: 'One training step, update by update, on fixed held-out responses: the change of entropy that the gradient predicts, and the one that came.',
    show: (finding) => <ProbeFigure finding={finding} />,
    along: (findings) => <ProbeAlong findings={findings} />,
  },
  {
    kind: 'contributions',
    button: 'Take the update apart',
    help: 'The same step without positives, without negatives, without clipping, and on fresh rollouts: what each part does to entropy.',
    show: (finding) => <ContributionsTable finding={finding} />,
  },
  {
    kind: 'ratios',
    button: 'Ratios',
    help: 'How far the policy has moved from the one that drew the tokens, by sign, in the last epoch of a step, with the clip range.',
    show: (finding) => <RatioFigure finding={finding} />,
  },
  {
    kind: 'clip-trace',
    button: 'What clipping selects',
    help: 'Update after update on one batch: the drive that is left to tokens of each sign, with the lower clip and without it.',
    show: (finding) => <ClipTraceFigure finding={finding} />,
  },
];

/** Measurements of the chosen arm as it stands. They change nothing: training goes on as if they had not been. */
export function MeasurePanel() {
  useFindingsVersion();
  const chosen = useView((state) => state.chosenArm);
  const arm = useExperiment((state) => state.arms.find((candidate) => candidate.id === chosen));
  const seed = useExperiment((state) => state.seeds[0]);
  if (arm === undefined || seed === undefined) return null;
  return (
    <div className="measures">
      <p className="quiet small">
        Of <Swatch colour={arm.colour} width={20} /> {arm.name}, seed {seed}. Pause first; a
        measurement changes nothing.
      </p>
      <OnTheWay />
      {KINDS.map((kind) => (
        <Measurement key={kind.kind} {...{ kind, arm, seed }} />
      ))}
    </div>
  );
}

function Measurement({ kind, arm, seed }: { kind: Kind; arm: Arm; seed: number }) {
  const { measuring, weights } = usePending();
  const possible = useRun(
    ({ status, recorded }) =>
      recorded === null && (status === 'ready' || status === 'paused' || status === 'finished'),
  );
  const findings = measurementsOf(runId(arm.id, seed), kind.kind);
  const finding = findings.at(-1);
  return (
    <section className="measure" aria-label={kind.button}>
      <p className="findings-head">
        <button
          type="button"
          className="button"
          disabled={!possible || !weights || measuring !== null}
          onClick={() => measureNow(kind.kind)}
        >
          {measuring === kind.kind ? 'Measuring' : kind.button}
        </button>
        <span className="quiet small">{kind.help}</span>
        <WhileTraining kind={kind.kind} />
      </p>
      {finding !== undefined && (
        <div className="measured">
          <p className="quiet small">After step {finding.step}:</p>
          {kind.show(finding)}
          {findings.length > 1 && kind.along?.(findings)}
        </div>
      )}
    </section>
  );
}

/** Whether a measurement is taken on the way too; acts at once, also while the arms train. */
function WhileTraining({ kind }: { kind: MeasureKind }) {
  const measure = useExperiment((state) => state.measure);
  const recorded = useRun((state) => state.recorded !== null);
  const kinds = measure?.kinds ?? [];
  return (
    <label className="small while-training">
      <input
        type="checkbox"
        disabled={recorded}
        checked={kinds.includes(kind)}
        onChange={({ target }) =>
          measureOnTheWay(
            target.checked ? [...kinds, kind] : kinds.filter((other) => other !== kind),
            cadenceOf(measure) ?? USUAL_CADENCE,
          )
        }
      />{' '}
      while training
    </label>
  );
}
