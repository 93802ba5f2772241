import type { Page } from '@playwright/test';
import type { Failure } from '../../src/errors/failure';
import type { Command, Event } from '../../src/worker/protocol';
import type { Recording } from './recorded';

/** Replaces the page's worker by one that replays `recording`; call before `goto`. */
export async function replay(
  page: Page,
  recording: Recording,
  options: { failure?: Failure } = {},
): Promise<void> {
  await page.addInitScript(install, { recording, failure: options.failure ?? null });
}

/** Makes the page believe that the browser has no WebGPU; call before `goto`. */
export async function withoutWebGPU(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'gpu');
  });
}

/** Runs in the page: nothing from outside its body may be used. */
function install(given: { recording: Recording; failure: Failure | null }): void {
  const { recording, failure } = given;
  if (!('gpu' in navigator)) Object.defineProperty(navigator, 'gpu', { value: {} });

  class ReplayedWorker extends EventTarget {
    private step = 0;
    private readonly weights = new Map<string, number>();

    constructor() {
      super();
      const facts = {
        vendor: 'recorded',
        architecture: '',
        description: recording.software ? 'SwiftShader' : 'Recorded GPU',
        software: recording.software,
      };
      setTimeout(() => {
        if (failure === null) this.tell({ type: 'adapter', facts });
        else this.tell({ type: 'failed', session: 0, failure });
      });
    }

    postMessage(command: Command): void {
      setTimeout(() => this.obey(command));
    }

    terminate(): void {}

    private obey(command: Command): void {
      const { session } = command;
      switch (command.type) {
        case 'prepare':
          this.step = 0;
          this.weights.clear();
          this.tell({ type: 'preparing', session, done: 1, total: 1 });
          this.tell({ type: 'ready', session });
          this.tellRollouts(session);
          return;
        case 'run':
          this.tell({ type: 'running', session });
          while (this.step < recording.metrics.length) this.advance(session);
          this.tell({ type: 'paused', session, step: this.step });
          return;
        case 'step':
          this.tell({ type: 'running', session });
          this.advance(session);
          this.tell({ type: 'paused', session, step: this.step });
          return;
        case 'set': {
          const { run, setting, value } = command;
          if (setting === 'positive_weight' && value !== null) this.weights.set(run, value);
          this.tell({ type: 'applied', session, run, setting, value, step: this.step + 1 });
          return;
        }
        case 'pause':
          this.tell({ type: 'paused', session, step: this.step });
      }
    }

    private advance(session: number): void {
      const recorded = recording.metrics[this.step];
      if (recorded === undefined) return;
      this.step += 1;
      const runs = Object.fromEntries(
        Object.entries(recorded).map(([run, row]) => [
          run,
          { ...row, positive_weight: this.weights.get(run) ?? row.positive_weight },
        ]),
      );
      this.tell({ type: 'metrics', session, step: this.step, runs });
      this.tellRollouts(session);
    }

    private tellRollouts(session: number): void {
      this.tell({ type: 'rollouts', session, groups: recording.groups[this.step] ?? [] });
    }

    private tell(event: Event): void {
      this.dispatchEvent(new MessageEvent('message', { data: event }));
    }
  }

  Object.defineProperty(window, 'Worker', { value: ReplayedWorker });
}
