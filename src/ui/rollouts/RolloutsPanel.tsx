import { useExperiment } from '../../store/experiment';
import { useGroup } from '../../store/rollouts';
import { useView } from '../../store/view';
import { taskNamed } from '../../tasks/registry';
import type { GroupView } from '../../worker/protocol';
import { Swatch } from '../Swatch';
import { distinctRollouts } from './distinct';
import { RolloutCard } from './RolloutCard';

/** Cards shown before "Show all": about two rows on a laptop. */
const FIRST_CARDS = 8;

/** The chosen arm's responses to one prompt of the newest batch. */
export function RolloutsPanel() {
  const chosen = useView((state) => state.chosenArm);
  const arm = useExperiment((state) => state.arms.find((candidate) => candidate.id === chosen));
  const group = useGroup(chosen);
  const task = arm === undefined ? null : taskNamed(arm.recipe.task);
  return (
    <section className="section" aria-labelledby="rollouts-title">
      <div className="rollouts-head">
        <h2 id="rollouts-title">Rollouts now</h2>
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
        <Group group={group} uniform={Math.log(task.vocabulary.length)} />
      )}
    </section>
  );
}

function Group({ group, uniform }: { group: GroupView; uniform: number }) {
  const all = useView((state) => state.open['rollouts'] ?? false);
  const toggle = useView((state) => state.toggle);
  const distinct = distinctRollouts(group.rollouts);
  const shown = all ? distinct : distinct.slice(0, FIRST_CARDS);
  const correct = group.rollouts.filter((rollout) => rollout.reward > 0).length;
  const total = group.rollouts.length;
  return (
    <>
      <p>
        Prompt <span className="prompt">{group.prompt.join(' ')}</span>,{' '}
        {group.step === 0 ? 'before training' : `at step ${group.step}`}: {correct} of {total}{' '}
        correct, {distinct.length} distinct.
        {(correct === 0 || correct === total) &&
          ' All rewards are equal, so every advantage is 0 and this prompt teaches nothing.'}
      </p>
      <p className="quiet small">
        Token tint is its entropy:{' '}
        <span className="scale">
          0 <i aria-hidden="true" /> {uniform.toFixed(2)} nats
        </span>
      </p>
      <ul className="cards">
        {shown.map((item) => (
          <RolloutCard key={item.key} distinct={item} uniform={uniform} />
        ))}
      </ul>
      {distinct.length > FIRST_CARDS && (
        <p>
          <button
            type="button"
            className="link-button"
            aria-expanded={all}
            onClick={() => toggle('rollouts')}
          >
            {all ? 'Show fewer' : `Show all ${distinct.length}`}
          </button>
        </p>
      )}
    </>
  );
}
