import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../src/storage/read_record';
import { thinned, type RunRecord } from '../../src/storage/record';
import { recordedRun } from './recorded_run';

const MEASURED = { measure: { at: [0, 4], kinds: ['drive'] } };
const WHOLE = recordedRun(MEASURED);
const copy = (record: RunRecord) => JSON.parse(JSON.stringify(record)) as Mutable;
type Mutable = Record<string, never> & { [key: string]: Mutable };

function refusals(value: unknown): string[] {
  const result = parseRecord(value);
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

describe('a record', () => {
  const record = WHOLE;

  test('reads back as it was written', () => {
    const result = parseRecord(copy(record));
    expect(result).toEqual({ ok: true, value: copy(record) });
  });

  test('holds every arm at every seed, with its evaluations and measurements', () => {
    expect(record.arms.map(({ name, runs }) => [name, runs.map(({ seed }) => seed)])).toEqual([
      ['GRPO', [1, 2, 3]],
      ['λ 0.5', [1, 2, 3]],
    ]);
    const run = record.arms[1]?.runs[2];
    expect(run?.evaluations.map(({ step }) => step)).toEqual([0, 8]);
    expect(run?.measures.map(({ kind, step }) => [kind, step])).toEqual([
      ['drive', 0],
      ['drive', 4],
    ]);
    expect(run?.measures[0]).not.toHaveProperty('arm');
  });

  test('keeps what changes, rounded to four digits, and leaves out constants and what is missing', () => {
    const { steps, series } = record.arms[0].runs[0];
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Object.keys(series).sort()).toEqual([
      'approx_kl',
      'clip_low_fraction',
      'entropy',
      'reward',
      'tokens',
      'updates',
    ]);
    expect(series.entropy[0]).toBe(0.8876);
  });

  test('shows rollouts of the first seed, rounded', () => {
    const [first, second] = WHOLE.arms[0]?.runs ?? [];
    expect(first?.rollouts?.[0]).toMatchObject({ step: 1, prompt: [3, 4, 5, 6, 10] });
    expect(first?.rollouts?.[0]?.responses[0]?.entropy).toEqual([0.1235, 0.5]);
    expect(second).toBeDefined();
    expect(second?.rollouts).toBeUndefined();
  });

  test('says which program made it, and that it was stopped', () => {
    const stopped = recordedRun({}, 4, false);
    expect(stopped.made).toMatchObject({ version: '0.1.0', steps: 4, finished: false });
  });

  test('made before records named shaders and browser is read: neither is known', () => {
    const older = copy(WHOLE);
    for (const key of ['shaders', 'browser']) Reflect.deleteProperty(older.made, key);
    const read = parseRecord(older);
    const made = { ...WHOLE.made, shaders: null, browser: null };
    expect(read).toEqual({ ok: true, value: { ...WHOLE, made } });
    expect(parseRecord(copy(WHOLE))).toEqual({ ok: true, value: WHOLE });
  });

  test('of one step keeps its numbers, though none can change', () => {
    expect(recordedRun({}, 1).arms[0]?.runs[0]?.series.grad_norm).toEqual([1]);
  });

  test('of a long run has at most 120 points, the first and the last among them', () => {
    const { steps, series } = recordedRun({}, 500).arms[0].runs[0];
    expect(steps.length).toBeLessThanOrEqual(120);
    expect([steps[0], steps.at(-1)]).toEqual([1, 500]);
    expect(series.entropy).toHaveLength(steps.length);
  });
});

test('thinning keeps first and last and strides evenly between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), (length) => {
      const kept = thinned(length);
      expect(kept.length).toBeLessThanOrEqual(120);
      if (length <= 120) expect(kept).toHaveLength(length);
      if (length === 0) return;
      expect([kept[0], kept.at(-1)]).toEqual([0, length - 1]);
      const gaps = kept.slice(1, -1).map((at, i) => at - kept[i]);
      expect(new Set(gaps).size).toBeLessThanOrEqual(1);
    }),
  );
});

describe('a foreign record is refused by name', () => {
  const broken: [string, (record: Mutable) => unknown, string | RegExp][] = [
    ['no object', () => [], 'the record must be an object; got a list'],
    ['an unknown key', (r) => ({ ...r, more: 1 }), 'unknown key "more" in the record'],
    [
      'another format',
      (r) => ({ ...r, format: 'rlvr-record-9' }),
      'format must be one of rlvr-record-1; got "rlvr-record-9"',
    ],
    [
      'a bad experiment',
      (r) => ({ ...r, experiment: { base: { clip_low: 7 } } }),
      'clip_low must be between 0 and 1; got 7',
    ],
    ['no arms', (r) => ({ ...r, arms: [] }), /^arms must be a list of the 2 arms/],
    ['arms in another order', (r) => ({ ...r, arms: [r.arms[1], r.arms[0]] }), /arms\[0\]\.name/],
    ['another seed', (r) => put(r, ['arms', 0, 'runs', 0, 'seed'], 9), /seed must be 1; got 9/],
    ['steps that fall', (r) => put(r, ['arms', 0, 'runs', 0, 'steps', 1], 1), /steps must ascend/],
    ['a step of 0', (r) => put(r, ['arms', 0, 'runs', 0, 'steps', 0], 0), /steps\[0\]/],
    [
      'a text for a number',
      (r) => put(r, ['arms', 0, 'runs', 0, 'series', 'entropy', 3], '0.5'),
      /series\.entropy must be 8 numbers/,
    ],
    [
      'a series too short',
      (r) => put(r, ['arms', 0, 'runs', 0, 'series', 'reward'], [1]),
      /series\.reward must be 8 numbers/,
    ],
    [
      'no kind of measurement',
      (r) => put(r, ['arms', 0, 'runs', 0, 'measures', 0, 'kind'], 'guess'),
      /measures\[0\]\.kind must be one of/,
    ],
    [
      'a text that could rewrite the page',
      (r) => put(r, ['arms', 0, 'runs', 0, 'evaluations', 0, 'ece'], 'a\u202eb'),
      /printable/,
    ],
    ['no date', (r) => put(r, ['made', 'finished_at'], 'soon'), /finished_at must be a date/],
    ['a guess for finished', (r) => put(r, ['made', 'finished'], 'yes'), /true or false/],
    ['no adapter', (r) => put(r, ['made', 'adapter'], null), /made\.adapter must be an object/],
    [
      'a hash that is none',
      (r) => put(r, ['made', 'shaders'], 'x'),
      /made\.shaders must be null or/,
    ],
    [
      'a browser that is none',
      (r) => put(r, ['made', 'browser'], 7),
      /made\.browser must be a text/,
    ],
    [
      'a summary of another arm',
      (r) => put(r, ['summary', 'pairs', 0, 'first'], 'C'),
      /summary\.pairs\[0\]\.first must be one of GRPO, λ 0\.5; got "C"/,
    ],
    [
      'a mean that is none',
      (r) => put(r, ['summary', 'arms', 0, 'entropy', 'mean'], null),
      /summary\.arms\[0\]\.entropy\.mean/,
    ],
    [
      'an interval upside down',
      (r) => put(r, ['summary', 'pairs', 0, 'evaluation', 'pass_at_1', 'interval'], [1, 0]),
      /interval must be null or \[low, high\]/,
    ],
    [
      'a token that the task does not have',
      (r) => put(r, ['arms', 0, 'runs', 0, 'rollouts', 0, 'prompt', 0], 99),
      /rollouts\[0\]\.prompt must be a prompt of chain-sum/,
    ],
    [
      'a prompt that nothing can be asked about',
      (r) => put(r, ['arms', 0, 'runs', 0, 'rollouts', 0, 'prompt'], [3, 4]),
      /rollouts\[0\]\.prompt must be a prompt of chain-sum/,
    ],
    [
      'a prompt without responses',
      (r) => put(r, ['arms', 0, 'runs', 0, 'rollouts', 0, 'responses'], []),
      /rollouts\[0\]\.responses must not be empty/,
    ],
    [
      'an entropy too few',
      (r) => put(r, ['arms', 0, 'runs', 0, 'rollouts', 0, 'responses', 0, 'entropy'], [0.1]),
      /responses\[0\]\.entropy must be 2 numbers/,
    ],
    ['no pairs', (r) => put(r, ['summary', 'pairs'], {}), 'summary.pairs must be a list'],
  ];
  test.each(broken)('%s', (_, change, message) => {
    const found = refusals(change(copy(WHOLE)));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  test('whatever stands in any place, there is no exception', () => {
    const text = JSON.stringify(WHOLE);
    const places = pathsOf(JSON.parse(text));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.anything(), (path, value) => {
        parseRecord(put(JSON.parse(text) as Mutable, path, value));
      }),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.anything(), (value) => !parseRecord(value).ok));
  });

  test('a name from Object.prototype is a key like any other', () => {
    const text = JSON.stringify(recordedRun()).replace('"made":{', '"made":{"__proto__":{"x":1},');
    expect(refusals(JSON.parse(text))).toEqual(['unknown key "__proto__" in made']);
  });
});

type Path = readonly (string | number)[];

/** The same value with another one in a place; places that are not there stay so. */
function put(value: Mutable, path: Path, item: unknown): unknown {
  let at: unknown = value;
  for (const key of path.slice(0, -1)) at = (at as Mutable | undefined)?.[key];
  if (typeof at === 'object' && at !== null) Object.assign(at, { [path.at(-1)!]: item });
  return value;
}

function pathsOf(value: unknown, before: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    [...before, key],
    ...pathsOf(item, [...before, key]),
  ]);
}
