import { Swatch } from '../Swatch';
import type { Curve } from './plot';

/** Which stroke is whose. */
export function Legend({ curves }: { curves: readonly Curve[] }) {
  return (
    <ul className="legend">
      {curves.map((curve) => (
        <li key={curve.key}>
          <Swatch
            colour={curve.arm.colour}
            width={24}
            {...(curve.dash !== undefined && { dash: curve.dash })}
          />
          {curve.name}
        </li>
      ))}
    </ul>
  );
}
