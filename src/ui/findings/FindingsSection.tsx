import { Collapsible } from 'radix-ui';
import { useView } from '../../store/view';
import { part } from '../part';

const coming = <p className="quiet">Loading</p>;
const EvaluationPanel = part(
  'This part',
  () => import('./EvaluationPanel').then((module) => module.EvaluationPanel),
  { coming },
);
const MeasurePanel = part(
  'This part',
  () => import('./MeasurePanel').then((module) => module.MeasurePanel),
  { coming },
);

const PARTS = [
  {
    panel: 'evaluation',
    title: 'Held-out: how good, how diverse, how sure',
    Body: EvaluationPanel,
  },
  { panel: 'measures', title: 'Inside the update', Body: MeasurePanel },
] as const;

/** Evaluations and measurements, folded away until somebody asks. */
export function FindingsSection() {
  const open = useView((state) => state.open);
  const toggle = useView((state) => state.toggle);
  return PARTS.map(({ panel, title, Body }) => (
    <Collapsible.Root
      key={panel}
      className="section findings"
      id={panel}
      open={open[panel] ?? false}
      onOpenChange={() => toggle(panel)}
    >
      <h2>
        <Collapsible.Trigger className="fold-trigger">{title}</Collapsible.Trigger>
      </h2>
      <Collapsible.Content>
        <Body />
      </Collapsible.Content>
    </Collapsible.Root>
  ));
}
