import type { KernelTimes, ShapeKernels } from '../../worker/protocol';

/** What one entry point is asked for in one step of all runs. */
export interface EntryCost {
  readonly entry: string;
  /** Dispatches while rollouts are drawn, and in all updates of the step, passes for KL included. */
  readonly rollout: number;
  readonly updates: number;
  /** Milliseconds of the step; null where nothing was timed. */
  readonly ms: number | null;
}

/** Runs of one shape share their dispatches; shapes follow each other, so their counts add up. */
export function costOf(
  entry: string,
  shapes: readonly ShapeKernels[],
  times: KernelTimes | null,
): EntryCost {
  const sum = (count: (shape: ShapeKernels) => number) =>
    shapes.reduce((total, shape) => total + count(shape), 0);
  return {
    entry,
    rollout: sum((shape) => shape.rollout[entry] ?? 0),
    updates: sum(
      (shape) => (shape.reference[entry] ?? 0) + (shape.update[entry] ?? 0) * shape.updates,
    ),
    ms: times === null ? null : (times.ms[entry] ?? 0),
  };
}

/** Dispatches of one step of all runs. */
export function dispatchesOf(shapes: readonly ShapeKernels[]): number {
  const all = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, n) => sum + n, 0);
  return shapes.reduce(
    (sum, s) => sum + all(s.rollout) + all(s.reference) + all(s.update) * s.updates,
    0,
  );
}

export function bytesOf(shapes: readonly ShapeKernels[]): number {
  return shapes.reduce((sum, s) => sum + s.buffers.reduce((own, b) => own + b.bytes, 0), 0);
}

/** 3.2 MB; decimal units. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (bytes >= 1e3) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${bytes} B`;
}

/** Milliseconds with two to three digits. */
export function msText(ms: number | null): string {
  if (ms === null) return '–';
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}
