import { requestGpu, type Gpu } from '../src/gpu/device';
import type { AdapterFacts } from '../src/recipe/adapter_facts';
import { AXES, quickAxis } from './cases/axes';
import { BY_KERNEL, CASES, FRESH, ON_REQUEST, SCALES, SOAK, SOAK_STEPS } from './cases/cases';
import { costsByKernel, type KernelsResult } from './harness/by_kernel';
import type { CaseResult } from './harness/case';
import { compete, joined } from './harness/compete';
import { grow, type GrowthResult } from './harness/growth';
import type { Peers } from './harness/peer';
import { scale, type ScaleResult } from './harness/scale';
import { soak, type SoakResult } from './harness/soak';

/** One case to measure in this process. */
export interface MeasureRequest {
  readonly name: string;
  readonly rounds: number;
  readonly quick: boolean;
  /** Of a case that is measured over several processes: the number of this one, and what came before. */
  readonly turn: number;
  readonly before: CaseResult | null;
}

export interface Measured {
  readonly adapter: AdapterFacts;
  readonly result: CaseResult | GrowthResult | KernelsResult | ScaleResult | SoakResult;
}

export interface CaseNames {
  readonly all: readonly string[];
  /** Measured unless others are named. */
  readonly usual: readonly string[];
  /** Want a process for every round. */
  readonly fresh: readonly string[];
}

export function caseNames(): CaseNames {
  const all = [
    ...Object.keys(CASES),
    ...AXES.map(({ name }) => name),
    ...Object.keys(BY_KERNEL),
    ...Object.keys(SCALES),
    'soak',
  ];
  return { all, usual: all.filter((name) => !ON_REQUEST.includes(name)), fresh: FRESH };
}

export async function measure(
  request: MeasureRequest,
  peers: Peers,
  pollsBusily: boolean,
): Promise<Measured> {
  const { name, quick, turn, before } = request;
  const rounds = quick ? Math.min(2, request.rounds) : request.rounds;
  let opened: Promise<Gpu> | undefined;
  const gpu = () => (opened ??= requestGpu(navigator.gpu).then((own) => ({ ...own, pollsBusily })));
  const { facts: adapter } = await gpu();
  const axis = AXES.find((each) => each.name === name);
  if (axis) {
    const result = await grow(await gpu(), quick ? quickAxis(axis) : axis, rounds);
    return { adapter, result };
  }
  const timed = BY_KERNEL[name];
  if (timed) return { adapter, result: await costsByKernel(await gpu(), name, timed, rounds) };
  if (name === 'soak') {
    const steps = quick ? 20 : SOAK_STEPS;
    return { adapter, result: await soak(await gpu(), name, SOAK, steps) };
  }
  const large = SCALES[name];
  if (large) return { adapter, result: await scale(await gpu(), name, large) };
  const made = CASES[name];
  if (!made) throw new Error(`no case is called ${name}; there are ${caseNames().all.join(', ')}`);
  const result = await compete(made({ gpu, peers, quick }), rounds, turn);
  return { adapter, result: before ? joined([before, result]) : result };
}
