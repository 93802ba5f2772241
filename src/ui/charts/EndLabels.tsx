import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import { isEdited } from '../../store/experiment';
import { armColour } from '../palette';
import { spread } from './spread';
import type { Curve } from './plot';
import type { Row } from './rows';

const LINE_HEIGHT = 16;

/** Each arm's name beside the end of its curve, moved apart where the ends are close. */
export function EndLabels(props: {
  curves: readonly Curve[];
  rows: readonly Row[];
  chosenArm: string | null;
}) {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const area = usePlotArea();
  if (x === undefined || y === undefined || area === undefined) return null;
  const ends = props.curves.flatMap((curve) => {
    const row = props.rows.findLast((candidate) => candidate[curve.key] != null);
    const value = row?.[curve.key];
    const at = row === undefined ? undefined : x(row.x);
    const height = value == null ? undefined : y(value);
    return at === undefined || height === undefined ? [] : [{ curve, x: at, y: height }];
  });
  const heights = spread(
    ends.map((end) => end.y),
    LINE_HEIGHT,
    area.y + area.height - LINE_HEIGHT / 2,
  );
  return (
    <g aria-hidden="true">
      {ends.map(({ curve, x: at }, i) => (
        <text
          key={curve.key}
          className="arm-label halo"
          x={at + 9}
          y={heights[i]}
          dominantBaseline="central"
          style={{
            fill: armColour(curve.arm.colour),
            fontWeight: curve.arm.id === props.chosenArm ? 650 : 500,
          }}
        >
          {curve.name}
          {isEdited(curve.arm) && '*'}
        </text>
      ))}
    </g>
  );
}
