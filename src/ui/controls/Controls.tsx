import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';
import { useView } from '../../store/view';
import { ArmsTable } from '../arms/ArmsTable';
import { LiveSettings } from './LiveSettings';
import { WeightControl } from './WeightControl';
import { BadResponsesNote } from './WeightNotes';

/** The slider, which acts on the chosen arm, then the arms to choose from and the chosen one's other settings. */
export function Controls() {
  const chosen = useView((state) => state.chosenArm);
  const arm = useExperiment((state) => state.arms.find((candidate) => candidate.id === chosen));
  const recorded = useRun((state) => state.recorded !== null);
  const trainable = useRun((state) => state.adapter !== null);
  const waiting = useRun(({ status }) => status === 'connecting' || status === 'preparing');
  const disabled = waiting || recorded;
  return (
    <div className="controls">
      {arm !== undefined && <WeightControl arm={arm} disabled={disabled} />}
      {recorded && (
        <p className="quiet small">
          A recorded run: settings stay as they were.{' '}
          {trainable ? 'Switch to Live to change them.' : 'Changing them needs WebGPU.'}
        </p>
      )}
      <div>
        <ArmsTable />
        <BadResponsesNote />
      </div>
      {arm !== undefined && <LiveSettings arm={arm} disabled={disabled} />}
    </div>
  );
}
