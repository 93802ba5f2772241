import { create } from 'zustand';

/** Which term of the loss formula is looked at, by its name there; null until somebody has looked at one. */
export const useFormulaTerm = create<{ readonly term: string | null }>(() => ({ term: null }));

/** Looks at a term: the formula marks it and says what it is. */
export function lookAtTerm(term: string): void {
  useFormulaTerm.setState({ term });
}
