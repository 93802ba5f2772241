import type { StepMetrics } from '../src/rl/metrics';
import type { Command, Event, GroupView } from '../src/worker/protocol';

/** What the made-up worker tells the page. */
export interface Given {
  /** Every number of a step, of about the right size. */
  readonly template: StepMetrics;
  /** Rollouts of some arms at some steps, shown in turn. */
  readonly groups: readonly (readonly GroupView[])[];
  readonly steps: number;
  /** Steps that come as fast as they can when Run is pressed; the rest come one every `stepMs`. */
  readonly filled: number;
  readonly stepMs: number;
  /** Bytes of a save, one every ten seconds, and at the end. */
  readonly saveBytes: number;
}

/** The text of a worker that trains nothing and says that it did: in a thread of its own, as the engine is. */
export function workerSource(given: Given): string {
  return `(${madeUp.toString()})(${JSON.stringify(given)});`;
}

/** Runs in the worker: nothing from outside its body may be used. */
function madeUp(given: Given): void {
  const { template, groups, steps, filled, stepMs, saveBytes } = given;
  const SHOW_MS = 250;
  const SAVE_MS = 10_000;
  const SETTINGS = ['positive_weight', 'clip_low', 'clip_high', 'entropy_coef', 'saturated'];
  let runs: readonly string[] = [];
  let step = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  let shownAt = 0;
  let savedAt = 0;

  const tell = (event: Event, transfer: Transferable[] = []) =>
    self.postMessage(event, { transfer });

  /** mulberry32, one number. */
  const noise = (seed: number) => {
    const state = (seed * 0x9e3779b1 + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296 - 0.5;
  };

  /** Every quantity falls or rises towards an end of its own, and wobbles. */
  const row = (arm: number): StepMetrics => {
    const left = Math.exp((-step * (arm + 1)) / 900);
    const numbers = Object.entries(template).map(([key, value], k) => {
      const size = typeof value === 'number' ? value : 0.01;
      if (SETTINGS.includes(key)) return [key, size];
      return [key, size * (0.2 + 0.8 * left) + 0.1 * size * noise(step * 97 + arm * 13 + k)];
    });
    const all = Object.fromEntries(numbers) as StepMetrics;
    return { ...all, step, updates: 16 * step, tokens: 590 * step };
  };

  const tellRollouts = (session: number) => {
    const some = groups[step % groups.length] ?? [];
    const shown = runs.map((run, i) => ({ ...some[i % some.length], run, step }));
    tell({ type: 'rollouts', session, groups: shown });
  };

  const save = (session: number) => {
    savedAt = performance.now();
    const bytes = new Uint8Array(saveBytes);
    tell({ type: 'saved', session, step, bytes }, [bytes.buffer]);
  };

  const advance = (session: number) => {
    step += 1;
    const rows = Object.fromEntries(runs.map((run, i) => [run, row(i)]));
    tell({ type: 'metrics', session, step, runs: rows });
    const now = performance.now();
    if (now - shownAt > SHOW_MS) {
      shownAt = now;
      tellRollouts(session);
    }
    if (now - savedAt > SAVE_MS) save(session);
  };

  const train = (session: number) => {
    tell({ type: 'running', session });
    savedAt = performance.now();
    const finish = () => {
      clearInterval(timer);
      save(session);
      tell({ type: 'finished', session, step });
    };
    timer = setInterval(() => {
      for (let i = 0; i < 5 && step < filled; i++) advance(session);
      if (step < filled) return;
      clearInterval(timer);
      timer = setInterval(() => {
        advance(session);
        if (step >= steps) finish();
      }, stepMs);
    }, 4);
  };

  self.addEventListener('message', ({ data }: MessageEvent<Command>) => {
    const { session } = data;
    if (data.type === 'prepare') {
      runs = data.runs.map(({ id }) => id);
      tell({ type: 'preparing', session, what: 'kernels', done: 1, total: 1 });
      tellRollouts(session);
      tell({ type: 'ready', session });
    }
    if (data.type === 'run') train(session);
    if (data.type === 'softmax') tell({ type: 'softmax', push: data.push, pushed: null });
  });
  const facts = { vendor: 'made up', architecture: '', description: '', software: false };
  tell({ type: 'adapter', facts, shaders: '0'.repeat(64) });
}
