import type { Measure } from '../../recipe/measure';
import { measureOnTheWay } from '../../store/ask';
import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';

const CADENCES = [1, 2, 5, 10, 20];
export const USUAL_CADENCE = 5;
const OWN = 'own';

/** Every how many steps a plan measures; null of none, or of one with steps of its own. */
export function cadenceOf(measure: Measure | null): number | null {
  if (measure === null) return null;
  const [first, second] = measure.at;
  const every = second ?? 0;
  const even = first === 0 && measure.at.every((step, i) => step === i * every);
  return even && CADENCES.includes(every) ? every : null;
}

/** How often what is ticked below is measured while the arms train. */
export function OnTheWay() {
  const measure = useExperiment((state) => state.measure);
  const recorded = useRun((state) => state.recorded !== null);
  if (measure === null) return null;
  const cadence = cadenceOf(measure);
  return (
    <p className="small">
      <label>
        What is ticked is measured{' '}
        <select
          className="plain-select"
          disabled={recorded}
          value={cadence ?? OWN}
          onChange={(event) => measureOnTheWay(measure.kinds, Number(event.target.value))}
        >
          {cadence === null && <option value={OWN}>after steps {stepsInWords(measure.at)}</option>}
          {CADENCES.map((every) => (
            <option key={every} value={every}>
              {every === 1 ? 'after every step' : `every ${every} steps`}
            </option>
          ))}
        </select>
      </label>{' '}
      while the arms train, on {measure.prompts} × {measure.samples} responses; each time costs as
      much as a few steps.
    </p>
  );
}

function stepsInWords(steps: readonly number[]): string {
  const shown = steps.slice(0, 6).join(', ');
  return steps.length > 6 ? `${shown} …` : shown;
}
