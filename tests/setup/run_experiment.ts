import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExperimentSummary } from '../../src/rl/summary';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs an experiment of tests/fixtures as a user does, and reads what it leaves. */
export async function runExperiment(name: string) {
  const out = mkdtempSync(join(tmpdir(), 'rlvr-science-'));
  try {
    const file = join(root, 'tests/fixtures/experiments', `${name}.json`);
    await promisify(execFile)(process.execPath, [
      join(root, 'tools/rlvr.mjs'),
      ...['run', file, '--out', out],
    ]);
    const read = (path: string) => readFileSync(join(out, path), 'utf8');
    return {
      summary: JSON.parse(read('summary.json')) as ExperimentSummary,
      metrics: read('metrics.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { step: number; entropy: number; reward: number }),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
