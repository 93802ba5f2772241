import { version } from '../../package.json';
import type { AdapterFacts } from '../recipe/adapter_facts';
import { changed } from '../recipe/difference';
import { armRecipes, parseExperiment, type Experiment } from '../recipe/experiment';
import { fittingMeasure } from '../recipe/measure';
import type { Recipe } from '../recipe/recipe';
import type { StepMetrics } from '../rl/metrics';
import type { KeptEvaluation } from '../storage/kept_findings';
import type { KeptCheckpoint, KeptMark, KeptRun, KeptSeries, Parent } from '../storage/run_file';
import type { MetricKey } from './columns';
import type { Arm, ExperimentState } from './experiment';
import type { Finding, Measured } from './findings';
import type { GroupHistory } from './group_history';
import { keptRollouts } from './recorded_rollouts';
import { runId } from './run_id';
import type { SeriesStore } from './series';

/** What a run is called, and where it comes from; its numbers change while this stays. */
export interface RunIdentity {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  readonly parent: Parent | null;
  /** Those of its steps so far, as in its file. */
  readonly shaders: string | null;
}

/** What is on the page now, as a run to keep. Null before its first step, and where it is no experiment of its own. */
export function keptRunNow(
  identity: RunIdentity,
  page: {
    readonly experiment: ExperimentState;
    readonly series: SeriesStore;
    readonly adapter: AdapterFacts | null;
    /** Those that compute here. */
    readonly shaders: string | null;
    readonly checkpoint: KeptCheckpoint | null;
    /** Of a run, by its name. */
    readonly evaluations: (run: string) => readonly Finding[];
    readonly measurements: (run: string) => readonly Measured[];
    /** Of an arm. */
    readonly groups: (arm: string) => GroupHistory;
  },
): KeptRun | null {
  const { arms, seeds, id: catalogue } = page.experiment;
  const experiment = experimentAsTrained(page.experiment);
  if (experiment === null) return null;
  const columns = arms.flatMap(({ id }) =>
    seeds.map((seed) => [runId(id, seed), page.series.seeds(id).get(seed)] as const),
  );
  const step = Math.min(...columns.map(([, own]) => own?.length ?? 0));
  if (step < 1) return null;
  const ids = arms.map(({ id }) => id);
  return {
    ...identity,
    changed: new Date().toISOString(),
    program: version,
    browser: navigator.userAgent,
    shaders: identity.shaders === page.shaders ? page.shaders : null,
    adapter: page.adapter,
    catalogue,
    experiment,
    arms: arms.map(({ id, colour }) => ({ id, colour })),
    step,
    marks: page.series.marks.filter(({ arm }) => ids.includes(arm)),
    evaluations: columns.flatMap(([run]) =>
      page.evaluations(run).map((finding) => keptFinding(run, finding)),
    ),
    measurements: columns.flatMap(([run]) =>
      page
        .measurements(run)
        .map((finding) => ({ ...keptFinding(run, finding), kind: finding.kind })),
    ),
    rollouts: arms.flatMap(({ id, recipe }) => keptRollouts(page.groups(id), recipe, step) ?? []),
    series: new Map(
      columns.map(([run, own]): [string, KeptSeries] => [
        run,
        new Map(own?.keys().map((key) => [key, own.view(key).slice(0, step)])),
      ]),
    ),
    checkpoint: page.checkpoint !== null && page.checkpoint.step <= step ? page.checkpoint : null,
  };
}

/** What the worker sends is JSON already. */
function keptFinding(run: string, { step, values }: Finding): KeptEvaluation {
  return { run, step, values: values as KeptEvaluation['values'] };
}

/** The experiment with the settings that the worker has taken over; null where its arms do not fit together. */
export function experimentAsTrained(state: ExperimentState): Experiment | null {
  const { name, about, base, arms, seeds, evaluate } = state;
  const measure = fittingMeasure(
    state.measure,
    arms.map(({ recipe }) => recipe),
  );
  const experiment = {
    version: 1,
    name,
    base,
    // A seed belongs to the list of seeds, not to an arm.
    arms: arms.map((arm) => ({
      name: arm.name,
      set: changed({ ...asTrained(arm), seed: base.seed }, base),
    })),
    seeds,
    evaluate,
    measure,
  };
  // Its claims name arms, which may have been renamed or removed since.
  const described = parseExperiment({ ...experiment, about });
  const parsed = described.ok ? described : parseExperiment(experiment);
  return parsed.ok ? parsed.value : null;
}

function asTrained({ recipe, pending }: Arm): Recipe {
  // A pending setting still has the value that it had before, which is one of its type.
  return { ...recipe, ...(pending as Partial<Recipe>) };
}

/** The arms of a kept run on the page, as they were after `step`. What they began with is what the marks changed. */
export function experimentOf(run: KeptRun, step = run.step): ExperimentState {
  const { name, about, base, seeds, evaluate, measure } = run.experiment;
  const arms = armRecipes(run.experiment).map((arm, i): Arm => {
    const { id, colour } = run.arms[i] ?? { id: arm.id, colour: i };
    const marks = run.marks.filter((mark) => mark.arm === id);
    const recipe = undone(arm.recipe, marks, step + 1);
    const original = undone(arm.recipe, marks, 0);
    return { id, colour, name: arm.name, recipe, original, visible: true, pending: {} };
  });
  const { catalogue: id } = run;
  return { name, id, record: id, about, base, arms, seeds, evaluate, measure };
}

/** An arm's settings as they were after `step`; `marks` are those of the page. */
export function recipeAfter(arm: Arm, marks: readonly KeptMark[], step: number): Recipe {
  const own = marks.filter((mark) => mark.arm === arm.id);
  return undone(asTrained(arm), own, step + 1);
}

/** A recipe without the changes that act after `step`. */
function undone(recipe: Recipe, marks: readonly KeptMark[], step: number): Recipe {
  const later = marks.filter((mark) => mark.step > step).toSorted((a, b) => b.step - a.step);
  return later.reduce((now, { setting, from }) => ({ ...now, [setting]: from }), recipe);
}

/** Puts the numbers of a run into empty series: those of its first `steps` steps, and the changes until then. */
export function showSeries(run: KeptRun, series: SeriesStore, steps = run.step): void {
  for (let i = 0; i < steps; i++) {
    series.append(
      Object.fromEntries([...run.series].map(([id, columns]) => [id, rowAt(columns, i)])),
    );
  }
  for (const mark of run.marks) if (mark.step <= steps + 1) series.mark(mark);
}

/** A column that an older version did not have stays empty: charts take it for one without numbers. */
function rowAt(columns: KeptSeries, i: number): StepMetrics {
  const row: Partial<Record<MetricKey, number>> = {};
  for (const [key, values] of columns) row[key as MetricKey] = values[i] ?? NaN;
  return row as StepMetrics;
}
