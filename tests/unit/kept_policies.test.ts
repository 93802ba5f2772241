import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { policiesOfRunFile } from '../../src/cli/kept_policies';
import { writeRuns } from '../../src/engine/checkpoint';
import { FRESH } from '../../src/engine/controls';
import { RlvrError } from '../../src/errors/failure';
import { packWeights, parameterLayout } from '../../src/model/layout';
import { armRecipes } from '../../src/recipe/experiment';
import { writeRunFile } from '../../src/storage/run_file';
import { keptRun } from '../setup/kept_run';
import { basePolicy } from '../setup/hf_logits';

const folder = mkdtempSync(join(tmpdir(), 'rlvr-kept-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const policy = basePolicy('maze-small');
const layout = parameterLayout(policy.spec);
/** The base policy with every weight multiplied. */
const scaled = (factor: number) => {
  const weights = packWeights(layout, policy.weights).map((w) => w * factor);
  const zeros = () => new Float32Array(layout.total);
  return { weights, m: zeros(), v: zeros() };
};

/** A run file whose runs are the base policy times 1, 2, 3 and 4; its recipes may name another policy. */
async function runFile(name: string, named = 'maze-small'): Promise<string> {
  const run = keptRun();
  const ids = run.experiment.seeds.flatMap((seed) =>
    armRecipes(run.experiment).map(({ id, recipe }) => ({ id: `${id}#${seed}`, recipe, seed })),
  );
  const runs = new Map(
    ids.map(({ id, recipe, seed }, i) => [
      id,
      {
        recipe: { ...recipe, seed, policy: named },
        controls: FRESH,
        adamSteps: 3,
        tokens: 1,
        deadSteps: 0,
        ...scaled(i + 1),
      },
    ]),
  );
  const bytes = writeRuns({ step: run.step, runs });
  const path = join(folder, name);
  writeFileSync(path, await writeRunFile(keptRun({ checkpoint: { step: run.step, bytes } })));
  return path;
}

async function refusal(path: string): Promise<string> {
  try {
    await policiesOfRunFile(path);
  } catch (error) {
    if (error instanceof RlvrError) return JSON.stringify(error.failure);
    throw error;
  }
  throw new Error('it was read');
}

test('a run that the page exported holds a policy of each arm and seed', async () => {
  const found = await policiesOfRunFile(await runFile('whole.rlvr'));
  expect([...found.keys()].sort()).toEqual([
    'GRPO-seed-0',
    'GRPO-seed-7',
    'λ-0.5-seed-0',
    'λ-0.5-seed-7',
  ]);
  const second = found.get('λ-0.5-seed-0')!;
  expect(second.spec).toEqual(policy.spec);
  expect(second.vocabulary).toEqual(policy.vocabulary);
  for (const [name, { shape, data }] of policy.weights) {
    expect(second.weights.get(name)).toEqual({ shape, data: data.map((w) => w * 2) });
  }
});

test('one that kept no weights, is damaged, or names a file of this machine is refused', async () => {
  const numbers = join(folder, 'numbers.rlvr');
  writeFileSync(numbers, await writeRunFile(keptRun({ checkpoint: null })));
  expect(await refusal(numbers)).toContain('no weights');
  const damaged = join(folder, 'damaged.rlvr');
  const bytes = await writeRunFile(keptRun({ checkpoint: null }));
  bytes[100] ^= 1;
  writeFileSync(damaged, bytes);
  expect(await refusal(damaged)).toContain('damaged');
  expect(await refusal(await runFile('path.rlvr', '/etc/x.safetensors'))).toContain('/etc/x');
  expect(await refusal(await runFile('other.rlvr', 'chain-sum'))).toContain('must fit the task');
});
