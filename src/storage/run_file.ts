import type { AdapterFacts } from '../recipe/adapter_facts';
import type { Experiment } from '../recipe/experiment';
import type { Recipe, RecipeKey } from '../recipe/recipe';
import {
  MOST_EVALUATIONS,
  MOST_MEASUREMENTS,
  newestFindings,
  newestGroups,
  readable,
  responseTokens,
  type KeptEvaluation,
  type KeptMeasurement,
  type KeptRollouts,
} from './kept_findings';

/** What a run file begins with, in ASCII. */
export const MAGIC = 'rlvr-run';
/** Version of the layout below; what is newer cannot be read. 1 had neither measurements nor rollouts, 2 no advantages and log-probabilities of rollouts, 3 one measurement of a kind at most, 4 no hash of the shaders. */
export const VERSION = 5;
/** Magic, version (u32) and length of the header (u32), little-endian. */
export const PREFIX_BYTES = 16;
/** SHA-256 of everything before it. */
export const DIGEST_BYTES = 32;
export const MOST_FILE_BYTES = 512 * 2 ** 20;
export const MOST_HEADER_BYTES = 16 * 2 ** 20;

/** Sections begin at multiples of this, after zeros. */
export const ALIGNMENT = 8;

/** Where a fork left its parent. */
export interface Parent {
  /** Id of the parent's file. */
  readonly run: string;
  readonly name: string;
  /** Name of the arm that was forked. */
  readonly arm: string;
  readonly step: number;
}

/** A setting of one arm changed while it trained; it acts from the first update of `step` on. */
export interface KeptMark {
  /** Id of the arm. */
  readonly arm: string;
  readonly setting: RecipeKey;
  readonly from: Recipe[RecipeKey];
  readonly to: Recipe[RecipeKey];
  readonly step: number;
}

export interface KeptArm {
  /** As in the names of its runs. */
  readonly id: string;
  /** Index into the palette. */
  readonly colour: number;
}

/** The state of all runs after `step`: a safetensors file of the engine's, which alone can read it. */
export interface KeptCheckpoint {
  readonly step: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Columns of one run by quantity (keys of StepMetrics), a number for each step from 1; NaN where it has none. */
export type KeptSeries = ReadonlyMap<string, Float64Array>;

/** An experiment as it was trained, with all it measured: what the page keeps, exports and takes up again. */
export interface KeptRun {
  /** Of this file, and of the later ones of the same run. */
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  readonly changed: string;
  /** Of this program. */
  readonly program: string;
  readonly browser: string;
  /** SHA-256 of the shaders that made all of its steps (gpu/shader_hash.ts); null where it is not known, or several did. */
  readonly shaders: string | null;
  /** Null where it is not known. */
  readonly adapter: AdapterFacts | null;
  readonly parent: Parent | null;
  /** Name in the catalogue; null for any other experiment. */
  readonly catalogue: string | null;
  /** With the settings in force at the last step; the marks say what they were before. */
  readonly experiment: Experiment;
  /** In the order of the experiment's. */
  readonly arms: readonly KeptArm[];
  /** Steps that are complete. */
  readonly step: number;
  readonly marks: readonly KeptMark[];
  readonly evaluations: readonly KeptEvaluation[];
  readonly measurements: readonly KeptMeasurement[];
  readonly rollouts: readonly KeptRollouts[];
  /** By run: `arm-1#0` is the arm with this id at seed 0. */
  readonly series: ReadonlyMap<string, KeptSeries>;
  /** Null where only the numbers were kept. */
  readonly checkpoint: KeptCheckpoint | null;
}

/** What is JSON at the head of the file: everything but the numbers, and how they lie. */
export type Header = Omit<KeptRun, 'series' | 'checkpoint'> & {
  /** F64 columns of `step` numbers, one run after another. */
  readonly series: readonly { readonly run: string; readonly columns: readonly string[] }[];
  /** Follows the series; ends the file, but for the digest. */
  readonly checkpoint: { readonly step: number; readonly bytes: number } | null;
};

/**
 * A run as one file: prefix, header, series, checkpoint, SHA-256 of all of these. Numbers are little-endian, and exact.
 * Of more evaluations or rollouts than a file may hold the oldest are left out.
 */
export async function writeRunFile(run: KeptRun): Promise<Uint8Array<ArrayBuffer>> {
  const { series, checkpoint, ...rest } = run;
  const header: Header = {
    ...rest,
    evaluations: newestFindings(readable(rest.evaluations), MOST_EVALUATIONS),
    measurements: newestFindings(readable(rest.measurements), MOST_MEASUREMENTS),
    rollouts: rest.rollouts.map((own) => ({
      ...own,
      groups: newestGroups(own.groups, responseTokens),
    })),
    series: [...series].map(([id, columns]) => ({ run: id, columns: [...columns.keys()] })),
    checkpoint: checkpoint && { step: checkpoint.step, bytes: checkpoint.bytes.length },
  };
  const json = headerBytes(header);
  const columns = [...series.values()].flatMap((own) => [...own.values()]);
  const seriesStart = align(PREFIX_BYTES + json.length);
  const checkpointStart = seriesStart + columns.length * run.step * 8;
  const end = checkpointStart + (checkpoint?.bytes.length ?? 0);
  const bytes = new Uint8Array(end + DIGEST_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, PREFIX_BYTES);
  let at = seriesStart;
  for (const column of columns) {
    writeNumbers(view, at, column);
    at += column.length * 8;
  }
  if (at !== checkpointStart) throw new Error('a column has not a number for each step');
  if (checkpoint) bytes.set(checkpoint.bytes, checkpointStart);
  bytes.set(await digestOf(bytes.subarray(0, end)), end);
  return bytes;
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A million numbers one by one take long enough to be felt; in one go they do not, where the machine has their order. */
function writeNumbers(view: DataView<ArrayBuffer>, at: number, column: Float64Array): void {
  if (LITTLE_ENDIAN) new Float64Array(view.buffer, at, column.length).set(column);
  else column.forEach((value, i) => view.setFloat64(at + 8 * i, value, true));
}

/** Of a header that no reader would take the rollouts are left out, then the older half of what was found most often, and so on. */
function headerBytes(header: Header): Uint8Array {
  const bytes = encoded(header);
  if (bytes.length <= MOST_HEADER_BYTES) return bytes;
  const { rollouts, evaluations, measurements } = header;
  if (rollouts.length > 0) return headerBytes({ ...header, rollouts: [] });
  if (evaluations.length + measurements.length === 0) return bytes;
  const half = <T extends KeptEvaluation>(all: readonly T[]) =>
    newestFindings(all, Math.floor(all.length / 2));
  return evaluations.length >= measurements.length
    ? headerBytes({ ...header, evaluations: half(evaluations) })
    : headerBytes({ ...header, measurements: half(measurements) });
}

const encoded = (header: Header) => new TextEncoder().encode(JSON.stringify(header));

export function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
