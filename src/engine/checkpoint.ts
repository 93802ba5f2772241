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
import type { TrainerState } from './trainer_state';

/** Value of the metadata key `format`. */
export const CHECKPOINT_FORMAT = 'rlvr-checkpoint-2';

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
    runs: runs.map((run, r) => {
      for (const part of PARTS) {
        const data = run[part];
        tensors.set(`trainer.${t}.run.${r}.${part}`, { dtype: 'F32', shape: [data.length], data });
      }
      const { recipe, controls, adamSteps, tokens, deadSteps } = run;
      return { recipe, controls, adamSteps, tokens, deadSteps };
    }),
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
  const { metadata, tensors } = parseFile(bytes);
  if (metadata.get('format') !== CHECKPOINT_FORMAT) refuse(`it is not a ${CHECKPOINT_FORMAT}`);
  const trainers = readHeader(metadata.get('trainers'));
  return trainers.map((trainer: unknown, t) => {
    if (!isObject(trainer) || !Array.isArray(trainer.runs))
      return refuse(`trainer ${t} lists no runs`);
    return {
      step: count(trainer.step),
      runs: trainer.runs.map((run: unknown, r) => {
        if (!isRunHeader(run)) return refuse(`run ${r} of trainer ${t} is incomplete`);
        const recipe = parseRecipe(run.recipe, { names: TASK_NAMES, paths: true });
        if (!recipe.ok) return refuse(problemText(recipe.problems));
        const part = (name: (typeof PARTS)[number]) => {
          const tensor = tensors.get(`trainer.${t}.run.${r}.${name}`);
          if (tensor?.dtype !== 'F32') return refuse(`the ${name} of run ${r} are missing`);
          return Float32Array.from(tensor.data);
        };
        return {
          recipe: recipe.value,
          controls: run.controls,
          adamSteps: count(run.adamSteps),
          tokens: count(run.tokens),
          deadSteps: count(run.deadSteps ?? 0),
          weights: part('weights'),
          m: part('m'),
          v: part('v'),
        };
      }),
    };
  });
}

function parseFile(bytes: Uint8Array): SafetensorsFile {
  try {
    return parseSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) refuse(error.message);
    throw error;
  }
}

function readHeader(text: string | undefined): unknown[] {
  let trainers: unknown;
  try {
    trainers = parseStrictJson(text ?? '');
  } catch {
    trainers = null;
  }
  return Array.isArray(trainers) ? trainers : refuse('it lists no trainers');
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
    Object.keys(FRESH).every((key) => value[key] === null || Number.isFinite(value[key]))
  );
}

function count(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return refuse('a count is not a whole number');
}
