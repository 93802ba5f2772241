import type { Case, CaseResult, Contestant, ContestantResult, Trial } from './case';
import { countWhile, type Counts } from './counting';
import { median, pairedRatio } from './statistics';

/** A sample is made this long by repeating short work, so that the clock and one wait do not matter. */
const SAMPLE_MS = 80;
const MOST_REPEATS = 50;

interface Running {
  readonly contestant: Contestant;
  readonly trial: Trial;
  readonly first: number;
  readonly samples: number[];
}

/** Starts at another place each time, so that nobody always follows the same one. */
const rotated = <T>(all: readonly T[], by: number): T[] =>
  all.map((_, i) => all[(i + by) % all.length]);

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Lets the contestants of a case do its work in turn, `rounds` times, and compares the times of each round. Throws where
 * an outcome differs from ours by more than the case allows. `turn` is the number of this process, for cases that are
 * measured over several.
 */
export async function compete(given: Case, rounds: number, turn: number): Promise<CaseResult> {
  const running = await start(given, turn);
  try {
    const [ours] = running;
    if (!ours) throw new Error(`${given.name}: nobody competes`);
    let repeats = 1;
    let differences: (number | null)[] = running.map(() => null);
    if (given.firstRun) {
      for (const { first, samples } of running) samples.push(first);
    } else {
      for (const { trial } of running) if (given.warmUp > 1) await trial.run(given.warmUp - 1);
      differences = await compareOutcomes(given, running);
      const once = await timed(() => ours.trial.run(1));
      // Everyone takes the same steps.
      for (const { trial } of running.slice(1)) await trial.run(1);
      repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(SAMPLE_MS / once)));
      for (let round = 0; round < rounds; round++) {
        for (const { trial, samples } of rotated(running, round + turn))
          samples.push((await timed(() => trial.run(repeats))) / repeats);
      }
    }
    const counts: (Counts | null)[] = [];
    for (const { contestant, trial } of running) {
      if (given.firstRun) {
        counts.push(null);
        continue;
      }
      const once = await countWhile(() => trial.run(1));
      const twice = repeats > 1 ? await countWhile(() => trial.run(2)) : null;
      // A lazy library may never compute what nobody reads.
      if (twice !== null && twice.dispatches < 2 * once.dispatches)
        throw new Error(`${given.name}: ${contestant.name} leaves out work that is repeated`);
      counts.push(once);
    }
    return {
      name: given.name,
      about: given.about,
      flop: given.flop ?? null,
      tokens: given.tokens ?? null,
      made: new Date().toISOString(),
      rounds: ours.samples.length,
      repeats,
      agreement: given.agreement
        ? { of: given.agreement.of, within: given.agreement.within }
        : null,
      contestants: running.map(({ contestant, first, samples }, i) =>
        result(contestant.name, [first], samples, counts[i] ?? null, differences[i] ?? null),
      ),
      ratios: ratiosOf(running.map(({ contestant: { name }, samples }) => ({ name, samples }))),
    };
  } finally {
    for (const { trial } of running) await trial.destroy();
  }
}

function result(
  name: string,
  first: readonly number[],
  samples: readonly number[],
  counts: Counts | null,
  difference: number | null,
): ContestantResult {
  const median_ms = median(samples);
  return { name, first_ms: first, samples_ms: samples, median_ms, counts, difference };
}

function ratiosOf(all: readonly { name: string; samples: readonly number[] }[]) {
  const [ours, ...others] = all;
  if (!ours) return {};
  return Object.fromEntries(
    others.map(({ name, samples }) => [name, pairedRatio(samples, ours.samples)]),
  );
}

/** Everyone, ready and run once. In the order of the case; started in the order of this turn. */
async function start(given: Case, turn: number): Promise<Running[]> {
  for (const { open } of given.contestants) await open?.();
  const running: Running[] = [];
  for (const contestant of rotated(given.contestants, turn)) {
    const started = performance.now();
    const trial = await contestant.prepare();
    await trial.run(1);
    running.push({ contestant, trial, first: performance.now() - started, samples: [] });
  }
  const place = ({ contestant }: Running) => given.contestants.indexOf(contestant);
  return running.sort((a, b) => place(a) - place(b));
}

async function compareOutcomes(
  { name, agreement }: Case,
  running: readonly Running[],
): Promise<(number | null)[]> {
  const [ours, ...others] = running;
  const wanted = await ours?.trial.outcome?.();
  if (!agreement || !wanted) return running.map(() => null);
  const differences: (number | null)[] = [null];
  for (const { contestant, trial } of others) {
    const got = await trial.outcome?.();
    const gap = got ? agreement.gap(got, wanted) : null;
    if (gap !== null && !(gap <= agreement.within)) {
      const shown = [wanted, got ?? []].map((all) => Array.from(all).slice(0, 12).join(' '));
      throw new Error(
        `${name}: ${agreement.of} of ${contestant.name} differ from ours by ${gap.toExponential(1)}, ` +
          `more than ${agreement.within}, so the two do not do the same work.\nours ${shown[0]}\ntheirs ${shown[1]}`,
      );
    }
    differences.push(gap);
  }
  return differences;
}

/** Joins the rounds of a case that were measured in several processes. */
export function joined(parts: readonly CaseResult[]): CaseResult {
  const [head] = parts;
  if (!head) throw new Error('nothing to join');
  const contestants = head.contestants.map(({ name, counts, difference }, i) => {
    const own = parts.map((part) => part.contestants[i]);
    const first = own.flatMap((each) => each?.first_ms ?? []);
    const samples = own.flatMap((each) => each?.samples_ms ?? []);
    return result(name, first, samples, counts, difference);
  });
  const all = contestants.map(({ name, samples_ms }) => ({ name, samples: samples_ms }));
  return { ...head, contestants, rounds: all[0]?.samples.length ?? 0, ratios: ratiosOf(all) };
}
