import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import type { Reference } from './references';
import { placeLabels } from './axis_labels';

const TICK = 4;
/** From the axis to the near edge of a label. */
const GAP = 6;
/** From the top of a digit's line to its baseline, and from its middle, in font sizes. */
const TOP = '0.71em';
const MIDDLE = '0.355em';

/**
 * Both axes, the rules across and the reference lines. recharts' own axes measure every label in the document, which lays
 * out the whole page again for each; here the ticks are known to fit, and their widths are estimated.
 */
export function AxisLayer(props: {
  xTicks: readonly number[];
  yTicks: readonly number[];
  references: readonly Reference[];
  /** Room for labels to the right of the plot, in pixels. */
  right: number;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
}) {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const area = usePlotArea();
  if (x === undefined || y === undefined || area === undefined) return null;
  const [left, right] = [area.x, area.x + area.width];
  const bottom = area.y + area.height;
  const across = (at: number, stroke: string, dash?: string) => (
    <line x1={left} x2={right} y1={at} y2={at} stroke={stroke} strokeDasharray={dash} />
  );
  const labels = placeLabels(
    props.xTicks.flatMap((tick) => {
      const at = x(tick);
      return at === undefined ? [] : [{ at, text: props.formatX(tick) }];
    }),
    right + props.right,
  );
  return (
    <g className="axes">
      {props.yTicks.map((tick) => {
        const at = y(tick);
        if (at === undefined) return null;
        return (
          <g key={tick} className="y-tick">
            {across(at, 'var(--rule)')}
            <text x={left - GAP - 2} y={at} dy={MIDDLE} textAnchor="end">
              {props.formatY(tick)}
            </text>
          </g>
        );
      })}
      {across(bottom, 'var(--rule-strong)')}
      {labels.map(({ at, text, x: middle }) => (
        <g key={at} className="x-tick">
          <line x1={at} x2={at} y1={bottom} y2={bottom + TICK} stroke="var(--rule-strong)" />
          <text x={middle} y={bottom + GAP} dy={TOP} textAnchor="middle">
            {text}
          </text>
        </g>
      ))}
      {props.references.map(({ label, y: value }) => {
        const at = y(value);
        if (at === undefined || at < area.y || at > bottom) return null;
        return (
          <g key={label}>
            {across(at, 'var(--rule-strong)', '1 3')}
            <text className="halo" x={right - 5} y={at - 5} textAnchor="end">
              {label}
            </text>
          </g>
        );
      })}
    </g>
  );
}
