import { part } from '../part';
import type { LinePlotProps } from './LinePlot';

/** The chart library is most of the page's code: it comes in a file of its own, after the text can be read. */
const LinePlot = part('The chart', () => import('./LinePlot').then((module) => module.LinePlot));

/** A plot in a box of fixed height, so that nothing moves when it arrives. */
export function Plot({ empty, ...props }: LinePlotProps & { empty?: string | null }) {
  return (
    <div className="plot" data-points={props.rows.length}>
      <LinePlot {...props} />
      {empty != null && (
        <p className="plot-empty">
          <span>{empty}</span>
        </p>
      )}
    </div>
  );
}
