import { useId, useState } from 'react';
import { sameSetting } from '../../recipe/difference';
import type { RecipeKey } from '../../recipe/recipe';
import { knobOf } from '../../recipe/schema';
import { useExperiment, type Arm } from '../../store/experiment';
import { FORKABLE, forkProblem } from '../../store/fork';
import { forkPage, stepsAgain, useForkSteps, type ForkSteps } from '../../store/fork_page';
import { recipeAfter } from '../../store/kept_run';
import { useRun } from '../../store/run';
import { series } from '../../store/series';
import { useView } from '../../store/view';
import { draftOf, valueOf, type DraftValue } from '../arms/draft';
import { RecipeField } from '../arms/RecipeField';
import { Sheet } from '../dialog/Sheet';
import { duration, settingInWords } from '../format';
import { symbol } from '../charts/plot';
import { SettingPicker } from './SettingPicker';

/** Makes of one arm of the run on the page a run of two: as it was, and with one setting changed. */
export function ForkDialog({ onClose }: { onClose: () => void }) {
  const arms = useExperiment((state) => state.arms);
  const chosen = useView((state) => state.chosenArm);
  const steps = useForkSteps();
  const [arm, setArm] = useState(arms.some(({ id }) => id === chosen) ? chosen : arms[0]?.id);
  const parent = arms.find(({ id }) => id === arm) ?? arms[0];
  return (
    <Sheet
      title="Fork"
      about="Makes a run of two arms: one goes on as it was, the other with one setting changed. Both begin with the same weights and see the same prompts and draws. The run on the page stays in the library."
      className="fork-dialog"
      onClose={onClose}
    >
      {parent === undefined || steps === null ? (
        <p>There is no step of this run to fork from yet. Train a step first.</p>
      ) : (
        <ForkForm key={parent.id} {...{ parent, arms, steps, setArm, onClose }} />
      )}
    </Sheet>
  );
}

function ForkForm(props: {
  parent: Arm;
  arms: readonly Arm[];
  steps: ForkSteps;
  setArm: (id: string) => void;
  onClose: () => void;
}) {
  const { parent, arms, steps, setArm, onClose } = props;
  const total = useRun((state) => state.total);
  const ids = useId();
  const [from, setFrom] = useState(String(steps.kept.at(-1) ?? steps.last));
  const [key, setKey] = useState<RecipeKey>('positive_weight');
  const [draft, setDraft] = useState<DraftValue>(() => draftOf(knobOf(key), parent.recipe));
  const [until, setUntil] = useState<string | null>(null);
  const [ownName, setOwnName] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const step = Number(from);
  const wrongStep = stepProblem(step, steps);
  const then = recipeAfter(parent, series.marks, wrongStep === null ? step : steps.last);
  const knob = knobOf(key);
  const value = valueOf(knob, draft);
  const untilStep = until ?? String(step < total ? total : step + Math.ceil(total / 2));
  const problem =
    wrongStep ?? forkProblem(then, { ...{ setting: key, value, step }, steps: Number(untilStep) });
  const changed = !sameSetting(value, then[key]);
  const name = ownName ?? `${parent.name}, ${symbol(key)} ${settingInWords(value ?? null)}`;

  const fork = async () => {
    const [first] = await forkPage({
      arm: parent.id,
      setting: key,
      steps: Number(untilStep),
      ...{ step, value, name },
    });
    if (first === undefined) onClose();
    else setRefused(first.message);
  };

  return (
    <form
      className="fork-form"
      onSubmit={(event) => {
        event.preventDefault();
        void fork();
      }}
    >
      <label>
        Arm
        <select
          className="plain-select"
          value={parent.id}
          onChange={(event) => setArm(event.target.value)}
        >
          {arms.map((arm) => (
            <option key={arm.id} value={arm.id}>
              {arm.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        From step
        <input
          type="text"
          inputMode="numeric"
          autoComplete="off"
          value={from}
          aria-invalid={wrongStep !== null}
          aria-describedby={`${ids}step`}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        Train until step
        <input
          type="text"
          inputMode="numeric"
          autoComplete="off"
          value={untilStep}
          onChange={(event) => setUntil(event.target.value)}
        />
      </label>
      <p className="fork-step small quiet" id={`${ids}step`} aria-live="polite">
        {wrongStep ?? <Again steps={steps} step={step} />}
      </p>
      <SettingPicker
        knobs={FORKABLE}
        chosen={key}
        choose={(next) => {
          setKey(next);
          setDraft(draftOf(knobOf(next), parent.recipe));
          setRefused(null);
        }}
      />
      <RecipeField
        knob={knob}
        // A fork is a run of its own.
        marked={false}
        value={draft}
        problem={changed && wrongStep === null ? problem : null}
        base={null}
        change={setDraft}
        reset={() => undefined}
      />
      <label className="fork-name">
        Name of the new arm
        <input
          type="text"
          autoComplete="off"
          value={name}
          onChange={(event) => setOwnName(event.target.value)}
        />
      </label>
      <div className="fork-foot">
        <p className="small" role="alert">
          {refused}
        </p>
        <button type="submit" className="button button-main" disabled={problem !== null}>
          Fork
        </button>
      </div>
    </form>
  );
}

function stepProblem(step: number, { first, last }: ForkSteps): string | null {
  if (Number.isInteger(step) && step >= first && step <= last) return null;
  return first === last
    ? `Only step ${last} can be forked at.`
    : `A fork begins after one of the steps ${first} to ${last}.`;
}

/** What it takes to begin there. */
function Again({ steps, step }: { steps: ForkSteps; step: number }) {
  const seconds = useRun((state) => state.secondsPerStep);
  const again = stepsAgain(steps, step);
  if (again === 0) return 'The weights of this step are kept: the fork begins at once.';
  const time = seconds === null ? '' : `, ${duration(again * seconds)}`;
  const kept = steps.kept.length === 0 ? '' : ` Kept are the weights of ${steps.kept.join(', ')}.`;
  return `Trains ${again} ${again === 1 ? 'step' : 'steps'} again first${time}, with the same numbers.${kept}`;
}
