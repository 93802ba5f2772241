import { threefry } from '../gpu/kernels/threefry';
import { threefry2x32 } from '../reference/threefry';
import type { Comparison } from './compare';
import type { Bench } from './run_kernel';

export interface ThreefrySubject {
  readonly count: number;
  readonly start: number;
  readonly stream: number;
  readonly key0: number;
  readonly key1: number;
}

/** Pairs of words, of every run. */
export async function threefryBits(
  { run, profile }: Bench,
  params: ThreefrySubject,
  runs = 1,
): Promise<Uint32Array<ArrayBuffer>> {
  const { bits } = await run(threefry, {
    constants: { WG: profile.element },
    inputs: {},
    outputs: { bits: new Uint32Array(runs * params.count * 2).fill(7) },
    params: { ...params },
    items: params.count,
    runs,
  });
  return bits;
}

export async function compareThreefry(
  bench: Bench,
  subject: ThreefrySubject,
  runs: number,
): Promise<Comparison[]> {
  const { count, start, stream, key0, key1 } = subject;
  const got = await threefryBits(bench, subject, runs);
  const ofRun = Array.from({ length: count }, (_, i) =>
    threefry2x32(key0, key1, (start + i) >>> 0, stream),
  ).flat();
  const want = Array.from({ length: runs }, () => ofRun).flat();
  return [{ kernel: 'threefry', output: 'bits', got, want, tolerance: {} }];
}
