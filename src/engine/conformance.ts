import type { Gpu } from '../gpu/device';
import type { Case } from './case_file';
import { computeCase, type Actual } from './check';

/** How far our kernels are from a case, each error in the unit its tolerance is stated in. */
export interface CaseReport {
  readonly ok: boolean;
  readonly errors: Readonly<Record<string, number>>;
  /** What was allowed, by the same names. */
  readonly tolerances: Readonly<Record<string, number>>;
  readonly actual: Actual;
}

type Values = Float32Array | Int32Array;

/** Runs a case and compares every expected tensor at the tolerances of the case format. */
export async function checkCase(gpu: Gpu, subject: Case): Promise<CaseReport> {
  const { actual, largestLogit } = await computeCase(gpu, subject);
  const errors: Record<string, number> = {};
  const tolerances: Record<string, number> = {};
  for (const [name, want] of subject.expected) {
    const got = actual.get(name);
    tolerances[name] = toleranceOf(name, largestLogit);
    errors[name] = got && got.length === want.length ? errorOf(name, got, want, subject) : Infinity;
  }
  const ok =
    subject.expected.size > 0 &&
    // Not "error > tolerance": that would pass a NaN.
    Object.keys(errors).every((name) => (errors[name] ?? Infinity) <= (tolerances[name] ?? 0));
  return { ok, errors, tolerances, actual };
}

function toleranceOf(name: string, largestLogit: number): number {
  if (name === 'greedy') return 0;
  if (name.startsWith('grad.') || name.startsWith('updated.') || name === 'grad_norm') return 2e-4;
  if (name.startsWith('entropy_drive') || name.startsWith('entropy_slope')) return 1e-3;
  const scaled = 2e-5 * Math.max(1, largestLogit / 30);
  if (name === 'logprob' || name === 'entropy' || name === 'mean_entropy') return scaled;
  // exp turns an absolute error of a log-probability into a relative one of the ratio.
  if (name === 'ratio') return 2 * scaled;
  if (name.endsWith('_fraction')) return 1e-6;
  return 1e-5;
}

function errorOf(name: string, got: Values, want: Values, subject: Case): number {
  if (name === 'greedy') return Array.from(got).filter((token, i) => token !== want[i]).length;
  if (name.startsWith('grad.')) return largestGap(got, want) / (largest(want) || 1);
  if (name.startsWith('updated.')) return updateError(name, got, want, subject);
  if (name === 'loss' || name === 'policy_loss')
    return largestGap(got, want) / Math.max(1, largest(want));
  if (name === 'ratio') return relativeGap(got, want, 1);
  if (
    name === 'grad_norm' ||
    name.startsWith('entropy_drive') ||
    name.startsWith('entropy_slope')
  ) {
    return relativeGap(got, want, 1e-7);
  }
  return largestGap(got, want);
}

function largest(values: Values): number {
  let most = 0;
  for (const x of values) most = Math.max(most, Math.abs(x));
  return most;
}

/** NaN counts as infinitely far. */
const gap = (a: number, b: number) => (Number.isFinite(a) ? Math.abs(a - b) : Infinity);

function largestGap(got: Values, want: Values): number {
  let most = 0;
  for (let i = 0; i < want.length; i++) most = Math.max(most, gap(got[i] ?? NaN, want[i] ?? 0));
  return most;
}

function relativeGap(got: Values, want: Values, floor: number): number {
  let most = 0;
  for (let i = 0; i < want.length; i++) {
    const target = want[i] ?? 0;
    most = Math.max(most, gap(got[i] ?? NaN, target) / Math.max(Math.abs(target), floor));
  }
  return most;
}

/**
 * In units of the learning rate, where the expected gradient is above 1e-5 of the largest of all parameters. Below that
 * the first AdamW step, g / (|g| + eps), magnifies the rounding of a gradient that is close to eps.
 */
function updateError(name: string, got: Values, want: Values, subject: Case): number {
  const grad = subject.expected.get(`grad.${name.slice('updated.'.length)}`);
  const floor = 1e-5 * largestGradient(subject);
  let most = 0;
  for (let i = 0; i < want.length; i++) {
    if (grad && Math.abs(grad[i] ?? 0) <= floor) continue;
    // A weight cannot be nearer than the rounding of f32 lets it: one unit in its last place is no error.
    const target = want[i] ?? 0;
    most = Math.max(most, gap(got[i] ?? NaN, target) - Math.abs(target) * 2 ** -23);
  }
  return most === 0 ? 0 : most / subject.config.optimizer.learning_rate;
}

function largestGradient({ expected }: Case): number {
  let most = 0;
  for (const [name, values] of expected) {
    if (name.startsWith('grad.')) most = Math.max(most, largest(values));
  }
  return most;
}
