import { useRef, useState, type ReactNode } from 'react';
import { DropdownMenu } from 'radix-ui';
import { placeOf } from '../menuPlace';
import { saveFile } from '../saveFile';
import { pictureOf, toPng, type Caption, type Picture } from './picture';

/** What can be done with one figure: look at it large, save its numbers, save its picture. */
export function FigureMenu(props: {
  title: string;
  unit: string;
  /** Without its ending. Asked for when something is saved, as are the two below. */
  fileName: () => string;
  /** The numbers, as the text of a CSV file. */
  csv: () => string;
  legend: () => Caption['legend'];
  /** Whether there is nothing to save. Asked for when the menu opens. */
  isEmpty?: () => boolean;
  /** The figure as large as the window. */
  large: (closing: { onClose: () => void; onClosed: () => void }) => ReactNode;
}) {
  const { title, unit, fileName, csv, legend, isEmpty, large } = props;
  const trigger = useRef<HTMLButtonElement>(null);
  const [full, setFull] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const capture = () => pictureFrom(trigger.current, () => ({ title, unit, legend: legend() }));
  const savePng = async () => {
    const picture = capture();
    if (picture === null) return;
    setProblem(null);
    try {
      saveFile(`${fileName()}.png`, await toPng(picture));
    } catch {
      setProblem('The browser could not make the PNG. Save it as SVG instead.');
    }
  };
  const saveSvg = () => {
    const picture = capture();
    if (picture !== null) saveFile(`${fileName()}.svg`, fileOf(picture.svg, 'image/svg+xml'));
  };

  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          ref={trigger}
          className="chart-menu-button"
          aria-label={`Menu of ${title}`}
        >
          <span aria-hidden="true">⋯</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={placeOf(trigger.current)}>
          <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={12}>
            <DropdownMenu.Item className="menu-item" onSelect={() => setFull(true)}>
              Full screen
            </DropdownMenu.Item>
            <Saving
              isEmpty={isEmpty}
              onCsv={() => saveFile(`${fileName()}.csv`, fileOf(csv(), 'text/csv'))}
              onSvg={saveSvg}
              onPng={() => void savePng()}
            />
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {problem !== null && (
        <span className="small wrong" role="alert">
          {problem}
        </span>
      )}
      {full && large({ onClose: () => setFull(false), onClosed: () => trigger.current?.focus() })}
    </>
  );
}

function Saving(props: {
  isEmpty: (() => boolean) | undefined;
  onCsv: () => void;
  onSvg: () => void;
  onPng: () => void;
}) {
  const nothing = props.isEmpty?.() ?? false;
  return (
    <>
      <DropdownMenu.Separator className="menu-rule" />
      <DropdownMenu.Item className="menu-item" disabled={nothing} onSelect={props.onCsv}>
        Save as CSV
      </DropdownMenu.Item>
      <DropdownMenu.Item className="menu-item" disabled={nothing} onSelect={props.onSvg}>
        Save as SVG
      </DropdownMenu.Item>
      <DropdownMenu.Item className="menu-item" disabled={nothing} onSelect={props.onPng}>
        Save as PNG
      </DropdownMenu.Item>
    </>
  );
}

function fileOf(text: string, type: string): Blob {
  return new Blob([text], { type: `${type};charset=utf-8` });
}

/** Marks the drawing of a figure that recharts has not made. */
export const DRAWING = 'figure-drawing';

/** The picture of the figure that the button belongs to; null before it is drawn. */
function pictureFrom(button: HTMLElement | null, caption: () => Caption): Picture | null {
  const drawn = `.plot .recharts-surface, svg.${DRAWING}`;
  const plot = button?.closest('figure')?.querySelector<SVGSVGElement>(drawn);
  return plot == null ? null : pictureOf(plot, caption());
}
