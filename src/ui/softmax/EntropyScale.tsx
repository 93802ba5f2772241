import { fixed } from '../../rl/number_words';
import type { Push, Pushed } from '../../rl/one_softmax';
import { NATS } from './words';

const WIDTH = 360;
const HEIGHT = 74;
const LEFT = 10;
const LINE = 34;

/** Entropy on its scale from 0 to ln V: before, after, and where the first-order prediction puts it. */
export function EntropyScale({ push, pushed }: { push: Push; pushed: Pushed }) {
  const most = Math.log(push.logits.length);
  const predicted = pushed.entropy + push.stepSize * pushed.drive;
  const x = (nats: number) =>
    LEFT + (Math.min(most, Math.max(0, nats)) / most) * (WIDTH - 2 * LEFT);
  const label = `Entropy ${fixed(pushed.entropy, NATS)} nats before the push, ${fixed(pushed.entropyAfter, NATS)} after; predicted ${fixed(predicted, NATS)}. The scale ends at ln ${push.logits.length}, ${fixed(most, 2)}.`;
  const [from, to] = [x(pushed.entropy), x(pushed.entropyAfter)];
  const off = predicted < 0 || predicted > most;
  return (
    <svg className="softmax-scale" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <line className="scale-line" x1={LEFT} x2={WIDTH - LEFT} y1={LINE} y2={LINE} />
      {[0, most].map((end) => (
        <line
          key={end}
          className="scale-line"
          x1={x(end)}
          x2={x(end)}
          y1={LINE - 5}
          y2={LINE + 5}
        />
      ))}
      <text x={LEFT} y={LINE + 20}>
        0
      </text>
      <text x={WIDTH - LEFT} y={LINE + 20} textAnchor="end">
        ln {push.logits.length} = {fixed(most, 2)} nats
      </text>
      <line className="scale-move" x1={from} x2={to} y1={LINE} y2={LINE} />
      <circle className="scale-before" cx={from} cy={LINE} r="5" />
      <circle className="scale-after" cx={to} cy={LINE} r="5.5" />
      <path
        className="scale-predicted"
        d={`M${x(predicted)} ${LINE - 9}l-5 -8h10z`}
        data-off={off || undefined}
      />
      <g className="scale-legend" transform={`translate(${LEFT + 5} ${HEIGHT - 5})`}>
        <circle className="scale-before" cx="0" cy="-4" r="4" />
        <text x="9">entropy before</text>
        <circle className="scale-after" cx="121" cy="-4" r="4.5" />
        <text x="130">after</text>
        <path className="scale-predicted" d="M185 0l-5 -8h10z" />
        <text x="195">predicted{off ? ', off the scale' : ''}</text>
      </g>
    </svg>
  );
}
