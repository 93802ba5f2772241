import { ToggleGroup } from 'radix-ui';
import { goLive } from '../store/engine';
import { useExperiment } from '../store/experiment';
import { openRecording } from '../store/replay';
import { useRun, type RunState } from '../store/run';

/** Whether the page trains by itself or plays the recorded run of the experiment. */
export function SourceToggle() {
  const recorded = useRun((state) => state.recorded !== null);
  const canTrain = useRun((state) => state.adapter !== null);
  // Recorded numbers wait for no GPU, only for an experiment.
  const nothing = useExperiment((state) => state.arms.length === 0);
  return (
    <ToggleGroup.Root
      className="toggles"
      type="single"
      aria-label="Source of the numbers"
      value={recorded ? 'recorded' : 'live'}
      onValueChange={(value) => {
        if (value === 'recorded') void openRecording();
        else if (value === 'live') goLive();
      }}
    >
      <ToggleGroup.Item className="toggle" value="live" disabled={!canTrain}>
        Live
      </ToggleGroup.Item>
      <ToggleGroup.Item className="toggle" value="recorded" disabled={nothing && !recorded}>
        Recorded
      </ToggleGroup.Item>
    </ToggleGroup.Root>
  );
}

/** Where a recorded run comes from, in a few words; null while the page trains. */
export function sourceInWords({ recorded }: Pick<RunState, 'recorded'>): string | null {
  if (recorded === null) return null;
  const { adapter, finished_at } = recorded.made;
  const day = new Date(finished_at).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `recorded on ${day}, ${adapter.software ? 'without a graphics processor' : adapter.description}`;
}
