import { ToggleGroup } from 'radix-ui';
import { Fragment, useState } from 'react';
import { useExperiment, type Arm } from '../../store/experiment';
import { useGroups } from '../../store/rollouts';
import { series, useSeriesVersion } from '../../store/series';
import { useView } from '../../store/view';
import type { GroupView } from '../../worker/protocol';
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
  const [term, setTerm] = useState<TermId>('positiveWeight');
  const [at, setAt] = useState(0);
  useSeriesVersion();
  const group = useGroups(arm.id).at(-1) ?? null;
  const tokens = firstResponse(group);
  const token = tokens[Math.min(at, tokens.length - 1)] ?? null;
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
          if (next in TERMS) setTerm(next as TermId);
        }}
      >
        {LINES.map((line, i) => (
          <div className="formula-line" key={i}>
            {line.map((pieces, j) => (
              <Fragment key={j}>
                {j > 0 && ' '}
                <span className="formula-phrase">
                  {pieces.map((piece, k) => (
                    <FormulaPiece key={k} piece={piece} onLook={setTerm} />
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
        <TokenPicker tokens={tokens} at={at} group={group} onPick={setAt} />
        <Detail id={term} arm={arm} token={token} />
      </div>
    </section>
  );
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

/** The tokens of the first response of the newest group. */
function firstResponse(group: GroupView | null): readonly ChosenToken[] {
  const first = group?.rollouts[0];
  if (first === undefined) return [];
  return first.tokens.map((text, i) => ({
    text,
    advantage: first.advantage,
    logprob: first.logprob[i] ?? NaN,
    entropy: first.entropy[i] ?? NaN,
  }));
}
