import type { Recipe } from '../recipe/recipe';
import { isLive } from '../recipe/schema';
import { problemText } from '../recipe/untrusted';
import { diagnose, type Change, type Finding } from '../rl/diagnosis';
import type { MetricColumns } from '../rl/evidence';
import type { StepMetrics } from '../rl/metrics';
import { changeRecipe } from './edit';
import { setLive } from './engine';
import type { Arm } from './experiment';
import { useLesson } from './lesson';
import { taskOf } from './policies';
import { useRun } from './run';
import { series } from './series';

/** What a diagnosis reads; see rl/diagnosis.ts. */
const KEYS: readonly (keyof StepMetrics)[] = [
  'step',
  'entropy',
  'reward',
  'approx_kl',
  'grad_norm',
  'kl',
  'positive_weight',
  'ratio_max',
  'response_length',
  'saturated',
  'skipped_updates',
  'zero_variance_groups',
];

/** One finding, of every arm of which it says the same. */
export interface SharedFinding extends Finding {
  readonly arms: readonly Arm[];
}

/** What is wrong with the shown arms, the worst first. */
export function findingsOf(arms: readonly Arm[]): readonly SharedFinding[] {
  const shared: SharedFinding[] = [];
  for (const arm of arms.filter(({ visible }) => visible)) {
    for (const finding of diagnoseArm(arm)) {
      const at = shared.findIndex(
        ({ kind, text, change }) =>
          kind === finding.kind && text === finding.text && sameChange(change, finding.change),
      );
      const same = shared[at];
      if (same === undefined) shared.push({ ...finding, arms: [arm] });
      else shared[at] = { ...same, arms: [...same.arms, arm] };
    }
  }
  const rank = { alarm: 0, warning: 1, note: 2 };
  return shared.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

/** One press makes the same change in every arm, so arms that need different ones are told apart. */
const sameChange = (a: Change | null, b: Change | null) =>
  a?.key === b?.key && a?.value === b?.value;

function diagnoseArm(arm: Arm): readonly Finding[] {
  const measured = series.of(arm.id);
  const columns: MetricColumns = Object.fromEntries(KEYS.map((key) => [key, measured.view(key)]));
  const vocabulary = taskOf(arm.recipe).vocabulary.length;
  return diagnose({ recipe: arm.recipe, columns, from: firstRowSinceChange(arm), vocabulary });
}

/** What was trained before the last change by hand says nothing of the settings as they are now. */
function firstRowSinceChange(arm: Arm): number {
  const changed = Math.max(0, ...series.marks.filter((m) => m.arm === arm.id).map((m) => m.step));
  return series
    .of(arm.id)
    .view('step')
    .filter((step) => step < changed).length;
}

/** How a change would come about: while it trains, by starting all arms over, or by leaving the recorded run. */
export type ChangeWay = 'live' | 'restart' | 'leave-recording' | 'impossible';

export function wayOf({ key }: Change): ChangeWay {
  const { recorded, adapter } = useRun.getState();
  // A teacher's link may lock or hide the settings.
  const { locked, hidden } = useLesson.getState().teacher;
  if (locked || hidden.includes('controls')) return 'impossible';
  if (recorded !== null) return adapter === null ? 'impossible' : 'leave-recording';
  return isLive(key) ? 'live' : 'restart';
}

/** Makes the change in each arm; returns what is wrong, or null where it was taken. */
export function applyChange(arms: readonly Arm[], change: Change): string | null {
  const live = wayOf(change) === 'live';
  for (const { id } of arms) {
    if (live && isLive(change.key) && typeof change.value === 'number') {
      setLive(id, change.key, change.value, `diagnosis ${change.key}`);
      continue;
    }
    const settings: Partial<Recipe> = { [change.key]: change.value };
    const problems = changeRecipe(id, settings);
    if (problems.length > 0) return problemText(problems);
  }
  return null;
}
