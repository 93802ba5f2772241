import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Browser, type Page } from '@playwright/test';
import type { AdapterFacts } from '../../src/recipe/adapter_facts';
import { readRunFile } from '../../src/storage/read_run_file';
import type { RunRecord } from '../../src/storage/record';
import type { KeptRun } from '../../src/storage/run_file';
import { commandLine } from '../setup/command_line';
import {
  outsideBands,
  partsAt,
  repeatableFile,
  repeatableLink,
  type BandStep,
} from '../setup/repeatable';

const STEPS = 50;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Opens the link in a browser profile of its own, trains to the end and reads the file that Export gives. */
async function trainedInChromium(browser: Browser): Promise<KeptRun> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`/#x=${repeatableLink}`);
    await expect(button(page, 'Run')).toBeEnabled({ timeout: 120_000 });
    await button(page, 'Run').click();
    await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`, {
      timeout: 120_000,
    });
    await expect(page.getByText(`Saved at step ${STEPS}.`)).toBeVisible({ timeout: 60_000 });
    await button(page, 'Library').click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Export/ }).click();
    const read = await readRunFile(new Uint8Array(await readFile(await (await download).path())));
    if (!read.ok) throw new Error(read.problems[0]?.message);
    return read.value;
  } finally {
    await context.close();
  }
}

/** The same experiment on the command line: every step's numbers, and how they were made. */
async function trainedInNode() {
  const folder = await mkdtemp(join(tmpdir(), 'rlvr-reproducible-'));
  try {
    const { code, stderr } = await commandLine(folder)('run', repeatableFile, '--out', 'out');
    expect(code, stderr).toBe(0);
    const text = (name: string) => readFile(join(folder, 'out', name), 'utf8');
    const lines = (await text('metrics.jsonl')).trim().split('\n');
    const { made } = JSON.parse(await text('record.json')) as RunRecord;
    return { steps: lines.map((line) => JSON.parse(line) as BandStep), made };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

function bytesOf(values: Float64Array | Uint8Array | undefined): Uint8Array {
  if (values === undefined) throw new Error('the file lacks it');
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The columns of the only run in a file. */
function columnsOf({ series }: KeptRun) {
  expect(series.size).toBe(1);
  return new Map([...series.values()].flatMap((columns) => [...columns]));
}

function stepsOf(run: KeptRun): BandStep[] {
  const columns = columnsOf(run);
  const at = (key: string, i: number) => columns.get(key)?.[i] ?? NaN;
  return Array.from({ length: run.step }, (_, i) => ({
    entropy: at('entropy', i),
    reward: at('reward', i),
    tokens: at('tokens', i),
  }));
}

const named = (adapter: AdapterFacts | null) =>
  adapter === null ? 'none' : [adapter.vendor, adapter.architecture, adapter.description].join(' ');

test('a link gives the same bytes twice, and in Node numbers within the bands', async ({
  browser,
}) => {
  const once = await trainedInChromium(browser);
  const again = await trainedInChromium(browser);
  expect(again.id).not.toBe(once.id);
  const columns = columnsOf(once);
  expect(columns.size).toBeGreaterThan(30);
  // Equal in every bit: a column with NaN or −0 too.
  for (const [key, values] of columnsOf(again)) {
    expect(isSame(bytesOf(values), bytesOf(columns.get(key))), key).toBe(true);
  }
  expect(once.checkpoint?.step).toBe(STEPS);
  expect(once.checkpoint?.bytes.length).toBeGreaterThan(100_000);
  expect(isSame(bytesOf(again.checkpoint?.bytes), bytesOf(once.checkpoint?.bytes))).toBe(true);
  expect(again.evaluations).toEqual(once.evaluations);
  const { program, browser: userAgent, shaders, adapter } = once;
  expect(again).toMatchObject({ program, browser: userAgent, shaders, adapter });

  const node = await trainedInNode();
  expect(node.made).toMatchObject({ version: program, shaders });
  expect(node.made.shaders).toMatch(/^[0-9a-f]{64}$/);
  expect(outsideBands(stepsOf(once), node.steps)).toEqual([]);
  const parts = partsAt(stepsOf(once), node.steps);
  test.info().annotations.push({
    type: 'Node and Chromium',
    description: `${named(node.made.adapter)} and ${named(adapter)}: ${
      parts === null ? `equal bit for bit in ${STEPS} steps` : `part at step ${parts}`
    }`,
  });
});
