import { useEffect, useRef } from 'react';
import { findArm } from '../../store/experiment';
import { useLesson } from '../../store/lesson';
import { runOf } from '../../store/run_id';
import { takeToken } from '../../store/softmax';
import type { GroupView } from '../../worker/protocol';
import { decimal, signed } from '../format';
import { signedShort } from './colouring';
import type { Distinct } from './distinct';
import { DistributionBars } from './DistributionBars';
import { distributionAt, tokenFacts, type TokenFacts } from './token_facts';
import { share, tokenWords } from './token_words';

const HELP: Readonly<Record<string, string>> = {
  'entropy drive':
    'The push of this token’s loss on the entropy there as the updates began; those of a minibatch’s tokens add up.',
  ratio:
    'Probability after the step’s updates over that before; GSPO’s is that of the whole response.',
  clipped: 'Whether the ratio has left the clip range on the side its advantage points to.',
};

/** Pixels of the panel that show without scrolling, or the page scrolls. */
const LEAST_IN_VIEW = 120;

/** One token closely: what it was drawn from, what the updates made of that, and why. */
export function TokenDetail(props: {
  group: GroupView;
  distinct: Distinct;
  /** Of the response, from 1. */
  number: number;
  token: number;
  vocabulary: readonly string[];
  onClose: () => void;
}) {
  const { group, distinct, number, token, vocabulary, onClose } = props;
  const { rollout } = distinct;
  const panel = useRef<HTMLLIElement>(null);
  const facts = tokenFacts(rollout, token);
  const before = distributionAt(rollout.look?.before, token, vocabulary.length);
  const after = distributionAt(rollout.look?.after?.distribution, token, vocabulary.length);
  useEffect(() => {
    const top = panel.current?.getBoundingClientRect().top ?? 0;
    if (top > innerHeight - LEAST_IN_VIEW) panel.current?.scrollIntoView({ block: 'nearest' });
  }, [token]);
  const close = () => {
    // The focus goes back to the token, which stands in the card before this panel.
    const card = panel.current?.previousElementSibling;
    card?.querySelector<HTMLElement>('[aria-expanded="true"]')?.focus();
    onClose();
  };
  return (
    <li
      className="token-detail"
      ref={panel}
      aria-label={`Token ${token + 1} of response ${number}`}
    >
      <div className="token-detail-head">
        <h3>
          Token {token + 1} of {rollout.tokens.length} in response {number}:{' '}
          <span className="prompt">{facts.token}</span>
        </h3>
        <button type="button" className="scope-button" onClick={close}>
          Close
        </button>
      </div>
      <p>{tokenWords(facts)}</p>
      <div className="token-detail-body">
        {before !== null && (
          <DistributionBars
            vocabulary={vocabulary}
            before={before}
            after={after}
            sampled={facts.token}
          />
        )}
        <Numbers facts={facts} />
      </div>
      {before !== null && (
        <PushButton
          onPush={() => {
            const { arm, seed } = runOf(group.run);
            takeToken(
              {
                arm: findArm(arm)?.name ?? arm,
                seed,
                ...{ step: group.step, prompt: group.prompt },
                ...{ response: number, place: token + 1, advantage: facts.advantage },
                ...{ entropy: facts.entropy, entropyAfter: facts.after?.entropy ?? null },
              },
              { vocabulary, probabilities: before, token: facts.token },
            );
          }}
        />
      )}
    </li>
  );
}

/** Leads to the panel "One softmax", unless a teacher's link has hidden it. */
function PushButton({ onPush }: { onPush: () => void }) {
  const hidden = useLesson((state) => state.teacher.hidden.includes('softmax'));
  if (hidden) return null;
  return (
    <button type="button" className="scope-button token-push" onClick={onPush}>
      Push this token in One softmax
    </button>
  );
}

function Numbers({ facts }: { facts: TokenFacts }) {
  const { after, probability, entropy, advantage, drive } = facts;
  const from = (text: string, next: string | null) => (next === null ? text : `${text} → ${next}`);
  const rows: (readonly [string, string])[] = [];
  if (!Number.isNaN(probability))
    rows.push(
      ['probability', from(share(probability), after && share(after.probability))],
      [
        'log-probability',
        from(decimal(Math.log(probability)), after && decimal(Math.log(after.probability))),
      ],
    );
  rows.push(
    ['entropy, nats', from(decimal(entropy), after && decimal(after.entropy))],
    ['advantage', signed(advantage)],
  );
  if (drive !== null) rows.push(['entropy drive', signedShort(drive)]);
  if (after !== null) {
    const range = after.clip && `${decimal(after.clip.lowest)} to ${decimal(after.clip.highest)}`;
    rows.push(
      ['ratio', decimal(after.ratio, 3)],
      ['clip range', range ?? 'none'],
      ['clipped', after.clip?.side ? (after.clip.side === 'high' ? 'above' : 'below') : 'no'],
    );
  }
  return (
    <dl className="numbers">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt title={HELP[name]}>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
