/** A run is an arm at one seed; the worker knows runs by this name. */
export function runId(arm: string, seed: number): string {
  return `${arm}#${seed}`;
}

/** The arm and the seed that `runId` was made from. */
export function runOf(id: string): { readonly arm: string; readonly seed: number } {
  const at = id.lastIndexOf('#');
  return { arm: id.slice(0, at), seed: Number(id.slice(at + 1)) };
}
