import { create } from 'zustand';
import { useExperiment } from './experiment';
import { useRun } from './run';

/** Whether the reader wants to hear of the end of a run, and whether the browser lets the page say it. */
export const useNotify = create<{ readonly wanted: boolean; readonly refused: boolean }>(() => ({
  wanted: false,
  refused: false,
}));

/** Call on a click: browsers ask their user for it. */
export async function askToNotify(): Promise<void> {
  const permission = await Notification.requestPermission();
  useNotify.setState({ wanted: permission === 'granted', refused: permission === 'denied' });
}

/** Tells of the end of a run while the page is out of sight, and keeps its title up to date. Call once. */
export function followRunFromAfar(): void {
  const title = document.title;
  useRun.subscribe(({ status, step, total, failure }, before) => {
    document.title = status === 'running' ? `${step} of ${total} · ${title}` : title;
    if (before.status !== 'running') return;
    if (status === 'finished') tell(`All ${total} steps are trained.`);
    if (status === 'failed' && failure !== null) tell(`Training stopped at step ${step}.`);
  });
}

function tell(body: string): void {
  if (!useNotify.getState().wanted) return;
  useNotify.setState({ wanted: false });
  if (document.visibilityState === 'visible') return;
  try {
    const notification = new Notification(useExperiment.getState().name, { body });
    notification.addEventListener('click', () => window.focus());
  } catch {
    // Some phones allow notifications from service workers only; the title still says it.
  }
}
