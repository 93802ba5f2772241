import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { differingKeys } from '../../recipe/difference';
import { KNOB_GROUPS, type KnobGroup } from '../../recipe/knob';
import { isOwnPolicy } from '../../recipe/own_policy';
import type { RecipeKey } from '../../recipe/recipe';
import { schema, type PlacedKnob } from '../../recipe/schema';
import { changeRecipe, recipeProblems } from '../../store/edit';
import { startsOver } from '../../store/engine';
import { useExperiment, type Arm } from '../../store/experiment';
import { unfit } from '../../store/policies';
import { useRun } from '../../store/run';
import { DialogHead } from '../dialog/DialogHead';
import { settingInWords } from '../format';
import { changesOf, draftOf, draftProblem, type Draft, type DraftValue } from './draft';
import { RecipeField } from './RecipeField';

const GROUPS: Readonly<Record<KnobGroup, string>> = {
  run: 'Run',
  rollouts: 'Rollouts',
  rewards: 'Rewards',
  updates: 'Updates',
  advantage: 'Advantage and its weight',
  clipping: 'Clipping',
  tokens: 'Selection of tokens',
  regularisation: 'Regularisation',
  optimiser: 'Optimiser',
};

/** Seeds belong to the experiment, and the version to the file. */
const KNOBS = schema.filter(({ key }) => key !== 'seed' && key !== 'version');

interface Opened {
  readonly arm: Arm;
  readonly close: () => void;
  /** Puts the focus back: the menu that opened the dialog is gone. */
  readonly closed: () => void;
}

/** Every setting of one arm, by group, searchable, with what differs from the experiment's base. */
export function RecipeDialog({ arm, close, closed }: Opened) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        {/* Not radix's Overlay: see Sheet. */}
        <div className="dialog-shade" />
        <Dialog.Content
          className="dialog recipe-dialog"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            closed();
          }}
        >
          <RecipeForm arm={arm} close={close} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function RecipeForm({ arm, close }: Omit<Opened, 'closed'>) {
  const base = useExperiment((state) => state.base);
  const trained = useRun((state) => state.step > 0);
  const [draft, setDraft] = useState<Draft>({});
  const [search, setSearch] = useState('');
  const [changedOnly, setChangedOnly] = useState(false);
  const [refused, setRefused] = useState<readonly string[]>([]);

  const entry = (knob: PlacedKnob): DraftValue => {
    const drafted = draft[knob.key];
    return drafted === undefined ? draftOf(knob, arm.recipe) : drafted;
  };
  const put = (key: RecipeKey, value: DraftValue) => {
    setRefused([]);
    // Each task has a base policy of its own name; an imported one may play several.
    const keeps = (task: string) =>
      isOwnPolicy(arm.recipe.policy) && unfit(arm.recipe.policy, task) === null;
    const policy =
      key === 'task' && typeof value === 'string' && !keeps(value) ? { policy: value } : {};
    setDraft({ ...draft, ...policy, [key]: value });
  };
  const wrong = KNOBS.filter(
    (knob) => draft[knob.key] !== undefined && draftProblem(knob, entry(knob)) !== null,
  );
  const changes = wrong.length > 0 ? {} : changesOf(KNOBS, draft, arm.recipe);
  const now = { ...arm.recipe, ...changes };
  const keys = differingKeys(now, base);
  const differing = KNOBS.filter(({ key }) => keys.includes(key));
  const shown = KNOBS.filter(
    (knob) => matches(knob, search) && (!changedOnly || differing.includes(knob)),
  );
  const restarts = trained && startsOver(changes);

  const apply = () => {
    const problems = recipeProblems(arm, changes);
    if (problems.length > 0) return setRefused(problems.map(({ message }) => message));
    changeRecipe(arm.id, changes);
    close();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong.length === 0) apply();
      }}
    >
      <DialogHead>Settings of {arm.name}</DialogHead>
      <div className="recipe-tools">
        <input
          type="search"
          aria-label="Search the settings"
          placeholder="Search the settings"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <label className="small">
          <input
            type="checkbox"
            checked={changedOnly}
            onChange={(event) => setChangedOnly(event.target.checked)}
          />
          only the {differing.length} that {differing.length === 1 ? 'differs' : 'differ'} from the
          base
        </label>
      </div>
      <div className="dialog-body">
        {KNOB_GROUPS.map((group) => {
          const own = shown.filter((knob) => knob.group === group);
          if (own.length === 0) return null;
          return (
            <section key={group} aria-label={GROUPS[group]}>
              <h3>{GROUPS[group]}</h3>
              <div className="recipe-fields">
                {own.map((knob) => (
                  <RecipeField
                    key={knob.key}
                    knob={knob}
                    value={entry(knob)}
                    problem={draft[knob.key] === undefined ? null : draftProblem(knob, entry(knob))}
                    base={differing.includes(knob) ? settingInWords(base[knob.key]) : null}
                    change={(value) => put(knob.key, value)}
                    reset={() => put(knob.key, draftOf(knob, base))}
                  />
                ))}
              </div>
            </section>
          );
        })}
        {shown.length === 0 && (
          <p className="quiet">
            {changedOnly && search === ''
              ? 'Nothing differs from the base.'
              : 'No setting is called that.'}
          </p>
        )}
      </div>
      <footer className="dialog-foot">
        <div className="small" aria-live="polite">
          {refused.map((message) => (
            <p key={message} className="recipe-wrong">
              {message}
            </p>
          ))}
          {restarts && refused.length === 0 && (
            <p className="quiet">
              Starts all arms over at step 0, so that they stay comparable. Undo brings the settings
              back.
            </p>
          )}
        </div>
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button
          type="submit"
          className="button button-main"
          disabled={wrong.length > 0 || Object.keys(changes).length === 0}
        >
          {restarts ? 'Apply and start over' : 'Apply'}
        </button>
      </footer>
    </form>
  );
}

function matches(knob: PlacedKnob, search: string): boolean {
  const text = `${knob.label} ${knob.key} ${knob.help}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
