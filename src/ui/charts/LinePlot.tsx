import { memo, useId, useMemo } from 'react';
import { Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { LETTER } from './axis_labels';
import { AxisLayer } from './AxisLayer';
import { CurveLayer } from './CurveLayer';
import { EndLabels } from './EndLabels';
import { HoverLayer } from './HoverLayer';
import { MarkLayer } from './MarkLayer';
import type { Curve, PlacedMark } from './plot';
import { Readout } from './Readout';
import type { Reference } from './references';
import type { Row } from './rows';
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

/** Room for the numbers of the vertical axis, four letters at least, and of the horizontal one. */
const AXIS = { left: 34, bottom: 24 };

const NONE: readonly never[] = [];

/** recharts draws no axis without data. */
const NO_ROWS: Row[] = [{ x: 0, step: 0 }];

/** Curves over a common axis, drawn by recharts; no animation, so what is drawn is what was measured. */
export const LinePlot = memo(function LinePlot(props: LinePlotProps) {
  const { curves, rows, xTicks, yTicks, xUnit, monotonic = true, endLabels = false } = props;
  const own = useId();
  const hover = props.hover ?? own;
  const longest = Math.max(0, ...curves.map((curve) => curve.name.length));
  const labels = Math.max(ROOM.labels, Math.round(longest * LETTER) + 12);
  const right = endLabels ? labels : xUnit === undefined ? ROOM.tick : ROOM.unit;
  const last = xTicks[xTicks.length - 1] ?? 1;
  const widest = Math.max(...yTicks.map((tick) => props.formatY(tick).length));
  const data = useMemo(() => (rows.length > 0 ? [...rows] : NO_ROWS), [rows]);
  const formatX = (value: number) =>
    value === last && xUnit !== undefined
      ? `${props.formatX(value)} ${xUnit}`
      : props.formatX(value);
  const left = Math.max(AXIS.left, Math.ceil(widest * LETTER) + 8);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={data} margin={{ top: 12, right, bottom: AXIS.bottom, left }}>
        <XAxis hide dataKey="x" type="number" domain={[xTicks[0] ?? 0, last]} ticks={[...xTicks]} />
        <YAxis
          hide
          type="number"
          scale={props.log ? 'log' : 'linear'}
          domain={[yTicks[0] ?? 0, yTicks[yTicks.length - 1] ?? 1]}
          ticks={[...yTicks]}
          allowDataOverflow
        />
        <AxisLayer
          xTicks={xTicks}
          yTicks={yTicks}
          references={props.references ?? NONE}
          right={right}
          formatX={formatX}
          formatY={props.formatY}
        />
        <CurveLayer
          curves={curves}
          rows={rows}
          chosenArm={props.chosenArm}
          dimOthers={props.dimOthers ?? false}
          stepped={props.stepped ?? false}
          monotonic={monotonic}
          shadows={props.shadows ?? false}
          banded={props.banded ?? NONE}
          seeds={props.seeds ?? NONE}
        />
        {/* Not drawn: recharts' readout and keyboard need something with rows. */}
        <Line dataKey="x" hide />
        <MarkLayer marks={props.marks} lines={monotonic} labels={endLabels} />
        {endLabels && <EndLabels curves={curves} rows={rows} chosenArm={props.chosenArm} />}
        <HoverLayer
          chart={hover}
          linked={props.hover !== undefined}
          curves={curves}
          rows={rows}
          chosenArm={props.chosenArm}
          shared={props.shared ?? true}
          format={props.formatValue}
        />
        {props.onSelect !== undefined && monotonic && <SelectLayer onSelect={props.onSelect} />}
        <Tooltip
          includeHidden
          isAnimationActive={false}
          cursor={{ stroke: 'var(--rule-strong)' }}
          content={
            <Readout
              curves={curves}
              format={props.formatValue}
              hover={hover}
              linked={props.hover !== undefined}
            />
          }
        />
      </LineChart>
    </ResponsiveContainer>
  );
});
