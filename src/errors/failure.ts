/** The closed list of things that go wrong, each with its own sentence in describe.ts. */
export type Failure =
  | { readonly kind: 'noWebGPU' }
  | { readonly kind: 'noAdapter' }
  | {
      readonly kind: 'limitTooSmall';
      readonly limit: string;
      readonly have: number;
      readonly need: number;
    }
  | { readonly kind: 'outOfMemory'; readonly bytes: number }
  | { readonly kind: 'shaderCompile'; readonly kernel: string; readonly detail: string }
  /** `again`: the page had already taken the run up by itself. */
  | { readonly kind: 'deviceLost'; readonly detail: string; readonly again?: boolean }
  /** After `step` nothing was trained for three steps: numbers of one tensor, by its name in files, are not finite. */
  | {
      readonly kind: 'nonfinite';
      readonly arm: string;
      readonly step: number;
      readonly of: 'weights' | 'gradient';
      readonly tensor: string;
    }
  | { readonly kind: 'badPolicy'; readonly detail: string }
  | { readonly kind: 'badRecipe'; readonly detail: string }
  /** A file or an option that is not a recipe or a policy; `field` is its name. */
  | { readonly kind: 'badInput'; readonly field: string; readonly detail: string }
  /** The browser has no room left; `kept` is what was saved all the same. */
  | { readonly kind: 'storageFull'; readonly kept: 'numbers' | 'nothing' }
  /** The browser lets the page keep nothing. */
  | { readonly kind: 'storageBlocked' }
  /** The thread that trains ended, or said what could not be read. */
  | { readonly kind: 'workerCrashed'; readonly detail: string }
  | { readonly kind: 'bug'; readonly detail: string };

/** A failure as an exception: what engine, worker and command line throw and catch. */
export class RlvrError extends Error {
  override readonly name = 'RlvrError';
  constructor(readonly failure: Failure) {
    super(JSON.stringify(failure));
  }
}
