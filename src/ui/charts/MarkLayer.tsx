import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import { armColour } from '../palette';
import type { PlacedMark } from './plot';

const LABEL_ROWS = 3;
const ROW_HEIGHT = 15;
/** Older marks keep their line and lose their words. */
const MOST_LABELS = 6;

/** Where a setting changed: a hairline in the arm's colour, a point on its curve, and what changed. */
export function MarkLayer(props: {
  marks: readonly PlacedMark[];
  lines: boolean;
  labels: boolean;
}) {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const area = usePlotArea();
  if (x === undefined || y === undefined || area === undefined) return null;
  const unlabelled = props.labels ? props.marks.length - MOST_LABELS : props.marks.length;
  return (
    <g aria-hidden="true">
      {props.marks.map((mark, i) => {
        const at = x(mark.x);
        if (at === undefined) return null;
        const height = mark.y === null ? undefined : y(mark.y);
        const colour = armColour(mark.arm.colour);
        const leftward = at > area.x + area.width * 0.75;
        return (
          <g key={mark.key} className="mark" data-mark={mark.label}>
            {props.lines && (
              <line
                x1={at}
                x2={at}
                y1={area.y}
                y2={area.y + area.height}
                stroke={colour}
                strokeOpacity={0.7}
              />
            )}
            {height !== undefined && (
              <circle
                cx={at}
                cy={height}
                r={4}
                fill="var(--paper)"
                stroke={colour}
                strokeWidth={2}
              />
            )}
            {props.lines && i >= unlabelled && (
              <text
                className="halo"
                x={leftward ? at - 5 : at + 5}
                y={area.y + 9 + (i % LABEL_ROWS) * ROW_HEIGHT}
                textAnchor={leftward ? 'end' : 'start'}
                style={{ fill: colour }}
              >
                {mark.label}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}
