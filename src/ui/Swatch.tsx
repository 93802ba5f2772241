import { armColour, armDash } from './palette';

/** A stroke in the arm's colour and dash pattern, as its curves are drawn. */
export function Swatch(props: { colour: number; width?: number; dash?: string }) {
  const { colour, width = 30, dash = armDash(colour) } = props;
  return (
    <svg className="swatch" width={width} height="10" aria-hidden="true">
      <line
        x1="0"
        y1="5"
        x2={width}
        y2="5"
        stroke={armColour(colour)}
        strokeWidth="2.75"
        strokeDasharray={dash}
      />
    </svg>
  );
}
