import { useExperiment } from '../../store/experiment';
import type { Lesson } from './lesson';

/** Whether the page shows the lesson's experiment; true of lessons that need none. */
export function useExperimentHere({ experiment }: Lesson): boolean {
  return useExperiment((state) => experiment === null || state.id === experiment);
}
