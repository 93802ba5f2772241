import type { Progress } from './progress';

/** Ctrl-C as a request: the first one asks the loop to end cleanly, the second one ends the process. */
export interface Interruption {
  readonly requested: boolean;
  dispose(): void;
}

export function interruption(progress: Progress): Interruption {
  let requested = false;
  const onSignal = () => {
    if (requested) process.exit(130);
    requested = true;
    progress.say(
      'Stopping after this step and keeping what was trained. Press Ctrl-C again to end at once.',
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    get requested() {
      return requested;
    },
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
