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

  const stepIn = (bytes: Uint8Array<ArrayBuffer>) =>
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

  class ReplayedWorker extends EventTarget {
    private step = 0;
    private readonly weights = new Map<string, number>();
    private prompt = 0;
    private runs: ReadonlySet<string> = new Set();

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
          this.step = command.from === undefined ? 0 : stepIn(command.from.bytes);
          this.runs = new Set(command.runs.map(({ id }) => id));
          this.weights.clear();
          this.tell({ type: 'preparing', session, done: 1, total: 1 });
          if (this.step === 0) this.tell({ type: 'ready', session });
          else this.tell({ type: 'paused', session, step: this.step });
          this.tellRollouts(session);
          return;
        case 'save':
          this.save(session);
          return;
        case 'run':
          this.tell({ type: 'running', session });
          while (this.step < recording.metrics.length) this.advance(session);
          this.save(session);
          this.tell({ type: 'paused', session, step: this.step });
          return;
        case 'step':
          this.tell({ type: 'running', session });
          this.advance(session);
          this.save(session);
          this.tell({ type: 'paused', session, step: this.step });
          return;
        case 'set': {
          const { run, setting, value } = command;
          if (setting === 'positive_weight' && value !== null) this.weights.set(run, value);
          this.tell({ type: 'applied', session, run, setting, value, step: this.step + 1 });
          return;
        }
        case 'kernels':
          this.tell({
            type: 'kernels',
            shapes: [
              {
                arms: ['recorded'],
                runs: 4,
                updates: 8,
                rollout: { embedding: 4, matmul_nt: 28, attention_decode: 4, sample: 4 },
                reference: {},
                update: { matmul_nt: 7, matmul_nn: 7, matmul_tn: 7, policy_loss: 1, adamw: 1 },
                buffers: [
                  { name: 'weights', bytes: 1_343_488 },
                  { name: 'update logits', bytes: 524_288 },
                  { name: 'settings', bytes: 2_048 },
                ],
              },
            ],
            times: command.time
              ? { clock: 'wall', ms: { policy_loss: 0.84, matmul_nt: 12.5, adamw: 0.31 } }
              : null,
            failure: null,
          });
          return;
        case 'verify': {
          const tensors = [
            { name: 'logprob', error: 4.1e-7, tolerance: 2e-5 },
            { name: 'grad.model.norm.weight', error: 1.6e-6, tolerance: 2e-4 },
            { name: 'greedy', error: command.name === 'par' ? 1 : 0, tolerance: 0 },
          ];
          const ok = tensors.every(({ error, tolerance }) => error <= tolerance);
          this.tell({
            type: 'verified',
            name: command.name,
            checked: { ok, tensors },
            failure: null,
          });
          return;
        }
        case 'evaluate': {
          const { step } = this;
          const found = {
            ...{ prompts: command.prompts, samples: command.samples, entropy: 0.5 },
            ...{ pass_at_1: 0.61, pass_at_k: 0.9, maj_at_k: null, distinct: 3.5 },
            ...{ distinct_correct: 2.25, ece: 0.125, brier: 0.2, response_length: 5 },
            pass_curve: [
              [1, 0.61],
              [2, 0.75],
              [4, 0.9],
            ],
            reliability: [{ from: 0.9, to: 1, count: 9, confidence: 0.95, accuracy: 0.8 }],
          };
          const runs = Object.fromEntries([...this.runs].map((run) => [run, found]));
          this.tell({ type: 'evaluation', session, step, runs });
          return;
        }
        case 'measure': {
          const { step } = this;
          const { kind } = command;
          const found = {
            updates_before: 4,
            edges: [0.9, 1, 1.1],
            positive: [1, 20, 4],
            negative: [6, 30, 0],
            lowest: 0.9,
            highest: 1.1,
            predicted: [-0.01, -0.02],
            measured: [-0.012, -0.015],
          };
          const runs = Object.fromEntries([...this.runs].map((run) => [run, found]));
          this.tell({ type: 'measurement', session, step, kind, runs });
          return;
        }
        case 'softmax':
          this.tell({ type: 'softmax', push: command.push, pushed: null });
          return;
        case 'watch':
          this.prompt = command.prompt;
          this.tellRollouts(session);
          return;
        case 'pause':
          this.tell({ type: 'paused', session, step: this.step });
      }
    }

    private advance(session: number): void {
      const recorded = recording.metrics[this.step];
      if (recorded === undefined) return;
      this.step += 1;
      const runs = Object.fromEntries(
        Object.entries(recorded)
          .filter(([run]) => this.runs.has(run))
          .map(([run, row]) => [
            run,
            { ...row, positive_weight: this.weights.get(run) ?? row.positive_weight },
          ]),
      );
      this.tell({ type: 'metrics', session, step: this.step, runs });
      this.tellRollouts(session);
    }

    /** What the engine would write is long; of this, only the step is read back. */
    private save(session: number): void {
      if (this.step === 0) return;
      const bytes = new Uint8Array(4096);
      new DataView(bytes.buffer).setUint32(0, this.step);
      this.tell({ type: 'saved', session, step: this.step, bytes });
    }

    private tellRollouts(session: number): void {
      const groups = (recording.groups[this.step] ?? []).map((group) => ({
        ...group,
        ...(group.place && { place: { ...group.place, prompt: this.prompt } }),
      }));
      this.tell({ type: 'rollouts', session, groups });
    }

    private tell(event: Event): void {
      this.dispatchEvent(new MessageEvent('message', { data: event }));
    }
  }

  Object.defineProperty(window, 'Worker', { value: ReplayedWorker });
}
