import { fixed } from '../../rl/number_words';
import type { Push, Pushed } from '../../rl/one_softmax';
import { change, NATS } from './words';

/** The same numbers twice: by the float64 twin here, and by the kernel of training on the graphics device. */
export function Numbers(props: { push: Push; pushed: Pushed; device: Pushed | null }) {
  const { push, pushed, device } = props;
  const rows = [
    { who: 'on this page, double precision', of: pushed },
    ...(device === null ? [] : [{ who: 'on the GPU, the kernel that trains', of: device }]),
  ];
  return (
    <div className="softmax-both">
      <table className="softmax-table">
        <caption className="hidden-text">Entropy before and after, in nats</caption>
        <thead>
          <tr>
            <th scope="col">nats</th>
            <th scope="col">before</th>
            <th scope="col">after</th>
            <th scope="col">change</th>
            <th scope="col">predicted</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ who, of }) => (
            <tr key={who}>
              <th scope="row">{who}</th>
              <td>{fixed(of.entropy, NATS)}</td>
              <td>{fixed(of.entropyAfter, NATS)}</td>
              <td>{change(of.entropyAfter - of.entropy)}</td>
              <td>{change(push.stepSize * of.drive)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet small softmax-source">
        {device === null
          ? 'Computed on this page; no graphics processor has checked it.'
          : `The two differ by at most ${largestGap(pushed, device).toExponential(0).replace('e-', 'e−')} in entropy, drive and gradient.`}{' '}
        Predicted is η times the entropy drive of equation 39.
      </p>
    </div>
  );
}

function largestGap(a: Pushed, b: Pushed): number {
  const numbers = (of: Pushed) => [of.entropy, of.entropyAfter, of.drive, ...of.gradient];
  const others = numbers(b);
  return Math.max(...numbers(a).map((value, i) => Math.abs(value - (others[i] ?? NaN))));
}
