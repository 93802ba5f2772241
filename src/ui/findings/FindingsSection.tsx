import { Collapsible } from 'radix-ui';
import { lazy, Suspense } from 'react';
import { useView } from '../../store/view';

const EvaluationPanel = lazy(() =>
  import('./EvaluationPanel').then((module) => ({ default: module.EvaluationPanel })),
);
const MeasurePanel = lazy(() =>
  import('./MeasurePanel').then((module) => ({ default: module.MeasurePanel })),
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
        <Suspense fallback={<p className="quiet">Loading</p>}>
          <Body />
        </Suspense>
      </Collapsible.Content>
    </Collapsible.Root>
  ));
}
