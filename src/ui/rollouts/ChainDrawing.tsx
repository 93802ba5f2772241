import type { Drawing } from '../../tasks/task';
import { STYLE_NAMES } from './answers';

type Chain = Extract<Drawing, { kind: 'chain' }>;
type Sum = Chain['sums'][number];

/** The digits, and under each the running sum that the response wrote when it had added it. */
export function ChainDrawing({ chain }: { chain: Chain }) {
  const { digits, sums, style } = chain;
  return (
    <div>
      <table className="chain" role="presentation">
        <tbody>
          <tr>
            {digits.map((digit, i) => (
              <td key={i}>{i === 0 ? digit : `+${digit}`}</td>
            ))}
          </tr>
          <tr className="below">
            {align(sums, digits.length, style).map((sum, i) => (
              <td key={i}>{sum !== undefined && <SumCell sum={sum} />}</td>
            ))}
          </tr>
        </tbody>
      </table>
      <p className="quiet small">{STYLE_NAMES[style]}</p>
    </div>
  );
}

function SumCell({ sum }: { sum: Sum }) {
  if (sum.expected === null || sum.expected === sum.value) return <>{sum.value}</>;
  return (
    <>
      <span className="sum-wrong">{sum.value}</span>
      <span className="hidden-text"> should be</span>{' '}
      <span className="sum-expected">{sum.expected}</span>
    </>
  );
}

/** Running sums stand under the digit they added last; a guess stands at the end of the line. */
function align(sums: readonly Sum[], digits: number, style: Chain['style']): (Sum | undefined)[] {
  const width = Math.max(digits, sums.length);
  const cells = new Array<Sum | undefined>(width).fill(undefined);
  sums.forEach((sum, i) => {
    if (style === 'right-to-left') cells[Math.max(0, digits - 2 - i)] = sum;
    else if (style === 'left-to-right') cells[Math.min(width - 1, i + 1)] = sum;
    else cells[width - sums.length + i] = sum;
  });
  return cells;
}
