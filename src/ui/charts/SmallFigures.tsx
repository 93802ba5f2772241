import type { MetricKey } from '../../store/columns';
import type { Arm } from '../../store/experiment';
import { series } from '../../store/series';
import { useView } from '../../store/view';
import { decimal, percent, setting } from '../format';
import { armDash } from '../palette';
import { DataTable } from './DataTable';
import { Figure } from './Figure';
import { highest, lowest, ticksOver, type Curve } from './plot';
import { Plot } from './Plot';
import { curveOf, MOST_POINTS, useCurves } from './useCurves';

interface Small {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly toCurves: (arms: readonly Arm[]) => readonly Curve[];
  /** The axis reaches at least this far up. */
  readonly least: number;
  readonly format: (value: number) => string;
  readonly formatTick: (value: number) => string;
}

const clip = (arm: Arm, metric: MetricKey, side: string, dash: string): Curve => ({
  key: `${arm.id}:${side}`,
  arm,
  name: `${arm.name}, ${side}`,
  metric,
  dash,
});

const SMALLS: readonly Small[] = [
  {
    id: 'reward',
    title: 'Reward',
    unit: 'share of correct responses',
    toCurves: (arms) => arms.map(curveOf('reward')),
    least: 0.98,
    format: (value) => decimal(value, 3),
    formatTick: (value) => decimal(value, 1),
  },
  {
    id: 'clip',
    title: 'Clip fraction',
    unit: 'solid: high, dotted: low',
    toCurves: (arms) =>
      arms.flatMap((arm) => [
        clip(arm, 'clip_high_fraction', 'high', armDash(0)),
        clip(arm, 'clip_low_fraction', 'low', '2.5 3'),
      ]),
    least: 0.04,
    format: percent,
    formatTick: (value) => `${Number((value * 100).toFixed(1))}%`,
  },
  {
    id: 'lambda',
    title: 'Lambda',
    unit: 'positive-advantage weight, λ',
    toCurves: (arms) => arms.map(curveOf('positive_weight')),
    least: 1.46,
    format: setting,
    formatTick: setting,
  },
];

/** Reward, clip fraction and λ, on the same steps as the entropy above them. */
export function SmallFigures() {
  return (
    <div className="smalls">
      {SMALLS.map((small) => (
        <SmallFigure key={small.id} small={small} />
      ))}
    </div>
  );
}

function SmallFigure({ small }: { small: Small }) {
  const chosenArm = useView((state) => state.chosenArm);
  const plotted = useCurves(small.toCurves, 'step', MOST_POINTS.small);
  const top = highest(series, plotted.curves, small.least);
  const low = lowest(series, plotted.curves);
  return (
    <Figure
      id={small.id}
      title={small.title}
      unit={small.unit}
      level={3}
      data={() => (
        <DataTable
          caption={`${small.title} (${small.unit})`}
          axis="step"
          curves={plotted.curves}
          rows={plotted.rows}
          format={small.format}
        />
      )}
    >
      <Plot
        {...plotted}
        chosenArm={chosenArm}
        yTicks={ticksOver(low, top * 1.02)}
        dimOthers={small.id === 'clip'}
        stepped={small.id === 'lambda'}
        formatY={small.formatTick}
        formatValue={small.format}
      />
    </Figure>
  );
}
