import { create } from 'zustand';
import type { Failure } from '../errors/failure';
import type { CheckedCase, Event, KernelTimes, ShapeKernels } from '../worker/protocol';

/** What the page has asked its device about the kernels: what a step dispatches, what it costs, and whether it is right. */

/** Conformance cases of public/cases, and what sets each apart. */
export const CASES = [
  { name: 'grpo', about: 'clipped surrogate with both weights at 1' },
  {
    name: 'par',
    about: 'λ = 0.3, clip bounds 0.2 and 0.28, an entropy bonus and a KL term',
  },
] as const;

export interface CaseResult {
  readonly checked: CheckedCase | null;
  readonly failure: Failure | null;
}

export interface GpuChecks {
  readonly shapes: readonly ShapeKernels[];
  /** Null until the kernels have been timed. */
  readonly times: KernelTimes | null;
  readonly timing: boolean;
  readonly timingFailure: Failure | null;
  readonly verifying: boolean;
  /** By the name of the case; those that are still to come are missing. */
  readonly results: Readonly<Record<string, CaseResult>>;
}

const NOTHING: GpuChecks = {
  shapes: [],
  times: null,
  timing: false,
  timingFailure: null,
  verifying: false,
  results: {},
};

export const useGpuChecks = create<GpuChecks>(() => NOTHING);

/** What is needed of the worker's client. */
export interface CheckedDevice {
  kernels(time: boolean): void;
  verify(name: string): void;
  subscribe(listener: (event: Event) => void): () => void;
}

let device: CheckedDevice | null = null;

/** Hands over the worker that has the device, or none. What another device has said is forgotten. */
export function serveKernels(next: CheckedDevice | null): void {
  device = next;
  useGpuChecks.setState(NOTHING);
  device?.subscribe((event) => {
    if (device === next) receive(event);
  });
}

/** Asks what the prepared runs dispatch and hold; the answer comes into the store. */
export function askKernels(): void {
  device?.kernels(false);
}

/** Times every kernel. While nothing trains. */
export function timeKernels(): void {
  if (device === null) return;
  useGpuChecks.setState({ timing: true, timingFailure: null });
  device.kernels(true);
}

/** Runs the conformance cases, one after the other. While nothing trains. */
export function verifyHere(): void {
  if (device === null) return;
  useGpuChecks.setState({ verifying: true, results: {} });
  for (const { name } of CASES) device.verify(name);
}

function receive(event: Event): void {
  switch (event.type) {
    case 'preparing':
      // Times belong to the runs that were there; the results of the cases do not.
      return useGpuChecks.setState({ shapes: [], times: null });
    case 'kernels': {
      const { shapes, times, failure } = event;
      useGpuChecks.setState({ shapes });
      if (times !== null || failure !== null)
        useGpuChecks.setState({ times, timing: false, timingFailure: failure });
      return;
    }
    case 'verified': {
      const { name, checked, failure } = event;
      return useGpuChecks.setState(({ results }) => {
        const known = { ...results, [name]: { checked, failure } };
        return { results: known, verifying: CASES.some((one) => !(one.name in known)) };
      });
    }
    case 'failed':
      return useGpuChecks.setState({ timing: false, verifying: false });
    default:
  }
}
