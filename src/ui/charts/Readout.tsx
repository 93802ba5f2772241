import { useEffect } from 'react';
import { Swatch } from '../Swatch';
import { hoverStep, leave } from './hover';
import type { Curve } from './plot';
import { highKey, lowKey, type Row } from './rows';

/** The numbers under the pointer. recharts hands in `active` and `payload`. */
export function Readout(props: {
  curves: readonly Curve[];
  format: (value: number) => string;
  /** The chart's name; the other charts are told of the step where it is linked. */
  hover: string;
  linked: boolean;
  active?: boolean;
  payload?: readonly { payload?: Row }[];
}) {
  const { hover, linked, curves, format } = props;
  const row = props.active ? props.payload?.[0]?.payload : undefined;
  const step = row?.step ?? null;
  useEffect(() => {
    if (step === null) leave(hover);
    else hoverStep(hover, linked, step);
  }, [hover, linked, step]);
  useEffect(() => () => leave(hover), [hover]);
  if (row === undefined) return null;
  const ranged = curves.some((curve) => row[lowKey(curve.key)] != null);
  return (
    <div className="tip">
      <div className="quiet">
        step {row.step}
        {ranged && ', mean and lowest to highest seed'}
      </div>
      <table role="presentation">
        <tbody>
          {curves.map((curve) => {
            const value = row[curve.key];
            if (value == null) return null;
            const low = row[lowKey(curve.key)];
            const high = row[highKey(curve.key)];
            return (
              <tr key={curve.key}>
                <td>
                  <Swatch colour={curve.arm.colour} width={20} /> {curve.name}
                </td>
                <td>{format(value)}</td>
                {ranged && (
                  <td className="quiet">
                    {low != null && high != null && `${format(low)} to ${format(high)}`}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
