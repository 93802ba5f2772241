import type { Colouring } from '../../store/microscope';
import type { Drawing } from '../../tasks/task';
import { signed } from '../format';
import { ChainDrawing } from './ChainDrawing';
import type { Scale } from './colouring';
import type { Distinct } from './distinct';
import { ExpressionDrawing } from './ExpressionDrawing';
import { MazeDrawing } from './MazeDrawing';
import { TokenStrip } from './TokenStrip';

/** One distinct response of the group: its drawing, its tokens, its reward and why. */
export function RolloutCard(props: {
  distinct: Distinct;
  /** Place among the distinct responses, from 1. */
  number: number;
  colouring: Colouring;
  scale: Scale;
  chosen: number | null;
  onChoose: (token: number | null) => void;
}) {
  const { distinct, number, colouring, scale, chosen, onChoose } = props;
  const { rollout, times } = distinct;
  const correct = rollout.reward > 0;
  return (
    <li className="card" data-correct={correct}>
      <div className="card-head">
        <span className="badge" data-correct={correct}>
          {correct ? '✓ reward 1' : '✗ reward 0'}
        </span>
        {times > 1 && <span title="Times the group gave this response">×{times}</span>}
        <span
          className="quiet advantage"
          title="Advantage: reward minus the group's mean, over its spread"
        >
          advantage {signed(rollout.advantage)}
        </span>
      </div>
      <Picture drawing={rollout.drawing} />
      <TokenStrip
        rollout={rollout}
        name={`Tokens of response ${number}`}
        colouring={colouring}
        scale={scale}
        chosen={chosen}
        onChoose={onChoose}
      />
      <p className="quiet small">{rollout.reason}</p>
    </li>
  );
}

function Picture({ drawing }: { drawing: Drawing }) {
  switch (drawing.kind) {
    case 'maze':
      return <MazeDrawing maze={drawing} />;
    case 'chain':
      return <ChainDrawing chain={drawing} />;
    case 'expression':
      return <ExpressionDrawing expression={drawing} />;
  }
}
