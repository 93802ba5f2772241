import { Fragment } from 'react';
import { useMicroscope } from '../../store/microscope';
import { useView } from '../../store/view';
import type { Task } from '../../tasks/task';
import type { GroupView } from '../../worker/protocol';
import { scaleOf } from './colouring';
import { distinctRollouts } from './distinct';
import { Overview } from './Overview';
import { RolloutCard } from './RolloutCard';
import { shownColouring } from './shownColouring';
import { TokenDetail } from './TokenDetail';

/** Cards shown before "Show all": about two rows on a laptop. */
const FIRST_CARDS = 8;

/** The responses to one prompt: all at a glance, then each distinct one. */
export function Group(props: {
  group: GroupView;
  task: Task;
  /** Entropy of a uniform policy, nats. */
  uniform: number;
}) {
  const { group, task, uniform } = props;
  const all = useView((state) => state.open['rollouts'] ?? false);
  const toggle = useView((state) => state.toggle);
  const { colouring, chosen, open } = useMicroscope();
  const shown = shownColouring(colouring, group);
  const scale = scaleOf(shown, group, uniform);
  const distinct = distinctRollouts(group.rollouts);
  const cards = all ? distinct : distinct.slice(0, FIRST_CARDS);
  return (
    <>
      <Summary group={group} distinct={distinct.length} />
      <div className="rollouts-body">
        <Overview rollouts={group.rollouts} />
        <div>
          <ul className="cards">
            {cards.map((item, i) => {
              const token = chosen?.response === item.key ? chosen.token : null;
              const choose = (next: number | null) =>
                open(next === null ? null : { response: item.key, token: next }, group.step);
              return (
                <Fragment key={item.key}>
                  <RolloutCard
                    distinct={item}
                    number={i + 1}
                    colouring={shown}
                    scale={scale}
                    chosen={token}
                    onChoose={choose}
                  />
                  {token !== null && token < item.rollout.tokens.length && (
                    <TokenDetail
                      group={group}
                      distinct={item}
                      number={i + 1}
                      token={token}
                      vocabulary={task.vocabulary}
                      onClose={() => choose(null)}
                    />
                  )}
                </Fragment>
              );
            })}
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
        </div>
      </div>
    </>
  );
}

function Summary({ group, distinct }: { group: GroupView; distinct: number }) {
  const correct = group.rollouts.filter((rollout) => rollout.reward > 0).length;
  const total = group.rollouts.length;
  return (
    <p>
      Prompt <span className="prompt">{group.prompt.join(' ')}</span>,{' '}
      {group.step === 0 ? 'before training' : `at step ${group.step}`}: {correct} of {total}{' '}
      correct, {distinct} distinct.
      {group.rollouts.every(({ advantage }) => advantage === 0) &&
        ' All rewards are equal, so every advantage is 0 and this prompt teaches nothing.'}
    </p>
  );
}
