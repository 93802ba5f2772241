import { useEffect, useState, type RefObject } from 'react';

/** Charts are drawn a little before they scroll into view. */
const MARGIN = '240px';

/** Whether the element is in view or close to it; `first` until the browser has said so. */
export function useOnScreen(element: RefObject<Element | null>, first: boolean): boolean {
  const [onScreen, setOnScreen] = useState(first);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => setOnScreen(entries.some((entry) => entry.isIntersecting)),
      { rootMargin: MARGIN },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return onScreen;
}
