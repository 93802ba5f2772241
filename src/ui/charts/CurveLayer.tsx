import { useXAxisScale, useYAxisScale } from 'recharts';
import { armColour, armDash } from '../palette';
import { hoverArm } from './hover';
import { bandPath, dotsPath, linePath, type Point } from './paths';
import type { Curve } from './plot';
import { highKey, lowKey, rawKey, seedKey, type Row } from './rows';

export interface CurveLayerProps {
  readonly curves: readonly Curve[];
  readonly rows: readonly Row[];
  readonly chosenArm: string | null;
  readonly dimOthers: boolean;
  readonly stepped: boolean;
  readonly monotonic: boolean;
  readonly shadows: boolean;
  readonly banded: readonly string[];
  readonly seeds: readonly { readonly curve: Curve; readonly seed: number }[];
}

/**
 * Bands, shadows, seeds and curves as one path each, by recharts' scales. Its own Line and Area lay out every row
 * again for each curve, labels and dots included: with 8 curves that is most of a redraw.
 */
export function CurveLayer(props: CurveLayerProps) {
  const { curves, rows, stepped, monotonic } = props;
  const x = useXAxisScale();
  const y = useYAxisScale();
  if (x === undefined || y === undefined) return null;
  const places = rows.map((row) => x(row.x));
  const points = (key: string): Point[] =>
    rows.flatMap((row, i) => {
      const value = row[key];
      const place = places[i];
      const height = value == null ? undefined : y(value);
      return place === undefined || height === undefined ? [] : [[place, height] as const];
    });
  const line = (key: string) => linePath(points(key), stepped);
  const faint = (curve: Curve) => props.dimOthers && curve.arm.id !== props.chosenArm;
  const hovering = ({ arm }: Curve) => ({
    onMouseEnter: () => hoverArm(arm.id),
    onMouseLeave: () => hoverArm(null),
  });
  return (
    <g className="curves" fill="none" strokeLinejoin="round">
      {curves
        .filter((curve) => props.banded.includes(curve.key))
        .map((curve) => (
          <path
            key={`${curve.key} band`}
            className="band"
            d={bandPath(points(highKey(curve.key)), points(lowKey(curve.key)), stepped)}
            fill={armColour(curve.arm.colour)}
            fillOpacity={faint(curve) ? 0.06 : 0.14}
            {...hovering(curve)}
          />
        ))}
      {props.shadows &&
        curves.map((curve) => (
          <path
            key={`${curve.key} raw`}
            className="shadow"
            d={line(rawKey(curve.key))}
            stroke={armColour(curve.arm.colour)}
            strokeOpacity={0.3}
          />
        ))}
      {props.seeds.map(({ curve, seed }) => (
        <path
          key={seedKey(curve.key, seed)}
          className="seed"
          d={line(seedKey(curve.key, seed))}
          stroke={armColour(curve.arm.colour)}
          strokeOpacity={0.6}
          {...hovering(curve)}
        />
      ))}
      {curves.map((curve) => {
        const at = points(curve.key);
        const colour = armColour(curve.arm.colour);
        return (
          <g key={curve.key} {...hovering(curve)}>
            <path
              className="curve"
              d={linePath(at, stepped)}
              stroke={colour}
              strokeWidth={curve.arm.id === props.chosenArm ? 2.75 : 1.75}
              strokeDasharray={curve.dash ?? armDash(curve.arm.colour)}
              strokeOpacity={!monotonic || faint(curve) ? 0.6 : 1}
            />
            {(!monotonic || at.length === 1) && (
              <path d={dotsPath(at)} stroke={colour} strokeWidth={4.4} strokeLinecap="round" />
            )}
          </g>
        );
      })}
    </g>
  );
}
