import { memo, useMemo } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { armColour, armDash } from '../palette';
import { EndLabels } from './EndLabels';
import { hoverArm } from './hover';
import { HoverLayer } from './HoverLayer';
import { MarkLayer } from './MarkLayer';
import type { Curve, PlacedMark } from './plot';
import { Readout } from './Readout';
import type { Reference } from './references';
import { bandOf, rawKey, seedKey, type Row } from './rows';
import { SelectLayer } from './SelectLayer';

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
  /** The vertical axis is logarithmic; no value is 0 or below. */
  readonly log?: boolean;
  /** Curves of the other arms step back. */
  readonly dimOthers?: boolean;
  /** Values hold until the next step instead of sliding towards it. */
  readonly stepped?: boolean;
  /** False where the horizontal value does not only grow: marks are then points, and curves carry dots. */
  readonly monotonic?: boolean;
  /** A later step is further right for all arms alike: the cursor of another chart is then one line. */
  readonly shared?: boolean;
  /** Arm names at the ends of the curves; needs a wide chart. */
  readonly endLabels?: boolean;
  /** Rows hold the curves as they were before smoothing, too. */
  readonly shadows?: boolean;
  /** Keys of the curves whose rows hold a band from the lowest to the highest seed. */
  readonly banded?: readonly string[];
  /** Single seeds that the rows hold. */
  readonly seeds?: readonly { readonly curve: Curve; readonly seed: number }[];
  /** Names the chart where charts show each other's cursor. */
  readonly hover?: string;
  /** A stretch of the horizontal axis was drawn out with the pointer; null: all of it again. */
  readonly onSelect?: (range: { readonly from: number; readonly to: number } | null) => void;
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

/** Room for the numbers of the vertical axis: four letters at least. */
const AXIS = 34;

/** recharts draws no axis without data. */
const NO_ROWS: Row[] = [{ x: 0, step: 0 }];

/** Curves over a common axis, drawn by recharts; no animation, so what is drawn is what was measured. */
export const LinePlot = memo(function LinePlot(props: LinePlotProps) {
  const { curves, rows, xTicks, yTicks, xUnit, monotonic = true, endLabels = false } = props;
  const longest = Math.max(0, ...curves.map((curve) => curve.name.length));
  const labels = Math.max(ROOM.labels, Math.round(longest * LETTER) + 12);
  const right = endLabels ? labels : xUnit === undefined ? ROOM.tick : ROOM.unit;
  const last = xTicks[xTicks.length - 1] ?? 1;
  const widest = Math.max(...yTicks.map((tick) => props.formatY(tick).length));
  const type = props.stepped ? 'stepAfter' : 'linear';
  const data = useMemo(() => (rows.length > 0 ? [...rows] : NO_ROWS), [rows]);
  const formatX = (value: number) =>
    value === last && xUnit !== undefined
      ? `${props.formatX(value)} ${xUnit}`
      : props.formatX(value);
  const faint = (arm: string) => props.dimOthers && arm !== props.chosenArm;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart data={data} margin={{ top: 12, right, bottom: 0, left: 0 }}>
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
          scale={props.log ? 'log' : 'linear'}
          domain={[yTicks[0] ?? 0, yTicks[yTicks.length - 1] ?? 1]}
          ticks={[...yTicks]}
          tickFormatter={props.formatY}
          interval={0}
          tickLine={false}
          axisLine={false}
          width={Math.max(AXIS, Math.ceil(widest * LETTER) + 8)}
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
        {curves
          .filter((curve) => props.banded?.includes(curve.key))
          .map((curve) => (
            <Area
              key={`${curve.key} band`}
              className="band"
              dataKey={bandOf(curve.key)}
              type={type}
              stroke="none"
              fill={armColour(curve.arm.colour)}
              fillOpacity={faint(curve.arm.id) ? 0.06 : 0.14}
              onMouseEnter={() => hoverArm(curve.arm.id)}
              onMouseLeave={() => hoverArm(null)}
              {...QUIET}
            />
          ))}
        {props.shadows &&
          curves.map((curve) => (
            <Line
              key={`${curve.key} raw`}
              className="shadow"
              dataKey={rawKey(curve.key)}
              stroke={armColour(curve.arm.colour)}
              strokeWidth={1}
              strokeOpacity={0.3}
              type={type}
              dot={false}
              {...QUIET}
            />
          ))}
        {props.seeds?.map(({ curve, seed }) => (
          <Line
            key={seedKey(curve.key, seed)}
            className="seed"
            dataKey={seedKey(curve.key, seed)}
            stroke={armColour(curve.arm.colour)}
            strokeWidth={1}
            strokeOpacity={0.6}
            type={type}
            dot={false}
            {...QUIET}
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
              strokeOpacity={!monotonic ? 0.45 : faint(curve.arm.id) ? 0.4 : 1}
              type={type}
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
              onMouseEnter={() => hoverArm(curve.arm.id)}
              onMouseLeave={() => hoverArm(null)}
            />
          );
        })}
        <MarkLayer marks={props.marks} lines={monotonic} labels={endLabels} />
        {endLabels && <EndLabels curves={curves} rows={rows} chosenArm={props.chosenArm} />}
        {props.hover !== undefined && (
          <HoverLayer
            chart={props.hover}
            curves={curves}
            rows={rows}
            chosenArm={props.chosenArm}
            shared={props.shared ?? true}
            format={props.formatValue}
          />
        )}
        {props.onSelect !== undefined && monotonic && <SelectLayer onSelect={props.onSelect} />}
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--rule-strong)' }}
          content={
            <Readout
              curves={curves}
              format={props.formatValue}
              {...(props.hover !== undefined && { hover: props.hover })}
            />
          }
        />
      </ComposedChart>
    </ResponsiveContainer>
  );
});

/** What stands behind a curve takes no part in the readout. */
const QUIET = {
  activeDot: false,
  tooltipType: 'none',
  legendType: 'none',
  connectNulls: true,
  isAnimationActive: false,
} as const;
