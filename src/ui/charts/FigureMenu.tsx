import { useRef, useState } from 'react';
import { DropdownMenu } from 'radix-ui';
import { useExperiment } from '../../store/experiment';
import { series } from '../../store/series';
import { seriesCsv } from '../../store/series_csv';
import { useView } from '../../store/view';
import { armColour, armDash } from '../palette';
import { saveFile } from '../saveFile';
import { curvesOf, type Chart } from './chart';
import { FullScreen } from './FullScreen';
import { pictureOf, toPng, type Picture } from './picture';

/** What can be done with one chart: look at it large, save its numbers, save its picture. */
export function FigureMenu({ chart }: { chart: Chart }) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [full, setFull] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const savePng = async () => {
    const picture = capture(trigger.current, chart);
    if (picture === null) return;
    setProblem(null);
    try {
      saveFile(`${fileName(chart)}.png`, await toPng(picture));
    } catch {
      setProblem('The browser could not make the PNG. Save it as SVG instead.');
    }
  };
  const saveSvg = () => {
    const picture = capture(trigger.current, chart);
    if (picture !== null) saveFile(`${fileName(chart)}.svg`, svgFile(picture.svg));
  };

  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          ref={trigger}
          className="chart-menu-button"
          aria-label={`Menu of ${chart.title}`}
        >
          <span aria-hidden="true">⋯</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={12}>
            <DropdownMenu.Item className="menu-item" onSelect={() => setFull(true)}>
              Full screen
            </DropdownMenu.Item>
            <Saving
              onCsv={() => saveFile(`${fileName(chart)}.csv`, csvFile(chart))}
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
      {full && (
        <FullScreen
          chart={chart}
          onClose={() => setFull(false)}
          onClosed={() => trigger.current?.focus()}
        />
      )}
    </>
  );
}

function Saving(props: { onCsv: () => void; onSvg: () => void; onPng: () => void }) {
  const nothing = shownArms().every(({ id }) => series.of(id).length === 0);
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

function fileName({ id }: Chart): string {
  return `${id}-by-${useView.getState().axis}`;
}

function shownArms() {
  return useExperiment.getState().arms.filter((arm) => arm.visible);
}

function csvFile(chart: Chart): Blob {
  const metrics = chart.parts.map(({ metric }) => metric);
  const text = seriesCsv(series, shownArms(), metrics, useView.getState().axis);
  return new Blob([text], { type: 'text/csv;charset=utf-8' });
}

function svgFile(text: string): Blob {
  return new Blob([text], { type: 'image/svg+xml;charset=utf-8' });
}

/** The picture of the chart that the button belongs to; null before it is drawn. */
function capture(button: HTMLElement | null, chart: Chart): Picture | null {
  const plot = button?.closest('figure')?.querySelector<SVGSVGElement>('.plot .recharts-surface');
  if (plot == null) return null;
  const curves = curvesOf(chart, shownArms(), useView.getState().chosenArm);
  return pictureOf(plot, {
    title: chart.title,
    unit: chart.unit,
    legend: curves.map(({ name, arm, dash }) => ({
      name,
      colour: armColour(arm.colour),
      dash: dash ?? armDash(arm.colour),
    })),
  });
}
