import { create } from 'zustand';
import { allWritten, saveNow, useAutosave } from './autosave';

/** Whether the site is kept for use without a network, and whether a newer version of it waits to be taken up. */
export const useOffline = create<{ readonly kept: boolean; readonly newer: boolean }>(() => ({
  kept: false,
  newer: false,
}));

/** Beside index.html, so that the site may lie under any path. */
const SERVICE_WORKER = './service_worker.js';

let waiting: ServiceWorker | null = null;

/** Has the browser keep the site. Call once, after the first paint: it fetches every file. */
export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(SERVICE_WORKER);
    follow(registration);
    await navigator.serviceWorker.ready;
    useOffline.setState({ kept: true });
  } catch {
    // Private windows and some frames forbid it: the page works, and needs the network next time.
  }
}

/** Saves what is under way and loads the newer version; the run then goes on from the library. */
export async function takeUpNewer(): Promise<void> {
  if (waiting === null) return;
  if (useAutosave.getState().run !== null) saveNow();
  await allWritten();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
  waiting.postMessage({ type: 'SKIP_WAITING' });
}

function follow(registration: ServiceWorkerRegistration): void {
  offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed') offer(worker);
    });
  });
}

/** A first version has no older one to replace: the page is not under its control yet. */
function offer(worker: ServiceWorker | null): void {
  if (worker === null || navigator.serviceWorker.controller === null) return;
  waiting = worker;
  useOffline.setState({ newer: true });
}
