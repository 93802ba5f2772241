import { useEffect, useMemo } from 'react';
import { probabilities, pushOnce } from '../../reference/one_softmax';
import { pushedLogits, quadrantOf } from '../../rl/one_softmax';
import { useRun } from '../../store/run';
import { askDevice, samePush, useSoftmax } from '../../store/softmax';
import { EntropyScale } from './EntropyScale';
import { Numbers } from './Numbers';
import { PushControls } from './PushControls';
import { RuleTable } from './RuleTable';
import { TakenFrom } from './TakenFrom';
import { TokenRows } from './TokenRows';
import { useArrival } from './useArrival';
import { useSeen } from './useSeen';
import { caveat, outcome, why } from './words';

/** One token's distribution, pushed once: probabilities and entropy before and after, predicted and exact. */
export function SoftmaxPanel() {
  const push = useSoftmax((state) => state.push);
  const answer = useSoftmax((state) => state.answer);
  const tokens = useSoftmax((state) => state.tokens);
  const source = useSoftmax((state) => state.source);
  const [section, seen] = useSeen();
  const heading = useArrival();
  const adapter = useRun((state) => state.adapter);
  useEffect(() => {
    if (seen && adapter !== null) askDevice();
  }, [seen, push, adapter]);
  const { pushed, before, after } = useMemo(() => {
    const exact = pushOnce(push);
    return {
      pushed: exact,
      before: probabilities(push.logits),
      after: probabilities(pushedLogits(push, exact.gradient)),
    };
  }, [push]);
  const quadrant = quadrantOf(push, pushed);
  const name = tokens[push.token] ?? '';
  const exactly = pushed.entropyAfter - pushed.entropy;
  const note = caveat(quadrant, push, pushed);
  const device = answer !== null && samePush(answer.push, push) ? answer.pushed : null;
  return (
    <section ref={section} className="section softmax" id="softmax" aria-labelledby="softmax-title">
      <h2
        id="softmax-title"
        ref={heading}
        tabIndex={-1}
        aria-describedby={source === null ? undefined : 'softmax-from'}
      >
        One softmax
      </h2>
      <p className="softmax-lead">
        What one update does, in miniature: one position, {tokens.length} possible tokens. Shape the
        distribution, choose the token that was sampled, and push it up or down.
      </p>
      {source !== null && <TakenFrom source={source} />}
      <PushControls push={push} name={name} />
      <div className="softmax-body">
        <TokenRows push={push} before={before} after={after} />
        <div className="softmax-side">
          <p className="softmax-outcome" aria-live="polite">
            <strong>{outcome(name, quadrant, exactly)}</strong>{' '}
            <span>{why(name, quadrant, pushed)}</span>
            {note !== null && <span className="softmax-note"> {note}</span>}
          </p>
          <EntropyScale push={push} pushed={pushed} />
          <RuleTable quadrant={quadrant} />
        </div>
        <Numbers push={push} pushed={pushed} device={device} />
      </div>
    </section>
  );
}
