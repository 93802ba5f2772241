import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RlvrError } from '../errors/failure';
import { runOfFile, runOfRecord, type LoggedRun, type RunChoice } from '../export/logs/logged_run';
import { parseStrictJson } from '../model/json';
import { problemText, type Result } from '../recipe/untrusted';
import type { StepMetrics } from '../rl/metrics';
import { readRunFile } from '../storage/read_run_file';
import { MAGIC } from '../storage/run_file';
import { readBytes } from './files';
import { refuse } from './options';
import { readRecord } from './record_file';

const FIELD = 'RUN';
const RECORD = 'record.json';
const METRICS = 'metrics.jsonl';

/** One run of a folder of "run", of a record or of a run file. Refused by name where it is none of them. */
export async function readRun(path: string, choice: RunChoice): Promise<LoggedRun> {
  if (await isFolder(path)) {
    const record = await readRecord(join(path, RECORD), FIELD);
    const run = accepted(runOfRecord(record, choice));
    const lines = join(path, METRICS);
    // The record has a part of the steps only.
    return existsSync(lines) ? { ...run, ...(await everyStep(lines, run)) } : run;
  }
  const bytes = await readBytes(path, FIELD);
  const isRunFile = [...MAGIC].every((char, i) => bytes[i] === char.charCodeAt(0));
  if (!isRunFile) return accepted(runOfRecord(await readRecord(path, FIELD), choice));
  const kept = await readRunFile(Uint8Array.from(bytes));
  if (!kept.ok) return refuse(FIELD, `${path}: ${problemText(kept.problems)}`);
  return accepted(runOfFile(kept.value, choice));
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

function accepted<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const [problem] = result.problems;
  throw new RlvrError({
    kind: 'badInput',
    field: `--${problem?.key ?? 'arm'}`,
    detail: problemText(result.problems),
  });
}

/** The steps of one run out of the lines of a folder. */
async function everyStep(
  path: string,
  { arm, recipe }: LoggedRun,
): Promise<Pick<LoggedRun, 'steps' | 'columns'>> {
  const text = new TextDecoder().decode(await readBytes(path, FIELD));
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => readLine(path, line, i + 1))
    .filter((line) => line.arm === arm && line.seed === recipe.seed);
  const keys = Object.keys(lines[0] ?? {}).filter((key) => key !== 'arm' && key !== 'seed');
  const columns = keys.map((key) => {
    const values = lines.map((line) => (typeof line[key] === 'number' ? line[key] : null));
    return [key as keyof StepMetrics, values] as const;
  });
  return { steps: lines.map(({ step }) => Number(step)), columns: new Map(columns) };
}

function readLine(path: string, line: string, number: number): Record<string, unknown> {
  try {
    const value = parseStrictJson(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  return refuse(FIELD, `line ${number} of ${path} is not a line of metrics`);
}
