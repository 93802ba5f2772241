import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { joinRecords } from '../../src/storage/join_records';
import { parseRecord } from '../../src/storage/read_record';
import type { RunRecord } from '../../src/storage/record';

const whole = accepted('who-drives');
const names = whole.experiment.arms.map(({ name }) => name);

function accepted(id: string): RunRecord {
  const parsed = parseRecord(JSON.parse(readFileSync(`public/runs/${id}.json`, 'utf8')));
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.value;
}

/** The record that running some arms at some seeds alone would have given. */
function part(arms: readonly string[], seeds = whole.experiment.seeds): RunRecord {
  const { experiment, summary } = whole;
  return {
    ...whole,
    experiment: {
      ...experiment,
      seeds,
      arms: experiment.arms.filter(({ name }) => arms.includes(name)),
    },
    arms: whole.arms
      .filter(({ name }) => arms.includes(name))
      .map(({ name, runs }) => ({ name, runs: runs.filter(({ seed }) => seeds.includes(seed)) })),
    summary: {
      ...summary,
      runs: summary.runs.filter(({ arm, seed }) => arms.includes(arm) && seeds.includes(seed)),
    },
  };
}

const [firstSeed = 0, ...otherSeeds] = whole.experiment.seeds;

test('parts by arm and by seed, in any order, join to the record of the whole', () => {
  const joined = joinRecords(whole.experiment, [
    part(names.slice(2)),
    part(names.slice(0, 2), otherSeeds),
    part(names.slice(0, 2), [firstSeed]),
  ]);
  if (!joined.ok) throw new Error(joined.problems[0]?.message);
  expect(joined.value.arms).toEqual(whole.arms);
  expect(joined.value.summary.runs).toEqual(whole.summary.runs);
  joined.value.summary.pairs.forEach((pair, i) => {
    const made = whole.summary.pairs[i];
    expect([pair.first, pair.second]).toEqual([made?.first, made?.second]);
    // The parts have 4 digits: half a thousandth of entropies above 1 nat.
    expect(Math.abs(pair.entropy.mean - (made?.entropy.mean ?? NaN))).toBeLessThan(1e-3);
    expect(pair.entropy.n).toBe(made?.entropy.n);
  });
  const read = parseRecord(JSON.parse(JSON.stringify(joined.value)));
  expect(read.ok ? [] : read.problems).toEqual([]);
});

test('an arm that was renamed is found by its settings', () => {
  const arms = whole.experiment.arms.map((arm, i) => ({ ...arm, name: `arm ${i}` }));
  const joined = joinRecords({ ...whole.experiment, arms }, [whole]);
  expect(joined.ok && joined.value.summary.arms.map(({ arm }) => arm)).toEqual(
    arms.map(({ name }) => name),
  );
});

test('what is missing is named, with what keeps a run of that name out', () => {
  const says = (records: readonly RunRecord[], experiment = whole.experiment) => {
    const joined = joinRecords(experiment, records);
    return joined.ok ? [] : joined.problems.map(({ message }) => message);
  };
  const [name = ''] = names;
  expect(says([part(names.slice(1))])).toEqual(
    whole.experiment.seeds.map((seed) => `arm "${name}" at seed ${seed}: no record has it`),
  );
  const base = { ...whole.experiment.base, learning_rate: 0.001 };
  expect(says([whole], { ...whole.experiment, base })[0]).toContain('another learning_rate');
  const evaluate = { ...whole.experiment.evaluate, samples: 4 };
  expect(says([whole], { ...whole.experiment, evaluate })[0]).toContain('evaluated on other');
  const stopped = { ...whole, made: { ...whole.made, finished: false } };
  expect(says([stopped])[0]).toContain('stopped before its last step');
});

test('shaders and browsers are named where they are known of all parts, shaders where they are the same', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const joined = (first: object, second: object) => {
    const own = [
      { part: part(names.slice(0, 1)), with: first },
      { part: part(names.slice(1)), with: second },
    ].map((of) => ({ ...of.part, made: { ...of.part.made, ...of.with } }));
    const result = joinRecords(whole.experiment, own);
    if (!result.ok) throw new Error(result.problems[0]?.message);
    const { shaders, browser } = result.value.made;
    return [shaders, browser];
  };
  const known = { shaders: a, browser: 'one' };
  expect(joined(known, known)).toEqual([a, 'one']);
  expect(joined(known, { shaders: b, browser: 'two' })).toEqual([null, 'one + two']);
  expect(joined(known, {})).toEqual([null, null]);
});

test('adapters are named together, and the date is the last', () => {
  const adapter = { vendor: 'a', architecture: 'b', description: 'second', software: false };
  const other = {
    ...part(names.slice(1)),
    made: { ...whole.made, adapter, finished_at: '2999-01-01T00:00:00.000Z' },
  };
  const joined = joinRecords(whole.experiment, [part(names.slice(0, 1)), other]);
  if (!joined.ok) throw new Error(joined.problems[0]?.message);
  expect(joined.value.made.adapter.description).toContain(' + second');
  expect(joined.value.made.finished_at).toBe('2999-01-01T00:00:00.000Z');
});
