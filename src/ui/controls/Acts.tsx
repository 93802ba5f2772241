import type { LiveSetting } from '../../recipe/live';
import type { Arm } from '../../store/experiment';
import { series, useSeriesVersion } from '../../store/series';

/** When a live setting acts: waiting, in force since a step, or at the next update. */
export function Acts({ arm, setting }: { arm: Arm; setting: LiveSetting }) {
  useSeriesVersion();
  return <strong className="acts">{sentence(arm, setting)}</strong>;
}

function sentence(arm: Arm, setting: LiveSetting): string {
  if (setting in arm.pending) return 'Acts at this arm’s next update.';
  const mark = series.marks.findLast((m) => m.arm === arm.id && m.setting === setting);
  if (mark !== undefined) return `In force since step ${mark.step}.`;
  return 'A change acts at this arm’s next update.';
}
