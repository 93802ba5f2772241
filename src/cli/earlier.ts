import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint } from '../engine/checkpoint';
import type { TrainerState } from '../engine/trainer_state';
import type { StepMetrics } from '../rl/metrics';
import type { RunLines, RunRecord } from '../storage/record';
import { readBytes, readLines } from './files';
import { readRecord } from './record_file';

export const CHECKPOINT = 'checkpoint.safetensors';
export const RECORD = 'record.json';

/** What a run had come to when it was saved: by an earlier call, or by this one before its device was lost. */
export interface Earlier {
  readonly states: readonly TrainerState[] | null;
  readonly metrics: readonly (StepMetrics & { readonly arm: string; readonly seed: number })[];
  readonly evaluations: RunLines['evaluations'];
  readonly measures: RunLines['measures'];
  readonly rollouts: RunLines['rollouts'];
  /** Those that made its steps; null where it is not known. */
  readonly shaders: string | null;
}

export const nothingEarlier: Earlier = {
  states: null,
  shaders: null,
  metrics: [],
  evaluations: [],
  measures: [],
  rollouts: [],
};

/** Lines as they come. */
export type Collected = {
  [K in keyof RunLines]: (K extends 'metrics' ? Earlier['metrics'] : RunLines[K])[number][];
};

/** Everything reported so far, for the record. */
export function linesAfter({
  metrics,
  evaluations,
  measures,
  rollouts,
}: Pick<Earlier, keyof Collected>): Collected {
  return {
    metrics: [...metrics],
    evaluations: [...evaluations],
    measures: [...measures],
    rollouts: [...rollouts],
  };
}

/** The checkpoint of a folder, with the lines up to it. */
export async function readEarlier(out: string): Promise<Earlier> {
  const states = readCheckpoint(await readBytes(join(out, CHECKPOINT), '--resume'));
  const step = states[0]?.step ?? 0;
  const record = existsSync(join(out, RECORD))
    ? await readRecord(join(out, RECORD), '--resume')
    : null;
  const lines = async <T extends { readonly step: number }>(name: string) => {
    const all = await readLines(join(out, name), '--resume');
    // What else is in them is believed: these files are written by this command alone.
    return all.filter((line) => line.step <= step) as readonly object[] as readonly T[];
  };
  return {
    states,
    metrics: await lines<Earlier['metrics'][number]>('metrics.jsonl'),
    evaluations: await lines<Earlier['evaluations'][number]>('evaluations.jsonl'),
    measures: await lines<Earlier['measures'][number]>('measures.jsonl'),
    // No file of lines keeps them: they are for looking at.
    rollouts: record === null ? [] : rolloutsOf(record).filter((line) => line.step <= step),
    shaders: record?.made.shaders ?? null,
  };
}

function rolloutsOf({ arms }: RunRecord): RunLines['rollouts'] {
  return arms.flatMap(({ name, runs }) =>
    runs.flatMap(({ seed, rollouts = [] }) =>
      rollouts.map((group) => ({ arm: name, seed, ...group })),
    ),
  );
}
