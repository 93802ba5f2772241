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

/** One curve of a small chart whose horizontal axis is not a run's. */
export interface SimpleCurve {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  readonly dash?: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Curves over any axis. The lists of points may differ from curve to curve. */
export function SimplePlot(props: {
  curves: readonly SimpleCurve[];
  xTicks: readonly number[];
  yTicks: readonly number[];
  xLabel: string;
  /** A logarithmic axis to base 2, for k = 1, 2, 4, ... */
  doubling?: boolean;
  diagonal?: boolean;
  zero?: boolean;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
  formatValue: (value: number) => string;
}) {
  const { curves, xTicks, yTicks } = props;
  const left = xTicks[0] ?? 0;
  const right = xTicks.at(-1) ?? 1;
  const low = yTicks[0] ?? 0;
  const high = yTicks.at(-1) ?? 1;
  const places = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))];
  const rows = places
    .sort((a, b) => a - b)
    .map((x) => ({
      x,
      ...Object.fromEntries(
        curves.map(({ key, points }) => [key, points.find((point) => point.x === x)?.y ?? null]),
      ),
    }));
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
              stroke={curve.colour}
              strokeWidth={1.9}
              {...(curve.dash !== undefined && { strokeDasharray: curve.dash })}
              type="linear"
              dot={{ r: 2.4, fill: curve.colour, stroke: 'none', strokeDasharray: '' }}
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
