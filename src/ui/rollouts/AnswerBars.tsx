import type { CSSProperties } from 'react';
import type { Answer } from './answers';

const MOST_ANSWERS = 10;

/** How many responses of the group say what. */
export function AnswerBars({ answers, total }: { answers: readonly Answer[]; total: number }) {
  const shown = answers.slice(0, MOST_ANSWERS);
  const rest = answers.slice(MOST_ANSWERS);
  const others = rest.reduce((sum, { responses }) => sum + responses, 0);
  return (
    <section className="overview" aria-labelledby="answers-title">
      <h3 id="answers-title">
        {answers.length} {answers.length === 1 ? 'answer' : 'answers'} in {total} responses
      </h3>
      <ol className="answers">
        {shown.map(({ label, correct, responses }) => (
          <li key={`${label} ${correct}`} data-correct={correct}>
            <span className="answer-label">
              <span className="answer-mark" aria-hidden="true">
                {correct ? '✓' : '✗'}
              </span>
              {label}
              <span className="hidden-text">{correct ? ', right,' : ', wrong,'}</span>
            </span>
            <span className="answer-count">{responses}</span>
            <span
              className="answer-bar"
              style={{ '--share': `${(responses / total) * 100}%` } as CSSProperties}
            />
          </li>
        ))}
      </ol>
      {others > 0 && (
        <p className="quiet small">
          and {rest.length} more in {others} responses
        </p>
      )}
    </section>
  );
}
