import { CASES, type CaseResult, type GpuChecks, type KernelResult } from '../../store/gpu_checks';

/** What a verification has found, in words. */

type Verification = Pick<GpuChecks, 'verifying' | 'kernels' | 'kernelTotal' | 'results'>;

/** Every number of every output is within its tolerance. */
export const agrees = ({ outputs, failure }: KernelResult): boolean =>
  failure === null && outputs.length > 0 && outputs.every(({ share }) => share <= 1);

const repeats = ({ checked }: CaseResult): boolean => checked?.ok ?? false;

/** Checks that have been answered, and all there are: null before the first answer. */
export function progressOf({ kernels, kernelTotal, results }: Verification): {
  done: number;
  total: number | null;
} {
  const done = kernels.length + Object.keys(results).length;
  return { done, total: kernelTotal === null ? null : kernelTotal + CASES.length };
}

/** One sentence or two; `device` is what it was computed on. Null before anything was asked. */
export function verdictOf(verification: Verification, device: string): string | null {
  const { verifying, kernels, results } = verification;
  if (verifying === 'none' || verifying === 'running') return null;
  const checked = kernels.flatMap((result) => result.kernels);
  const wrong = kernels.filter((result) => !agrees(result));
  const missed = CASES.filter(({ name }) => results[name] && !repeats(results[name]));
  if (verifying === 'stopped' && wrong.length + missed.length === 0) {
    const { done, total } = progressOf(verification);
    return `Stopped after ${done} of ${total ?? 'all'} checks; none of them failed.`;
  }
  if (wrong.length + missed.length > 0) {
    const names = wrong.map((result) => result.kernels.join(' and ') || 'the comparisons');
    const kernelsWrong = names.length > 0 ? [`kernels: ${names.join(', ')}`] : [];
    const casesWrong =
      missed.length > 0 ? [`steps: ${missed.map(({ name }) => name).join(', ')}`] : [];
    return `Not everything came out right on ${device} (${[...kernelsWrong, ...casesWrong].join('; ')}). Do not trust what trains here before this is understood.`;
  }
  return `All ${checked.length} kernels agree with their float64 twins and both steps with PyTorch, on ${device}. ${closest(kernels)}`;
}

/** Where the least was left of a tolerance. */
function closest(kernels: readonly KernelResult[]): string {
  const outputs = kernels.flatMap((result) => result.outputs);
  const most = outputs.reduce((a, b) => (b.share > a.share ? b : a));
  return `The largest share of a tolerance that an error used up is ${percent(most.share)} (${most.kernel}, ${most.output}).`;
}

/** "0", "below 1%", "37%". */
export function percent(share: number): string {
  if (share === 0) return '0%';
  if (!Number.isFinite(share)) return 'more than all';
  return share < 0.005 ? 'below 1%' : `${(100 * share).toFixed(0)}%`;
}

/** "4.1e−7", "3" */
export function exponential(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Number.isFinite(value) ? value.toExponential(1).replace('e-', 'e−') : 'not finite';
}
