import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../src/cli/run';
import { readCheckpoint } from '../../src/engine/checkpoint';
import { RlvrError } from '../../src/errors/failure';
import { factsOf, profileOf, type Gpu } from '../../src/gpu/device';
import { root } from '../setup/command_line';
import { freshDevice, testAdapter } from '../setup/device';

/** How often the device is lost, each time once so many steps are complete. */
let losses: number[] = [];
const opened: Gpu[] = [];
let out = '';

vi.mock('../../src/cli/adapter', () => ({
  RUNTIME: 'Node, for a test',
  async openGpu(): Promise<Gpu> {
    const device = await freshDevice();
    const facts = factsOf(await testAdapter());
    const after = losses.shift();
    const submit = device.queue.submit.bind(device.queue);
    device.queue.submit = (buffers) => {
      submit(buffers);
      if (after !== undefined && stepsIn(out) >= after) device.destroy();
    };
    const gpu = { device, facts, profile: profileOf(facts), pollsBusily: true };
    opened.push(gpu);
    return gpu;
  },
}));

const folder = mkdtempSync(join(tmpdir(), 'rlvr-lost-'));
const experiment = join(folder, 'experiment.json');
writeFileSync(
  experiment,
  JSON.stringify({
    version: 1,
    name: 'Lost',
    base: {
      ...{ version: 1, task: 'maze-small', steps: 8, train_prompts: 16 },
      ...{ prompts_per_step: 2, group_size: 4 },
    },
    arms: [{ name: 'GRPO' }, { name: 'λ 0.5', set: { positive_weight: 0.5 } }],
    seeds: [0],
    evaluate: { every: 4, prompts: 2, samples: 2 },
  }),
);
vi.stubEnv('RLVR_ROOT', root);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let said = '';
beforeEach(() => {
  said = '';
  opened.length = 0;
  const quiet = (text: string | Uint8Array) => ((said += String(text)), true);
  vi.spyOn(process.stderr, 'write').mockImplementation(quiet);
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
});
afterEach(() => vi.restoreAllMocks());

const text = (of: string, name: string) => readFileSync(join(of, name), 'utf8');

/** Steps that the lines of one arm have told. */
function stepsIn(of: string): number {
  const path = join(of, 'metrics.jsonl');
  return existsSync(path) ? text(of, 'metrics.jsonl').split('"GRPO"').length - 1 : 0;
}

/** Trains into a folder of this name; the device is lost after so many steps, once for each number. */
async function train(name: string, lostAfter: number[], ...more: string[]): Promise<string> {
  out = join(folder, name);
  losses = lostAfter;
  expect(await runCommand.run([experiment, '--out', out, ...more])).toBe(0);
  return out;
}

test('a run whose device is lost goes on from its last save, to the same bytes', async () => {
  const whole = await train('whole', []);
  expect(opened).toHaveLength(1);
  const mended = await train('mended', [5]);
  expect(opened.slice(1).map(({ submitMs }) => submitMs)).toEqual([undefined, undefined]);
  for (const name of ['metrics.jsonl', 'evaluations.jsonl'])
    expect(text(mended, name)).toBe(text(whole, name));
  const weights = (of: string) => readCheckpoint(readFileSync(join(of, 'checkpoint.safetensors')));
  expect(weights(mended)).toEqual(weights(whole));
  expect(said).toMatch(/was lost.*goes on from its save after step [34],/);
});

test('before the first save it begins again', async () => {
  await train('early', [0]);
  expect(said).toContain('goes on from its beginning');
  expect(text(join(folder, 'early'), 'metrics.jsonl')).toBe(
    text(join(folder, 'whole'), 'metrics.jsonl'),
  );
});

test('lost twice, it is said, and --resume goes on from the last save', async () => {
  const twice = train('twice', [3, 5]);
  await expect(twice).rejects.toSatisfy(
    (error) =>
      error instanceof RlvrError &&
      error.failure.kind === 'deviceLost' &&
      error.failure.again === true,
  );
  expect(opened).toHaveLength(2);
  const resumed = await train('twice', [], '--resume');
  expect(text(resumed, 'metrics.jsonl')).toBe(text(join(folder, 'whole'), 'metrics.jsonl'));
});
