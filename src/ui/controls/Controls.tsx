import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';
import { useView } from '../../store/view';
import { ArmsTable } from '../arms/ArmsTable';
import { LiveSettings } from './LiveSettings';
import { WeightControl } from './WeightControl';

/** The arms, and the settings of the chosen one. */
export function Controls() {
  const chosen = useView((state) => state.chosenArm);
  const arm = useExperiment((state) => state.arms.find((candidate) => candidate.id === chosen));
  const recorded = useRun((state) => state.recorded !== null);
  const trainable = useRun((state) => state.adapter !== null);
  const waiting = useRun(({ status }) => status === 'connecting' || status === 'preparing');
  const disabled = waiting || recorded;
  return (
    <div className="controls">
      <ArmsTable />
      {recorded && (
        <p className="quiet small">
          A recorded run: settings stay as they were.{' '}
          {trainable ? 'Switch to Live to change them.' : 'Changing them needs WebGPU.'}
        </p>
      )}
      {arm !== undefined && (
        <>
          <WeightControl arm={arm} disabled={disabled} />
          <LiveSettings arm={arm} disabled={disabled} />
        </>
      )}
    </div>
  );
}
