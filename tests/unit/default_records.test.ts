import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultExperiment } from '../../src/recipe/presets';
import { parseRecord } from '../../src/storage/read_record';

/** To make one anew: write defaultExperiment(...) to a file and run it with `rlvr run`. */
test.each([
  ['default', false],
  ['default-small', true],
])('the page opens with a recorded run of its experiment: %s', (id, software) => {
  const file = new URL(`../../public/runs/${id}.json`, import.meta.url);
  const record = parseRecord(JSON.parse(readFileSync(file, 'utf8')));
  if (!record.ok) throw new Error(record.problems[0]?.message);
  expect(record.value.experiment).toEqual(defaultExperiment(software));
  expect(record.value.made.finished).toBe(true);
  for (const { runs } of record.value.arms) {
    const steps = runs[0]?.rollouts?.map(({ step }) => step) ?? [];
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(24);
  }
});
