import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readPolicy, writePolicy } from '../../src/model/policy';
import { commandLine, root } from '../setup/command_line';

/** What the command line says when the device, and not the input, is at fault: title, what, what is kept, what to do. */

const folder = mkdtempSync(join(tmpdir(), 'rlvr-cli-failures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ARM = { name: 'GRPO', set: {} };
const smallest = {
  version: 1,
  name: 'smallest',
  base: {
    ...{ task: 'maze-small', prompts_per_step: 2, group_size: 4, minibatches: 1, epochs: 1 },
    ...{ train_prompts: 16, steps: 8 },
  },
  arms: [ARM],
  seeds: [0],
};

let files = 0;
function experiment(base: object = {}): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, JSON.stringify({ ...smallest, base: { ...smallest.base, ...base } }));
  return path;
}

const broken = pathToFileURL(join(root, 'tests/setup/broken_gpu.mjs')).href;

/** Trains, with these variables of the environment. */
function train(path: string, environment: Record<string, string> = {}) {
  const out = join(folder, `out-${files++}`);
  return commandLine(folder, environment)('run', path, '--out', out);
}

const withFault = (fault: string) =>
  train(experiment(), { NODE_OPTIONS: `--import=${broken}`, RLVR_TEST_FAULT: fault });

function expectSaid(
  { code, stderr }: { readonly code: number; readonly stderr: string },
  ...parts: readonly (string | RegExp)[]
): void {
  for (const part of parts) expect(stderr).toMatch(part);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  expect(code).toBe(1);
}

const NOTHING_STARTED = /Nothing was started and nothing was changed\./;

test('a machine without an adapter', async () => {
  const nothing = join(folder, 'no-driver.json');
  const said = await train(experiment(), { VK_ICD_FILENAMES: nothing, VK_DRIVER_FILES: nothing });
  expectSaid(said, /^No graphics adapter is available\./m, NOTHING_STARTED, /--adapter/);
});

test('an experiment that no device can hold', async () => {
  const said = await train(
    experiment({ prompts_per_step: 1024, group_size: 1024, train_prompts: 1024 }),
  );
  expectSaid(
    said,
    /^This setting is too large for the device\./m,
    /needs max\w+ of [\d,]+/,
    NOTHING_STARTED,
  );
});

test('memory that is full', async () => {
  expectSaid(
    await withFault('memory'),
    /^The graphics memory is full\./m,
    /Reserving [\d,]+ bytes/,
    NOTHING_STARTED,
  );
});

test('a driver that refuses a kernel', async () => {
  expectSaid(
    await withFault('shader'),
    /^A shader did not compile\./m,
    /The kernel rmsnorm was refused/,
    NOTHING_STARTED,
  );
});

test('a device that goes while it trains, twice', async () => {
  expectSaid(
    await withFault('lost'),
    /^The graphics processor was lost \(.*It was opened again, and the run goes on from its/m,
    /^The graphics processor was lost again\./m,
    /weights since the last checkpoint are gone/,
    /--resume/,
  );
});

test('a mistake of the program', async () => {
  expectSaid(
    await withFault('bug'),
    /^Something went wrong inside the program\./m,
    /our mistake, not yours\. Please report it with the text above/,
  );
});

test('training that diverges', async () => {
  const policy = readPolicy(readFileSync(join(root, 'public/policies/maze-small.safetensors')));
  const weights = new Map(policy.weights);
  for (const [name, tensor] of weights) {
    if (!name.endsWith('down_proj.weight')) continue;
    weights.set(name, { ...tensor, data: tensor.data.map((value) => Math.sign(value) * 3e38) });
  }
  const path = join(folder, 'huge.safetensors');
  writeFileSync(path, writePolicy({ ...policy, weights }));
  const said = await train(experiment({ policy: path }));
  expectSaid(
    said,
    /^Training diverged\./m,
    /In arm "GRPO" the gradient of/,
    /Lower the learning rate/,
  );
});
