import type { MetricKey } from '../../store/columns';
import { CHARTS } from '../charts/catalogue';
import { GROUPS, type Chart, type Part } from '../charts/chart';

/** What two arms can be compared in: every curve that the page can draw. */
export interface Quantity {
  readonly metric: MetricKey;
  /** "Entropy", "Clip fraction (high)". */
  readonly label: string;
  /** After a number in a sentence, with its space; empty where it has none. */
  readonly unit: string;
  /** Where its chart stands. */
  readonly group: string;
}

const UNITS: Readonly<Partial<Record<MetricKey, string>>> = {
  entropy: ' nats',
  kl: ' nats',
  approx_kl: ' nats',
  response_length: ' tokens',
  zero_variance_groups: ' groups',
  replaced_groups: ' groups',
  skipped_updates: ' updates',
};

const labelOf = ({ title }: Chart, { name }: Part) =>
  name === undefined ? title : `${title} (${name})`;

/** In the order of the charts. */
export const QUANTITIES: readonly Quantity[] = CHARTS.flatMap((chart: Chart) =>
  chart.parts.map((part) => ({
    metric: part.metric,
    label: labelOf(chart, part),
    unit: UNITS[part.metric] ?? '',
    group: chart.place === 'page' ? 'Main charts' : chart.place,
  })),
);

/** As the page has them: the main charts first. */
export const QUANTITY_GROUPS: readonly string[] = ['Main charts', ...GROUPS];

export function quantityNamed(metric: MetricKey): Quantity {
  const found = QUANTITIES.find((quantity) => quantity.metric === metric);
  return found ?? { metric, label: metric, unit: '', group: '' };
}

/** Some quantities in the order of the charts. */
export function inOrder(chosen: readonly MetricKey[]): MetricKey[] {
  return QUANTITIES.map(({ metric }) => metric).filter((metric) => chosen.includes(metric));
}

const ofAllArms = ({ chosenOnly: _, ...chart }: Chart): Chart => ({
  ...chart,
  unit: chart.unit.replace(/^chosen arm, /, ''),
});

/** The charts that show some quantities, each with those of its curves alone; of all arms, not of the chosen one. */
export function chartsOf(chosen: readonly MetricKey[]): Chart[] {
  return CHARTS.flatMap((whole: Chart) => {
    const chart = ofAllArms(whole);
    const parts = chart.parts.filter(({ metric }) => chosen.includes(metric));
    const [part] = parts;
    if (part === undefined) return [];
    if (parts.length > 1) return [{ ...chart, parts }];
    if (part.name === undefined) return [{ ...chart, parts }];
    // What tells the curves of the whole chart apart says nothing of one.
    const unit = (UNITS[part.metric] ?? '').trim();
    return [{ ...chart, unit, title: labelOf(whole, part), parts: [{ metric: part.metric }] }];
  });
}
