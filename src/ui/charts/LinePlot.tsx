import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { armColour, armDash } from '../palette';
import { EndLabels } from './EndLabels';
import { MarkLayer } from './MarkLayer';
import type { Curve, PlacedMark, Row } from './plot';
import { Readout } from './Readout';

export interface Reference {
  readonly y: number;
  readonly label: string;
}

export interface LinePlotProps {
  readonly curves: readonly Curve[];
  readonly rows: readonly Row[];
  readonly marks: readonly PlacedMark[];
  readonly references?: readonly Reference[];
  readonly chosenArm: string | null;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  /** Said once, behind the last tick of the horizontal axis. */
  readonly xUnit?: string;
  /** Curves of the other arms step back. */
  readonly dimOthers?: boolean;
  /** Values hold until the next step instead of sliding towards it. */
  readonly stepped?: boolean;
  /** False where the horizontal value does not only grow: marks are then points, and curves carry dots. */
  readonly monotonic?: boolean;
  /** Arm names at the ends of the curves; needs a wide chart. */
  readonly endLabels?: boolean;
  readonly formatX: (value: number) => string;
  /** On the vertical axis. */
  readonly formatY: (value: number) => string;
  /** Under the pointer. */
  readonly formatValue: (value: number) => string;
}

/** Room at the right, in pixels: for short arm names, for the unit behind the last tick, for half a tick label. */
const ROOM = { labels: 104, unit: 30, tick: 10 };

/** Longer names get what they need, at about this much a letter. */
const LETTER = 6.6;

/** recharts draws no axis without data. */
const NO_ROWS = [{ x: 0 }];

/** Curves over a common axis, drawn by recharts; no animation, so what is drawn is what was measured. */
export function LinePlot(props: LinePlotProps) {
  const { curves, rows, xTicks, yTicks, xUnit, monotonic = true, endLabels = false } = props;
  const longest = Math.max(0, ...curves.map((curve) => curve.name.length));
  const labels = Math.max(ROOM.labels, Math.round(longest * LETTER) + 12);
  const right = endLabels ? labels : xUnit === undefined ? ROOM.tick : ROOM.unit;
  const last = xTicks[xTicks.length - 1] ?? 1;
  const formatX = (value: number) =>
    value === last && xUnit !== undefined
      ? `${props.formatX(value)} ${xUnit}`
      : props.formatX(value);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart
        data={rows.length > 0 ? [...rows] : NO_ROWS}
        margin={{ top: 12, right, bottom: 0, left: 0 }}
      >
        <CartesianGrid vertical={false} stroke="var(--rule)" />
        <XAxis
          dataKey="x"
          type="number"
          domain={[xTicks[0] ?? 0, last]}
          ticks={[...xTicks]}
          tickFormatter={formatX}
          interval="preserveStartEnd"
          tickLine={{ stroke: 'var(--rule-strong)' }}
          axisLine={{ stroke: 'var(--rule-strong)' }}
          tickSize={4}
          height={24}
        />
        <YAxis
          type="number"
          domain={[yTicks[0] ?? 0, yTicks[yTicks.length - 1] ?? 1]}
          ticks={[...yTicks]}
          tickFormatter={props.formatY}
          interval={0}
          tickLine={false}
          axisLine={false}
          width={34}
          allowDataOverflow
        />
        {props.references?.map((reference) => (
          <ReferenceLine
            key={reference.label}
            y={reference.y}
            stroke="var(--rule-strong)"
            strokeDasharray="1 3"
            label={{ value: reference.label, position: 'insideBottomRight', className: 'halo' }}
          />
        ))}
        {curves.map((curve) => {
          const chosen = curve.arm.id === props.chosenArm;
          return (
            <Line
              key={curve.key}
              dataKey={curve.key}
              name={curve.name}
              stroke={armColour(curve.arm.colour)}
              strokeWidth={chosen ? 2.75 : 1.75}
              strokeDasharray={curve.dash ?? armDash(curve.arm.colour)}
              strokeLinejoin="round"
              strokeOpacity={!monotonic ? 0.45 : props.dimOthers && !chosen ? 0.4 : 1}
              type={props.stepped ? 'stepAfter' : 'linear'}
              dot={
                rows.length === 1 || !monotonic
                  ? {
                      r: 2.2,
                      fill: armColour(curve.arm.colour),
                      stroke: 'none',
                      strokeDasharray: '',
                    }
                  : false
              }
              activeDot={{ r: 3.5 }}
              connectNulls
              isAnimationActive={false}
            />
          );
        })}
        <MarkLayer marks={props.marks} lines={monotonic} labels={endLabels} />
        {endLabels && <EndLabels curves={curves} rows={rows} chosenArm={props.chosenArm} />}
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--rule-strong)' }}
          content={<Readout curves={curves} format={props.formatValue} />}
        />
      </LineChart>
    </ResponsiveContainer>
  );
}
