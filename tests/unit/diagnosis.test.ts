import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { armRecipes, parseExperiment } from '../../src/recipe/experiment';
import type { Recipe } from '../../src/recipe/recipe';
import { defaultRecipe, settingProblems } from '../../src/recipe/schema';
import { diagnose, type Finding, type FindingKind } from '../../src/rl/diagnosis';
import type { MetricColumns } from '../../src/rl/evidence';

const STEPS = 40;

/** A run in which nothing is wrong: entropy falls a little, reward rises all the time. */
const HEALTHY: Readonly<Record<string, (i: number) => number>> = {
  step: (i) => i + 1,
  entropy: (i) => 1 - 0.005 * i,
  reward: (i) => 0.3 + 0.008 * i,
  approx_kl: () => 0.02,
  grad_norm: () => 1,
  ratio_max: () => 3,
  positive_weight: () => 1,
  saturated: () => 0,
  skipped_updates: () => 0,
  zero_variance_groups: () => 1,
  response_length: () => 4.5,
};

const RECIPE: Recipe = { ...defaultRecipe, task: 'chain-sum', minibatches: 4, epochs: 2 };

interface Case {
  readonly recipe?: Partial<Recipe>;
  readonly series?: Readonly<Record<string, (i: number) => number>>;
  readonly steps?: number;
  readonly from?: number;
}

function found({ recipe = {}, series = {}, steps = STEPS, from = 0 }: Case): readonly Finding[] {
  const all = { ...HEALTHY, ...series };
  const columns: MetricColumns = Object.fromEntries(
    Object.entries(all).map(([key, at]) => [key, Array.from({ length: steps }, (_, i) => at(i))]),
  );
  return diagnose({ recipe: { ...RECIPE, ...recipe }, columns, from });
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

/** The finding of one kind; fails where there is none. */
function one(findings: readonly Finding[], kind: FindingKind): Finding {
  const finding = findings.find((f) => f.kind === kind);
  if (finding === undefined) throw new Error(`no ${kind} among ${kinds(findings).join()}`);
  return finding;
}

const stalled = (level: number) => () => level;
const falling = (i: number) => 0.5 - 0.012 * i;
const collapsed = (i: number) => Math.max(0.2, 1 - 0.05 * i);

describe('made-up courses', () => {
  test('a healthy run has no findings at any time', () => {
    for (let steps = 0; steps <= STEPS; steps++) expect(found({ steps })).toEqual([]);
  });

  test('collapse: entropy below half and reward that has stopped rising', () => {
    const finding = one(
      found({ series: { entropy: collapsed, reward: stalled(0.5) } }),
      'collapse',
    );
    expect(finding.severity).toBe('warning');
    expect(finding.text).toContain('0.20 nats, 20% of step 1');
    expect(finding.change).toEqual({ key: 'positive_weight', value: 0.5 });
    expect(found({ series: { entropy: collapsed } })).toEqual([]);
    expect(found({ series: { reward: stalled(0.5) } })).toEqual([]);
  });

  test('a collapse after the task is solved is worth a note, and no change', () => {
    const solved = found({ series: { entropy: collapsed, reward: stalled(0.95) } });
    expect(one(solved, 'collapse')).toMatchObject({ severity: 'note', change: null });
  });

  test('with one update a rollout λ does nothing, so KL is offered against the collapse', () => {
    const recipe = { minibatches: 1, epochs: 1 };
    const series = { entropy: collapsed, reward: stalled(0.5) };
    expect(one(found({ recipe, series }), 'collapse').change).toEqual({
      key: 'kl_coef',
      value: 0.05,
    });
    expect(one(found({ recipe, series }), 'inert-clip').severity).toBe('note');
  });

  test('few training prompts learned by heart point at the prompts', () => {
    const by = found({
      recipe: { train_prompts: 4 },
      series: { entropy: collapsed, reward: stalled(0.99) },
    });
    expect(one(by, 'collapse').change).toEqual({ key: 'train_prompts', value: 1024 });
  });

  test('explosion: entropy on its way to ln V while reward falls', () => {
    const finding = one(
      found({ series: { entropy: (i) => 1 + 0.02 * i, reward: falling } }),
      'explosion',
    );
    expect(finding.severity).toBe('alarm');
    expect(finding.text).toContain('ln V = 2.71');
    const bonus = found({
      recipe: { entropy_coef: 0.2 },
      series: { entropy: (i) => 1 + 0.02 * i, reward: falling },
    });
    expect(one(bonus, 'explosion').change).toEqual({ key: 'entropy_coef', value: 0.01 });
    expect(kinds(found({ series: { entropy: (i) => 1 + 0.02 * i } }))).toEqual([]);
  });

  test('λ = 0 unlearning, told once and not again as an explosion', () => {
    const findings = found({
      recipe: { positive_weight: 0 },
      series: { positive_weight: () => 0, entropy: (i) => 1 + 0.02 * i, reward: falling },
    });
    expect(kinds(findings)).toEqual(['unlearning']);
    expect(findings[0]?.change).toEqual({ key: 'positive_weight', value: 0.5 });
    // The weight in force counts, not the slider: a schedule may hold it at 0.
    const guided = found({
      recipe: {
        positive_weight_schedule: { kind: 'entropy-guided', target: 2, delta: 0.1, initial: 0 },
      },
      series: { positive_weight: () => 0, reward: falling },
    });
    expect(one(guided, 'unlearning')).toMatchObject({
      key: 'positive_weight_schedule',
      change: null,
    });
  });

  test('skipped updates are an alarm from the first on', () => {
    const findings = found({ steps: 3, series: { skipped_updates: (i) => (i === 1 ? 2 : 0) } });
    expect(one(findings, 'not-finite').text).toContain('2 updates were left out');
    expect(one(findings, 'not-finite').change).toEqual({
      key: 'learning_rate',
      value: Number((RECIPE.learning_rate / 3).toPrecision(2)),
    });
  });

  test('too fast: much movement without gain, wild ratios, a longer gradient', () => {
    const recipe = { learning_rate: 6e-4 };
    const moving = found({ recipe, series: { approx_kl: () => 0.14, reward: falling } });
    expect(one(moving, 'learning-rate')).toMatchObject({
      severity: 'alarm',
      change: { key: 'learning_rate', value: 3e-4 },
    });
    expect(kinds(found({ series: { approx_kl: () => 0.14 } }))).toEqual([]);
    expect(kinds(found({ series: { approx_kl: () => 0.14, reward: stalled(0.4) } }))).toEqual([
      'learning-rate',
    ]);
    const wild = found({ series: { ratio_max: () => 2000, reward: falling } });
    expect(one(wild, 'learning-rate').text).toContain('ratio of a step is 2000');
    const long = found({ series: { grad_norm: (i) => (i < 20 ? 1 : 12), reward: falling } });
    expect(one(long, 'learning-rate').text).toContain('12 times as long');
    // One wild step is none.
    const once = found({ series: { ratio_max: (i) => (i === 35 ? 1e6 : 3), reward: falling } });
    expect(kinds(once)).toEqual([]);
  });

  test('no signal: groups of equal rewards, unless the advantage needs no difference', () => {
    const series = { zero_variance_groups: () => 8, reward: stalled(0) };
    expect(one(found({ series }), 'no-signal')).toMatchObject({
      severity: 'warning',
      change: { key: 'dynamic_sampling', value: 3 },
    });
    expect(found({ series, recipe: { advantage: 'nsr' } })).toEqual([]);
  });

  test('length: grown to the limit, but not where the task is as long; and shrunk to nothing', () => {
    const grown = found({ series: { response_length: (i) => 4 + 0.08 * i } });
    expect(one(grown, 'length-limit').text).toContain('cut off at 7');
    expect(found({ series: { response_length: () => 7 } })).toEqual([]);
    const shrunk = found({ series: { response_length: (i) => Math.max(1.2, 6 - 0.3 * i) } });
    expect(one(shrunk, 'gave-up').severity).toBe('alarm');
    const open = found({
      recipe: { clip_low: 0.999 },
      series: { response_length: (i) => Math.max(1.2, 6 - 0.3 * i) },
    });
    expect(one(open, 'gave-up').change).toEqual({ key: 'clip_low', value: 0.2 });
  });

  test('a KL coefficient that holds the policy', () => {
    const held = found({
      recipe: { kl_coef: 1 },
      series: { kl: () => 0.004, reward: stalled(0.3) },
    });
    expect(one(held, 'kl-dominates').text).toContain('0.004 nats from the base policy');
    expect(found({ recipe: { kl_coef: 1 }, series: { kl: () => 0.1 } })).toEqual([]);
  });

  test('a controller at its floor, and none at its ceiling', () => {
    const recipe = {
      positive_weight_schedule: { kind: 'entropy-guided', target: 2, delta: 0.1, initial: 0 },
    } as const;
    const at = (weight: number) =>
      kinds(found({ recipe, series: { saturated: () => 1, positive_weight: () => weight } }));
    expect(at(0)).toEqual(['saturated']);
    expect(at(1)).toEqual([]);
  });

  test('what was trained before a change by hand is not held against the new settings', () => {
    const series = { entropy: collapsed, reward: stalled(0.5) };
    expect(kinds(found({ series, from: STEPS - 9 }))).toEqual([]);
    expect(kinds(found({ series, from: STEPS - 20 }))).toEqual(['collapse']);
  });

  test('quantities that are missing raise nothing', () => {
    expect(diagnose({ recipe: RECIPE, columns: {} })).toEqual([]);
    const unknown = Object.keys(HEALTHY).map((key) => [key, Array.from({ length: 30 }, () => NaN)]);
    const columns = Object.fromEntries(unknown) as MetricColumns;
    expect(diagnose({ recipe: RECIPE, columns })).toEqual([]);
  });

  test('every change that is offered is one the schema takes', () => {
    const wrong: Case[] = [
      { series: { entropy: collapsed, reward: stalled(0.5) } },
      { series: { approx_kl: () => 0.2, reward: falling } },
      { series: { zero_variance_groups: () => 8, reward: stalled(0) } },
      { series: { response_length: (i) => 4 + 0.08 * i } },
      { recipe: { minibatches: 1, epochs: 1 } },
      { recipe: { kl_coef: 1 }, series: { reward: stalled(0.3) } },
    ];
    const changes = wrong.flatMap((one) => found(one)).flatMap(({ change }) => change ?? []);
    expect(changes.length).toBeGreaterThanOrEqual(wrong.length);
    for (const { key, value } of changes) expect(settingProblems(key, value)).toEqual([]);
  });
});

interface RecordFile {
  readonly experiment: unknown;
  readonly arms: readonly {
    readonly name: string;
    readonly runs: readonly {
      readonly steps: readonly number[];
      readonly series: Readonly<Record<string, readonly number[]>>;
    }[];
  }[];
}

/** Each seed of a recorded arm, and the mean over them, as the page would have judged it after every step. */
function judged(id: string, arm: string): readonly (readonly Finding[])[] {
  const file = new URL(`../../public/runs/${id}.json`, import.meta.url);
  const record = JSON.parse(readFileSync(file, 'utf8')) as RecordFile;
  const experiment = parseExperiment(record.experiment);
  if (!experiment.ok) throw new Error(experiment.problems[0]?.message);
  const recipe = armRecipes(experiment.value).find(({ name }) => name === arm)?.recipe;
  const runs = record.arms.find(({ name }) => name === arm)?.runs;
  if (recipe === undefined || runs === undefined) throw new Error(`${id} has no arm ${arm}`);
  const seeds = runs.map(({ steps, series }) => ({ ...series, step: steps }));
  return [...seeds, meanOf(seeds)].flatMap((columns) =>
    Array.from({ length: columns.step?.length ?? 0 }, (_, i) =>
      diagnose({ recipe, columns: firstRows(columns, i + 1) }),
    ),
  );
}

type Numbers = Readonly<Record<string, readonly number[]>>;

const firstRows = (columns: Numbers, rows: number): MetricColumns =>
  Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, values.slice(0, rows)]));

function meanOf(seeds: readonly Numbers[]): Numbers {
  const shared = Object.keys(seeds[0] ?? {}).filter((key) => seeds.every((seed) => key in seed));
  return Object.fromEntries(
    shared.map((key) => [
      key,
      (seeds[0]?.[key] ?? []).map(
        (_, i) => seeds.reduce((sum, seed) => sum + (seed[key]?.[i] ?? NaN), 0) / seeds.length,
      ),
    ]),
  );
}

describe('recorded runs', () => {
  test.each([
    ['data-diversity', '64 prompts'],
    ['data-diversity', '256 prompts'],
    ['data-diversity', '1024 prompts'],
    ['off-policy-updates', '2 updates'],
    ['off-policy-updates', '4 updates'],
    ['off-policy-updates', '8 updates'],
    ['par-on-maze', 'λ 1'],
    ['par-on-maze', 'target 0.8'],
  ])('%s, %s: no alarm and no warning at any step of any seed', (id, arm) => {
    const loud = judged(id, arm)
      .flat()
      .filter(({ severity }) => severity !== 'note');
    expect(loud.map(({ text }) => text)).toEqual([]);
  });

  test.each([
    ['who-drives', 'λ 1', 'collapse', 'warning'],
    ['who-drives', 'λ 1', 'learning-rate', 'alarm'],
    ['who-drives', 'positives only', 'collapse', 'note'],
    ['who-drives', 'λ 0', 'unlearning', 'alarm'],
    ['who-drives', 'flipped', 'unlearning', 'alarm'],
    ['who-drives', 'λ 0.25', 'learning-rate', 'alarm'],
    ['data-diversity', '4 prompts', 'collapse', 'note'],
    ['off-policy-updates', '16 updates', 'collapse', 'note'],
    ['off-policy-updates', '1 update', 'inert-clip', 'note'],
  ] as const)('%s, %s: %s is found in the end', (id, arm, kind, severity) => {
    const last = judged(id, arm).at(-1) ?? [];
    expect(one(last, kind).severity).toBe(severity);
  });
});
