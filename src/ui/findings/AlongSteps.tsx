import type { Finding } from '../../store/findings';
import { ticksOver, ticksUntil } from '../charts/ticks';
import { significant } from '../format';
import { CurveFigure } from './CurveFigure';
import type { SimpleCurve } from './SimplePlot';
import { numberAt, numbersAt } from './values';

/** Measurements of one kind, one after another. */
interface Along {
  readonly findings: readonly Finding[];
}

/** Colours of the palette; here what a dash tells apart is not the arm. */
const [FIRST, SECOND] = [0, 1];
const [SOLID, DASHED] = ['none', '6 4'];

/** What each sign would do to entropy, step by step. */
export function DriveAlong({ findings }: Along) {
  const at = (key: string) => points(findings, (finding) => numberAt(finding, key));
  return (
    <StepFigure
      id="drive-along"
      title="Entropy drive by step"
      unit="nats for a unit step"
      help="Below 0 entropy falls. While most responses are wrong the few good ones have the larger advantages, and the deeper curve."
      curves={[
        {
          key: 'positive',
          name: 'A > 0',
          colour: FIRST,
          dash: SOLID,
          points: at('drive_positive'),
        },
        {
          key: 'negative',
          name: 'A < 0',
          colour: SECOND,
          dash: DASHED,
          points: at('drive_negative'),
        },
      ]}
    />
  );
}

/** What a whole training step does to entropy, predicted and measured, step by step. */
export function ProbeAlong({ findings }: Along) {
  const whole = (key: string) => points(findings, (finding) => sumOf(numbersAt(finding, key)));
  return (
    <StepFigure
      id="probe-along"
      title="Change of entropy in a step"
      unit="nats, on held-out responses, all updates of the step together"
      help="Predicted to first order in each update. Below 0 entropy falls; where the curves part, the updates were too large for the prediction."
      curves={[
        {
          key: 'measured',
          name: 'measured',
          colour: FIRST,
          dash: SOLID,
          points: whole('measured'),
        },
        {
          key: 'predicted',
          name: 'predicted',
          colour: SECOND,
          dash: DASHED,
          points: whole('predicted'),
        },
      ]}
    />
  );
}

function points(
  findings: readonly Finding[],
  value: (finding: Finding) => number | null,
): SimpleCurve['points'] {
  return findings.flatMap((finding) => {
    const y = value(finding);
    return y === null ? [] : [{ x: finding.step, y }];
  });
}

/** Null of nothing, and where one is missing. */
function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || known.length < values.length) return null;
  return known.reduce((sum, value) => sum + value, 0);
}

function StepFigure(props: {
  id: string;
  title: string;
  unit: string;
  help: string;
  curves: readonly SimpleCurve[];
}) {
  const { curves } = props;
  const places = curves.flatMap((curve) => curve.points.map(({ x }) => x));
  const values = curves.flatMap((curve) => curve.points.map(({ y }) => y));
  return (
    <CurveFigure
      {...props}
      xTicks={ticksUntil(Math.max(4, ...places))}
      yTicks={ticksOver(Math.min(0, ...values), Math.max(1e-5, ...values))}
      xLabel="step"
      zero
      formatX={String}
      formatY={(value) => significant(value, 2)}
      formatValue={(value) => significant(value)}
    />
  );
}
