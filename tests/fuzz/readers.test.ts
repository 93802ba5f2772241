import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { FOREIGN_READERS } from './foreign_readers';
import { READERS } from './readers';

/**
 * Every reader of what strangers send, on hostile inputs: it reads or refuses in printable sentences, within a moment, and
 * leaves Object.prototype as it was. `npm run fuzz` gives it a million inputs; FUZZ is their number, for all readers together.
 */
const INPUTS = Number(process.env['FUZZ'] ?? 12_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20267);
const ALL = [...READERS, ...FOREIGN_READERS];
const EACH = Math.ceil(INPUTS / ALL.length);

/** Milliseconds of the processor that one input may take, collecting garbage included: most take a tenth of one. */
const LONGEST = 2_000;

/** Milliseconds of the processor so far: the clock on the wall counts what other programs take. */
const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Nothing that rewrites a terminal or a page: no control characters, no overrides of the direction, no halves of a letter. */
const PRINTABLE =
  /^[^\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]{1,1500}$/u;

const natives = () =>
  [Object, Array, Function, String, Number, Map].flatMap(({ prototype }) =>
    Reflect.ownKeys(prototype).map(String),
  );
const NATIVES = JSON.stringify(natives());

const lines: string[] = [];

describe('whatever is sent, it is read or refused', () => {
  test.each(ALL.map((reader) => [reader.name, reader] as const))('%s', async (name, reader) => {
    const counts = { read: 0, refused: 0, slowest: 0 };
    const property = fc.asyncProperty(reader.inputs, async (input) => {
      const start = spent();
      const outcome = await reader.read(input as never);
      const took = spent() - start;
      counts.slowest = Math.max(counts.slowest, took);
      expect(took).toBeLessThan(LONGEST);
      if (outcome.read) counts.read += 1;
      else {
        counts.refused += 1;
        if (outcome.why.length === 0 || outcome.why.length > 20)
          throw new Error('how many reasons?');
        const odd = outcome.why.find((sentence) => !PRINTABLE.test(sentence));
        if (odd !== undefined)
          throw new Error(`said in no printable sentence: ${JSON.stringify(odd)}`);
      }
      if (Reflect.ownKeys(Object.prototype).length !== 12)
        throw new Error('a prototype was changed');
    });
    await fc.assert(property, { numRuns: EACH, seed: SEED });
    expect(JSON.stringify(natives())).toBe(NATIVES);
    // Generators that only ever make refused inputs, or only good ones, would test half of the reader.
    expect(counts.read).toBeGreaterThan(EACH / 1000);
    if (!/cells/.test(name)) expect(counts.refused).toBeGreaterThan(EACH / 20);
    lines.push(
      `${name.padEnd(18)}${String(counts.read).padStart(8)} read${String(counts.refused).padStart(9)} refused, ` +
        `the slowest in ${counts.slowest.toFixed(1)} ms`,
    );
  });
});

afterAll(() => {
  if ('FUZZ' in process.env) console.log([`seed ${SEED}`, ...lines].join('\n'));
});
