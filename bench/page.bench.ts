import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { parseExperiment } from '../src/recipe/experiment';
import { encodeExperiment } from '../src/recipe/link';
import { record } from '../tests/visual/recorded';
import { openingOf, phaseOf, watch, type Opening, type Phase } from './page_watch';
import { workerSource } from './page_worker';

/**
 * `npm run bench:page`: how long the page takes to come up, and what 8 arms of 2,000 steps do to its main thread while
 * somebody scrolls, hovers and opens More charts. The numbers are made up and come from a worker of their own, so this
 * measures the page and no GPU. Writes bench/results/page.json.
 */

const ARMS = 8;
const STEPS = 2_000;
const LOADS = 5;
/** The whole of a policy of chain-sum, with its moments, for every arm. */
const SAVE_BYTES = 3 * 336_000 * ARMS;

const RESULTS = new URL('results/', import.meta.url);

const minute = 60_000;
test.setTimeout(10 * minute);
test.describe.configure({ mode: 'serial' });
test.use({ trace: 'off' });

const made = record({ steps: 3 });
const [first] = made.metrics;
const SOURCE = workerSource({
  template: first['arm-1#0'],
  groups: made.groups,
  steps: STEPS,
  filled: STEPS - 300,
  stepMs: 100,
  saveBytes: SAVE_BYTES,
});

function link(): string {
  const arms = Array.from({ length: ARMS }, (_, i) => ({
    name: `λ ${i / 4}`,
    set: { positive_weight: i / 4 },
  }));
  const base = { task: 'chain-sum', policy: 'chain-sum', steps: STEPS };
  const parsed = parseExperiment({ name: 'Eight arms', base, arms, seeds: [0] });
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return `/#x=${encodeExperiment(parsed.value)}`;
}

async function open(page: Page): Promise<void> {
  await page.route(/\/assets\/worker-[^/]*\.js$/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: SOURCE }),
  );
  await watch(page);
  await page.goto(link());
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  // A frame sees it a little later.
  await page.waitForTimeout(200);
}

const openings: Opening[] = [];

for (let load = 0; load < LOADS; load++) {
  test(`load ${load + 1} of ${LOADS}`, async ({ page }) => {
    await open(page);
    openings.push(await openingOf(page));
  });
}

test(`${ARMS} arms of ${STEPS} steps`, async ({ page, browser }) => {
  await open(page);
  const steps = page.getByRole('status');
  const phases: Phase[] = [];
  const phase = async (name: string, work: () => Promise<void>) => {
    phases.push(await phaseOf(page, name, work));
  };
  await phase(`${STEPS - 300} steps arrive at once`, async () => {
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(steps).toHaveText(new RegExp(`^step 17\\d\\d of ${STEPS}$`));
  });
  await phase('training, nobody does anything', () => page.waitForTimeout(4_000));
  await phase('training, scrolling', () => scroll(page));
  const main = page.locator('.entropy .plot, .smalls .plot');
  await phase('training, hovering the charts', () => hover(page, main));
  await expect(steps).toHaveText(`step ${STEPS} of ${STEPS}`, { timeout: 2 * minute });
  // The last save, and the charts out of sight.
  await page.waitForTimeout(3_000);
  await phase('finished, scrolling', () => scroll(page));
  await phase('finished, hovering the charts', () => hover(page, main));
  await phase('finished, opening More charts', async () => {
    await page.getByRole('button', { name: 'More charts' }).click();
    await page.waitForTimeout(2_000);
  });
  await phase('finished, scrolling More charts', () => scroll(page));
  await phase('finished, hovering More charts', () =>
    hover(page, page.locator('.more-charts .plot'), 6),
  );
  report(browser.version(), phases);
});

/** To the foot of the page and back, as a wheel does it. */
async function scroll(page: Page): Promise<void> {
  await page.mouse.move(640, 400);
  for (const direction of [1, -1]) {
    for (let turn = 0; turn < 40; turn++) {
      await page.mouse.wheel(0, direction * 120);
      await page.waitForTimeout(25);
    }
  }
}

/** Across the first charts, in steps of a few pixels. */
async function hover(page: Page, plots: Locator, most = 4): Promise<void> {
  const count = Math.min(most, await plots.count());
  for (let i = 0; i < count; i++) {
    const plot = plots.nth(i);
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (box === null) continue;
    for (let x = 0.1; x < 0.95; x += 0.02) {
      await page.mouse.move(box.x + box.width * x, box.y + box.height / 2);
      await page.waitForTimeout(16);
    }
  }
}

function report(version: string, phases: readonly Phase[]): void {
  const median = (pick: (opening: Opening) => number) => {
    const sorted = openings.map(pick).sort((a, b) => a - b);
    return Math.round(sorted[Math.floor(sorted.length / 2)] ?? NaN);
  };
  const result = {
    made: new Date().toISOString(),
    browser: `Chromium ${version}`,
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    viewport: '1280 x 800',
    arms: ARMS,
    steps: STEPS,
    opening: {
      loads: openings.length,
      medianFirstContentfulPaintMs: median((o) => o.firstContentfulPaintMs),
      medianUsableMs: median((o) => o.usableMs),
      medianRunEnabledMs: median((o) => o.runEnabledMs),
    },
    phases,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL('page.json', RESULTS), `${JSON.stringify(result, null, 2)}\n`);
  const { opening } = result;
  console.log(`\n${result.browser}, ${result.processor}`);
  console.log(
    `first contentful paint ${opening.medianFirstContentfulPaintMs} ms (goal: below 1,500)`,
  );
  console.log(`usable ${opening.medianUsableMs} ms, Run enabled ${opening.medianRunEnabledMs} ms`);
  console.log(
    `\n${'phase'.padEnd(36)}${' s'.padStart(6)}  tasks >= 50 ms  longest ms  longest frame ms`,
  );
  for (const { name, seconds, longTasks, longestTaskMs, longestFrameMs } of phases) {
    const numbers = [longTasks, longestTaskMs, longestFrameMs];
    const widths = [14, 10, 16];
    const columns = numbers.map((value, i) => String(value).padStart(widths[i] ?? 0)).join('  ');
    console.log(`${name.padEnd(36)}${seconds.toFixed(1).padStart(6)}  ${columns}`);
  }
  console.log('goal: no task of 100 ms while scrolling or hovering\n');
}
