import { defaultExperiment } from '../recipe/presets';
import { chooseExperiment, COMMAND_LINE_ONLY, useCatalogue } from '../store/catalogue';
import { useExperiment, type Arm } from '../store/experiment';
import { useRun } from '../store/run';
import { ShareButton } from './ShareButton';

/**
 * Chooses the experiment, and says how much there is to train. A native select: the component library's needs inline
 * styles, which the page's content security policy forbids, and phones have a better list of their own.
 */
export function ExperimentPicker() {
  const { entries, loading, refusal } = useCatalogue();
  const id = useExperiment((state) => state.id);
  const name = useExperiment((state) => state.name);
  const software = useRun((state) => state.adapter?.software ?? false);
  const usual = defaultExperiment(software).name;
  // From a link, a file or a fork.
  const own = id === null && name !== '' && name !== usual;
  return (
    <div className="picker">
      <label htmlFor="experiment">Experiment</label>
      <select
        id="experiment"
        aria-describedby="experiment-size"
        value={loading ?? id ?? (own ? OWN : '')}
        onChange={(event) => {
          if (event.target.value !== OWN) void chooseExperiment(event.target.value || null);
        }}
      >
        {own && <option value={OWN}>{name}</option>}
        <option value="">{usual}</option>
        {entries
          .filter((entry) => !COMMAND_LINE_ONLY.includes(entry.id))
          .map((entry) => (
            <option key={entry.id} value={entry.id} title={entry.question}>
              {entry.name}
            </option>
          ))}
      </select>
      <span className="quiet small" id="experiment-size">
        <Size slow={software && id !== null} />
      </span>
      <ShareButton />
      <p className="picker-refusal small" aria-live="polite">
        {refusal}
      </p>
    </div>
  );
}

/** The value of the option for an experiment that is not of the catalogue; no id has a space. */
const OWN = 'this one';

/** How much the experiment trains, and what that means where there is no graphics processor. */
function Size({ slow }: { slow: boolean }) {
  const arms = useExperiment((state) => state.arms);
  const loading = useCatalogue((state) => state.loading !== null);
  if (loading) return 'loading';
  if (arms.length === 0) return null;
  return `${sizeOf(arms)}${slow ? '; slow without a graphics processor' : ''}`;
}

function sizeOf(arms: readonly Arm[]): string {
  const tasks = [...new Set(arms.map(({ recipe }) => recipe.task))].join(', ');
  const count = arms.length === 1 ? '1 arm' : `${arms.length} arms`;
  return `${count} × ${arms[0]?.recipe.steps ?? 0} steps on ${tasks}`;
}
