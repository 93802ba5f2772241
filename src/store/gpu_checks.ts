import { create } from 'zustand';
import type { Failure } from '../errors/failure';
import type {
  CheckedCase,
  CheckedOutput,
  Event,
  KernelTimes,
  ShapeKernels,
} from '../worker/protocol';
import { useRun } from './run';

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

/** Kernels against their float64 twins, by one check of the worker's list. */
export interface KernelResult {
  readonly kernels: readonly string[];
  /** Shape and inputs. */
  readonly about: string;
  readonly outputs: readonly CheckedOutput[];
  readonly failure: Failure | null;
}

/** Where a verification stands: `stopped` is one that somebody ended, or that a failure of the device did. */
export type VerifyState = 'none' | 'running' | 'stopped' | 'done';

export interface GpuChecks {
  readonly shapes: readonly ShapeKernels[];
  /** Null until the kernels have been timed. */
  readonly times: KernelTimes | null;
  readonly timing: boolean;
  readonly timingFailure: Failure | null;
  readonly verifying: VerifyState;
  /** What has been answered so far, in the order of the list, and how long that is: null until the first answer. */
  readonly kernels: readonly KernelResult[];
  readonly kernelTotal: number | null;
  /** By the name of the case; those that are still to come are missing. */
  readonly results: Readonly<Record<string, CaseResult>>;
}

const NOTHING: GpuChecks = {
  shapes: [],
  times: null,
  timing: false,
  timingFailure: null,
  verifying: 'none',
  kernels: [],
  kernelTotal: null,
  results: {},
};

export const useGpuChecks = create<GpuChecks>(() => NOTHING);

/** What is needed of the worker's client. */
export interface CheckedDevice {
  kernels(time: boolean): void;
  verify(name: string): void;
  checkKernel(index: number): void;
  subscribe(listener: (event: Event) => void): () => void;
}

let device: CheckedDevice | null = null;

/** The answer that the verification waits for: the place of a kernel check or the name of a case. Others come too late. */
let awaited: number | string | null = null;

/** Hands over the worker that has the device, or none. What another device has said is forgotten. */
export function serveKernels(next: CheckedDevice | null): void {
  device = next;
  awaited = null;
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

/** Compares every kernel with its twin and runs the conformance cases, one after the other. While nothing trains. */
export function verifyHere(): void {
  if (device === null) return;
  useGpuChecks.setState({ verifying: 'running', kernels: [], kernelTotal: null, results: {} });
  askKernel(0);
}

/** Asks for no more; what has been answered stays. */
export function stopVerifying(): void {
  awaited = null;
  if (useGpuChecks.getState().verifying === 'running')
    useGpuChecks.setState({ verifying: 'stopped' });
}

/** Checks would slow training, and an error of the device could be taken for the other's. */
useRun.subscribe(({ status }) => {
  if (status === 'running') stopVerifying();
});

function askKernel(index: number): void {
  awaited = index;
  device?.checkKernel(index);
}

function askCase(place: number): void {
  const next = CASES[place];
  awaited = next?.name ?? null;
  if (next === undefined) useGpuChecks.setState({ verifying: 'done' });
  else device?.verify(next.name);
}

function receive(event: Event): void {
  switch (event.type) {
    case 'preparing':
      // Times belong to the runs that were there; the results of the checks do not.
      return useGpuChecks.setState({ shapes: [], times: null });
    case 'kernels': {
      const { shapes, times, failure } = event;
      useGpuChecks.setState({ shapes });
      if (times !== null || failure !== null)
        useGpuChecks.setState({ times, timing: false, timingFailure: failure });
      return;
    }
    case 'kernelChecked': {
      const { index, total, kernels, about, outputs, failure } = event;
      if (awaited !== index) return;
      useGpuChecks.setState((state) => ({
        kernels: [...state.kernels, { kernels, about, outputs, failure }],
        kernelTotal: total,
      }));
      return index + 1 < total ? askKernel(index + 1) : askCase(0);
    }
    case 'verified': {
      const { name, checked, failure } = event;
      if (awaited !== name) return;
      useGpuChecks.setState(({ results }) => ({
        results: { ...results, [name]: { checked, failure } },
      }));
      return askCase(CASES.findIndex((one) => one.name === name) + 1);
    }
    case 'failed':
      stopVerifying();
      return useGpuChecks.setState({ timing: false });
    default:
  }
}
