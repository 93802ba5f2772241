import { useEffect, useRef, useState, type RefObject } from 'react';

/** Whether the element has been on screen: until then the device is not asked, and its kernel not compiled. */
export function useSeen(): readonly [RefObject<HTMLElement | null>, boolean] {
  const element = useRef<HTMLElement | null>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || element.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [seen]);
  return [element, seen];
}
