import type { RolloutView } from '../../worker/protocol';
import { AnswerBars } from './AnswerBars';
import { answersOf } from './answers';
import { flowOf } from './flow';
import { FlowMap } from './FlowMap';

/** All responses of a group at a glance, in the task's own form. */
export function Overview({ rollouts }: { rollouts: readonly RolloutView[] }) {
  const flow = flowOf(rollouts);
  if (flow !== null) return <FlowMap flow={flow} />;
  const answers = answersOf(rollouts);
  return <AnswerBars answers={answers} total={rollouts.length} />;
}
