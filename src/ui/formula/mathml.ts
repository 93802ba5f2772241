import { createElement, type ReactNode } from 'react';

/**
 * Native MathML. React's types do not know its elements, so they are made by name. Letters are `normal` and slanted by
 * the style sheet: the automatic italics of MathML are other characters, which the page's font does not have.
 */

export function math(...children: ReactNode[]): ReactNode {
  return createElement('math', {}, ...children);
}

/** A letter. */
export const mi = (letter: string): ReactNode =>
  createElement('mi', { mathvariant: 'normal' }, letter);

/** A name of several letters, upright: min, clamp. */
export const name = (text: string): ReactNode =>
  createElement('mi', { mathvariant: 'normal', className: 'upright' }, text);

export const mn = (text: string): ReactNode => createElement('mn', {}, text);
export const mo = (text: string): ReactNode => createElement('mo', {}, text);
export const mrow = (...children: ReactNode[]): ReactNode => createElement('mrow', {}, ...children);
export const msub = (base: ReactNode, below: ReactNode): ReactNode =>
  createElement('msub', {}, base, below);

/** Room between pieces that would touch. */
export const thin = (): ReactNode => createElement('mspace', { width: '0.17em' });
