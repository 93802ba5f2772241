/**
 * Waits for a result without burning a core.
 *
 * Symptom: Dawn for Node (webgpu 0.6.2) asks the driver at every turn of the event loop, as long as a promise of its is
 * open; on two cores with a software driver that took a third of the training time. Browsers wait properly and need none
 * of this. So: hold this thread for a moment at every turn. Sleeping for as long as the wait before took is no answer: after
 * a computer's standby that is hours. Delete once Dawn blocks.
 */
export async function patiently<T>(pollsBusily: boolean, result: Promise<T>): Promise<T> {
  if (!pollsBusily) return result;
  let open = true;
  const close = () => {
    open = false;
  };
  result.then(close, close);
  // Made here, since pages may not make one at all.
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (await turn(); open; await turn()) Atomics.wait(never, 0, 0, PAUSE);
  return result;
}

/** Milliseconds between two questions. */
const PAUSE = 2;

/** A turn of the event loop, in which Dawn asks once. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
