import { create } from 'zustand';

/** Whether the site is kept for use without a network, and whether a newer version of it is here too. */
export const useOffline = create<{ readonly kept: boolean; readonly newer: boolean }>(() => ({
  kept: false,
  newer: false,
}));

/** Beside index.html, so that the site may lie under any path. */
const SERVICE_WORKER = './service_worker.js';

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

function follow(registration: ServiceWorkerRegistration): void {
  say(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed') say(worker);
    });
  });
}

/** A first version has no older one to replace: the page is not under its control yet. */
function say(waiting: ServiceWorker | null): void {
  if (waiting !== null && navigator.serviceWorker.controller !== null) {
    useOffline.setState({ newer: true });
  }
}
