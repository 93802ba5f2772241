import { Swatch } from '../Swatch';
import type { Curve, Row } from './plot';

/** The numbers under the pointer. recharts hands in `active` and `payload`. */
export function Readout(props: {
  curves: readonly Curve[];
  format: (value: number) => string;
  active?: boolean;
  payload?: readonly { payload?: Row }[];
}) {
  const row = props.payload?.[0]?.payload;
  if (!props.active || row === undefined) return null;
  return (
    <div className="tip">
      <div className="quiet">step {row.step}</div>
      <table role="presentation">
        <tbody>
          {props.curves.map((curve) => {
            const value = row[curve.key];
            if (value == null) return null;
            return (
              <tr key={curve.key}>
                <td>
                  <Swatch colour={curve.arm.colour} width={20} /> {curve.name}
                </td>
                <td>{props.format(value)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
