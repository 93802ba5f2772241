import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apart, drawFigure, ticks } from '../../src/export/report/figure';
import { plainText } from '../../src/export/report/markdown';
import { renderReport } from '../../src/export/report/report';
import type { ReportEntry } from '../../src/export/report/section';
import { parseCatalogue } from '../../src/recipe/catalogue';
import { MEASURE_KINDS } from '../../src/recipe/measure';
import { parseExperiment } from '../../src/recipe/experiment';
import { parseRecord } from '../../src/storage/read_record';
import { recordedRun } from './recorded_run';

const record = recordedRun({
  evaluate: { every: 8, prompts: 64, samples: 16 },
});
const { experiment } = record;

/** Without intervals. */
const bare = (text: string) => text.replaceAll(/ \[[^\]]*\]/g, '');

const run: ReportEntry = { id: 'small', experiment, record };

describe('the report of a small record', () => {
  const { markdown, figures } = renderReport([run]);
  const lines = markdown.split('\n');

  test('says that it is generated, and what was run on what', () => {
    expect(lines[0]).toMatch(/^<!-- Generated/);
    expect(markdown).toContain('Task chain-sum; 8 × 16 responses a step; 8 updates a rollout');
    expect(markdown).toContain('3 seeds (1, 2, 3).');
    expect(markdown).toContain('on a test (a CPU) with version 0.1.0, 2026-11-21, 8 steps.');
  });

  test('has each arm with intervals, and entropy where all arms reached the same reward', () => {
    const head =
      '| arm | entropy, nats | reward | pass@1 | pass@16 | different correct | ECE | entropy at reward 0.6 |';
    expect(lines).toContain(head);
    expect(lines.find((line) => line.startsWith('| GRPO | 0.1'))).toMatch(
      /^\| GRPO \| 0\.157 \[0\.156, 0\.157\] \| 0\.762 \[.*\] \| 0\.602 \[0\.601, 0\.603\] \|/,
    );
  });

  test('subtracts the first arm seed by seed', () => {
    const row = lines.find((line) => line.startsWith('| λ 0.5 | +'));
    expect(row).toMatch(/^\| λ 0\.5 \| \+0\.094 \[\+0\.09\d, \+0\.09\d\], 3 of 3 above \|/);
  });

  test('gives every claim its verdict with effect size, interval and seeds', () => {
    expect(markdown).toMatch(
      /- paper: Less weight .*\*\*agrees: \+0\.094 \[.*\] nats, 3 of 3 seeds \(p 0\.25\)\*\*/,
    );
    expect(markdown).toMatch(/- reference: .*\*\*reversed: −0\.020 \[.*\], 3 of 3 seeds the other/);
    expect(lines).toContain(
      '| [A small one](#a-small-one) | Does less weight keep more entropy? | 1 agree, 1 reversed |',
    );
  });

  test('tables what was measured, each kind in its own way', () => {
    const measured = recordedRun({ measure: { at: [0, 4], kinds: [...MEASURE_KINDS] } });
    const { markdown: page } = renderReport([{ ...run, record: measured }]);
    // Drive: the ratio is that of the means, and it varies over seeds as they do.
    expect(page).toContain(
      '| GRPO | 4 | 0.250 [0.250, 0.250] | −0.022 [−0.023, −0.021] | −0.011 [−0.011, −0.011] | 2.00 [1.91, 2.09] | 3.00 [3.00, 3.00] |',
    );
    const inTable = bare(page);
    // Probe: summed over the updates of the step.
    expect(inTable).toContain('| λ 0.5 | 0 | 0.900 | −0.030 | −0.025 |');
    // Identity: seeds are brought together by bin, though one has no such bin.
    expect(page).toContain(
      '| 6 | 0.100 [0.100, 0.100] | 4.00 [2.00, 6.00] | 2.00, 4.00, 6.00 | 2.00 [2.00, 2.00] |',
    );
    expect(inTable).toContain('| GRPO | 0 | 0.6 to 0.9 | 4 | 0.700 | 5.00 | 4.00, 6.00 | 2.00 |');
    // Clip trace: where the drive turns, in words, and no number where there is none.
    expect(page).toContain(
      'GRPO, step 4: the mean drive of the negative tokens is first above 0 with the lower clip after 2 updates, without it never.',
    );
    expect(inTable).toContain(
      '| GRPO | 4 | 2 | 0.012 | −0.022 | −0.020 | 0.200 | 0.500 | 0.200 | 0.600 | none |',
    );
    expect(inTable).toContain(
      '| GRPO | 0 | 0.900 | −0.040 | −0.030 | −0.012 | 0.010 | −0.0050 | 0.050 |',
    );
  });

  test('compares two arms at the highest level above the start that both reach at most seeds', () => {
    expect(markdown).toContain('| entropy at equal reward |');
    const row = lines.find((line) => line.startsWith('| λ 0.5 | +'));
    expect(row).toMatch(/at 0\.6: \+0\.\d+ \[.*\], 3 of 3 above \|$/);
    const { arms } = record;
    // Here every level is read off at the first step, where both arms are the base policy.
    const late = arms.map((arm) => ({
      ...arm,
      runs: arm.runs.map((made) => ({
        ...made,
        series: { ...made.series, reward: made.series.reward.map(() => 0.9) },
      })),
    }));
    const begun = renderReport([{ ...run, record: { ...record, arms: late } }]).markdown;
    expect(begun).toContain('no level above the start reached by both');
    expect(begun).not.toContain('entropy at reward 0.6');
  });

  test('says what computed it, where that is known', () => {
    expect(markdown).toContain(`Computed by a browser. Shaders: \`${record.made.shaders}\`.`);
    const made = { ...record.made, browser: null, shaders: null };
    const older = renderReport([{ ...run, record: { ...record, made } }]).markdown;
    expect(older).toContain('**Made** on');
    expect(older).not.toContain('Computed by');
    expect(older).not.toContain('Shaders:');
  });

  test('escapes what experiments say', () => {
    expect(markdown).toContain('The \\| curves \\<b\\>.');
  });

  test('draws a line, a band, a dash and a label for each arm, in light and dark', () => {
    expect([...figures.keys()]).toEqual(['small-entropy.svg', 'small-reward.svg']);
    for (const name of figures.keys()) expect(markdown).toContain(`(experiments/${name})`);
    const svg = figures.get('small-entropy.svg') ?? '';
    expect(svg).toContain('<title id="t">A small one: entropy by step</title>');
    for (const i of [0, 1]) {
      expect(svg).toMatch(new RegExp(`<path class="l${i}" d="M`));
      expect(svg).toMatch(new RegExp(`<path class="b${i}" d="M[^"]*Z"`));
    }
    expect(svg).toMatch(/class="n1">λ 0\.5<\/text>/);
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).not.toContain('NaN');
  });
});

test('an experiment that has not been run says so, with the command that runs it', () => {
  const { markdown, figures } = renderReport([{ ...run, record: null }]);
  expect(markdown).toContain('Not run yet: `npm run -s rlvr -- run public/experiments/small.json');
  expect(markdown).toContain('| not run yet |');
  expect(figures.size).toBe(0);
});

test('a record of other settings, or one cut short, is shown as such', () => {
  const other = recordedRun({ base: { learning_rate: 1e-3 } }, 8, false);
  const { markdown } = renderReport([{ ...run, record: other }]);
  expect(markdown).toContain('made with other settings than the file has now');
  expect(markdown).toContain('stopped before its last step');
});

test('one step has no course to draw', () => {
  const { figures } = renderReport([{ ...run, record: recordedRun({}, 1) }]);
  expect(figures.size).toBe(0);
});

describe('figures', () => {
  test('no two of 32 lines share both colour and dash', () => {
    const lines = Array.from({ length: 32 }, (_, i) => ({
      ...{ name: `arm ${i}`, x: [0, 1], y: [0, i], band: null },
    }));
    const svg = drawFigure({ title: 't', xLabel: 'x', yLabel: 'y', lines });
    const looks = lines.map((_, i) => {
      const [dash, colour] = ['stroke-dasharray', 'stroke'].map(
        (property) => new RegExp(`\\.l${i}\\{${property}:([^}]*)\\}`).exec(svg)?.[1],
      );
      return `${colour} ${dash}`;
    });
    expect(new Set(looks).size).toBe(32);
  });

  test('names are text, not mark-up', () => {
    const lines = [{ name: '<script>', x: [0, 1], y: [1, 2], band: null }];
    expect(drawFigure({ title: '&', xLabel: '', yLabel: '', lines })).not.toMatch(/<script|>&</);
  });

  test('ticks are round and enclose the values', () => {
    expect(ticks([0.13, 0.94])).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks([1, 40])).toEqual([0, 10, 20, 30, 40]);
    expect(ticks([0.5, 0.5]).length).toBeGreaterThan(1);
    expect(ticks([])).toEqual([0, 1]);
  });

  test('labels move apart and stay inside', () => {
    const placed = apart([98, 100, 99, 10], 15, 0, 100);
    expect(placed).toEqual([70, 100, 85, 10]);
  });
});

test('foreign text cannot make mark-up', () => {
  expect(plainText('a|b <i> [x](y) `z`')).toBe('a\\|b \\<i\\> \\[x\\](y) \\`z\\`');
});

test('docs/experiments.md is what the catalogue and the records say: run `npm run experiments`', () => {
  const root = new URL('../../', import.meta.url);
  const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
  const catalogue = parseCatalogue(json('public/experiments/index.json'));
  if (!catalogue.ok) throw new Error('the catalogue cannot be read');
  const entries = catalogue.value.map(({ id }): ReportEntry => {
    const parsed = parseExperiment(json(`public/experiments/${id}.json`));
    const path = `public/runs/${id}.json`;
    const recorded = existsSync(new URL(path, root)) ? parseRecord(json(path)) : null;
    if (!parsed.ok || recorded?.ok === false) throw new Error(`${id} cannot be read`);
    return { id, experiment: parsed.value, record: recorded?.value ?? null };
  });
  const { markdown, figures } = renderReport(entries);
  expect(readFileSync(new URL('docs/experiments.md', root), 'utf8')).toBe(markdown);
  for (const [name, svg] of figures) {
    expect(readFileSync(new URL(`docs/experiments/${name}`, root), 'utf8'), name).toBe(svg);
  }
});
