import { useExperiment } from '../../store/experiment';
import { useRun } from '../../store/run';
import { useView } from '../../store/view';
import { ArmsTable } from '../ArmsTable';
import { LiveSettings } from './LiveSettings';
import { WeightControl } from './WeightControl';

/** The arms, and the settings of the chosen one. */
export function Controls() {
  const chosen = useView((state) => state.chosenArm);
  const arm = useExperiment((state) => state.arms.find((candidate) => candidate.id === chosen));
  const disabled = useRun(({ status }) => status === 'connecting' || status === 'preparing');
  return (
    <div className="controls">
      <ArmsTable />
      {arm !== undefined && (
        <>
          <WeightControl arm={arm} disabled={disabled} />
          <LiveSettings arm={arm} disabled={disabled} />
        </>
      )}
    </div>
  );
}
