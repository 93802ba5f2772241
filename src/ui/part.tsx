import { lazy, Suspense, useReducer, type ComponentType, type ReactNode } from 'react';
import { Fallible } from './Fallible';
import { NotFetched } from './notFetched';

/**
 * A part of the page whose code is fetched when it is first shown. Where that fails the part says so in its place, and
 * asks again when told to. React keeps a failed fetch for good, so every attempt needs a lazy component of its own; older
 * browsers keep it too, and then only a new page helps.
 */
export function part<P extends object>(
  /** As the reader knows it; begins a sentence. */
  name: string,
  load: () => Promise<ComponentType<P>>,
  options: {
    /** Shown until it is here. */
    readonly coming?: ReactNode;
    /** For a part that covers others: how to be rid of it. */
    readonly close?: (props: P) => () => void;
  } = {},
): ComponentType<P> {
  let failed = false;
  const attempt = () =>
    lazy<ComponentType<P>>(async () => {
      failed = false;
      try {
        return { default: await load() };
      } catch (cause) {
        failed = true;
        throw new NotFetched(name, { cause });
      }
    });
  // All places that show the part share it.
  let Body = attempt();
  return function Part(props: P) {
    const [, draw] = useReducer((times: number) => times + 1, 0);
    const again = () => {
      // Another place may have got it meanwhile.
      if (failed) Body = attempt();
      draw();
    };
    const { coming = null, close } = options;
    return (
      <Fallible name={name} onRetry={again} {...(close && { onClose: close(props) })}>
        <Suspense fallback={coming}>
          <Body {...props} />
        </Suspense>
      </Fallible>
    );
  };
}
