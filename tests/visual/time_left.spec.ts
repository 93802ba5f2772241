import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 24;
const second = 1000;

/** Starts a training whose steps take so long by the page's clock, which the test moves. */
async function train(page: Page, stepMs: number): Promise<void> {
  await replay(page, record({ steps: STEPS }), { stepMs });
  await page.clock.install();
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await run.click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
}

const status = (page: Page) => page.getByRole('status');
const sentence = (page: Page, text: string | RegExp) =>
  page.getByRole('group', { name: 'Training' }).getByText(text);

async function advance(page: Page, stepMs: number, from: number, to: number): Promise<void> {
  for (let step = from + 1; step <= to; step++) {
    await page.clock.runFor(stepMs);
    await expect(status(page)).toHaveText(`step ${step} of ${STEPS}`);
  }
}

test('a long training says its pace and how long is left, and less of it as it goes on', async ({
  page,
}) => {
  await train(page, 30 * second);
  await expect(sentence(page, /^training$/)).toBeVisible();
  await advance(page, 30 * second, 0, 1);
  await expect(sentence(page, /^30\.\d s a step, 1[12] min left$/)).toBeVisible();
  await advance(page, 30 * second, 1, 12);
  await expect(sentence(page, /^30\.\d s a step, 6 min left$/)).toBeVisible();
  await advance(page, 30 * second, 12, 22);
  await expect(sentence(page, /^30\.\d s a step, 60 s left$/)).toBeVisible();
  await advance(page, 30 * second, 22, STEPS);
  await expect(sentence(page, 'finished')).toBeVisible();
  await expect(sentence(page, /left/)).toHaveCount(0);
});

test('hours are said as hours', async ({ page }) => {
  const step = 1200 * second;
  await train(page, step);
  await advance(page, step, 0, 1);
  await expect(sentence(page, /^1200\.\d s a step, 7\.7 h left$/)).toBeVisible();
});

test('the last seconds are said to be nearly nothing', async ({ page }) => {
  const step = second / 2;
  await train(page, step);
  await page.clock.runFor(4 * step);
  await expect(sentence(page, /^[12]\.\d steps a second, 10 s left$/)).toBeVisible();
  await page.clock.runFor(14 * step);
  await expect(sentence(page, /^[12]\.\d steps a second, nearly done$/)).toBeVisible();
});
