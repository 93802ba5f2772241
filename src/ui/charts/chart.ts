import type { MetricKey } from '../../store/columns';
import type { Arm } from '../../store/experiment';
import type { Curve } from './plot';

/** A column that a chart draws for every arm, or for the chosen one. */
export interface Part {
  readonly metric: MetricKey;
  /** Tells the parts of a chart apart; a chart of one part needs none. */
  readonly name?: string;
  readonly dash?: string;
}

/** Where a chart stands: on the page at once, or under a heading of "More charts". */
export type Place = 'page' | (typeof GROUPS)[number];
export const GROUPS = [
  'Learning',
  'Entropy drive',
  'Clipping',
  'Stability',
  'Advantages',
  'Controls',
] as const;

/** A chart, as data: whoever adds a metric adds an entry. Texts are after docs/metrics.md. */
export interface Chart {
  readonly id: string;
  /** The quantity: accessible names begin with it. */
  readonly title: string;
  readonly unit: string;
  readonly place: Place;
  readonly parts: readonly Part[];
  /** What it is and what to expect, in a sentence or two. */
  readonly help: string;
  /** The axis reaches at least this far up. */
  readonly least: number;
  /** No value lies above. */
  readonly most?: number;
  /** Under the pointer, in tables and in sentences. */
  readonly format: (value: number) => string;
  /** On the axis, with as many decimals as tell its ticks apart. */
  readonly formatTick: (value: number, decimals: number) => string;
  /** Values hold until the next step. */
  readonly stepped?: true;
  /** Many parts: the chosen arm's only. */
  readonly chosenOnly?: true;
  /** Said where the run has no number for it. */
  readonly absent?: string;
}

/** The curves of a chart: one for each part and arm. */
export function curvesOf(
  chart: Chart,
  arms: readonly Arm[],
  chosenArm: string | null,
): readonly Curve[] {
  const chosen = arms.filter((arm) => arm.id === chosenArm);
  const drawn = chart.chosenOnly !== true ? arms : chosen.length > 0 ? chosen : arms.slice(0, 1);
  return drawn.flatMap((arm) =>
    chart.parts.map(({ metric, name, dash }) => ({
      key: name === undefined ? arm.id : `${arm.id}:${metric}`,
      arm,
      name: name === undefined ? arm.name : `${arm.name}, ${name}`,
      metric,
      ...(dash !== undefined && { dash }),
    })),
  );
}
