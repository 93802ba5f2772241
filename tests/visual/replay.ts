import type { Page } from '@playwright/test';
import type { Failure } from '../../src/errors/failure';
import type { Command, Event } from '../../src/worker/protocol';
import type { Recording } from './recorded';

/** Replaces the page's worker by one that replays `recording`; call before `goto`. */
export async function replay(
  page: Page,
  recording: Recording,
  options: Partial<Manner> = {},
): Promise<void> {
  const manner: Manner = {
    ...{ failure: null, silentAfter: null, trouble: null, checkMs: 0, stepMs: 0 },
    shaders: '1a2b3c4d'.repeat(8),
    ...options,
  };
  await page.addInitScript(install, { recording, ...manner });
}

/** How the worker behaves. */
export interface Manner {
  /** What it says instead of naming its adapter. */
  readonly failure: Failure | null;
  /** It says nothing at all, or nothing once it has named its adapter: a GPU that does not answer. */
  readonly silentAfter: 'start' | 'adapter' | null;
  /** What it says after this step, so many times (once); after step 0 in answer to being prepared. */
  readonly trouble: {
    readonly after: number;
    readonly failure: Failure;
    readonly times?: number;
  } | null;
  /** Milliseconds that a check of a kernel takes. */
  readonly checkMs: number;
  /** Milliseconds of a step of Run, which then says when it has finished; at 0 all of them come at once. */
  readonly stepMs: number;
  /** The hash of the shaders that it says it computes with. */
  readonly shaders: string;
}

/** Makes the page believe that the browser has no WebGPU; call before `goto`. */
export async function withoutWebGPU(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'gpu');
  });
}

/** Runs in the page: nothing from outside its body may be used. */
function install(given: { recording: Recording } & Manner): void {
  const { recording, failure, silentAfter, trouble, checkMs, stepMs, shaders } = given;
  let troubles = trouble === null ? 0 : (trouble.times ?? 1);
  if (!('gpu' in navigator)) Object.defineProperty(navigator, 'gpu', { value: {} });

  type Timing = NonNullable<Extract<Event, { type: 'layout' }>['timing']>;
  /** The second one is the fastest. */
  const layouts = [
    { workgroup: 32, rows: 8, ms: 4.2, low: 4.1, high: 4.3, samples: 9 },
    { workgroup: 32, rows: 4, ms: 2.8, low: 2.7, high: 2.9, samples: 9 },
    { workgroup: 64, rows: 4, ms: 2.9, low: 2.8, high: 3, samples: 9 },
    { workgroup: 64, rows: 8, ms: 4.4, low: 4.3, high: 4.5, samples: 9 },
    { workgroup: 32, rows: 16, ms: 19.3, low: 19.3, high: 19.3, samples: 1 },
  ];

  const stepIn = (bytes: Uint8Array<ArrayBuffer>) =>
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

  const startOf = (from: Extract<Command, { type: 'prepare' }>['from']) => {
    if (from === undefined) return 0;
    return 'retrace' in from ? from.retrace.step : stepIn(from.bytes);
  };

  class ReplayedWorker extends EventTarget {
    private step = 0;
    private readonly weights = new Map<string, number>();
    private prompt = 0;
    /** Not before the first step of a run that was taken up: what it answered before is the page's to show. */
    private answered = true;
    private runs: ReadonlySet<string> = new Set();
    private timing: Timing | null = null;
    private timed: ReturnType<typeof setTimeout> | undefined;
    private inUse = 0;

    constructor() {
      super();
      const facts = {
        vendor: 'recorded',
        architecture: '',
        description: recording.software ? 'SwiftShader' : 'Recorded GPU',
        software: recording.software,
      };
      setTimeout(() => {
        if (silentAfter === 'start') return;
        if (failure === null) this.tell({ type: 'adapter', facts, shaders });
        else this.tell({ type: 'failed', session: 0, failure });
      });
    }

    postMessage(command: Command): void {
      if (silentAfter !== null) return;
      setTimeout(() => this.obey(command), command.type === 'checkKernel' ? checkMs : 0);
    }

    terminate(): void {}

    private obey(command: Command): void {
      const { session } = command;
      switch (command.type) {
        case 'prepare':
          this.step = startOf(command.from);
          this.inUse = this.timing === null ? 0 : 1;
          this.runs = new Set(command.runs.map(({ id }) => id));
          this.weights.clear();
          this.tell({ type: 'preparing', session, what: 'kernels', done: 1, total: 1 });
          if (this.inTrouble(session)) return;
          if (this.step === 0) this.tell({ type: 'ready', session });
          else this.tell({ type: 'paused', session, step: this.step });
          this.tellLayout();
          this.answered = this.step === 0;
          this.tellRollouts(session);
          return;
        case 'save':
          this.save(session);
          return;
        case 'run':
          this.tell({ type: 'running', session });
          if (stepMs > 0) return this.pace(session);
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
          const { runs, setting, value } = command;
          for (const run of runs) {
            if (setting === 'positive_weight' && value !== null) this.weights.set(run, value);
            this.tell({ type: 'applied', session, run, setting, value, step: this.step + 1 });
          }
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
                update: { matmul_nt: 7, matmul_gradients: 7, policy_loss: 1, adamw: 1 },
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
        case 'keptTimings':
          // Of the one adapter and size that is played.
          this.timing = (command.kept['recorded'] as Timing | undefined) ?? null;
          return;
        case 'timeLayouts':
          this.timed = setTimeout(() => {
            this.timing = { date: '2026-11-21', timed: layouts };
            this.tellLayout();
          }, checkMs);
          return;
        case 'stopTimingLayouts':
          clearTimeout(this.timed);
          this.tellLayout();
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
        case 'checkKernel':
          this.tell(this.checkedKernel(command.index));
          return;
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
        case 'policy':
        case 'plan':
          // No policies are read here, and what was recorded is measured when it is asked for, and only then.
          return;
        case 'pause':
          this.tell({ type: 'paused', session, step: this.step });
      }
    }

    /** Some kernels, as the worker's list has them; the one before the last is wrong, the last did not run. */
    private checkedKernel(index: number): Event {
      const right = (kernel: string, output: string, error: number, share: number) => ({
        ...{ kernel, output, error, share, numbers: 640 },
        allowed: error === 0 ? 0 : error / share,
        relative: error / 8,
      });
      const list = [
        { about: '17 rows of width 65, 3 runs', outputs: [right('rmsnorm', 'y', 4.1e-7, 0.21)] },
        {
          about: '65 × 63 by 63 × 31 and an addend, 2 runs',
          outputs: [right('matmul_nt', 'c', 9.4e-6, 0.0431)],
        },
        {
          about: '33 draws from 65 words, 3 runs at temperatures 1, 0.6 and 1.7',
          outputs: [
            right('sample', 'tokens', 0, 0),
            right('sample', 'logprob', 2.9e-6, 0.13),
            right('sample', 'entropy', 4.8e-7, 0.26),
          ],
        },
        {
          about: '6 heads of 6 on 2 of keys, 17 positions, 2 runs',
          outputs: [
            right('attention_backward_query', 'd_q', 3.3e-7, 0.08),
            right('attention_backward_key', 'd_k', 5.1e-7, 0.09),
            right('attention_backward_key', 'd_v', 7.7e-8, 0.04),
          ],
        },
        {
          about: '5 heads of 6, 13 positions, 2 runs',
          outputs: [right('rope', 'x', 0.31, 34_667)],
        },
        { about: '17 rows of width 31, 2 runs', outputs: [] },
      ];
      const { about, outputs } = list[index] ?? { about: '', outputs: [] };
      const kernels = [...new Set(outputs.map(({ kernel }) => kernel))];
      const detail = 'the device refused the check';
      return {
        ...{ type: 'kernelChecked', index, total: list.length, about, outputs },
        kernels: kernels.length > 0 ? kernels : ['swiglu'],
        failure: outputs.length > 0 ? null : { kind: 'bug', detail },
      };
    }

    private pace(session: number): void {
      setTimeout(() => {
        this.advance(session);
        if (this.step === 1) this.save(session);
        if (this.step < recording.metrics.length) return this.pace(session);
        this.save(session);
        this.tell({ type: 'finished', session, step: this.step });
      }, stepMs);
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
      this.answered = true;
      this.tellRollouts(session);
      this.inTrouble(session);
    }

    private inTrouble(session: number): boolean {
      if (trouble === null || troubles === 0 || this.step !== trouble.after) return false;
      troubles -= 1;
      this.tell({ type: 'failed', session, failure: trouble.failure });
      return true;
    }

    /** What the engine would write is long; of this, only the step is read back. */
    private save(session: number): void {
      if (this.step === 0) return;
      const bytes = new Uint8Array(4096);
      new DataView(bytes.buffer).setUint32(0, this.step);
      this.tell({ type: 'saved', session, step: this.step, bytes });
    }

    private tellLayout(): void {
      const { workgroup = 0, rows = 0 } = layouts[this.inUse] ?? {};
      const inUse = { workgroup, rows };
      this.tell({ type: 'layout', inUse, timing: this.timing, key: 'recorded', failure: null });
    }

    private tellRollouts(session: number): void {
      if (!this.answered) return;
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

  // The page has other workers, which are not played.
  const Native = window.Worker;
  const spawn = function (url: URL, options?: WorkerOptions) {
    return options?.name === 'engine' ? new ReplayedWorker() : new Native(url, options);
  };
  Object.defineProperty(window, 'Worker', { value: spawn });
}
