import { useContext, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import { armColour } from '../palette';
import { useHover } from './hover';
import { OnScreen } from './onScreen';
import type { Curve } from './plot';
import type { Row } from './rows';
import { Turns } from './turns';

/**
 * The step under the pointer: a point on each curve. If the pointer is in another chart, also where the step lies and
 * what the chosen arm has there; the chart itself has a readout.
 */
export function HoverLayer(props: {
  chart: string;
  linked: boolean;
  curves: readonly Curve[];
  rows: readonly Row[];
  chosenArm: string | null;
  shared: boolean;
  format: (value: number) => string;
}) {
  const { chart, linked, curves, rows } = props;
  const onScreen = useContext(OnScreen);
  const own = useHover((state) => (state.chart === chart ? state.step : null));
  const linkedStep = useLinkedStep(chart, onScreen && linked);
  const here = own !== null;
  const step = own ?? linkedStep;
  const x = useXAxisScale();
  const y = useYAxisScale();
  const area = usePlotArea();
  if (step === null || x === undefined || y === undefined || area === undefined) return null;
  const points = curves.flatMap((curve) => {
    const row = nearest(rows, curve.key, step);
    const value = row?.[curve.key];
    if (row === null || value == null) return [];
    const at = x(row.x);
    const height = y(value);
    return at === undefined || height === undefined ? [] : [{ curve, value, at, height }];
  });
  const [first] = points;
  if (first === undefined) return null;
  const told = points.find(({ curve }) => curve.arm.id === props.chosenArm) ?? first;
  const leftward = told.at > area.x + area.width * 0.7;
  return (
    <g className="hover-layer" aria-hidden="true" pointerEvents="none">
      {!here && props.shared && (
        <line
          x1={first.at}
          x2={first.at}
          y1={area.y}
          y2={area.y + area.height}
          stroke="var(--rule-strong)"
        />
      )}
      {points.map(({ curve, at, height }) => (
        <circle key={curve.key} cx={at} cy={height} r={3.5} fill={armColour(curve.arm.colour)} />
      ))}
      {!here && (
        <text
          className="halo"
          x={leftward ? told.at - 6 : told.at + 6}
          y={area.y + 5}
          textAnchor={leftward ? 'end' : 'start'}
          style={{ fill: armColour(told.curve.arm.colour) }}
        >
          {props.format(told.value)}
        </text>
      )}
    </g>
  );
}

/** The cursors of other charts than the one that the pointer is in: some at a time, between frames. */
const others = new Turns((redraw) => setTimeout(redraw), 4);

/** The step that another chart shows under the pointer, in this chart's turn; null where none does. */
function useLinkedStep(chart: string, linked: boolean): number | null {
  const [step, setStep] = useState<number | null>(null);
  useEffect(() => {
    const wanted = () => {
      const state = useHover.getState();
      return linked && state.linked && state.chart !== chart ? state.step : null;
    };
    const follow = () => flushSync(() => setStep(wanted()));
    let last = wanted();
    const stop = useHover.subscribe(() => {
      const next = wanted();
      if (next !== last) others.ask(follow);
      last = next;
    });
    others.ask(follow);
    return () => {
      stop();
      others.forget(follow);
    };
  }, [chart, linked]);
  return step;
}

/** The row nearest to a step in which a curve has a value: a chart draws some rows of many. */
export function nearest(rows: readonly Row[], key: string, step: number): Row | null {
  let best: Row | null = null;
  for (const row of rows) {
    if (row[key] == null) continue;
    if (best === null || Math.abs(row.step - step) < Math.abs(best.step - step)) best = row;
  }
  return best;
}
