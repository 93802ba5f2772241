import { armRecipes, type ArmRecipe } from '../recipe/experiment';
import type { Recipe } from '../recipe/recipe';
import type { StepMetrics } from '../rl/metrics';
import type { RecordedRun, RunRecord } from '../storage/record';
import type { GroupView } from '../worker/protocol';
import { clearFindings, receiveEvaluation, receiveMeasurement } from './findings';
import { recordedGroup } from './recorded_rollouts';
import { clearGroups, receiveGroups } from './rollouts';
import { runId } from './run_id';
import { useRun } from './run';
import { series } from './series';

/** Plays the numbers of a recorded run into the charts, as if they were trained just now. */

/** One row of every run, ready for the series. */
type Frame = Readonly<Record<string, StepMetrics>>;

/** A whole run takes about this long, whatever its length. */
const WHOLE_RUN_MS = 8000;
const SHORTEST_FRAME_MS = 40;
const LONGEST_FRAME_MS = 250;

let frames: readonly Frame[] = [];
let groups: readonly GroupView[] = [];
let findings: readonly Due[] = [];
let next = 0;
/** The step that was shown last. */
let last = -1;
let timer: ReturnType<typeof setInterval> | null = null;

/** Opens a record at its start. The experiment must have been taken up, with all seeds of the record. */
export function openPlayer(record: RunRecord, id: string): void {
  stop();
  const recipes = armRecipes(record.experiment);
  frames = framesOf(record, recipes);
  groups = groupsOf(record, recipes);
  findings = findingsOf(record, recipes);
  next = 0;
  last = -1;
  showGroups(1);
  useRun.setState({
    status: 'ready',
    recorded: { id, made: record.made },
    step: 0,
    total: record.made.steps,
    secondsPerStep: null,
    lastStepAt: null,
  });
}

export function closePlayer(): void {
  stop();
  frames = [];
  groups = [];
  findings = [];
}

export function togglePlayer(): void {
  if (timer !== null) {
    stop();
    useRun.setState({ status: 'paused' });
    return;
  }
  if (next >= frames.length) return;
  useRun.setState({ status: 'running' });
  const pause = WHOLE_RUN_MS / Math.max(1, frames.length);
  timer = setInterval(show, Math.min(LONGEST_FRAME_MS, Math.max(SHORTEST_FRAME_MS, pause)));
}

/** Shows the next recorded step; thinned records leave some out. */
export function stepPlayer(): void {
  if (timer !== null || next >= frames.length) return;
  useRun.setState({ status: 'paused' });
  show();
}

export function rewindPlayer(): void {
  stop();
  next = 0;
  last = -1;
  series.clear();
  clearGroups();
  clearFindings();
  showGroups(1);
  useRun.setState({ status: 'ready', step: 0 });
}

function show(): void {
  const frame = frames[next];
  if (frame !== undefined) {
    next += 1;
    series.append(frame);
    const step = Math.max(...Object.values(frame).map((row) => row.step));
    useRun.setState({ step });
    showGroups(step);
    for (const due of findings) if (due.step > last && due.step <= step) due.show();
    last = step;
  }
  if (next < frames.length) return;
  stop();
  useRun.setState({ status: 'finished' });
  series.ticker.bump();
}

/** Rollouts are recorded at a few steps only; those of step 1 are the base policy's. */
function showGroups(step: number): void {
  const due = groups.filter((group) => group.step === step);
  if (due.length > 0) receiveGroups(due);
}

function stop(): void {
  if (timer !== null) clearInterval(timer);
  timer = null;
}

/** What a record leaves out because it never changed is a setting, or unknown (NaN, which charts skip). */
function framesOf({ arms }: RunRecord, recipes: readonly ArmRecipe[]): Frame[] {
  const runs = arms.flatMap(({ runs: own }, a) =>
    own.map((run) => ({
      id: runId(recipes[a]?.id ?? '', run.seed),
      run,
      fixed: fixedOf(recipes[a]?.recipe),
    })),
  );
  const length = Math.max(0, ...runs.map(({ run }) => run.steps.length));
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(
      runs.flatMap(({ id, run, fixed }) =>
        i < run.steps.length ? [[id, rowOf(run, i, fixed)]] : [],
      ),
    ),
  );
}

function groupsOf({ arms }: RunRecord, recipes: readonly ArmRecipe[]): GroupView[] {
  return arms.flatMap(({ runs }, a) => {
    const arm = recipes[a];
    if (arm === undefined) return [];
    return runs.flatMap(({ seed, rollouts = [] }) =>
      rollouts.map((group) => recordedGroup(runId(arm.id, seed), arm.recipe, group)),
    );
  });
}

/** What was found of a run after a step, to be shown when the player has come so far. */
interface Due {
  readonly step: number;
  readonly show: () => void;
}

function findingsOf({ arms }: RunRecord, recipes: readonly ArmRecipe[]): Due[] {
  return arms.flatMap(({ runs }, a) =>
    runs.flatMap(({ seed, evaluations, measures }) => {
      const id = runId(recipes[a]?.id ?? '', seed);
      return [
        ...evaluations.map(({ step, ...values }) => ({
          step,
          show: () => receiveEvaluation(step, { [id]: values }),
        })),
        ...measures.map(({ step, kind, ...values }) => ({
          step,
          show: () => receiveMeasurement(step, kind, { [id]: values }),
        })),
      ];
    }),
  );
}

function fixedOf(recipe: Recipe | undefined): Partial<StepMetrics> {
  if (recipe === undefined) return {};
  const { positive_weight, entropy_coef, clip_low, clip_high } = recipe;
  return { positive_weight, entropy_coef, clip_low, clip_high };
}

function rowOf(run: RecordedRun, i: number, fixed: Partial<StepMetrics>): StepMetrics {
  const kept = Object.fromEntries(
    Object.entries(run.series).map(([key, values]) => [key, values[i] ?? NaN]),
  );
  // Columns and charts take a missing quantity as one without numbers.
  return { ...fixed, ...kept, step: run.steps[i] ?? i + 1 } as StepMetrics;
}
