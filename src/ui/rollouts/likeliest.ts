/** Tokens that get a row of their own. */
const MOST_ROWS = 10;

export interface DistributionRow {
  readonly name: string;
  readonly before: number;
  readonly after: number | null;
  readonly sampled: boolean;
}

/** The likeliest tokens before, most first, the sampled one among them, and a row for all others. */
export function likeliest(
  vocabulary: readonly string[],
  before: readonly number[],
  after: readonly number[] | null,
  sampled: string,
): DistributionRow[] {
  const all = vocabulary.map((name, v) => ({
    name,
    before: before[v] ?? 0,
    after: after === null ? null : (after[v] ?? 0),
    sampled: name === sampled,
  }));
  const sorted = all.sort((a, b) => b.before - a.before);
  const fits = sorted.length <= MOST_ROWS + 1;
  const top = fits ? sorted : sorted.slice(0, MOST_ROWS);
  const drawn = sorted.find((row) => row.sampled);
  if (drawn !== undefined && !top.includes(drawn)) top.splice(-1, 1, drawn);
  const rest = sorted.filter((row) => !top.includes(row));
  if (rest.length === 0) return top;
  const sum = (pick: (row: DistributionRow) => number) =>
    rest.reduce((total, row) => total + pick(row), 0);
  const others = {
    name: `${rest.length} others`,
    before: sum((row) => row.before),
    after: after === null ? null : sum((row) => row.after ?? 0),
    sampled: false,
  };
  return [...top, others];
}
