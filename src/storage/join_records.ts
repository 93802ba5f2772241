import { differingKeys, sameSetting } from '../recipe/difference';
import { armRecipes, type Experiment } from '../recipe/experiment';
import type { Recipe } from '../recipe/recipe';
import type { Problem, Result } from '../recipe/untrusted';
import { summariseRuns, type RunResult } from '../rl/summary';
import { RECORD_FORMAT, type Made, type RecordedRun, type RunRecord } from './record';

/** A run of a record, with the settings it was made with. */
interface Part {
  readonly arm: string;
  readonly recipe: Recipe;
  readonly run: RecordedRun;
  readonly result: RunResult;
  readonly record: RunRecord;
}

/**
 * One record of an experiment from the records of its parts: arms or seeds that were run on their own, on several
 * computers or because they were added later. A run is a pure function of its recipe and seed, so it belongs to the
 * experiment wherever the same settings, seed and evaluations were run; of two that do, the first record's is taken.
 * The summary is made anew, from numbers of 4 significant digits. Refused where a run is missing.
 */
export function joinRecords(
  experiment: Experiment,
  records: readonly RunRecord[],
): Result<RunRecord> {
  const parts = records.flatMap(partsOf);
  const arms = armRecipes(experiment).map(({ name, recipe }) => ({
    name,
    recipe,
    found: experiment.seeds.map((seed) =>
      parts.find((part) => part.run.seed === seed && belongs(part, recipe, experiment)),
    ),
  }));
  const problems = arms.flatMap(({ name, recipe, found }) =>
    found.flatMap((part, s) =>
      part === undefined
        ? [missing(name, recipe, experiment.seeds[s] ?? 0, parts, experiment)]
        : [],
    ),
  );
  if (problems.length > 0) return { ok: false, problems };
  const used = arms.flatMap(({ name, found }) =>
    found.flatMap((part) => (part === undefined ? [] : [{ ...part, name }])),
  );
  return {
    ok: true,
    value: {
      format: RECORD_FORMAT,
      experiment,
      made: madeTogether([...new Set(used.map(({ record }) => record))]),
      arms: arms.map(({ name, found }) => ({
        name,
        runs: found.flatMap((part) => (part === undefined ? [] : [part.run])),
      })),
      summary: summariseRuns(used.map(({ name, result }) => ({ ...result, arm: name }))),
    },
  };
}

function partsOf(record: RunRecord): Part[] {
  return armRecipes(record.experiment).flatMap(({ name, recipe }, a) =>
    (record.arms[a]?.runs ?? []).flatMap((run) => {
      const result = record.summary.runs.find(({ arm, seed }) => arm === name && seed === run.seed);
      return result === undefined ? [] : [{ arm: name, recipe, run, result, record }];
    }),
  );
}

/** The name of an arm may have changed since; what was trained, judged and measured may not. */
function belongs({ recipe, record }: Part, wanted: Recipe, experiment: Experiment): boolean {
  return (
    differingKeys(recipe, wanted).every((key) => key === 'seed') &&
    record.made.finished &&
    sameSetting(record.experiment.evaluate, experiment.evaluate) &&
    sameSetting(record.experiment.measure, experiment.measure)
  );
}

/** Says what is missing, and of a run that comes near, what keeps it out. */
function missing(
  name: string,
  recipe: Recipe,
  seed: number,
  parts: readonly Part[],
  experiment: Experiment,
): Problem {
  const near = parts.find(({ arm, run }) => arm === name && run.seed === seed);
  const why = near === undefined ? 'no record has it' : reason(near, recipe, experiment);
  return { key: 'records', message: `arm "${name}" at seed ${seed}: ${why}` };
}

function reason({ recipe, record }: Part, wanted: Recipe, experiment: Experiment): string {
  const [key] = differingKeys(recipe, wanted).filter((differing) => differing !== 'seed');
  if (key !== undefined) return `it was run with another ${key}`;
  if (!record.made.finished) return 'it was stopped before its last step';
  return sameSetting(record.experiment.evaluate, experiment.evaluate)
    ? 'it was measured at other steps, or other things were'
    : 'it was evaluated on other prompts, or at other steps';
}

/** Adapters and browsers by name, each once; the date is that of the last; the shaders, where all had the same. */
function madeTogether(records: readonly RunRecord[]): Made {
  const all = records.map(({ made }) => made);
  const [first] = all;
  if (first === undefined) throw new Error('an experiment has at least one run');
  const together = (texts: readonly string[]) => [...new Set(texts)].join(' + ').slice(0, 200);
  const browsers = all.map(({ browser }) => browser);
  return {
    adapter: {
      vendor: together(all.map(({ adapter }) => adapter.vendor)),
      architecture: together(all.map(({ adapter }) => adapter.architecture)),
      description: together(all.map(({ adapter }) => adapter.description)),
      software: all.some(({ adapter }) => adapter.software),
    },
    browser: browsers.every((browser) => browser !== null) ? together(browsers) : null,
    shaders: all.every(({ shaders }) => shaders === first.shaders) ? first.shaders : null,
    version: together(all.map(({ version }) => version)).slice(0, 40),
    finished_at:
      all
        .map(({ finished_at: at }) => at)
        .sort()
        .at(-1) ?? first.finished_at,
    steps: first.steps,
    finished: true,
  };
}
