import { useLayoutEffect, useRef, type ComponentProps } from 'react';

/** On what holds buttons that pass: the first element in it that scripts may focus takes the focus they had. */
export const FOCUS_HOME = { 'data-focus-home': '' };

/** A button that goes away once it has done what it says, and does not take the focus with it. */
export function PassingButton(props: Omit<ComponentProps<'button'>, 'ref' | 'type'>) {
  const button = useRef<HTMLButtonElement>(null);
  // React runs this before it takes the button out of the page.
  useLayoutEffect(() => {
    const own = button.current;
    return () => {
      if (own === null || own !== document.activeElement) return;
      const home = own.closest('[data-focus-home]');
      home?.querySelector<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true });
    };
  }, []);
  return <button type="button" ref={button} {...props} />;
}
