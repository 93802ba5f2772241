import { scheduleForms, type ScheduleForm } from '../../recipe/schedule_forms';
import type { PositiveWeightSchedule, Recipe } from '../../recipe/recipe';
import { currentWeight, pinnedAt } from '../../store/weight';
import { series, useSeriesVersion } from '../../store/series';
import { useExperiment, type Arm } from '../../store/experiment';
import { setting } from '../format';

const SIDE = { 0: 'below', 1: 'above' } as const;

/** Says when an entropy-guided λ has reached its end and entropy goes where it goes. */
export function PinnedNote({ arm }: { arm: Arm }) {
  useSeriesVersion();
  const end = pinnedAt(series.of(arm.id));
  if (end === null) return null;
  return (
    <p className="weight-pinned small">
      λ is pinned at {end} and entropy is still {SIDE[end]} the target: this controller has nothing
      left to turn.
    </p>
  );
}

/** What the advantage of either sign is multiplied by in this arm: λ is one of the two. */
export function SignWeights({ arm }: { arm: Arm }) {
  useSeriesVersion();
  return (
    <dl className="sign-weights small">
      <div>
        <dt>good responses</dt>
        <dd>× {setting(currentWeight(arm, series.of(arm.id)))}</dd>
      </div>
      <div>
        <dt>bad responses</dt>
        <dd>× {setting(arm.recipe.negative_weight)}</dd>
      </div>
    </dl>
  );
}

/** What the arms' column λ leaves unsaid: how much bad responses count. */
export function BadResponsesNote() {
  const arms = useExperiment((state) => state.arms);
  return <p className="quiet small bad-responses">{badResponses(arms)}</p>;
}

/** How much bad responses count in every arm, in a sentence that names the arms that differ. */
export function badResponses(
  arms: readonly { readonly name: string; readonly recipe: Pick<Recipe, 'negative_weight'> }[],
): string {
  const weights = arms.map(({ recipe }) => recipe.negative_weight);
  const usual = weights.includes(1) ? 1 : (weights[0] ?? 1);
  const others = arms.filter(({ recipe }) => recipe.negative_weight !== usual);
  const named = others.map(({ name, recipe }) => `× ${setting(recipe.negative_weight)} in ${name}`);
  const rest = others.length === 0 ? 'in every arm' : 'in the others';
  return `λ multiplies good responses only. Bad ones count ${[...named, `× ${setting(usual)} ${rest}`].join(', ')}.`;
}

/** What moves λ where the slider does not: the schedule, its numbers and how it works. */
export function ScheduleNote({ schedule }: { schedule: PositiveWeightSchedule }) {
  const form: ScheduleForm = scheduleForms.positive_weight_schedule[schedule.kind];
  const values = Object.entries(schedule).flatMap(([key, value]) => {
    const field = form.fields[key];
    return field === undefined ? [] : [`${field.label}: ${setting(Number(value))}.`];
  });
  return (
    <>
      λ follows a schedule, <strong>{form.label}</strong>. {form.help} {values.join(' ')}
    </>
  );
}
