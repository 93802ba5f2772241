import { useExperiment } from '../../store/experiment';
import { groupAt } from '../../store/group_history';
import { useMicroscope } from '../../store/microscope';
import { taskOf } from '../../store/policies';
import { useGroups } from '../../store/rollouts';
import { useView } from '../../store/view';
import { Swatch } from '../Swatch';
import { Group } from './Group';
import { MicroscopeBar } from './MicroscopeBar';
import { useWatch } from './useWatch';

/** The chosen arm's responses to one prompt: of the newest batch, or of one before. */
export function RolloutsPanel() {
  const chosen = useView((state) => state.chosenArm);
  const arm = useExperiment((state) => state.arms.find((candidate) => candidate.id === chosen));
  const at = useMicroscope((state) => state.at);
  const history = useGroups(chosen);
  const group = groupAt(history, at);
  const task = arm === undefined ? null : taskOf(arm.recipe);
  useWatch(chosen);
  return (
    <section className="section rollouts" aria-labelledby="rollouts-title">
      <div className="rollouts-head">
        <h2 id="rollouts-title">
          {at === null || group === null ? 'Rollouts now' : `Rollouts at step ${group.step}`}
        </h2>
        {arm !== undefined && (
          <span className="weight-arm">
            <Swatch colour={arm.colour} /> {arm.name}
          </span>
        )}
      </div>
      {task !== null && <p className="quiet">{task.description}</p>}
      {group === null || task === null ? (
        <p className="quiet">The responses to one prompt appear here when the policy has spoken.</p>
      ) : (
        <>
          <MicroscopeBar group={group} history={history} uniform={uniformEntropy(task)} />
          <Group group={group} task={task} uniform={uniformEntropy(task)} />
        </>
      )}
    </section>
  );
}

/** Nats. */
function uniformEntropy({ vocabulary }: { vocabulary: readonly string[] }): number {
  return Math.log(vocabulary.length);
}
