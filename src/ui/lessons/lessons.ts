import { collapse, diversity, rollouts } from './basics';
import { clipSelects, lowerClip } from './clipping';
import { bothSigns, onPolicy, oneUpdate, whoDrives } from './drivers';
import { dataDiversity, noisyRewards, offPolicy } from './factors';
import type { Lesson } from './lesson';
import { controller, hurts, paysLate, saturates, schedules, stepsAreNotSkill } from './regulating';

/** In teaching order. */
export const LESSONS: readonly Lesson[] = [
  rollouts,
  collapse,
  diversity,
  whoDrives,
  oneUpdate,
  bothSigns,
  clipSelects,
  lowerClip,
  offPolicy,
  onPolicy,
  dataDiversity,
  schedules,
  controller,
  saturates,
  stepsAreNotSkill,
  paysLate,
  hurts,
  noisyRewards,
];

export function lessonNamed(id: string | null): Lesson | undefined {
  return LESSONS.find((lesson) => lesson.id === id);
}
