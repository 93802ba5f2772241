import { scheduleForms, type ScheduleForm } from '../../recipe/schedule_forms';
import type { PositiveWeightSchedule } from '../../recipe/recipe';
import { pinnedAt } from '../../store/weight';
import { series, useSeriesVersion } from '../../store/series';
import type { Arm } from '../../store/experiment';
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
