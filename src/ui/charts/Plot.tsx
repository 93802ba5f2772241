import { lazy, Suspense } from 'react';
import type { LinePlotProps } from './LinePlot';

/** The chart library is most of the page's code: it comes in a file of its own, after the text can be read. */
const LinePlot = lazy(() => import('./LinePlot').then((module) => ({ default: module.LinePlot })));

/** A plot in a box of fixed height, so that nothing moves when it arrives. */
export function Plot({ empty, ...props }: LinePlotProps & { empty?: string | null }) {
  return (
    <div className="plot" data-points={props.rows.length}>
      <Suspense fallback={null}>
        <LinePlot {...props} />
      </Suspense>
      {empty != null && (
        <p className="plot-empty">
          <span>{empty}</span>
        </p>
      )}
    </div>
  );
}
