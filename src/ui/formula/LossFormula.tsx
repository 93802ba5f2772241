import { ToggleGroup } from 'radix-ui';
import { Fragment, useState } from 'react';
import { useExperiment, type Arm } from '../../store/experiment';
import { lookAtTerm, useFormulaTerm } from '../../store/formula_term';
import { useGroups } from '../../store/rollouts';
import { series, useSeriesVersion } from '../../store/series';
import { useView } from '../../store/view';
import type { RolloutView } from '../../worker/protocol';
import { distinctRollouts } from '../rollouts/distinct';
import { Swatch } from '../Swatch';
import { math } from './mathml';
import { LINES, TERMS, valuesOf, type Piece, type Term, type TermId } from './terms';
import { TokenPicker } from './TokenPicker';
import type { ChosenToken } from './values';

/** The loss as a formula whose terms can be looked at: what each is, where it comes from, and what it is now. */
export function LossFormula() {
  const chosen = useView((state) => state.chosenArm);
  const arm = useExperiment((state) => state.arms.find((candidate) => candidate.id === chosen));
  if (arm === undefined) return null;
  return <Formula arm={arm} />;
}

function Formula({ arm }: { arm: Arm }) {
  const looked = useFormulaTerm((state) => state.term);
  const term = looked !== null && isTerm(looked) ? looked : 'positiveWeight';
  const [place, setPlace] = useState({ response: 0, token: 0 });
  useSeriesVersion();
  const group = useGroups(arm.id).at(-1) ?? null;
  const responses = distinctRollouts(group?.rollouts ?? []);
  // Of another step, or another prompt, there may be fewer.
  const response = Math.min(place.response, Math.max(0, responses.length - 1));
  const tokens = tokensOf(responses[response]?.rollout);
  const at = Math.min(place.token, Math.max(0, tokens.length - 1));
  return (
    <section className="section formula" id="formula" aria-labelledby="formula-title">
      <div className="formula-head">
        <h2 id="formula-title">The loss, term by term</h2>
        <span className="weight-arm">
          <Swatch colour={arm.colour} /> {arm.name}
        </span>
      </div>
      <ToggleGroup.Root
        type="single"
        className="formula-lines"
        aria-label="Terms of the loss"
        value={term}
        onValueChange={(next) => {
          if (isTerm(next)) lookAtTerm(next);
        }}
      >
        {LINES.map((line, i) => (
          <div className="formula-line" key={i}>
            {line.map((pieces, j) => (
              <Fragment key={j}>
                {j > 0 && ' '}
                <span className="formula-phrase">
                  {pieces.map((piece, k) => (
                    <FormulaPiece key={k} piece={piece} onLook={lookAtTerm} />
                  ))}
                </span>
              </Fragment>
            ))}
          </div>
        ))}
      </ToggleGroup.Root>
      {arm.recipe.objective !== 'ppo-clip' && (
        <p className="small formula-other">
          This arm’s objective is <strong>{arm.recipe.objective}</strong>: where the formula says
          min, its own surrogate stands (docs/math.md, sections 6 and 12).
        </p>
      )}
      <div className="formula-below">
        <TokenPicker
          group={group}
          responses={responses}
          tokens={tokens}
          place={{ response, token: at }}
          onPick={setPlace}
        />
        <Detail id={term} arm={arm} token={tokens[at] ?? null} />
      </div>
    </section>
  );
}

function isTerm(name: string): name is TermId {
  return Object.hasOwn(TERMS, name);
}

function FormulaPiece({ piece, onLook }: { piece: Piece; onLook: (id: TermId) => void }) {
  if (typeof piece === 'object') return <span className="formula-rest">{piece.between}</span>;
  const { symbol, title }: Term = TERMS[piece];
  return (
    <ToggleGroup.Item
      value={piece}
      className="term"
      aria-label={title}
      aria-describedby="formula-detail"
      onFocus={() => onLook(piece)}
      onPointerEnter={(event) => {
        if (event.pointerType === 'mouse') onLook(piece);
      }}
    >
      {math(symbol)}
    </ToggleGroup.Item>
  );
}

function Detail({ id, arm, token }: { id: TermId; arm: Arm; token: ChosenToken | null }) {
  const { title, symbol, meaning, equation }: Term = TERMS[id];
  const values = valuesOf(id, { arm, row: series.of(arm.id), token });
  return (
    <div className="formula-detail" id="formula-detail">
      <h3>
        {title} <span className="formula-symbol">{math(symbol)}</span>
      </h3>
      <p>{meaning}</p>
      <dl>
        {values.map(({ of, text }) => (
          <div key={of}>
            <dt>{of}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet small">docs/math.md, equation {equation}</p>
    </div>
  );
}

function tokensOf(rollout: RolloutView | undefined): readonly ChosenToken[] {
  if (rollout === undefined) return [];
  const { tokens, advantage, logprob, entropy } = rollout;
  return tokens.map((text, i) => ({
    ...{ text, advantage },
    logprob: logprob[i] ?? NaN,
    entropy: entropy[i] ?? NaN,
  }));
}
