import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAbout } from '../../src/recipe/about';
import { decodeExperiment, encodeExperiment } from '../../src/recipe/link';
import { defaultAbout, defaultExperiment } from '../../src/recipe/presets';
import { lastQuarter } from '../../src/rl/summary';
import { parseRecord } from '../../src/storage/read_record';

function recordNamed(id: string) {
  const file = new URL(`../../public/runs/${id}.json`, import.meta.url);
  const record = parseRecord(JSON.parse(readFileSync(file, 'utf8')));
  if (!record.ok) throw new Error(record.problems[0]?.message);
  return record.value;
}

/** To make one anew: write defaultExperiment(...) to a file and run it with `rlvr run`. */
describe.each([
  ['default', false],
  ['default-small', true],
])('the page opens with a recorded run of its experiment: %s', (id, software) => {
  const record = recordNamed(id);
  const about = defaultAbout(record.experiment);

  test('its settings and all its steps', () => {
    expect(record.experiment).toEqual(defaultExperiment(software));
    expect(record.made.finished).toBe(true);
    for (const { runs } of record.arms) {
      const steps = runs[0]?.rollouts?.map(({ step }) => step) ?? [];
      expect(steps[0]).toBe(1);
      expect(steps.at(-1)).toBe(24);
    }
  });

  test('what it is for is known of the record, of a link and of no other experiment', () => {
    expect(about?.question).toMatch(/\?$/);
    expect(parseAbout(about, [])).toEqual({ ok: true, value: about });
    const linked = decodeExperiment(encodeExperiment(defaultExperiment(software)));
    expect(linked.ok && defaultAbout(linked.value)).toEqual(about);
    expect(defaultAbout({ ...record.experiment, arms: [] })).toBeNull();
  });

  test('what was found is what the record has', () => {
    const ends = (series: string) =>
      ['positives only', 'GRPO', 'λ 0.5', 'λ 0'].map((arm) => {
        const run = record.arms.find(({ name }) => name === arm)?.runs[0];
        return lastQuarter(run?.series[series] ?? []).toFixed(2);
      });
    const [positives, grpo, half, none] = ends('entropy');
    expect(about?.finding).toContain(
      `${positives} nats for positives only, ${grpo} for GRPO, ${half} for λ 0.5 and ${none} for λ 0.`,
    );
    const rewards = ends('reward');
    expect(about?.finding).toContain(
      `Reward is ${rewards.slice(0, 3).join(', ')} and ${rewards[3]}`,
    );
  });
});
