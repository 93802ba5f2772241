import type { ReactNode } from 'react';
import type { MeasureKind } from '../../recipe/measure';
import { measureNow } from '../../store/engine';
import { useExperiment, type Arm } from '../../store/experiment';
import { measurementOf, useFindingsVersion, usePending, type Finding } from '../../store/findings';
import { useRun } from '../../store/run';
import { runId } from '../../store/run_id';
import { useView } from '../../store/view';
import { Swatch } from '../Swatch';
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
}

const KINDS: readonly Kind[] = [
  {
    kind: 'drive',
    button: 'Who drives it now',
    help: 'Draws fresh rollouts and says what good and bad tokens would do to entropy in one small step: by formula (entropy drive), and as a slope in the weights.',
    show: (finding) => <DriveTable finding={finding} />,
  },
  {
    kind: 'probe',
    button: 'Predicted against measured',
    help: 'One training step, update by update, on fixed held-out responses: the change of entropy that the gradient predicts, and the one that came.',
    show: (finding) => <ProbeFigure finding={finding} />,
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
  const finding = measurementOf(runId(arm.id, seed), kind.kind);
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
      </p>
      {finding !== null && (
        <div className="measured">
          <p className="quiet small">After step {finding.step}:</p>
          {kind.show(finding)}
        </div>
      )}
    </section>
  );
}
