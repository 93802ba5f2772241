import type { Drawing } from '../../tasks/task';

type Expression = Extract<Drawing, { kind: 'expression' }>;

/** The expression, what it comes to, and what was asked for. */
export function ExpressionDrawing({ expression }: { expression: Expression }) {
  const { text, value, target, digits } = expression;
  const hit = value === target;
  return (
    <div>
      <p className="expression">
        {text.replaceAll('-', '−') || '(nothing)'}{' '}
        {value !== null && (
          <span className={hit ? undefined : 'sum-wrong'}>= {String(value).replace('-', '−')}</span>
        )}
      </p>
      <p className="quiet small">
        wanted {target} from {digits.join(', ')}
      </p>
    </div>
  );
}
