import { create } from 'zustand';

/** What a token's tint can say. */
export const COLOURINGS = [
  'entropy',
  'probability',
  'advantage',
  'ratio',
  'clipped',
  'drive',
  'change',
] as const;
export type Colouring = (typeof COLOURINGS)[number];

/** One token of one distinct response of the group that is shown. */
export interface ChosenToken {
  /** The response's key, see `distinctRollouts`. */
  readonly response: string;
  readonly token: number;
}

export interface MicroscopeState {
  /** Place in each batch of the prompt that is shown, from 0. */
  readonly prompt: number;
  /** The step that is shown; null follows the newest. */
  readonly at: number | null;
  readonly colouring: Colouring;
  readonly chosen: ChosenToken | null;
  showPrompt(prompt: number): void;
  scrub(step: number): void;
  /** Back to the newest step, whatever comes. */
  follow(): void;
  colour(colouring: Colouring): void;
  /** Opens a token and stays at its step; null closes it. */
  open(chosen: ChosenToken | null, step: number): void;
}

/** What the rollout microscope is turned to. */
export const useMicroscope = create<MicroscopeState>()((set) => ({
  prompt: 0,
  at: null,
  colouring: 'entropy',
  chosen: null,
  showPrompt: (prompt) => set({ prompt, at: null, chosen: null }),
  scrub: (at) => set({ at, chosen: null }),
  follow: () => set({ at: null, chosen: null }),
  colour: (colouring) => set({ colouring }),
  open: (chosen, at) => set(chosen === null ? { chosen } : { chosen, at }),
}));
