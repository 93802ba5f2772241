import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseExperiment } from '../../src/recipe/experiment';
import { encodeExperiment } from '../../src/recipe/link';
import { root } from './command_line';

/** Fifty steps of the smallest policy on 16 rollouts each: what repeats is tested on it, here and in Chromium. */
export const repeatableFile = join(root, 'tests/fixtures/experiments/repeatable.json');

const parsed = parseExperiment(JSON.parse(readFileSync(repeatableFile, 'utf8')) as unknown);
if (!parsed.ok) throw new Error(parsed.problems[0]?.message);

/** The same as the text of a link, as the page writes it. */
export const repeatableLink = encodeExperiment(parsed.value);

/** What the bands look at in a step. */
export interface BandStep {
  readonly entropy: number;
  readonly reward: number;
  /** Of all rollouts so far. */
  readonly tokens: number;
}

/**
 * How far apart two adapters may be on this experiment; docs/browsers.md has the reasons. Until a token is drawn otherwise,
 * rounding alone parts them; from then on they are two draws of one experiment, and four standard deviations are allowed.
 */
export const BANDS = {
  /** In each of the first steps: nats, with the same rewards and numbers of tokens. */
  first: { steps: 10, entropy: 1e-4 },
  /** Of the means over all steps, and over the last quarter. */
  whole: { entropy: 0.08, reward: 0.09 },
  lastQuarter: { entropy: 0.2, reward: 0.18 },
} as const;

/** What of two runs lies outside of the bands, in a sentence each. */
export function outsideBands(a: readonly BandStep[], b: readonly BandStep[]): string[] {
  const { first, whole, lastQuarter } = BANDS;
  const problems = a.slice(0, first.steps).flatMap((step, i) => {
    const other = b[i];
    if (other?.reward !== step.reward || other.tokens !== step.tokens)
      return [`step ${i + 1}: other tokens were drawn`];
    const apart = Math.abs(step.entropy - other.entropy);
    return apart <= first.entropy ? [] : [`step ${i + 1}: entropies are ${apart} apart`];
  });
  const quarter = -Math.ceil(a.length / 4);
  for (const [where, from, band] of [
    ['all steps', 0, whole],
    ['the last quarter', quarter, lastQuarter],
  ] as const) {
    for (const key of ['entropy', 'reward'] as const) {
      const apart = Math.abs(mean(a.slice(from), key) - mean(b.slice(from), key));
      if (!(apart <= band[key])) problems.push(`${where}: mean ${key} is ${apart} apart`);
    }
  }
  return a.length === b.length ? problems : [...problems, 'the runs are of different lengths'];
}

/** The first step at which two runs differ in any bit of these numbers; null where they never do. */
export function partsAt(a: readonly BandStep[], b: readonly BandStep[]): number | null {
  const keys = ['entropy', 'reward', 'tokens'] as const;
  const at = a.findIndex((step, i) => keys.some((key) => !Object.is(step[key], b[i]?.[key])));
  return at < 0 ? null : at + 1;
}

function mean(steps: readonly BandStep[], key: 'entropy' | 'reward'): number {
  return steps.reduce((sum, step) => sum + step[key], 0) / steps.length;
}
