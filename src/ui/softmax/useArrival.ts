import { useEffect, useRef, type RefObject } from 'react';
import { arrive, useSoftmax } from '../../store/softmax';

/** The heading that gets the focus, and comes into view, when the tokens of the panel have been replaced by others. */
export function useArrival(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const arriving = useSoftmax((state) => state.arriving);
  useEffect(() => {
    if (!arriving || heading.current === null) return;
    arrive();
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    heading.current.focus({ preventScroll: true });
    heading.current.scrollIntoView({ block: 'start', behavior: calm ? 'auto' : 'smooth' });
  }, [arriving]);
  return heading;
}
