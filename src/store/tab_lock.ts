const PREFIX = 'rlvr-run-';

/** The run that only this tab trains, and how to let it go. */
let held: { readonly id: string; readonly release: () => void } | null = null;

/**
 * Makes this tab the only one that trains a run; the run held before is let go. False where another tab has it, unless
 * it should `wait`. Where the browser knows no locks, every tab may.
 */
export async function holdRun(id: string, wait = false): Promise<boolean> {
  if (held?.id === id) return true;
  if (!('locks' in navigator)) return true;
  return new Promise((answer) => {
    const hold = (lock: Lock | null) => {
      answer(lock !== null);
      if (lock === null) return undefined;
      letRunGo();
      return new Promise<void>((release) => (held = { id, release }));
    };
    const name = `${PREFIX}${id}`;
    const request = wait
      ? navigator.locks.request(name, hold)
      : navigator.locks.request(name, { ifAvailable: true }, hold);
    // A page without storage may have no locks either; it is then the only one it knows of.
    request.catch(() => answer(true));
  });
}

/** Ids of the runs that some tab trains, this one's among them. */
export async function heldRuns(): Promise<readonly string[]> {
  if (!('locks' in navigator)) return [];
  try {
    const { held: locks = [] } = await navigator.locks.query();
    return locks.flatMap(({ name }) => (name?.startsWith(PREFIX) ? name.slice(PREFIX.length) : []));
  } catch {
    return [];
  }
}

/** Lets the run go that is held, if it is this one. */
export function letRunGo(id = held?.id): void {
  if (held === null || held.id !== id) return;
  held.release();
  held = null;
}
