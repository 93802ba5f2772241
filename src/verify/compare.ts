/** What a kernel computed, what its float64 twin did, and how far apart they may be. */
export interface Comparison {
  /** The entry point, and the name of what it wrote. */
  readonly kernel: string;
  readonly output: string;
  readonly got: ArrayLike<number>;
  readonly want: ArrayLike<number>;
  readonly tolerance: Tolerance;
}

/** |got - want| <= atol + rtol |want|. */
export interface Tolerance {
  /** For all, or one for each number. */
  readonly atol?: number | ArrayLike<number>;
  readonly rtol?: number;
}

export interface Gap {
  /** Numbers that were compared. */
  readonly numbers: number;
  /** Largest |got - want|, and what is allowed there. */
  readonly error: number;
  readonly allowed: number;
  /** Largest |want|. */
  readonly scale: number;
  /** Largest share of its tolerance that an error uses up, and where: above 1 is a failure, and so is NaN as Infinity. */
  readonly share: number;
  readonly worst: number;
}

/** Throws where there are not as many numbers on one side as on the other. */
export function gapOf(compared: Pick<Comparison, 'got' | 'want' | 'tolerance'>): Gap {
  const { got, want } = compared;
  const { atol = 0, rtol = 0 } = compared.tolerance;
  if (got.length !== want.length) throw new Error(`${got.length} numbers, not ${want.length}`);
  const allowedAt = (i: number) =>
    (typeof atol === 'number' ? atol : atol[i]) + rtol * Math.abs(want[i]);
  let [error, at, scale, share, worst] = [-1, 0, 0, 0, -1];
  for (let i = 0; i < want.length; i++) {
    const here = orInfinity(Math.abs(got[i] - want[i]));
    const used = here === 0 ? 0 : orInfinity(here / allowedAt(i));
    if (here > error) [error, at] = [here, i];
    if (used > share) [share, worst] = [used, i];
    scale = Math.max(scale, Math.abs(want[i]));
  }
  if (error < 0) return { numbers: 0, error: 0, allowed: 0, scale, share, worst };
  return { numbers: want.length, error, allowed: allowedAt(at), scale, share, worst };
}

const orInfinity = (x: number) => (Number.isNaN(x) ? Infinity : x);

/** What was found of one output of one kernel. */
export interface CheckedOutput {
  readonly kernel: string;
  readonly output: string;
  readonly numbers: number;
  /** Largest absolute error, and what is allowed at that place. */
  readonly error: number;
  readonly allowed: number;
  /** The largest error as a share of the largest number there is. */
  readonly relative: number;
  /** The largest share of its tolerance that any number uses up. */
  readonly share: number;
}

/** One entry for each output; of comparisons of one output (its runs, its parts) the worst. */
export function checkedOutputs(comparisons: readonly Comparison[]): CheckedOutput[] {
  const found = new Map<string, CheckedOutput & { readonly scale: number }>();
  for (const comparison of comparisons) {
    const { kernel, output } = comparison;
    const gap = gapOf(comparison);
    const key = `${kernel} ${output}`;
    const before = found.get(key);
    const larger = before === undefined || gap.error > before.error ? gap : before;
    const { error, allowed } = larger;
    const scale = Math.max(before?.scale ?? 0, gap.scale);
    found.set(key, {
      ...{ kernel, output, error, allowed, scale },
      numbers: (before?.numbers ?? 0) + gap.numbers,
      relative: error === 0 ? 0 : error / scale,
      share: Math.max(before?.share ?? 0, gap.share),
    });
  }
  return [...found.values()].map(({ scale: _, ...output }) => output);
}
