import type { LiveSetting } from '../../recipe/live';
import type { Arm } from '../../store/experiment';
import { canTrain, useRun } from '../../store/run';
import { series, useSeriesVersion } from '../../store/series';

/** When a live setting acts: waiting for the next update, or in force since a step; nothing where it was not changed. */
export function Acts({ arm, setting }: { arm: Arm; setting: LiveSetting }) {
  useSeriesVersion();
  const training = useRun((state) => canTrain(state.status));
  const text = sentence(arm, setting, training);
  return text === null ? null : <strong className="acts">{text}</strong>;
}

function sentence(arm: Arm, setting: LiveSetting, training: boolean): string | null {
  if (setting in arm.pending) {
    return training ? 'Waiting for the next update.' : 'Acts after a reset.';
  }
  const mark = series.marks.findLast((m) => m.arm === arm.id && m.setting === setting);
  if (mark !== undefined) return `In force since step ${mark.step}.`;
  return null;
}
