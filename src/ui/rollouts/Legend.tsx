import type { Scale } from './colouring';

/** What the tints mean, in the marks that the tokens carry. */
export function Legend({ scale }: { scale: Scale }) {
  if (scale.kind === 'clip')
    return (
      <span className="scale">
        <span className="token" data-clip="low">
          below
        </span>
        <span className="token">inside</span>
        <span className="token" data-clip="high">
          above
        </span>
      </span>
    );
  if (scale.kind === 'sequential')
    return (
      <span className="scale">
        {scale.ends[0]} <i aria-hidden="true" /> {scale.ends[1]}
      </span>
    );
  const [low, middle, high] = scale.ends;
  return (
    <span className="scale" data-diverging>
      {low} <i className="scale-minus" aria-hidden="true" /> {middle}{' '}
      <i className="scale-plus" aria-hidden="true" /> {high}
    </span>
  );
}
