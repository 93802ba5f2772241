import { Collapsible } from 'radix-ui';
import { useView } from '../../store/view';
import { chartsAt } from './catalogue';
import { GROUPS } from './chart';
import { ChartFigure } from './ChartFigure';

const PANEL = 'more-charts';

/** Every other quantity, in groups; drawn only while it is open. */
export function MoreCharts() {
  const open = useView((state) => state.open[PANEL] ?? false);
  const toggle = useView((state) => state.toggle);
  return (
    <Collapsible.Root
      className="section more-charts"
      open={open}
      onOpenChange={() => toggle(PANEL)}
      asChild
    >
      <section aria-labelledby="more-charts">
        <h2 id="more-charts">
          <Collapsible.Trigger className="fold-trigger">More charts</Collapsible.Trigger>
        </h2>
        <Collapsible.Content>
          {GROUPS.map((group, i) => (
            <section key={group} className="chart-group" aria-labelledby={`chart-group-${i}`}>
              <h3 id={`chart-group-${i}`}>{group}</h3>
              <div className="smalls">
                {chartsAt(group).map((chart) => (
                  <ChartFigure key={chart.id} chart={chart} level={4} lazy explained />
                ))}
              </div>
            </section>
          ))}
        </Collapsible.Content>
      </section>
    </Collapsible.Root>
  );
}
