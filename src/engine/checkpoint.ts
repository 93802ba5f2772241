import { RlvrError } from '../errors/failure';
import { parseStrictJson } from '../model/json';
import {
  parseSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from '../model/safetensors';
import { parseRecipe } from '../recipe/schema';
import { problemText } from '../recipe/untrusted';
import { TASK_NAMES } from '../tasks/registry';
import { FRESH, type ControlState } from './controls';
import type { SavedRun, TrainerState } from './trainer_state';

/** Value of the metadata key `format`. */
export const CHECKPOINT_FORMAT = 'rlvr-checkpoint-2';
const RUNS_FORMAT = 'rlvr-runs-1';

const PARTS = ['weights', 'm', 'v'] as const;

/** What of a run is not a tensor; JSON in the metadata. */
interface RunHeader {
  readonly recipe: unknown;
  readonly controls: ControlState;
  readonly adamSteps: number;
  readonly tokens: number;
  readonly deadSteps: number;
}

/** Lockstep states as one safetensors file: exact, since f32 and JSON numbers both survive. */
export function writeCheckpoint(states: readonly TrainerState[]): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, SafetensorsTensor>();
  const header = states.map(({ step, runs }, t) => ({
    step,
    runs: runs.map((run, r) => headerOf(run, `trainer.${t}.run.${r}`, tensors)),
  }));
  return writeSafetensors(
    tensors,
    new Map([
      ['format', CHECKPOINT_FORMAT],
      ['trainers', JSON.stringify(header)],
    ]),
  );
}

/** Reads a checkpoint. Throws RlvrError `badInput` with what is wrong. */
export function readCheckpoint(bytes: Uint8Array): TrainerState[] {
  const file = parseFile(bytes, CHECKPOINT_FORMAT);
  const trainers = readHeader(file.metadata.get('trainers'), 'trainers');
  return trainers.map((trainer: unknown, t) => {
    if (!isObject(trainer) || !Array.isArray(trainer.runs))
      return refuse(`trainer ${t} lists no runs`);
    return {
      step: count(trainer.step),
      runs: trainer.runs.map((run: unknown, r) =>
        readRun(run, `trainer.${t}.run.${r}`, file.tensors),
      ),
    };
  });
}

/** Runs by name at one step, as the page keeps them: each can be continued, or forked, by itself. */
export interface SavedRuns {
  readonly step: number;
  readonly runs: ReadonlyMap<string, SavedRun>;
}

/** The same file for runs that are known by name. */
export function writeRuns({ step, runs }: SavedRuns): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, SafetensorsTensor>();
  const header = [...runs].map(([name, run], r) => ({
    name,
    ...headerOf(run, `run.${r}`, tensors),
  }));
  return writeSafetensors(
    tensors,
    new Map([
      ['format', RUNS_FORMAT],
      ['step', JSON.stringify(step)],
      ['runs', JSON.stringify(header)],
    ]),
  );
}

/** Reads what `writeRuns` wrote. Throws RlvrError `badInput` with what is wrong. */
export function readRuns(bytes: Uint8Array): SavedRuns {
  const { metadata, tensors } = parseFile(bytes, RUNS_FORMAT);
  const runs = new Map<string, SavedRun>();
  readHeader(metadata.get('runs'), 'runs').forEach((run, r) => {
    const name = isObject(run) ? run.name : null;
    if (typeof name !== 'string' || runs.has(name))
      return refuse(`run ${r} has no name of its own`);
    runs.set(name, readRun(run, `run.${r}`, tensors));
  });
  return { step: count(Number(metadata.get('step') ?? 'none')), runs };
}

/** What of a run is not a tensor; the tensors are added to `tensors`, named after `prefix`. */
function headerOf(run: SavedRun, prefix: string, tensors: Map<string, SafetensorsTensor>) {
  for (const part of PARTS) {
    const data = run[part];
    tensors.set(`${prefix}.${part}`, { dtype: 'F32', shape: [data.length], data });
  }
  const { recipe, controls, adamSteps, tokens, deadSteps } = run;
  return { recipe, controls, adamSteps, tokens, deadSteps } satisfies RunHeader;
}

function readRun(
  value: unknown,
  prefix: string,
  tensors: ReadonlyMap<string, SafetensorsTensor>,
): SavedRun {
  if (!isRunHeader(value)) return refuse(`${prefix} is incomplete`);
  const recipe = parseRecipe(value.recipe, { names: TASK_NAMES, paths: true });
  if (!recipe.ok) return refuse(problemText(recipe.problems));
  const part = (name: (typeof PARTS)[number]) => {
    const tensor = tensors.get(`${prefix}.${name}`);
    if (tensor?.dtype !== 'F32') return refuse(`the ${name} of ${prefix} are missing`);
    return Float32Array.from(tensor.data);
  };
  return {
    recipe: recipe.value,
    controls: controlsOf(value.controls),
    adamSteps: count(value.adamSteps),
    tokens: count(value.tokens),
    deadSteps: count(value.deadSteps ?? 0),
    weights: part('weights'),
    m: part('m'),
    v: part('v'),
  };
}

function parseFile(bytes: Uint8Array, format: string): SafetensorsFile {
  let file: SafetensorsFile;
  try {
    file = parseSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) refuse(error.message);
    throw error;
  }
  return file.metadata.get('format') === format ? file : refuse(`it is not a ${format}`);
}

function readHeader(text: string | undefined, what: string): unknown[] {
  let list: unknown;
  try {
    list = parseStrictJson(text ?? '');
  } catch {
    list = null;
  }
  return Array.isArray(list) ? list : refuse(`it lists no ${what}`);
}

function refuse(detail: string): never {
  throw new RlvrError({ kind: 'badInput', field: 'checkpoint', detail });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function isRunHeader(value: unknown): value is RunHeader {
  return isObject(value) && isObject(value.recipe) && isControlState(value.controls);
}

function isControlState(value: unknown): value is ControlState {
  return (
    isObject(value) &&
    Object.keys(FRESH).every(
      (key) => Object.hasOwn(value, key) && (value[key] === null || Number.isFinite(value[key])),
    )
  );
}

/** Without whatever else stood beside them in the file. */
function controlsOf({
  positiveWeight,
  entropyCoef,
  clip,
  baseEntropy,
}: ControlState): ControlState {
  return { positiveWeight, entropyCoef, clip, baseEntropy };
}

function count(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return refuse('a count is not a whole number');
}
