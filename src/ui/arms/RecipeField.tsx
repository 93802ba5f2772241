import { useEffect, useId } from 'react';
import { scheduleForms, type ScheduleForm } from '../../recipe/schedule_forms';
import type { PlacedKnob } from '../../recipe/schema';
import { refreshPolicies, usePolicies } from '../../store/policies';
import { TASK_NAMES } from '../../tasks/registry';
import { setting } from '../format';
import { scheduleDraft, type DraftValue, type ScheduleDraft } from './draft';

interface FieldProps {
  readonly knob: PlacedKnob;
  readonly value: DraftValue;
  /** In a sentence; null where the entry is in order. */
  readonly problem: string | null;
  /** Says whether a change acts on a running arm; false where there is none. */
  readonly marked?: boolean;
  /** What the experiment's base has, where that differs. */
  readonly base: string | null;
  readonly change: (value: DraftValue) => void;
  readonly reset: () => void;
}

/** One setting of a recipe: its entry, what it does, its usual range, and the way back to the base. */
export function RecipeField(props: FieldProps) {
  const { knob, value, problem, base, change, reset, marked = true } = props;
  const ids = useId();
  const described = `${ids}help`;
  return (
    <div className="recipe-field" data-changed={base !== null || undefined}>
      <div className="recipe-label">
        <label htmlFor={`${ids}input`}>{knob.label}</label>
        {marked && (
          <span className="recipe-acts">
            {knob.acts === 'live' ? 'acts while training' : 'starts all arms over'}
          </span>
        )}
      </div>
      <Entry
        id={`${ids}input`}
        described={described}
        wrong={problem !== null}
        {...{ knob, value, change }}
      />
      <p className="quiet small" id={described}>
        {problem === null ? (
          <>
            {knob.help} {usual(knob)}
          </>
        ) : (
          <span className="recipe-wrong" role="alert">
            {problem}
          </span>
        )}
      </p>
      {base !== null && (
        <p className="small recipe-base">
          Base: {base}.{' '}
          <button type="button" className="link-button" onClick={reset}>
            Reset {knob.label.toLowerCase()}
          </button>
        </p>
      )}
    </div>
  );
}

function usual(knob: PlacedKnob): string {
  if (knob.type !== 'number') return '';
  const [low, high] = knob.usual;
  return `Usual: ${setting(low)} to ${setting(high)}${knob.unit === null ? '' : ` ${knob.unit}`}.`;
}

interface EntryProps extends Pick<FieldProps, 'knob' | 'value' | 'change'> {
  readonly id: string;
  readonly described: string;
  readonly wrong: boolean;
}

function Entry({ id, described, wrong, knob, value, change }: EntryProps) {
  switch (knob.type) {
    case 'version':
      return null;
    case 'choice':
      return (
        <Choice
          {...{ id, described, change }}
          value={typeof value === 'string' ? value : ''}
          choices={knob.choices.map((choice) => [choice, choice])}
        />
      );
    case 'policy':
      return (
        <PolicyChoice
          {...{ id, described, change }}
          value={typeof value === 'string' ? value : ''}
        />
      );
    case 'schedule':
      return typeof value === 'object' && value !== null ? (
        <Schedule {...{ id, described, knob, change }} value={value} />
      ) : null;
    case 'number':
      return (
        <span className="recipe-number">
          {knob.nullable && (
            <label className="small">
              <input
                type="checkbox"
                checked={value !== null}
                onChange={(event) => change(event.target.checked ? String(knob.usual[0]) : null)}
              />
              on
            </label>
          )}
          <input
            id={id}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            value={typeof value === 'string' ? value : ''}
            placeholder={value === null ? 'off' : ''}
            disabled={value === null}
            aria-invalid={wrong}
            aria-describedby={described}
            onChange={(event) => change(event.target.value)}
          />
        </span>
      );
  }
}

/** The base policies of the tasks, and those that were imported. */
function PolicyChoice(props: {
  id: string;
  described: string;
  value: string;
  change: (value: string) => void;
}) {
  const entries = usePolicies((state) => state.entries);
  useEffect(() => void refreshPolicies(), []);
  const own = (entries ?? []).map(({ id, name }) => [id, `${name} (${id})`] as const);
  return (
    <>
      <Choice {...props} choices={[...TASK_NAMES.map((name) => [name, name] as const), ...own]} />
      <span className="quiet small">Others are imported under Policies, in the commands.</span>
    </>
  );
}

function Choice(props: {
  id: string;
  described: string;
  value: string;
  /** Values with their labels. */
  choices: readonly (readonly [value: string, label: string])[];
  change: (value: string) => void;
}) {
  return (
    <select
      id={props.id}
      className="plain-select"
      aria-describedby={props.described}
      value={props.value}
      onChange={(event) => props.change(event.target.value)}
    >
      {props.choices.map(([choice, label]) => (
        <option key={choice} value={choice}>
          {label}
        </option>
      ))}
    </select>
  );
}

function Schedule(props: {
  id: string;
  described: string;
  knob: PlacedKnob & { type: 'schedule' };
  value: ScheduleDraft;
  change: (value: ScheduleDraft) => void;
}) {
  const { id, described, knob, value, change } = props;
  const forms: Readonly<Record<string, ScheduleForm>> = scheduleForms[knob.form];
  const form = forms[value.kind];
  return (
    <div className="recipe-schedule">
      <select
        id={id}
        className="plain-select"
        aria-describedby={described}
        value={value.kind}
        onChange={(event) => change(scheduleDraft(knob, event.target.value))}
      >
        {Object.entries(forms).map(([kind, { label }]) => (
          <option key={kind} value={kind}>
            {label}
          </option>
        ))}
      </select>
      {form !== undefined && <p className="quiet small">{form.help}</p>}
      {Object.entries(form?.fields ?? {}).map(([key, field]) => (
        <label key={key} className="recipe-part small" title={field.help}>
          {field.label}
          <input
            type="text"
            inputMode="decimal"
            autoComplete="off"
            value={value.fields[key] ?? ''}
            onChange={(event) =>
              change({ ...value, fields: { ...value.fields, [key]: event.target.value } })
            }
          />
        </label>
      ))}
    </div>
  );
}
