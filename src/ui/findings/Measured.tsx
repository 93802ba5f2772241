import type { Finding } from '../../store/findings';
import { DataRegion } from '../charts/DataRegion';
import { ticksOver, ticksUntil } from '../charts/ticks';
import { decimal, NONE, percent, significant } from '../format';
import { CurveFigure } from './CurveFigure';
import { RatioBars } from './RatioBars';
import { numberAt, numbersAt, rowsAt } from './values';

/** How measurements look. Shapes are those of src/engine/diagnose; what a file lacks is left out. */

/** Colours of the palette; here what a dash tells apart is not the arm. */
const POSITIVE = 0;
const NEGATIVE = 1;
const SOLID = 'none';
const DASHED = '6 4';

const DRIVE_ROWS = [
  ['all', ''],
  ['likely (surprise below the entropy)', '_likely'],
  ['unlikely', '_unlikely'],
] as const;

export function DriveTable({ finding }: { finding: Finding }) {
  const cell = (key: string) => {
    const value = numberAt(finding, key);
    return value === null ? NONE : significant(value);
  };
  return (
    <DataRegion label="Entropy drive by sign">
      <table>
        <caption>Entropy drive, nats for a unit step; below 0 entropy falls</caption>
        <thead>
          <tr>
            <th scope="col">tokens</th>
            <th scope="col">A &gt; 0</th>
            <th scope="col">A &lt; 0</th>
          </tr>
        </thead>
        <tbody>
          {DRIVE_ROWS.map(([name, suffix]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{cell(`drive_positive${suffix}`)}</td>
              <td>{cell(`drive_negative${suffix}`)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">slope in weights</th>
            <td>{cell('slope_positive')}</td>
            <td>{cell('slope_negative')}</td>
          </tr>
        </tbody>
      </table>
      <p className="small">
        The drives stand as {cell('drive_ratio')} to 1; on policy the identity says (1 − p) / p ={' '}
        {cell('predicted_ratio')}.
      </p>
    </DataRegion>
  );
}

export function ProbeFigure({ finding }: { finding: Finding }) {
  const curve = (key: string, name: string, colour: number, dash: string) => ({
    key,
    name,
    colour,
    dash,
    points: summed(numbersAt(finding, key)),
  });
  const curves = [
    curve('measured', 'measured', POSITIVE, SOLID),
    curve('predicted', 'predicted', NEGATIVE, DASHED),
  ];
  const all = curves.flatMap(({ points }) => points.map(({ y }) => y));
  return (
    <CurveFigure
      id="probe"
      title="Change of entropy"
      unit="nats since the step began, on held-out responses"
      help="First order in each update: where the curves part, the step was too large for the prediction."
      curves={curves}
      xTicks={ticksUntil(Math.max(4, (curves[0]?.points.length ?? 1) - 1))}
      yTicks={ticksOver(Math.min(0, ...all), Math.max(1e-4, ...all))}
      xLabel="update"
      zero
      formatX={String}
      formatY={(value) => significant(value, 2)}
      formatValue={(value) => significant(value)}
    />
  );
}

function summed(changes: readonly (number | null)[]): { x: number; y: number }[] {
  let sum = 0;
  return [{ x: 0, y: 0 }, ...changes.map((change, i) => ({ x: i + 1, y: (sum += change ?? 0) }))];
}

const CONTRIBUTIONS = [
  ['positive', 'tokens with A > 0'],
  ['negative', 'tokens with A < 0'],
  ['clipping', 'clipping'],
  ['staleness', 'reusing one batch'],
] as const;

export function ContributionsTable({ finding }: { finding: Finding }) {
  const parts = objectAt(finding, 'contribution');
  const whole = objectAt(finding, 'change')['whole'];
  return (
    <DataRegion label="Contributions to the step">
      <table>
        <caption>
          What a part of the step does to held-out entropy, nats; the whole step:{' '}
          {typeof whole === 'number' ? significant(whole) : NONE}
        </caption>
        <tbody>
          {CONTRIBUTIONS.map(([key, name]) => {
            const value = parts[key];
            return (
              <tr key={key}>
                <th scope="row">{name}</th>
                <td>{typeof value === 'number' ? significant(value) : NONE}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="small quiet">
        Each is the whole step less the step without it, from the same weights and rollouts. They
        need not add up.
      </p>
    </DataRegion>
  );
}

function objectAt(finding: Finding, key: string): Readonly<Record<string, unknown>> {
  const value = finding.values[key];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function RatioFigure({ finding }: { finding: Finding }) {
  const edges = numbersAt(finding, 'edges').filter((edge) => edge !== null);
  const [positive, negative] = ['positive', 'negative'].map((key) =>
    numbersAt(finding, key).map((count) => count ?? 0),
  );
  const lowest = numberAt(finding, 'lowest') ?? 1;
  const highest = numberAt(finding, 'highest') ?? 1;
  if (positive === undefined || negative === undefined || edges.length === 0) return null;
  const before = numberAt(finding, 'updates_before') ?? 0;
  return (
    <RatioBars
      {...{ edges, positive, negative, lowest, highest }}
      note={
        before === 0
          ? 'One update for each batch: every ratio is 1 as it begins, and clipping has nothing to do.'
          : `After ${before} updates on the same batch. Clipped: A > 0 above ${decimal(highest)}, A < 0 below ${decimal(lowest)}.`
      }
    />
  );
}

const TRACES = [
  ['with_lower_clip', 'drive_negative', 'A < 0', NEGATIVE, SOLID],
  ['without_lower_clip', 'drive_negative', 'A < 0, no lower clip', NEGATIVE, DASHED],
  ['with_lower_clip', 'drive_positive', 'A > 0', POSITIVE, SOLID],
] as const;

export function ClipTraceFigure({ finding }: { finding: Finding }) {
  const curves = TRACES.map(([part, key, name, colour, dash]) => ({
    key: name,
    name,
    colour,
    dash,
    points: rowsAt(finding, part).flatMap((row) => {
      const [x, y] = [row['update'], row[key]];
      return typeof x === 'number' && typeof y === 'number' ? [{ x, y }] : [];
    }),
  }));
  const all = curves.flatMap(({ points }) => points.map(({ y }) => y));
  const clipped = rowsAt(finding, 'with_lower_clip').at(-1)?.['clip_low_fraction'];
  return (
    <CurveFigure
      id="clip-trace"
      title="Entropy drive that clipping leaves"
      unit="nats for a unit step, by updates on one batch"
      help={`Below 0 entropy falls. Where the solid curve of A < 0 rises above 0, clipping has dropped the tokens that held entropy down.${
        typeof clipped === 'number' ? ` Clipped low at the end: ${percent(clipped)}.` : ''
      }`}
      curves={curves}
      xTicks={ticksUntil(Math.max(4, ...curves.map(({ points }) => points.length - 1)))}
      yTicks={ticksOver(Math.min(0, ...all), Math.max(1e-5, ...all))}
      xLabel="update"
      zero
      formatX={String}
      formatY={(value) => significant(value, 2)}
      formatValue={(value) => significant(value)}
    />
  );
}
