import { Dialog } from 'radix-ui';
import { useMedia } from '../theme';
import type { Chart } from './chart';
import { AXES, ChartPlot } from './ChartPlot';
import { MOST_POINTS } from './drawing';
import { Legend } from './Legend';
import { isShared } from './look';
import { LookNote } from './LookNote';
import { useDrawing } from './useDrawing';

/**
 * One chart as large as the window. Without radix's Overlay: it stops the page from scrolling by a style element, which
 * the page's content security policy refuses; charts.css does the same with :has().
 */
export function FullScreen(props: {
  chart: Chart;
  onClose: () => void;
  /** Puts the focus back where it was. */
  onClosed: () => void;
}) {
  const { chart, onClose, onClosed } = props;
  const drawing = useDrawing(chart, MOST_POINTS.large, true);
  const wide = useMedia('(min-width: 640px)');
  const endLabels = wide && isShared(drawing.axis) && chart.parts.length === 1;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          className="full-screen"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
        >
          <figure aria-label={`${chart.title} ${chart.unit}`}>
            <div className="figure-head">
              <Dialog.Title>{chart.title}</Dialog.Title>
              <span className="unit">{chart.unit}</span>
              <div className="figure-tools">
                <Dialog.Close className="link-button">Close</Dialog.Close>
              </div>
            </div>
            <LookNote />
            {!endLabels && <Legend curves={drawing.curves} />}
            <ChartPlot
              chart={chart}
              drawing={drawing}
              hover={`${chart.id}, large`}
              xUnit={AXES[drawing.axis]}
              endLabels={endLabels}
              waiting="Nothing is trained yet."
            />
            <Dialog.Description className="caption">{chart.help}</Dialog.Description>
          </figure>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
