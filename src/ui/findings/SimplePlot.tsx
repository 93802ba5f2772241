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
import { armColour } from '../palette';

/** One curve of a small chart whose horizontal axis is not a run's. */
export interface SimpleCurve {
  readonly key: string;
  readonly name: string;
  /** Index into the palette. */
  readonly colour: number;
  /** For stroke-dasharray. */
  readonly dash: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** What a small chart shows, and how. */
export interface SimplePlotProps {
  readonly curves: readonly SimpleCurve[];
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly xLabel: string;
  /** A logarithmic axis to base 2, for k = 1, 2, 4, ... */
  readonly doubling?: boolean;
  readonly diagonal?: boolean;
  readonly zero?: boolean;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly formatValue: (value: number) => string;
}

/** One place of the horizontal axis: by its key, what each curve is there; null where it has no point. */
export interface SimpleRow {
  readonly x: number;
  readonly values: Readonly<Record<string, number | null>>;
}

/** The places of all curves from left to right. The lists of points may differ from curve to curve. */
export function rowsByPlace(curves: readonly SimpleCurve[]): readonly SimpleRow[] {
  const places = new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)));
  return [...places]
    .sort((a, b) => a - b)
    .map((x) => ({
      x,
      values: Object.fromEntries(
        curves.map(({ key, points }) => [key, points.find((point) => point.x === x)?.y ?? null]),
      ),
    }));
}

/** Curves over any axis. */
export function SimplePlot(props: SimplePlotProps) {
  const { curves, xTicks, yTicks } = props;
  const left = xTicks[0] ?? 0;
  const right = xTicks.at(-1) ?? 1;
  const low = yTicks[0] ?? 0;
  const high = yTicks.at(-1) ?? 1;
  const rows = rowsByPlace(curves).map(({ x, values }) => ({ x, ...values }));
  return (
    <div className="plot">
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={rows} margin={{ top: 12, right: 14, bottom: 14, left: 0 }}>
          <CartesianGrid vertical={false} stroke="var(--rule)" />
          <XAxis
            dataKey="x"
            type="number"
            scale={props.doubling ? 'log' : 'linear'}
            domain={[left, right]}
            ticks={[...xTicks]}
            tickFormatter={props.formatX}
            interval="preserveStartEnd"
            tickLine={{ stroke: 'var(--rule-strong)' }}
            axisLine={{ stroke: 'var(--rule-strong)' }}
            tickSize={4}
            height={32}
            label={{ value: props.xLabel, position: 'insideBottom', offset: -6 }}
          />
          <YAxis
            type="number"
            domain={[low, high]}
            ticks={[...yTicks]}
            tickFormatter={props.formatY}
            interval={0}
            tickLine={false}
            axisLine={false}
            width={44}
            allowDataOverflow
          />
          {props.zero && <ReferenceLine y={0} stroke="var(--rule-strong)" />}
          {props.diagonal && (
            <ReferenceLine
              segment={[
                { x: 0, y: 0 },
                { x: 1, y: 1 },
              ]}
              stroke="var(--rule-strong)"
              strokeDasharray="1 3"
            />
          )}
          {curves.map((curve) => (
            <Line
              key={curve.key}
              dataKey={curve.key}
              name={curve.name}
              stroke={armColour(curve.colour)}
              strokeWidth={1.9}
              strokeDasharray={curve.dash}
              type="linear"
              dot={{ r: 2.4, fill: armColour(curve.colour), stroke: 'none', strokeDasharray: '' }}
              connectNulls
              isAnimationActive={false}
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--rule-strong)' }}
            formatter={(value) => (typeof value === 'number' ? props.formatValue(value) : '')}
            labelFormatter={(value) => `${props.xLabel} ${props.formatX(Number(value))}`}
            contentStyle={{ background: 'var(--raised)', border: '1px solid var(--rule)' }}
          />
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}
