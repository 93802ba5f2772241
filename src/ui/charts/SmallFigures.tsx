import { chartsAt } from './catalogue';
import { ChartFigure } from './ChartFigure';

/** Reward, clip fraction and λ, below the entropy and on the same axis. */
export function SmallFigures() {
  return (
    <div className="smalls">
      {chartsAt('page')
        .filter(({ id }) => id !== 'entropy')
        .map((chart) => (
          <ChartFigure key={chart.id} chart={chart} level={3} />
        ))}
    </div>
  );
}
